// SPDX-License-Identifier: GPL-2.0-only
/*
 * Up to the inline size a send and a receive allocate nothing, parked or not
 * (C50), nor does an element's return (C38): they go on where every allocation
 * is made to fail, and no trace event of the kernel's allocators tells of one.
 * Above it a send that gets no memory fails before anything has happened.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#include "allocs.h"
#include "hchan_test.h"

#define ELEMS_MAX 16

enum mode { FAULTED, TRACED };

static const char * const mode_names[] = {
	"where all allocations fail", "by trace events",
};

/* What two tasks share while they work. */
struct duo {
	bool ready;
	bool go;
	bool done;
	bool bye;
};

/* An element's size may be the inline size: that is asked for. */
#define INLINE UINT32_MAX

struct work {
	const char *name;
	uint32_t size;
	uint32_t capacity;
	uint32_t flags;
	int (*mine)(void);
	int (*other)(void);	/* a second process, or NULL */
};

static struct duo *duo;
static enum mode mode;
static uint32_t size, inline_size, rounds;
static bool messages;
static int chan;
static uint8_t *elems;		/* ELEMS_MAX of any size */

static void pass(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static void await(const bool *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		sched_yield();
}

/* The ways to send and receive one element in turn. Return: 0. */
static int put_one(uint32_t i)
{
	uint32_t len = size;

	if (i % 3 == 0)
		return load_send(chan, elems, size, 0);
	if (i % 3 == 1 && size)
		return write(chan, elems, size) == size ? 0 : -1;
	if (messages) {
		struct hchan_batch arg = {
			.buf = (uintptr_t)elems,
			.lens = (uintptr_t)&len,
			.stride = size,
			.count = 1,
		};

		return ioctl(chan, HCHAN_IOC_SENDN, &arg) == 1 ? 0 : -1;
	}
	return load_batch(chan, HCHAN_IOC_SENDN, elems, size, 1, 0) == 1 ?
	       0 : -1;
}

static int get_one(uint32_t i)
{
	uint32_t len = 0;

	if (i % 3 == 0)
		return load_recv(chan, elems, size, 0) == 1 ? 0 : -1;
	if (i % 3 == 1 && size)
		return read(chan, elems, size) == size ? 0 : -1;
	if (messages) {
		struct hchan_batch arg = {
			.buf = (uintptr_t)elems,
			.lens = (uintptr_t)&len,
			.stride = size,
			.count = 1,
		};

		return ioctl(chan, HCHAN_IOC_RECVN, &arg) == 1 ? 0 : -1;
	}
	return load_batch(chan, HCHAN_IOC_RECVN, elems, size, 1, 0) == 1 ?
	       0 : -1;
}

/* Nobody waits: into the buffer and out of it, and where there is nothing. */
static int in_and_out(void)
{
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		if (put_one(i) || put_one(i + 1))
			return 1;
		if (load_send(chan, elems, size, HCHAN_NOWAIT) != -1 ||
		    errno != EAGAIN)
			return 2;
		if (get_one(i) || get_one(i + 1))
			return 3;
		if (load_recv(chan, elems, size, HCHAN_NOWAIT) != -1 ||
		    errno != EAGAIN)
			return 4;
	}
	return 0;
}

/* Without a deadline, which it does not need, this is what hc_wait() does. */
static int await_parked(uint32_t what)
{
	struct hchan_wait wait = { .what = what, .count = 1 };

	return ioctl(chan, HCHAN_IOC_WAIT, &wait);
}

/* In turn the receiver is parked when the sender comes, and the sender. */
static int parked_sender(void)
{
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		if (i % 2 && await_parked(HCHAN_W_RECEIVERS))
			return 1;
		if (put_one(i / 2))
			return 2;
	}
	return 0;
}

static int parked_receiver(void)
{
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		if (i % 2 == 0 && await_parked(HCHAN_W_SENDERS))
			return 3;
		if (get_one(i / 2))
			return 4;
	}
	return 0;
}

/* More at once than fits on the kernel's stack: it does with what it has. */
#define MANY 1000

static uint64_t many[MANY];

static int many_sender(void)
{
	uint32_t i;

	for (i = 0; i < rounds / 10; i++) {
		if (i % 2 && await_parked(HCHAN_W_RECEIVERS))
			return 1;
		if (load_batch(chan, HCHAN_IOC_SENDN, many, sizeof(*many), MANY,
			       0) != MANY)
			return 2;
	}
	return 0;
}

static int many_receiver(void)
{
	uint32_t i;

	for (i = 0; i < rounds / 10; i++) {
		if (i % 2 == 0 && await_parked(HCHAN_W_SENDERS))
			return 3;
		if (load_batch(chan, HCHAN_IOC_RECVN, many, sizeof(*many), MANY,
			       0) != MANY)
			return 4;
	}
	return 0;
}

/* Large elements in buffers that were paid for with the channel. */
static int steady(void)
{
	uint32_t i;

	for (i = 0; i < rounds; i++)
		if (put_one(0) || put_one(0) || get_one(0) || get_one(0))
			return 1;
	return 0;
}

/* The second process' part. */
static void be_other(int (*todo)(void))
{
	int fd, ret;

	load_must(mlockall(MCL_CURRENT | MCL_FUTURE));
	fd = mode == FAULTED ? faults_open() : -1;
	pass(&duo->ready);
	await(&duo->go);
	if (mode == FAULTED)
		faults_ask(fd, true);
	ret = todo();
	if (ret)
		hc_close(chan);	/* or the first would wait for ever */
	if (mode == FAULTED)
		faults_ask(fd, false);
	pass(&duo->done);
	await(&duo->bye);
	_exit(ret);
}

/*
 * Return: 0, or a number that says where it went wrong. @allocated: what the
 * trace says, if there is one.
 */
static int be_first(const struct work *work, pid_t other,
		    unsigned int *allocated)
{
	int fd, ret;

	load_must(mlockall(MCL_CURRENT | MCL_FUTURE));
	fd = mode == FAULTED ? faults_open() : -1;
	if (other)
		await(&duo->ready);
	if (mode == TRACED)
		traces_start(getpid(), other ? other : getpid());
	pass(&duo->go);
	if (mode == FAULTED)
		faults_ask(fd, true);
	ret = work->mine();
	if (ret)
		hc_close(chan);
	if (mode == FAULTED)
		faults_ask(fd, false);
	if (other)
		await(&duo->done);
	if (mode == TRACED)
		*allocated = traces_stop();
	pass(&duo->bye);
	if (fd >= 0)
		close(fd);
	return ret;
}

static void test_work(const struct work *work)
{
	unsigned int allocated = 0;
	int ret, status = 0, i;
	pid_t other = 0;

	memset(duo, 0, sizeof(*duo));
	size = work->size == INLINE ? inline_size : work->size;
	messages = work->flags & HCHAN_MSG;
	rounds = load_scale(2000);
	chan = load_must(hc_make(size, work->capacity, work->flags));
	/* What was paid for is there after it was used once. */
	for (i = 0; size > inline_size && i < 2; i++)
		load_must(load_send(chan, elems, size, 0));
	for (i = 0; size > inline_size && i < 2; i++)
		load_must(load_recv(chan, elems, size, 0));
	if (work->other) {
		other = load_must(fork());
		if (!other)
			be_other(work->other);
	}
	ret = be_first(work, other, &allocated);
	if (other)
		load_must(waitpid(other, &status, 0));
	ksft_test_result(!ret && !status && !allocated,
			 "%s, %s (%d, %d, %u)\n", work->name,
			 mode_names[mode], ret, WEXITSTATUS(status), allocated);
	close(chan);
}

static const struct work works[] = {
	{ "elements of no size", 0, 2, 0, in_and_out, NULL },
	{ "elements of 8 bytes", 8, 2, 0, in_and_out, NULL },
	{ "elements of the inline size", INLINE, 2, 0, in_and_out, NULL },
	{ "messages of the inline size", INLINE, 2, HCHAN_MSG, in_and_out, NULL },
	{ "large elements in their steady state", 5000, 2, 0, steady, NULL },
	{ "parked, elements of no size", 0, 0, 0, parked_sender,
	  parked_receiver },
	{ "parked, elements of 8 bytes", 8, 0, 0, parked_sender,
	  parked_receiver },
	{ "parked, elements of the inline size", INLINE, 0, 0, parked_sender,
	  parked_receiver },
	{ "parked, messages of the inline size", INLINE, 0, HCHAN_MSG,
	  parked_sender, parked_receiver },
};

/* Only where allocations fail: this one would use memory if it had some. */
static const struct work many_work = {
	"parked with a thousand elements", 8, 2, 0, many_sender, many_receiver,
};

/* A receiver whose buffer goes away while it is parked. */
struct victim {
	pthread_t thread;
	pid_t tid;
	void *buf;
	int ret;
	int error;
};

static void *be_victim(void *data)
{
	struct victim *victim = data;
	int fd = mode == FAULTED ? faults_open() : -1;

	victim->tid = gettid();
	pass(&duo->ready);
	await(&duo->go);
	if (mode == FAULTED)
		faults_ask(fd, true);
	victim->ret = load_recv(chan, victim->buf, size, 0);
	victim->error = errno;
	if (mode == FAULTED)
		faults_ask(fd, false);
	pass(&duo->done);
	/* What a thread's end allocates is not the channel's. */
	await(&duo->bye);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void test_returned(uint32_t elem_size)
{
	const size_t bytes = 16384;
	unsigned int allocated = 0;
	struct victim victim;
	bool good;

	memset(duo, 0, sizeof(*duo));
	size = elem_size;
	chan = load_must(hc_make(size, 0, 0));
	victim.buf = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	hc_must(victim.buf != MAP_FAILED);
	hc_must(!pthread_create(&victim.thread, NULL, be_victim, &victim));
	await(&duo->ready);
	if (mode == TRACED)
		traces_start(victim.tid, victim.tid);
	pass(&duo->go);
	hc_must(!hc_wait_receivers(chan, 1));
	hc_must(!munmap(victim.buf, bytes));
	hc_fill(elems, size, 77);
	good = !hc_send(chan, elems, size);
	await(&duo->done);
	if (mode == TRACED)
		allocated = traces_stop();
	pass(&duo->bye);
	hc_must(!pthread_join(victim.thread, NULL));
	good = good && victim.ret == -1 && victim.error == EFAULT &&
	       hc_len(chan) == 1 && hc_try_recv(chan, elems, size) == 1 &&
	       hc_is(elems, size, 77) && !hc_len(chan);
	ksft_test_result(good && !allocated,
			 "an element of %u bytes comes back, %s (%d, %u)\n",
			 size, mode_names[mode], victim.error, allocated);
	close(chan);
}

/* Above the inline size a send may need memory. */
static bool no_memory(int ret, uint64_t length)
{
	return ret == -1 && errno == ENOMEM && hc_len(chan) == length &&
	       hc_parked(chan, 0, 0);
}

static void test_large(void)
{
	uint32_t lens[2] = { inline_size, inline_size + 1 };
	struct hchan_batch two = {
		.buf = (uintptr_t)elems,
		.lens = (uintptr_t)lens,
		.stride = 5000,
		.count = 2,
	};
	int fd = faults_open(), one, many_ret, written;
	bool good;

	chan = load_must(hc_make(5000, 4, 0));
	faults_ask(fd, true);
	one = load_send(chan, elems, 5000, 0);
	good = no_memory(one, 0);
	many_ret = load_batch(chan, HCHAN_IOC_SENDN, elems, 5000, 2, 0);
	good = good && no_memory(many_ret, 0);
	written = write(chan, elems, 5000);
	good = good && no_memory(written, 0);
	faults_ask(fd, false);
	ksft_test_result(good, "a large element: ENOMEM, and nothing is sent\n");
	ksft_test_result(!hc_send(chan, elems, 5000) && hc_len(chan) == 1,
			 "a large element is sent when there is memory\n");
	close(chan);

	chan = load_must(hc_make(5000, 4, HCHAN_MSG));
	faults_ask(fd, true);
	one = load_send(chan, elems, inline_size + 1, 0);
	good = no_memory(one, 0);
	one = load_send(chan, elems, inline_size, 0);
	many_ret = ioctl(chan, HCHAN_IOC_SENDN, &two);
	faults_ask(fd, false);
	ksft_test_result(good && !one && many_ret == 1 && two.done == 1 &&
			 hc_len(chan) == 2,
			 "messages: those up to the inline size are sent\n");
	close(chan);
	close(fd);
}

/* That the trace sees what is allocated. */
static void test_trace(void)
{
	unsigned int allocated;

	chan = load_must(hc_make(5000, 4, 0));
	traces_start(getpid(), getpid());
	load_must(load_send(chan, elems, 5000, 0));
	allocated = traces_stop();
	ksft_test_result(allocated >= 1, "a large element is seen: %u\n",
			 allocated);
	close(chan);
}

static const uint32_t returned_sizes[] = { 8, 100, 5000 };

#define EACH (ARRAY_SIZE(works) + ARRAY_SIZE(returned_sizes))

static void test_mode(enum mode which)
{
	unsigned int i;

	mode = which;
	for (i = 0; i < ARRAY_SIZE(works); i++)
		test_work(&works[i]);
	for (i = 0; i < ARRAY_SIZE(returned_sizes); i++)
		test_returned(returned_sizes[i]);
}

static void skip(unsigned int n, const char *what)
{
	while (n--)
		ksft_test_result_code(KSFT_SKIP, what, "not in this kernel");
}

int main(void)
{
	struct hchan_query query = { .size = sizeof(query) };
	int dev = load_must(open("/dev/hchan", O_RDWR | O_CLOEXEC));

	ksft_print_header();
	ksft_set_plan(2 * EACH + 4 + 1);
	load_must(ioctl(dev, HCHAN_IOC_QUERY, &query));
	close(dev);
	inline_size = query.inline_size;
	hc_must(inline_size >= 64 && inline_size < 5000);
	duo = load_shared(sizeof(*duo));
	elems = load_shared(ELEMS_MAX * 5000);

	if (faults_there()) {
		faults_set(true);
		test_mode(FAULTED);
		test_work(&many_work);
		test_large();
		faults_set(false);
	} else {
		skip(EACH + 4, "fault injection");
	}
	if (traces_open()) {
		test_trace();
		test_mode(TRACED);
		traces_close();
	} else {
		skip(EACH + 1, "trace events");
	}
	ksft_finished();
}
