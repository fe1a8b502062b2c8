// SPDX-License-Identifier: GPL-2.0-only
/*
 * 100,000 commands in flight, on 64 rings of 16 processes, over 1,000 channels, with
 * random cancels and deadlines; rings are closed, processes execute themselves anew and
 * are killed, wherever they are (C9, C41, C51).
 *
 * Every command has a number, which never comes again; what it sends is that number.
 * A ring's commands lie in shared memory which outlives all, a fresh region for each
 * ring, so that what a ring or a process that has gone had received is found there.
 * Who completes a receive books whose element it was. So in the end each number was
 * received once at most: exactly once if its command said that it was sent, never if
 * the command said otherwise, and a command that has vanished has left it in doubt.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "hchan_select.h"
#include "hchan_uring.h"
#include "load.h"

#define CHANNELS	1000
#define WORKERS		16
#define RINGS		4	/* of each */
#define FLYING		100000	/* in all; before scaling */
#define REGIONS		4096	/* rings that there may ever be */
#define CHUNK		64	/* submitted at a time */
#define EVENTS		60	/* processes and rings that go */
#define DRAINED		UINT32_MAX
#define NO_COMMAND	UINT64_MAX	/* user_data of a cancel */

enum kind { RECEIVE, SEND, SELECT };
enum state { UNTRIED, TRIED, NOT_SENT, SENT };

/* A command, by its number. */
struct record {
	uint32_t by;		/* whose command received it; 0: nobody's */
	uint32_t state;
};

/* Where one command is, and after it another. */
struct slot {
	uint32_t number;
	uint8_t flying;
	uint8_t kind;
	uint32_t landing[2];
	uint32_t elem[2];
	struct hchan_xfer xfer;
	struct hchan_select sel;
	struct hchan_case c[2];
};

struct world {
	int chan[CHANNELS];
	uint32_t total;		/* commands to be submitted */
	uint32_t slots;		/* of a ring */
	pid_t pid[WORKERS];
	uint32_t lives;
	uint32_t regions;
	uint32_t events;
	uint32_t numbers;	/* the last one given */
	int32_t flying;
	int32_t most;		/* of them */
	int32_t flying_of[WORKERS];
	uint32_t ends[SELECT + 1];	/* regular completions */
	uint32_t cancelled;
	uint32_t timed_out;
	uint32_t execs;
	uint32_t closed;	/* rings, by a process that lives on */
	uint32_t doubled;
	uint32_t torn;
	uint32_t twice;		/* completions of what was not in flight */
	uint32_t stuck;		/* commands that a cancel did not end */
	uint32_t wrong;		/* results that there is no reason for */
};

/* A ring, in its process's own memory. */
struct hands {
	struct io_uring ring;
	struct slot *slot;
	uint32_t *idle;		/* a stack of slots */
	uint32_t n_idle;
};

static struct world *world;
static struct record *records;
static uint8_t *regions;
static struct hands hands[RINGS];
static uint64_t rng;
static uint32_t me;

static uint32_t dice(uint32_t n)
{
	return load_dice(&rng) % n;
}

static uint32_t count(uint32_t *what)
{
	return __atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

static uint32_t check_word(uint32_t number)
{
	return number * 2654435761u + 1;
}

static struct slot *region(uint32_t i)
{
	return (void *)(regions + (size_t)i * world->slots * sizeof(struct slot));
}

/* @elem was received by command @by, who may say so twice. */
static void book(const uint32_t *elem, uint32_t by)
{
	uint32_t was = 0;

	if (!elem[0] || elem[0] > world->numbers ||
	    elem[1] != check_word(elem[0]))
		count(&world->torn);
	else if (!__atomic_compare_exchange_n(&records[elem[0]].by, &was, by,
					      false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED) && was != by)
		count(&world->doubled);
}

static void fly(int32_t n)
{
	int32_t now, most;

	world->flying_of[me] += n;
	now = __atomic_add_fetch(&world->flying, n, __ATOMIC_RELAXED);
	most = __atomic_load_n(&world->most, __ATOMIC_RELAXED);
	while (now > most &&
	       !__atomic_compare_exchange_n(&world->most, &most, now, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* --- a ring ------------------------------------------------------------------ */

static void open_ring(struct hands *h, uint32_t r)
{
	static const unsigned int setups[] = {
		0, IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER,
		IORING_SETUP_COOP_TASKRUN, IORING_SETUP_SQPOLL, 0, 0, 0, 0,
	};
	struct io_uring_params p = {
		.flags = IORING_SETUP_CQSIZE | setups[(me * RINGS + r) % 8],
		.cq_entries = 2 * world->slots + CHUNK,
		.sq_thread_idle = 1,
	};
	uint32_t i = __atomic_fetch_add(&world->regions, 1, __ATOMIC_RELAXED);

	if (i >= REGIONS || io_uring_queue_init_params(CHUNK, &h->ring, &p)) {
		count(&world->wrong);
		_exit(1);
	}
	h->slot = region(i);
	if (!h->idle)
		h->idle = malloc(world->slots * sizeof(*h->idle));
	for (h->n_idle = 0; h->n_idle < world->slots; h->n_idle++)
		h->idle[h->n_idle] = h->n_idle;
}

static struct io_uring_sqe *get_sqe(struct hands *h, uint32_t request,
				    uint32_t channel, uint64_t arg,
				    uint64_t user_data)
{
	struct hchan_uring_cmd in = { .arg = arg };
	struct io_uring_sqe *sqe;

	while (!(sqe = io_uring_get_sqe(&h->ring))) {
		io_uring_submit(&h->ring);
		io_uring_sqring_wait(&h->ring);
	}
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = world->chan[channel];
	sqe->cmd_op = request;
	sqe->user_data = user_data;
	memcpy(sqe->cmd, &in, sizeof(in));
	return sqe;
}

static uint64_t name_of(struct hands *h, uint32_t i)
{
	return (uint64_t)h->slot[i].number << 32 | i;
}

/* A new command. On most channels most wait, and always on the same side. */
static void launch(struct hands *h)
{
	uint32_t i = h->idle[--h->n_idle], channel = dice(CHANNELS);
	bool receives = dice(5) ? channel % 2 : dice(2);
	struct slot *s = &h->slot[i];
	uint32_t flags = 0;
	int64_t deadline = 0;

	memset(s, 0, sizeof(*s));
	s->number = count(&world->numbers);
	s->kind = dice(4) == 0 ? SELECT : receives ? RECEIVE : SEND;
	s->elem[0] = s->number;
	s->elem[1] = check_word(s->number);
	if (dice(8) == 0) {
		flags = HCHAN_DEADLINE;
		deadline = hc_in(dice(50) * HC_MS);
	}
	records[s->number].state = s->kind == RECEIVE ? NOT_SENT : TRIED;
	__atomic_store_n(&s->flying, 1, __ATOMIC_SEQ_CST);
	if (s->kind == SELECT) {
		/* The neighbour is of the other kind. */
		s->c[0] = hc_case_recv(world->chan[channel | 1], s->landing, 8);
		s->c[1] = hc_case_send(world->chan[channel & ~1], s->elem, 8);
		s->sel.cases = (uintptr_t)s->c;
		s->sel.count = 2;
		s->sel.flags = flags;
		s->sel.deadline = deadline;
		get_sqe(h, HCHAN_IOC_SELECT, channel, (uintptr_t)&s->sel,
			name_of(h, i));
		return;
	}
	s->xfer.buf = (uintptr_t)(s->kind == SEND ? s->elem : s->landing);
	s->xfer.len = 8;
	s->xfer.flags = flags;
	s->xfer.deadline = deadline;
	get_sqe(h, s->kind == SEND ? HCHAN_IOC_SEND : HCHAN_IOC_RECV, channel,
		(uintptr_t)&s->xfer, name_of(h, i));
}

/* A command has completed. */
static void land(struct hands *h, const struct io_uring_cqe *cqe)
{
	uint32_t i = cqe->user_data, number = cqe->user_data >> 32;
	struct slot *s = &h->slot[i];
	bool received, sent;

	if (cqe->user_data == NO_COMMAND) {
		if (cqe->res && cqe->res != -ENOENT)
			count(&world->wrong);
		return;
	}
	if (i >= world->slots || !s->flying || s->number != number) {
		count(&world->twice);
		return;
	}
	received = s->kind == SELECT ? cqe->res == 0 :
		   s->kind == RECEIVE && cqe->res == 1;
	sent = s->kind == SELECT ? cqe->res == 1 : s->kind == SEND && !cqe->res;
	if (received || sent)
		count(&world->ends[s->kind]);
	else if (cqe->res == -ECANCELED)
		count(&world->cancelled);
	else if (cqe->res == -ETIMEDOUT)
		count(&world->timed_out);
	else
		count(&world->wrong);
	if (received)
		book(s->landing, number);
	else if (s->landing[0])
		count(&world->wrong);
	records[number].state = sent ? SENT : NOT_SENT;
	/* It is written down: what is found here later is another one's. */
	s->landing[0] = 0;
	__atomic_store_n(&s->flying, 0, __ATOMIC_SEQ_CST);
	h->idle[h->n_idle++] = i;
	fly(-1);
}

static void land_all(struct hands *h)
{
	struct io_uring_cqe *cqe;

	while (!io_uring_peek_cqe(&h->ring, &cqe)) {
		land(h, cqe);
		io_uring_cqe_seen(&h->ring, cqe);
	}
}

static void cancel_some(struct hands *h)
{
	uint32_t n = 1 + dice(32), i;

	while (n--) {
		i = dice(world->slots);
		if (h->slot[i].flying)
			get_sqe(h, HCHAN_URING_CANCEL, 0, name_of(h, i),
				NO_COMMAND);
	}
}

static void turn(struct hands *h)
{
	uint32_t n = h->n_idle < CHUNK ? h->n_idle : CHUNK, i;

	fly(n);
	for (i = 0; i < n; i++)
		launch(h);
	if (dice(2) && n < CHUNK)
		cancel_some(h);
	if (io_uring_submit_and_get_events(&h->ring) < 0)
		count(&world->wrong);
	land_all(h);
}

/* A ring goes with all that is in flight, and a new one comes. */
static void close_ring(uint32_t r)
{
	struct hands *h = &hands[r];

	io_uring_queue_exit(&h->ring);
	fly(h->n_idle - world->slots);
	count(&world->closed);
	open_ring(h, r);
}

/* Ends all that is in flight, and sees it end. */
static void land_by_cancel(struct hands *h)
{
	int64_t patience = hc_in(HC_PATIENCE);
	uint32_t i;

	for (i = 0; i < world->slots; i++)
		if (h->slot[i].flying)
			get_sqe(h, HCHAN_URING_CANCEL, 0, name_of(h, i),
				NO_COMMAND);
	while (h->n_idle < world->slots) {
		io_uring_submit_and_get_events(&h->ring);
		land_all(h);
		if (hc_clock(CLOCK_MONOTONIC) > patience) {
			__atomic_fetch_add(&world->stuck,
					   world->slots - h->n_idle,
					   __ATOMIC_RELAXED);
			break;
		}
	}
	io_uring_queue_exit(&h->ring);
}

/* --- lives --------------------------------------------------------------------- */

/* What a former life of @id had in flight has gone. */
static void bury(uint32_t id)
{
	__atomic_sub_fetch(&world->flying, world->flying_of[id], __ATOMIC_RELAXED);
	world->flying_of[id] = 0;
}

static void exec_again(int world_fd)
{
	char id[12], fd[12];

	count(&world->execs);
	snprintf(id, sizeof(id), "%u", me);
	snprintf(fd, sizeof(fd), "%d", world_fd);
	execl("/proc/self/exe", "uring_stress", "--life", id, fd, NULL);
	count(&world->wrong);
}

/* Once the air is full: every so many commands somebody or something has to go. */
static void events(int world_fd)
{
	uint32_t quiet = world->total / 3, due, was;
	uint32_t numbers = __atomic_load_n(&world->numbers, __ATOMIC_RELAXED);
	pid_t victim;

	if (numbers < quiet)
		return;
	due = (uint64_t)(numbers - quiet) * EVENTS / (world->total - quiet);
	was = __atomic_load_n(&world->events, __ATOMIC_RELAXED);
	if (was >= due ||
	    !__atomic_compare_exchange_n(&world->events, &was, was + 1, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	switch (was % 4) {
	case 0:
		exec_again(world_fd);
		break;
	case 1:
		close_ring(dice(RINGS));
		break;
	default:
		victim = __atomic_load_n(&world->pid[dice(WORKERS)],
					 __ATOMIC_RELAXED);
		if (victim > 0)
			kill(victim, SIGKILL);
		break;
	}
}

static int work(int world_fd)
{
	uint32_t r;

	rng = count(&world->lives) * 7919ull;
	for (r = 0; r < RINGS; r++)
		open_ring(&hands[r], r);
	while (__atomic_load_n(&world->numbers, __ATOMIC_RELAXED) < world->total) {
		for (r = 0; r < RINGS; r++)
			turn(&hands[r]);
		events(world_fd);
	}
	/* Half of them leave what they have in the air. */
	for (r = 0; r < RINGS && me % 2; r++)
		land_by_cancel(&hands[r]);
	return 0;
}

/* Numbers may go beyond the total, by what is submitted at a time. */
static size_t records_size(uint32_t total)
{
	return (total + WORKERS * RINGS * CHUNK + 1) * sizeof(struct record);
}

static void attach(int fd, uint32_t total, uint32_t slots)
{
	size_t bytes = sizeof(*world) + records_size(total) +
		       (size_t)REGIONS * slots * sizeof(struct slot);
	uint8_t *p;

	load_must(ftruncate(fd, bytes));
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		ksft_exit_fail_perror("mmap");
	world = (void *)p;
	records = (void *)(p + sizeof(*world));
	regions = p + sizeof(*world) + records_size(total);
}

/* The same program once more, after an exec. */
static int live_again(const char *id, const char *fd)
{
	struct world *w = mmap(NULL, sizeof(*w), PROT_READ, MAP_SHARED, atoi(fd), 0);

	if (w == MAP_FAILED)
		return 1;
	attach(atoi(fd), w->total, w->slots);
	me = atoi(id);
	bury(me);
	return work(atoi(fd));
}

static void start(uint32_t id, int world_fd)
{
	pid_t pid = fork();

	if (pid < 0)
		ksft_exit_fail_perror("fork");
	if (!pid) {
		me = id;
		_exit(work(world_fd));
	}
	__atomic_store_n(&world->pid[id], pid, __ATOMIC_RELAXED);
}

static uint32_t run_all(int world_fd)
{
	uint32_t id, busy = WORKERS, killed = 0;
	bool was_killed;

	for (id = 0; id < WORKERS; id++)
		start(id, world_fd);
	while (busy) {
		id = load_reap(world->pid, sizeof(world->pid[0]), WORKERS,
			       &was_killed);
		bury(id);
		if (!was_killed) {
			busy--;
			continue;
		}
		killed++;
		start(id, world_fd);
	}
	return killed;
}

/* --- what has become of all ------------------------------------------------------ */

static void books_of_the_gone(void)
{
	struct slot *s = region(0);
	size_t i;

	for (i = 0; i < (size_t)world->regions * world->slots; i++)
		if (s[i].landing[0])
			book(s[i].landing, s[i].number);
}

static void drain(void)
{
	uint32_t elem[2], i;

	for (i = 0; i < CHANNELS; i++)
		while (load_recv(world->chan[i], elem, 8, HCHAN_NOWAIT) == 1)
			book(elem, DRAINED);
}

static void judge(uint32_t killed, bool quiet)
{
	uint32_t lost = 0, unsent = 0, sent = 0, doubtful = 0, i;
	const struct record *rec;

	for (i = 1; i <= world->numbers; i++) {
		rec = &records[i];
		sent += rec->state == SENT;
		lost += rec->state == SENT && !rec->by;
		unsent += rec->state == NOT_SENT && rec->by;
		doubtful += rec->state == TRIED;
	}
	ksft_print_msg("%u commands, %d at a time, %u received, %u sent, %u selected\n",
		       world->numbers, world->most, world->ends[RECEIVE],
		       world->ends[SEND], world->ends[SELECT]);
	ksft_print_msg("%u cancelled, %u timed out, %u in doubt\n",
		       world->cancelled, world->timed_out, doubtful);
	ksft_print_msg("%u kills, %u execs, %u rings closed\n", killed,
		       world->execs, world->closed);
	ksft_test_result(!world->doubled, "none twice (%u)\n", world->doubled);
	ksft_test_result(!lost && sent, "none lost (%u of %u)\n", lost, sent);
	ksft_test_result(!unsent && !world->torn,
			 "none that was not sent (%u, %u)\n", unsent,
			 world->torn);
	ksft_test_result(!world->twice && !world->stuck,
			 "each completes once (%u, %u)\n", world->twice,
			 world->stuck);
	ksft_test_result(!world->wrong, "no other results (%u)\n", world->wrong);
	ksft_test_result(world->most >= (int32_t)load_scale(FLYING),
			 "so many at a time (%d)\n", world->most);
	ksft_test_result(world->cancelled && world->timed_out && killed &&
			 world->execs && world->closed && doubtful,
			 "all of it happened\n");
	ksft_test_result(quiet, "nobody is left\n");
}

int main(int argc, char **argv)
{
	struct rlimit files = { CHANNELS + 200, CHANNELS + 200 };
	static const uint64_t caps[] = { 0, 0, 1, 8 };
	uint32_t i, killed, total, slots;
	bool quiet = true;
	int fd;

	if (argc == 4 && !strcmp(argv[1], "--life"))
		return live_again(argv[2], argv[3]);
	ksft_print_header();
	if (!hu_parks())
		ksft_exit_skip(HU_NO_PARKING "\n");
	ksft_set_plan(8);
	load_must(setrlimit(RLIMIT_NOFILE, &files));
	/* Some more, as a few are always between two commands. */
	slots = load_scale(FLYING) / 8 * 9 / (WORKERS * RINGS) + CHUNK / 4;
	total = 6 * load_scale(FLYING);
	fd = load_must(memfd_create("uring_stress", 0));
	attach(fd, total, slots);
	world->total = total;
	world->slots = slots;
	for (i = 0; i < CHANNELS; i++) {
		world->chan[i] = load_must(hc_make(8, caps[i / 2 % 4], 0));
		load_must(fcntl(world->chan[i], F_SETFD, 0));
	}
	killed = run_all(fd);
	/* Rings go a little later than who had them. */
	for (i = 0; i < CHANNELS; i++)
		quiet = quiet && hu_until_parked(world->chan[i], 0, 0);
	books_of_the_gone();
	drain();
	judge(killed, quiet);
	ksft_finished();
}
