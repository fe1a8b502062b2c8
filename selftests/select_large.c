// SPDX-License-Identifier: GPL-2.0-only
/*
 * 65,535 cases, by a user who may nothing special: half of them one channel, in
 * both directions, the others 8,000 more channels (C26). Others go on using that
 * channel meanwhile, for whom it is only one operation more.
 *
 * How long a lock is held can not be seen from here. What shows is that those
 * others get on while the large selects run, none of them waits for long, and,
 * in the kernel's log, no report of a stall or of a lockup.
 */
#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "hchan_select.h"
#include "load.h"

#define CASES		65535
#define OTHERS		8000
#define NOBODY		65534
#define SECOND		(1000 * HC_MS)

/* Who is parked for ever is another one's loss, and the test's end is waited for. */
struct world {
	bool over;
	uint32_t tries;		/* looks and operations that do not wait */
	uint32_t slow;		/* those that took longer than a second */
	uint64_t longest;	/* in ns */
	uint64_t sent, received;	/* by those who wait, and their sums */
	uint64_t sent_sum, received_sum;
	uint64_t try_sent, try_received;	/* by those who do not */
	uint64_t try_sent_sum, try_received_sum;
	uint64_t sel_sent, sel_received;
	uint64_t sel_sent_sum, sel_received_sum;
	uint32_t selects, defaults, timeouts;
};

static struct world *world;
static struct hchan_case *cases;
static uint64_t *in, *out;
static int hot, others[OTHERS];

static bool over(void)
{
	return __atomic_load_n(&world->over, __ATOMIC_RELAXED);
}

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

/* What began at @before has returned. */
static void account(int64_t before)
{
	int64_t took = now() - before;

	if (took > world->longest)
		world->longest = took;
	world->slow += took > SECOND;
	world->tries++;
}

/*
 * Operations which do not wait, so that all they can wait for is the lock, and who
 * has it for long. What they move is counted as well.
 */
static int look_and_try(void)
{
	struct hchan_stat stat = { .size = sizeof(stat) };
	uint64_t x = 2, y;
	int64_t before;
	int ret;

	while (!over()) {
		before = now();
		load_must(ioctl(hot, HCHAN_IOC_STAT, &stat));
		account(before);
		before = now();
		ret = load_send(hot, &x, sizeof(x), HCHAN_NOWAIT);
		if (ret && errno != EAGAIN)
			return 1;
		account(before);
		if (!ret) {
			world->try_sent++;
			world->try_sent_sum += x;
			x += 5;
		}
		before = now();
		ret = load_recv(hot, &y, sizeof(y), HCHAN_NOWAIT);
		if (ret != 1 && errno != EAGAIN)
			return 1;
		account(before);
		if (ret == 1) {
			world->try_received++;
			world->try_received_sum += y;
		}
	}
	return 0;
}

static int send_all(void)
{
	uint64_t x = 1;

	while (!load_send(hot, &x, sizeof(x), 0)) {
		world->sent++;
		world->sent_sum += x;
		x += 3;
	}
	return errno != EPIPE;
}

static int receive_all(void)
{
	uint64_t x;

	while (load_recv(hot, &x, sizeof(x), 0) == 1) {
		world->received++;
		world->received_sum += x;
	}
	return 0;
}

static int go(uint32_t count, uint32_t flags, int64_t deadline)
{
	struct hchan_select sel = {
		.cases = (uintptr_t)cases,
		.count = count,
		.flags = flags,
		.deadline = deadline,
	};
	int ret = ioctl(hot, HCHAN_IOC_SELECT, &sel);

	return ret < 0 ? -errno : ret;
}

static void be_nobody(void)
{
	hc_must(!setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY));
}

/* In turn: default, a short wait, a wait for whatever comes. */
static int select_all(uint32_t rounds)
{
	uint32_t i;
	int ret;

	be_nobody();
	for (i = 0; i < rounds; i++) {
		if (i % 3 == 0)
			ret = go(CASES, HCHAN_NOWAIT, 0);
		else if (i % 3 == 1)
			ret = go(CASES, HCHAN_DEADLINE, hc_in(20 * HC_MS));
		else
			ret = go(CASES, 0, 0);
		world->selects++;
		world->defaults += ret == -EAGAIN;
		world->timeouts += ret == -ETIMEDOUT;
		if (ret == -EAGAIN || ret == -ETIMEDOUT)
			continue;
		if (ret < 0 || cases[ret].fd != hot || cases[ret].error)
			return 1;
		if (cases[ret].op == HCHAN_CASE_SEND) {
			world->sel_sent++;
			world->sel_sent_sum += out[ret];
			out[ret] += CASES;
		} else {
			world->sel_received++;
			world->sel_received_sum += in[ret];
		}
	}
	return 0;
}

static pid_t start(int (*role)(void))
{
	pid_t pid = load_must(fork());

	if (!pid)
		_exit(role());
	return pid;
}

static int join(pid_t pid)
{
	int status;

	hc_must(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Even numbers are one channel, to and fro; the odd ones are the others. */
static void fill(void)
{
	uint32_t i;
	int fd;

	for (i = 0; i < CASES; i++) {
		fd = i % 2 ? others[i / 2 % OTHERS] : hot;
		out[i] = i;
		if (i / 2 % 2)
			cases[i] = hc_case_send(fd, &out[i], sizeof(*out));
		else
			cases[i] = hc_case_recv(fd, &in[i], sizeof(*in));
	}
}

static void make(void)
{
	struct rlimit files = { OTHERS + 1000, OTHERS + 1000 };
	uint32_t i;

	load_must(setrlimit(RLIMIT_NOFILE, &files));
	world = load_shared(sizeof(*world));
	cases = load_shared(CASES * sizeof(*cases));
	in = load_shared(CASES * sizeof(*in));
	out = load_shared(CASES * sizeof(*out));
	hot = load_must(hc_make(sizeof(uint64_t), 0, 0));
	for (i = 0; i < OTHERS; i++)
		others[i] = load_must(hc_make(sizeof(uint64_t), 0, 0));
	fill();
}

static bool nobody_left(void)
{
	uint32_t i;

	for (i = 0; i < OTHERS; i++)
		if (!hc_parked(others[i], 0, 0))
			return false;
	return hc_parked(hot, 0, 0);
}

static void test_crowd(void)
{
	uint32_t rounds = load_scale(60), tries;
	pid_t sender, receiver, looker, chooser;
	int64_t took;
	int ret;

	/* Nobody else: there is nothing, and it can be waited for. */
	took = now();
	ret = go(CASES, HCHAN_NOWAIT, 0);
	took = now() - took;
	ksft_test_result(ret == -EAGAIN, "C24: default (%d) in %lld us\n", ret,
			 (long long)took / 1000);
	took = now();
	ret = go(CASES, HCHAN_DEADLINE, hc_in(HC_MS));
	took = now() - took;
	ksft_test_result(ret == -ETIMEDOUT && nobody_left(),
			 "C26: parked and gone (%d) in %lld us\n", ret,
			 (long long)took / 1000);

	looker = start(look_and_try);
	sender = start(send_all);
	receiver = start(receive_all);
	chooser = load_must(fork());
	if (!chooser)
		_exit(select_all(rounds < 9 ? 9 : rounds));
	ret = join(chooser);
	tries = world->tries;
	ksft_test_result(!ret, "C26: a user's %u large selects: %llu sent, %llu received\n",
			 world->selects, (unsigned long long)world->sel_sent,
			 (unsigned long long)world->sel_received);
	world->over = true;
	ret = join(looker);
	load_must(hc_close(hot));
	ret = ret ? ret : join(sender);
	ret = ret ? ret : join(receiver);
	ksft_print_msg("%llu plain sends, %llu receives, %u defaults, %u deadlines\n",
		       (unsigned long long)world->sent,
		       (unsigned long long)world->received, world->defaults,
		       world->timeouts);
	ksft_print_msg("%llu sends and %llu receives by a try\n",
		       (unsigned long long)world->try_sent,
		       (unsigned long long)world->try_received);
	ksft_test_result(!ret && tries >= 20 * world->selects && !world->slow,
			 "C26: %u looks and tries meanwhile, the longest of %u us\n",
			 tries, (unsigned int)(world->longest / 1000));
	ksft_test_result(world->sent + world->sel_sent + world->try_sent ==
			 world->received + world->sel_received +
			 world->try_received &&
			 world->sent_sum + world->sel_sent_sum +
			 world->try_sent_sum ==
			 world->received_sum + world->sel_received_sum +
			 world->try_received_sum,
			 "C18: each element once\n");
	ksft_test_result(world->received >= world->selects / 2 &&
			 world->sel_sent + world->sel_received >=
			 world->selects / 3,
			 "C26: both the plain and the large ones get on\n");
	ksft_test_result(nobody_left(), "C25: nothing is left behind\n");
}

static void test_ends(void)
{
	uint32_t last = CASES - 2;
	int ret;

	/* The channel is closed by now. Any of its cases goes. */
	ret = go(CASES, 0, 0);
	ksft_test_result(ret >= 0 && ret % 2 == 0 &&
			 cases[ret].status == HCHAN_ST_CLOSED,
			 "C23: the end of one of them: %d\n", ret);
	/* The only one that is ready is the last. */
	for (ret = 0; ret < CASES; ret += 2)
		cases[ret] = hc_case_nil();
	load_must(hc_close(others[last / 2 % OTHERS]));
	ret = go(CASES, 0, 0);
	ksft_test_result(ret >= 0 && ret % 2 &&
			 ret / 2 % OTHERS == last / 2 % OTHERS,
			 "C26: one of a few that are ready: %d\n", ret);
}

static void test_limits(void)
{
	struct hchan_query query = { .size = sizeof(query) };
	struct hchan_select sel = {
		.cases = (uintptr_t)cases,
		.count = CASES + 1,
		.flags = HCHAN_NOWAIT,
		.index = HC_POISON32,
	};
	uint32_t n, i;
	uint8_t *elem;
	int ret, fd;

	load_must(ioctl(hot, HCHAN_IOC_QUERY, &query));
	ret = ioctl(hot, HCHAN_IOC_SELECT, &sel);
	ksft_test_result(query.select_cases == CASES && ret == -1 &&
			 errno == EINVAL && sel.index == HC_POISON32,
			 "C26: a case too many\n");

	/* As many elements as it may park with, and one more. */
	elem = load_shared(HCHAN_ELEM_MAX);
	n = query.select_bytes / HCHAN_ELEM_MAX;
	for (i = 0; i <= n; i++) {
		fd = load_must(hc_make(HCHAN_ELEM_MAX, 0, 0));
		cases[i] = hc_case_send(fd, elem, HCHAN_ELEM_MAX);
	}
	ret = go(n, HCHAN_DEADLINE, hc_in(HC_MS));
	ksft_test_result(ret == -ETIMEDOUT, "C26: %u bytes to send: %d\n",
			 n * HCHAN_ELEM_MAX, ret);
	/* Whose deadline is over when it would park is not asked. */
	ret = go(n + 1, HCHAN_DEADLINE, hc_in(HC_PATIENCE));
	ksft_test_result(ret == -E2BIG, "C26: %u bytes to send: %d\n",
			 (n + 1) * HCHAN_ELEM_MAX, ret);
	/* That is asked of who parks only: not of a default, nor of who goes. */
	ret = go(n + 1, HCHAN_NOWAIT, 0);
	hc_must(!hc_close(cases[n].fd));
	ksft_test_result(ret == -EAGAIN && go(n + 1, 0, 0) == n,
			 "C26: only if it parks: %d\n", ret);
	/* Duplicates are parked with one element. */
	for (i = 1; i <= n; i++)
		cases[i] = cases[0];
	ret = go(n + 1, HCHAN_DEADLINE, hc_in(HC_MS));
	ksft_test_result(ret == -ETIMEDOUT, "C26: duplicates: %d\n", ret);

	/* Elements of who neither wins nor parks are not read. */
	cases[0] = hc_case_send(cases[0].fd, (void *)8, HCHAN_ELEM_MAX);
	ret = go(1, HCHAN_NOWAIT, 0);
	ksft_test_result(ret == -EAGAIN && go(1, HCHAN_DEADLINE, 0) == -ETIMEDOUT,
			 "C26: an element that is not read: %d\n", ret);
	ret = go(1, HCHAN_DEADLINE, hc_in(SECOND));
	ksft_test_result(ret == -EFAULT, "C26: one that is: %d\n", ret);
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(7 + 2 + 7);
	make();
	test_crowd();
	test_ends();
	test_limits();
	ksft_finished();
}
