/* SPDX-License-Identifier: GPL-2.0-only */
/* What the benchmark's files share. */
#ifndef HCHAN_BENCH_H
#define HCHAN_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <linux/hchan.h>

/* A cache line of its own. */
#define __apart		__attribute__((__aligned__(64)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * struct scenario - one shape, or a family of them
 * @run: in a process of its own; exits by die() if anything is wrong
 */
struct scenario {
	const char *name;
	const char *summary;
	void (*run)(void);
};

/* main.c */
struct options {
	const char *unit;	/* what a nanosecond of the clock stands for */
	bool median;		/* report medians, not minima */
	bool peers;		/* ping-pong: no channels, so no module */
	bool spin;		/* who waits for a futex looks again and never sleeps */
	int cpu[2];		/* where the two sides run; -1: anywhere */
	unsigned int rounds;
	unsigned int chunk;	/* nanoseconds that one should take */
};

extern struct options opt;
void __noreturn die(const char *format, ...) __printf(1, 2);
void note(const char *format, ...) __printf(1, 2);

/*
 * measure.c
 *
 * struct sample - values of one measurement, per operation
 * @typical: what counts is the median, as some may have been too cheap
 * struct work - what is measured
 * @run: does @n operations
 * @prepare: before each chunk of @n, not measured; or NULL
 * @max: operations in a chunk at most
 * @longer: chunks are so many times longer
 * @multiple: operations in a chunk are a multiple of this
 * @rounds: so many times more rounds
 * @begin, @end: around each round, not measured; or NULL
 */
struct sample {
	double best, median, worst;
	unsigned int n;
	bool typical;
};

struct work {
	void (*run)(void *arg, unsigned int n);
	void (*prepare)(void *arg, unsigned int n);
	void *arg;
	unsigned int max;
	unsigned int longer;
	unsigned int multiple;
	unsigned int rounds;
	void (*begin)(void *arg);
	void (*end)(void *arg);
};

uint64_t now(void);
void settle(void);
void nap(unsigned int us);
void place(unsigned int side);
void calm(bool on);
void *shared(size_t size);
struct sample sample_of(double *values, unsigned int n);
struct sample measure(const struct work *work);
void report(const char *scenario, const char *variant, const char *peer,
	    struct sample sample, const char *unit);
void report_value(const char *scenario, const char *variant, const char *peer,
		  double value, const char *unit);

/* A gate between processes: those who wait at it sleep until it is raised. */
void gate_wait(uint32_t *gate, uint32_t level);
void gate_raise(uint32_t *gate, uint32_t level);
pid_t start(void (*run)(void *arg, unsigned int i), void *arg, unsigned int i);
void finish(pid_t pid);

/*
 * Messages. The first word, and the last one if there are two, tell which one it
 * is; a tally on both sides tells that the same ones came out that went in.
 */
struct msg {
	long type;		/* System V's */
	unsigned char data[];
};

struct tally {
	uint64_t count;
	uint64_t sum;
};

struct msg *msg_new(size_t size);
void __noreturn mutilated(uint64_t seq);

static inline uint64_t last_word(uint64_t seq)
{
	return seq * 0x9e3779b97f4a7c15ULL;
}

static inline void stamp(void *data, size_t size, uint64_t seq)
{
	uint64_t last = last_word(seq);

	memcpy(data, &seq, sizeof(seq));
	if (size >= 16)
		memcpy((char *)data + size - sizeof(last), &last, sizeof(last));
}

/* Of no order: many may send, and many receive. */
static inline void count_in(struct tally *tally, const void *data, size_t size)
{
	uint64_t first, last;

	memcpy(&first, data, sizeof(first));
	tally->count++;
	tally->sum += first;
	if (size < 16)
		return;
	memcpy(&last, (char *)data + size - sizeof(last), sizeof(last));
	if (last != last_word(first))
		mutilated(first);
}

void tally_merge(struct tally *to, const struct tally *from);
void compare(const struct tally *sent, const struct tally *received,
	     const char *what);

/*
 * kinds.c, kinds_ipc.c: what messages can go through
 *
 * struct kind - a sort of link
 * @serves: SHAPE_*
 * @max: largest message in bytes
 * @open: a link for messages of l->size bytes, about l->depth of them; false if
 *	it can not be had here
 * @send, @recv: one message; false if l->nowait and it would wait
 * @exchange: both by one call; or NULL
 */
#define SHAPE_SEQ	0x1U
#define SHAPE_TRY	0x2U
#define SHAPE_STREAM	0x4U	/* one to one */
#define SHAPE_MANY	0x8U	/* many to many */
#define SHAPE_PING	0x10U
#define SHAPE_CREATE	0x20U

struct link {
	const struct kind *kind;
	size_t size;
	unsigned int depth;
	bool nowait;
	int rx, tx;
	struct ring *ring;
};

struct kind {
	const char *name;
	unsigned int serves;
	size_t max;
	bool (*open)(struct link *l);
	bool (*send)(struct link *l, struct msg *msg);
	bool (*recv)(struct link *l, struct msg *msg);
	void (*exchange)(struct link *to, struct link *from, struct msg *msg);
	void (*nonblock)(struct link *l);
	void (*close)(struct link *l);
};

extern const struct kind hchan_kind, hchan_ioctl_kind, hchan_pair_kind;
extern const struct kind pipe_kind, pipe_same_kind, packet_kind;
extern const struct kind stream_kind, seqpacket_kind;
extern const struct kind mqueue_kind, sysv_kind, eventfd_kind, futex_kind;
extern const struct kind *const kinds[];	/* all, up to a NULL */

bool link_open(struct link *l, const struct kind *kind, size_t size,
	       unsigned int depth);
void link_close(struct link *l);
void link_send(struct link *l, struct msg *msg);
void link_recv(struct link *l, struct msg *msg);
void link_exchange(struct link *to, struct link *from, struct msg *msg);
void need_files(unsigned int n);

/* hc.c: channels */
int hc_create(size_t size, uint64_t capacity);
int hc_device(void);
bool hc_send(int fd, const void *data, size_t size, uint32_t flags);
bool hc_recv(int fd, void *data, size_t size, uint32_t flags);
void hc_sendrecv(int to, int from, void *data, size_t size);
void hc_wait(int fd, uint32_t what, uint64_t count);
void hc_close(int fd);
int hc_set(void);
void hc_set_add(int set, int fd, uint16_t op, void *data, size_t size);
unsigned int hc_set_select(int set);

/* memory.c: of our cgroup, of the kernel; < 0: not to be had */
long long charged_bytes(void);
long long slab_bytes(void);

/* futex.c */
long futex(uint32_t *word, int op, uint32_t value);

#endif
