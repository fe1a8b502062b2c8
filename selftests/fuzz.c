// SPDX-License-Identifier: GPL-2.0-only
/*
 * Anything at all: several processes, of two threads each that share memory and
 * descriptors, make calls at random, right ones and wrong ones, on a few channels
 * with names and on others without; a third thread takes their memory away and
 * gives it back; now and then a process is killed. Nothing is asserted but that
 * it comes to its end, that the kernel has nothing to say, and that nothing is
 * left behind.
 *
 *	fuzz [SEED]	what the random choices follow from; it is printed
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "fs_util.h"
#include "load.h"

#define PROCESSES	4
#define FDS		16
#define STEPS		150000
#define KILL_EVERY	700
#define TICK		(3 * HC_MS)	/* what ends a call without a deadline */

/* Buffers; a page that can only be read; nothing. */
#define AREA		0x10000000ull
#define AREA_SIZE	0x10000ull
#define AREA_RO		(AREA + AREA_SIZE)
#define AREA_HOLE	(AREA_RO + 0x1000)

struct world {
	uint64_t seed;
	uint32_t steps;		/* done */
	uint32_t total;
	uint32_t calls;		/* of steps, those that did something */
	pid_t pids[PROCESSES];
};

struct fuzzer {
	uint64_t rng;
	int epoll;
};

static const char * const names[] = { "a", "b", "c", "d", "there/is/none" };
static const uint32_t sizes[] = { 0, 1, 8, 64, 129, 5000 };
static const uint32_t capacities[] = { 0, 0, 1, 2, 5, 64 };
/* No count in the thousands of millions: elements of no size take time too. */
static const uint32_t words[] = {
	0, 1, 2, 4, 7, 8, 64, 300, 4096, 5000, 65535, 65536, 0x80000000,
	0xffffffff,
};

static struct world *world;
static char dir[64];
static int dir_fd, dev_fd;
static int fds[FDS];	/* of a process */

/* --- choices --------------------------------------------------------------- */

static uint32_t any(struct fuzzer *f, uint32_t n)
{
	return load_dice(&f->rng) % n;
}

static uint32_t any_word(struct fuzzer *f)
{
	return words[any(f, ARRAY_SIZE(words))];
}

static const char *any_name(struct fuzzer *f)
{
	return names[any(f, ARRAY_SIZE(names))];
}

/* Whether something happens that does once in @n times. */
static bool once_in(struct fuzzer *f, uint32_t n)
{
	return !any(f, n);
}

static uint64_t pick_address(struct fuzzer *f)
{
	static const uint64_t others[] = {
		0, AREA_RO, AREA_RO - 4, AREA_HOLE, AREA_HOLE - 4,
		0xffff888000000000, 0xffffffff81000000, 0x8000000000000000,
		UINT64_MAX - 3,
	};

	if (once_in(f, 8))
		return others[any(f, ARRAY_SIZE(others))];
	return AREA + any(f, AREA_SIZE);
}

static uint32_t pick_flags(struct fuzzer *f)
{
	static const uint32_t flags[] = {
		0, HCHAN_NOWAIT, HCHAN_NOWAIT, HCHAN_DEADLINE, HCHAN_DEADLINE,
		HCHAN_DEADLINE | HCHAN_REALTIME, HCHAN_SOME,
		HCHAN_SOME | HCHAN_DEADLINE,
	};

	if (once_in(f, 20))
		return load_dice(&f->rng);
	return flags[any(f, ARRAY_SIZE(flags))];
}

static int64_t pick_deadline(struct fuzzer *f, uint32_t flags)
{
	if (once_in(f, 20))
		return (int64_t)load_dice(&f->rng) << 32;
	if (!(flags & HCHAN_DEADLINE))
		return 0;
	return hc_clock(flags & HCHAN_REALTIME ? CLOCK_REALTIME :
			CLOCK_MONOTONIC) + any(f, 2 * HC_MS);
}

static int pick_fd(struct fuzzer *f)
{
	if (once_in(f, 50))
		return once_in(f, 2) ? dir_fd : dev_fd;
	return __atomic_load_n(&fds[any(f, FDS)], __ATOMIC_RELAXED);
}

/* Mostly what fits the channel. */
static uint32_t pick_len(struct fuzzer *f, const struct hchan_stat *stat)
{
	if (once_in(f, 6))
		return any_word(f);
	if (stat->flags & HCHAN_MSG && stat->elem_size)
		return 1 + any(f, stat->elem_size);
	return stat->elem_size;
}

/* In place of another one, which is closed: perhaps under the other thread. */
static void keep(struct fuzzer *f, int fd)
{
	if (fd < 0)
		return;
	fd = __atomic_exchange_n(&fds[any(f, FDS)], fd, __ATOMIC_RELAXED);
	if (fd >= 0)
		close(fd);
}

/* The structure for a call: ours, or where it may be gone any moment. */
static void *place(struct fuzzer *f, void *arg, size_t size)
{
	struct iovec from = { .iov_base = arg, .iov_len = size };
	struct iovec to = { .iov_len = size };

	if (!once_in(f, 10))
		return arg;
	to.iov_base = (void *)(uintptr_t)pick_address(f);
	process_vm_writev(getpid(), &from, 1, &to, 1, 0);
	return to.iov_base;
}

/* --- calls ----------------------------------------------------------------- */

static int open_name(struct fuzzer *f)
{
	static const int modes[] = {
		O_RDONLY, O_WRONLY, O_RDWR, O_RDWR, O_RDWR | O_NONBLOCK,
		O_RDWR | O_CREAT, O_WRONLY | O_TRUNC, O_PATH, O_RDWR | O_APPEND,
	};
	int mode = modes[any(f, ARRAY_SIZE(modes))];
	int fd = openat(dir_fd, any_name(f), mode | O_CLOEXEC, 0600);

	keep(f, fd);
	return fd;
}

static int create(struct fuzzer *f)
{
	bool named = once_in(f, 2);
	const char *name = any_name(f);
	uint32_t size = sizes[any(f, ARRAY_SIZE(sizes))];
	uint32_t capacity = capacities[any(f, ARRAY_SIZE(capacities))];
	struct hchan_create arg = hc_request(size, capacity, 0);
	int fd;

	if (once_in(f, 4))
		arg.flags |= HCHAN_MSG;
	if (once_in(f, 4))
		arg.flags |= HCHAN_DISCONNECT;
	if (named) {
		arg.flags |= HCHAN_CREATE;
		arg.name = (uintptr_t)name;
		arg.name_len = strlen(name);
	}
	if (once_in(f, 10))
		arg.flags |= any_word(f) & 0x7f;
	if (once_in(f, 10))
		arg.open_flags = any_word(f);
	if (once_in(f, 30))
		arg.elem_size = any_word(f);
	if (once_in(f, 30))
		arg.capacity = (uint64_t)any_word(f) << 20;
	fd = ioctl(named ? dir_fd : dev_fd, HCHAN_IOC_CREATE,
		   place(f, &arg, sizeof(arg)));
	/* Without a descriptor it is 0. */
	if (fd > 0)
		keep(f, fd);
	return fd;
}

static int narrow(struct fuzzer *f)
{
	static const uint32_t modes[] = {
		O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_NONBLOCK, 3,
	};
	struct hchan_narrow arg = {
		.open_flags = modes[any(f, ARRAY_SIZE(modes))],
	};
	int fd = ioctl(pick_fd(f), HCHAN_IOC_NARROW,
		       place(f, &arg, sizeof(arg)));

	keep(f, fd);
	return fd;
}

static int transfer(struct fuzzer *f)
{
	struct hchan_stat stat = { .size = sizeof(stat) };
	struct hchan_xfer arg = { .buf = pick_address(f) };
	int fd = pick_fd(f);

	ioctl(fd, HCHAN_IOC_STAT, &stat);
	arg.len = pick_len(f, &stat);
	arg.flags = pick_flags(f);
	arg.deadline = pick_deadline(f, arg.flags);
	return ioctl(fd, once_in(f, 2) ? HCHAN_IOC_SEND : HCHAN_IOC_RECV,
		     place(f, &arg, sizeof(arg)));
}

static int transfer_both(struct fuzzer *f)
{
	struct hchan_stat to = { .size = sizeof(to) };
	struct hchan_stat from = { .size = sizeof(from) };
	struct hchan_sendrecv arg = {
		.send_buf = pick_address(f),
		.recv_buf = pick_address(f),
		.recv_fd = pick_fd(f),
		.sent = once_in(f, 8),
	};
	int fd = pick_fd(f);

	ioctl(fd, HCHAN_IOC_STAT, &to);
	ioctl(arg.recv_fd, HCHAN_IOC_STAT, &from);
	arg.send_len = pick_len(f, &to);
	arg.recv_len = pick_len(f, &from);
	arg.flags = pick_flags(f);
	arg.deadline = pick_deadline(f, arg.flags);
	return ioctl(fd, HCHAN_IOC_SENDRECV, place(f, &arg, sizeof(arg)));
}

static int transfer_many(struct fuzzer *f)
{
	struct hchan_stat stat = { .size = sizeof(stat) };
	struct hchan_batch arg = { .buf = pick_address(f) };
	int fd = pick_fd(f);

	ioctl(fd, HCHAN_IOC_STAT, &stat);
	arg.stride = stat.elem_size;
	if (once_in(f, 10))
		arg.stride = any_word(f);
	arg.count = once_in(f, 4) ? any_word(f) :
				    any(f, 40);
	if (!!(stat.flags & HCHAN_MSG) != once_in(f, 20))
		arg.lens = pick_address(f);
	arg.flags = pick_flags(f);
	arg.deadline = pick_deadline(f, arg.flags);
	return ioctl(fd, once_in(f, 2) ? HCHAN_IOC_SENDN : HCHAN_IOC_RECVN,
		     place(f, &arg, sizeof(arg)));
}

static int read_write(struct fuzzer *f)
{
	struct hchan_stat stat = { .size = sizeof(stat) };
	struct iovec iov[2];
	int fd = pick_fd(f);

	ioctl(fd, HCHAN_IOC_STAT, &stat);
	iov[0].iov_base = (void *)(uintptr_t)pick_address(f);
	iov[0].iov_len = pick_len(f, &stat) * (1 + any(f, 4));
	iov[1].iov_base = (void *)(uintptr_t)pick_address(f);
	iov[1].iov_len = pick_len(f, &stat);
	switch (any(f, 6)) {
	case 0:
		return readv(fd, iov, 2);
	case 1:
		return writev(fd, iov, 2);
	case 2:
		return preadv2(fd, iov, 2, -1, RWF_NOWAIT);
	case 3:
		return pwritev2(fd, iov, 2, -1, RWF_NOWAIT);
	case 4:
		return read(fd, iov[0].iov_base, iov[0].iov_len);
	default:
		return write(fd, iov[0].iov_base, iov[0].iov_len);
	}
}

static int wait_state(struct fuzzer *f)
{
	struct hchan_wait arg = {
		.what = any(f, 4),
		.count = any(f, 4),
		.flags = pick_flags(f),
	};

	arg.deadline = pick_deadline(f, arg.flags);
	return ioctl(pick_fd(f), HCHAN_IOC_WAIT, place(f, &arg, sizeof(arg)));
}

/* Any case, mostly one that could be. */
static struct hchan_case pick_case(struct fuzzer *f)
{
	struct hchan_stat stat = { .size = sizeof(stat) };
	struct hchan_case c = {
		.fd = pick_fd(f),
		.op = any(f, 4),
		.buf = pick_address(f),
	};

	if (once_in(f, 60))
		c.op = any_word(f);
	if (once_in(f, 60))
		c.flags = any_word(f);
	if (c.op == HCHAN_CASE_POLL) {
		c.len = any(f, 64);
		return c;
	}
	ioctl(c.fd, HCHAN_IOC_STAT, &stat);
	c.len = once_in(f, 20) ? any_word(f) : stat.elem_size;
	return c;
}

static uint32_t pick_select_flags(struct fuzzer *f)
{
	uint32_t flags = pick_flags(f);

	if (once_in(f, 4))
		flags |= HCHAN_FIRST;
	if (once_in(f, 8))
		flags |= HCHAN_READY;
	return flags;
}

static int choose(struct fuzzer *f)
{
	struct hchan_case list[40];
	struct hchan_select arg = {
		.count = any(f, once_in(f, 4) ? 40 : 6),
		.flags = pick_select_flags(f),
	};
	uint32_t i;

	for (i = 0; i < arg.count; i++)
		list[i] = i && once_in(f, 3) ? list[i - 1] : pick_case(f);
	arg.cases = (uintptr_t)place(f, list, arg.count * sizeof(*list));
	arg.deadline = pick_deadline(f, arg.flags);
	if (once_in(f, 100))
		arg.count = any_word(f);
	return ioctl(once_in(f, 2) ? dev_fd : pick_fd(f), HCHAN_IOC_SELECT,
		     place(f, &arg, sizeof(arg)));
}

/* Sets are among the descriptors, as everything else. */
static int use_set(struct fuzzer *f)
{
	struct hchan_set_select sel = { .flags = pick_select_flags(f) };
	struct hchan_set_ctl ctl = { .op = any(f, 5) };
	struct hchan_set set = { 0 };
	int fd;

	switch (any(f, 8)) {
	case 0:
		fd = ioctl(dev_fd, HCHAN_IOC_SET, place(f, &set, sizeof(set)));
		keep(f, fd);
		return fd;
	case 1:
	case 2:
	case 3:
		if (ctl.op != HCHAN_SET_ADD)
			ctl.id = any(f, 12);
		if (ctl.op <= HCHAN_SET_PUT)
			ctl.c = pick_case(f);
		return ioctl(pick_fd(f), HCHAN_IOC_SET_CTL,
			     place(f, &ctl, sizeof(ctl)));
	default:
		if (once_in(f, 4))
			sel.flags |= HCHAN_LOST;
		sel.deadline = pick_deadline(f, sel.flags);
		return ioctl(pick_fd(f), HCHAN_IOC_SET_SELECT,
			     place(f, &sel, sizeof(sel)));
	}
}

/* Mostly about to come. */
static int64_t pick_due(struct fuzzer *f)
{
	if (once_in(f, 10))
		return (int64_t)load_dice(&f->rng) << 32 | any_word(f);
	return hc_clock(once_in(f, 4) ? CLOCK_REALTIME : CLOCK_MONOTONIC) +
	       any(f, HC_MS) - any(f, HC_MS / 4);
}

static int64_t pick_period(struct fuzzer *f, uint32_t flags)
{
	if (once_in(f, 20))
		return (int64_t)load_dice(&f->rng) << 32 | any_word(f);
	return flags & HCHAN_TIMER_TICK ? 1 + any(f, HC_MS) : 0;
}

/* Timers are among the descriptors, too. */
static int use_timer(struct fuzzer *f)
{
	static const uint32_t flags[] = {
		0, HCHAN_REALTIME, HCHAN_TIMER_TICK,
		HCHAN_TIMER_TICK | HCHAN_REALTIME,
	};
	struct hchan_timer timer = { .flags = flags[any(f, 4)] };
	struct hchan_timer_set set = { .flags = flags[any(f, 4)] };
	int fd;

	if (once_in(f, 3)) {
		timer.due = pick_due(f);
		timer.period = pick_period(f, timer.flags);
		timer.open_flags = once_in(f, 20) ? any_word(f) : 0;
		fd = ioctl(once_in(f, 2) ? dev_fd : pick_fd(f), HCHAN_IOC_TIMER,
			   place(f, &timer, sizeof(timer)));
		keep(f, fd);
		return fd;
	}
	if (once_in(f, 4)) {
		set.flags = HCHAN_TIMER_STOP;
	} else {
		set.due = pick_due(f);
		set.period = pick_period(f, set.flags);
	}
	if (once_in(f, 30))
		set.flags = any_word(f);
	return ioctl(pick_fd(f), HCHAN_IOC_TIMER_SET, place(f, &set, sizeof(set)));
}

/* Contexts are, too, and what cancels them. */
static int use_context(struct fuzzer *f)
{
	struct hchan_ctx_stat stat = { .size = sizeof(stat) };
	struct hchan_cause cause = { .code = any_word(f), .len = any(f, 130) };
	struct hchan_ctx_value value = {
		.key = pick_address(f),
		.buf = pick_address(f),
		.key_len = 1 + any(f, 2),
		.len = any_word(f),
	};
	struct hchan_ctx arg = {
		.size = sizeof(arg),
		.flags = (any(f, 8) << 4) & ~HCHAN_CTX_ON_LOSS,
		.open_flags = O_CLOEXEC,
	};
	int fd;

	switch (any(f, 5)) {
	case 0:
	case 1:
		if (arg.flags & HCHAN_CTX_CANCEL && once_in(f, 2))
			arg.flags |= HCHAN_CTX_ON_LOSS;
		if (once_in(f, 3)) {
			arg.flags |= HCHAN_DEADLINE;
			arg.deadline = pick_deadline(f, HCHAN_DEADLINE);
			arg.cause = once_in(f, 2) ? pick_address(f) : 0;
		}
		if (once_in(f, 2)) {
			arg.key = pick_address(f);
			arg.key_len = 1 + any(f, 2);
			arg.value = pick_address(f);
			arg.value_len = any_word(f);
		}
		if (once_in(f, 20))
			arg.flags = any_word(f);
		fd = ioctl(once_in(f, 3) ? dev_fd : pick_fd(f), HCHAN_IOC_CTX, &arg);
		keep(f, fd);
		if (fd >= 0)
			keep(f, arg.cancel_fd);
		return fd;
	case 2:
		return ioctl(pick_fd(f), HCHAN_IOC_CTX_CANCEL,
			     once_in(f, 2) ? NULL : place(f, &cause, sizeof(cause)));
	case 3:
		return ioctl(pick_fd(f), HCHAN_IOC_CTX_VALUE,
			     place(f, &value, sizeof(value)));
	default:
		return ioctl(pick_fd(f), HCHAN_IOC_CTX_STAT,
			     place(f, &stat, sizeof(stat)));
	}
}

static int look(struct fuzzer *f)
{
	struct pollfd pollfd = { .fd = pick_fd(f), .events = POLLIN | POLLOUT };
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	struct hchan_stat stat = { .size = sizeof(stat) };
	const char *name = any_name(f);
	struct hchan_statat at = {
		.name = (uintptr_t)name,
		.name_len = strlen(name),
		.stat = once_in(f, 4) ? pick_address(f) : (uintptr_t)&stat,
	};
	char path[64];
	FILE *info;
	int ret;

	switch (any(f, 6)) {
	case 0:
		return poll(&pollfd, 1, any(f, 2));
	case 1:
		ret = epoll_ctl(f->epoll, EPOLL_CTL_ADD, pollfd.fd, &event);
		epoll_wait(f->epoll, &event, 1, 0);
		return ret;
	case 2:
		return ioctl(dir_fd, HCHAN_IOC_STATAT, place(f, &at, sizeof(at)));
	case 3:
		return count_names(dir);
	case 4:
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pollfd.fd);
		info = fopen(path, "re");
		while (info && fgets(path, sizeof(path), info))
			;
		if (info)
			fclose(info);
		return info ? 0 : -1;
	default:
		return ioctl(pollfd.fd, HCHAN_IOC_STAT,
			     place(f, &stat, sizeof(stat)));
	}
}

/* What ends something, so not too often. */
static int end(struct fuzzer *f)
{
	switch (any(f, 6)) {
	case 0:
		return ioctl(pick_fd(f), HCHAN_IOC_CLOSE, 0);
	case 1:
		return unlinkat(dir_fd, any_name(f), 0);
	case 2:
		return renameat(dir_fd, any_name(f), dir_fd,
				any_name(f));
	case 3:
		return fchmodat(dir_fd, any_name(f), 0600, 0);
	default:
		keep(f, dup(pick_fd(f)));
		return 0;
	}
}

/* Any of our ioctls with a structure of any words. */
static int garbage(struct fuzzer *f)
{
	static const unsigned long cmds[] = {
		HCHAN_IOC_QUERY, HCHAN_IOC_CREATE, HCHAN_IOC_STATAT,
		HCHAN_IOC_SEND, HCHAN_IOC_RECV, HCHAN_IOC_SENDN,
		HCHAN_IOC_RECVN, HCHAN_IOC_CLOSE, HCHAN_IOC_STAT,
		HCHAN_IOC_NARROW, HCHAN_IOC_WAIT, HCHAN_IOC_SELECT,
		HCHAN_IOC_SET, HCHAN_IOC_SET_CTL, HCHAN_IOC_SET_SELECT,
		HCHAN_IOC_SENDRECV, HCHAN_IOC_SPIN, HCHAN_IOC_TIMER,
		HCHAN_IOC_TIMER_SET, HCHAN_IOC_CTX,
		HCHAN_IOC_CTX_CANCEL, HCHAN_IOC_CTX_STAT, HCHAN_IOC_CTX_VALUE,
	};
	unsigned long cmd = cmds[any(f, ARRAY_SIZE(cmds))];
	uint32_t arg[65536 / sizeof(uint32_t)];
	unsigned int i;

	/* It may say that it is longer than it looks. */
	for (i = 0; i < 32; i++)
		arg[i] = any_word(f);
	return ioctl(pick_fd(f), cmd, place(f, arg, 32 * sizeof(*arg)));
}

static int step(struct fuzzer *f)
{
	uint32_t what = any(f, 100);

	if (what < 6)
		return open_name(f);
	if (what < 12)
		return create(f);
	if (what < 16)
		return narrow(f);
	if (what < 30)
		return transfer(f);
	if (what < 34)
		return transfer_both(f);
	if (what < 46)
		return transfer_many(f);
	if (what < 56)
		return read_write(f);
	if (what < 66)
		return choose(f);
	if (what < 73)
		return use_set(f);
	if (what < 78)
		return use_timer(f);
	if (what < 83)
		return use_context(f);
	if (what < 87)
		return wait_state(f);
	if (what < 93)
		return look(f);
	if (what < 96)
		return end(f);
	return garbage(f);
}

/* --- processes ------------------------------------------------------------- */

static bool over(void)
{
	return __atomic_load_n(&world->steps, __ATOMIC_RELAXED) >= world->total;
}

static void on_tick(int sig)
{
}

/* So that nothing that waits for nobody waits for ever. */
static void start_ticks(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGUSR1,
		._sigev_un._tid = gettid(),
	};
	struct itimerspec every = {
		.it_interval.tv_nsec = TICK,
		.it_value.tv_nsec = TICK,
	};
	timer_t timer;

	hc_must(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	hc_must(!timer_settime(timer, 0, &every, NULL));
}

static void kill_somebody(struct fuzzer *f)
{
	pid_t victim = __atomic_load_n(&world->pids[any(f, PROCESSES)],
				       __ATOMIC_RELAXED);

	if (victim > 0)
		kill(victim, SIGKILL);
}

static void *fuzz(void *data)
{
	struct fuzzer *f = data;

	start_ticks();
	while (!over()) {
		if (step(f) >= 0)
			__atomic_fetch_add(&world->calls, 1, __ATOMIC_RELAXED);
		if (__atomic_add_fetch(&world->steps, 1, __ATOMIC_RELAXED) %
		    KILL_EVERY == 0)
			kill_somebody(f);
	}
	return NULL;
}

/* Pages of the buffers go and come as the others go on. */
static void *pest(void *data)
{
	struct fuzzer *f = data;
	uint32_t seen = 0, now;
	void *page;

	while (!over()) {
		now = __atomic_load_n(&world->steps, __ATOMIC_RELAXED);
		if (now - seen < 4) {
			sched_yield();
			continue;
		}
		seen = now;
		page = (void *)(AREA + any(f, AREA_SIZE >> 12) *
				0x1000);
		switch (any(f, 4)) {
		case 0:
			munmap(page, 0x1000);
			break;
		case 1:
			mprotect(page, 0x1000, PROT_READ);
			break;
		default:
			mmap(page, 0x1000, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			break;
		}
	}
	return NULL;
}

static void be_process(uint64_t life)
{
	struct sigaction action = { .sa_handler = on_tick };
	struct fuzzer fuzzers[3];
	pthread_t threads[2];
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	load_must(sigaction(SIGUSR1, &action, NULL));
	hc_must(mmap((void *)AREA, AREA_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		     0) == (void *)AREA);
	hc_must(mmap((void *)AREA_RO, 0x1000, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		     0) == (void *)AREA_RO);
	for (i = 0; i < FDS; i++)
		fds[i] = -1;
	for (i = 0; i < 3; i++) {
		fuzzers[i].rng = world->seed + 3 * life + i;
		fuzzers[i].epoll = load_must(epoll_create1(EPOLL_CLOEXEC));
	}
	hc_must(!pthread_create(&threads[0], NULL, fuzz, &fuzzers[1]));
	hc_must(!pthread_create(&threads[1], NULL, pest, &fuzzers[2]));
	fuzz(&fuzzers[0]);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	_exit(0);
}

static void start(unsigned int i)
{
	static uint64_t lives;
	pid_t pid = load_must(fork());

	lives++;
	if (!pid)
		be_process(lives);
	__atomic_store_n(&world->pids[i], pid, __ATOMIC_RELAXED);
}

/* Return: how many were killed; -1: one ended as it should not. */
static int run(void)
{
	unsigned int i, busy = PROCESSES;
	int status, killed = 0;
	bool good = true;
	pid_t pid;

	for (i = 0; i < PROCESSES; i++)
		start(i);
	while (busy) {
		pid = load_must(wait(&status));
		for (i = 0; world->pids[i] != pid; i++)
			hc_must(i + 1 < PROCESSES);
		__atomic_store_n(&world->pids[i], 0, __ATOMIC_RELAXED);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
			killed++;
			start(i);
			continue;
		}
		busy--;
		if (status)
			ksft_print_msg("a process ended with %#x\n", status);
		good = good && !status;
	}
	return good ? killed : -1;
}

/* --- the kernel's log ------------------------------------------------------ */

static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Whether nothing has been reported since. */
static bool log_clean(int fd)
{
	static const char * const reports[] = {
		"WARNING:", "BUG:", "Oops", "KASAN", "UBSAN", "INFO: task",
		"INFO: possible", "possible circular", "possible recursive",
		"inconsistent lock", "refcount_t", "Call Trace", "corruption",
		"stall", "lockup", "general protection",
	};
	char text[8192];
	unsigned int i;
	ssize_t len;

	while ((len = read(fd, text, sizeof(text) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		text[len] = '\0';
		for (i = 0; i < ARRAY_SIZE(reports); i++) {
			if (!strstr(text, reports[i]))
				continue;
			ksft_print_msg("%s", text);
			return false;
		}
	}
	return len < 0 && errno == EAGAIN;
}

int main(int argc, char **argv)
{
	long long taint = number_in("/proc/sys/kernel/tainted");
	long there = load_channels();
	int log = open_log(), killed;

	ksft_print_header();
	ksft_set_plan(3);
	world = load_shared(sizeof(*world));
	world->seed = argc > 1 ? strtoull(argv[1], NULL, 0) :
				 hc_clock(CLOCK_REALTIME);
	world->total = load_scale(STEPS);
	ksft_print_msg("seed %#llx\n", (unsigned long long)world->seed);
	hc_must(!mount_at(dir, NULL));
	dir_fd = load_must(open_dir(dir));
	dev_fd = load_must(open("/dev/hchan", O_RDWR | O_CLOEXEC));

	killed = run();
	ksft_print_msg("%u calls, %u of them right, %d kills\n", world->steps,
		       world->calls, killed);
	ksft_test_result(killed >= 0, "it comes to its end\n");
	ksft_test_result(log >= 0 && log_clean(log) &&
			 taint == number_in("/proc/sys/kernel/tainted"),
			 "the kernel has nothing to say\n");
	close(dir_fd);
	close(dev_fd);
	ksft_test_result(!unmount_at(dir) && load_channels() == there,
			 "nothing is left behind\n");
	ksft_finished();
}
