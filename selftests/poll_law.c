// SPDX-License-Identifier: GPL-2.0-only
/*
 * Poll as law (C45): every mode of epoll, every event, every capacity, every
 * kind of peer, seen by one who looks afterwards and by one who sleeps; in all
 * combinations, each a test of its own in a process of its own.
 *
 *	poll_law [PART-OF-A-NAME]
 *
 * What is told is exact: not before it is so, in time, with just those bits, again
 * or not again as the mode wants it, and not any more when it is over.
 */
#include "../kselftest.h"
#include "poll_law.h"

#define ELEM sizeof(uint64_t)
#define CASE_SECONDS 60

const struct hc_body_entry hc_bodies[] = { {} };

/*
 * struct run - a case while it runs
 * @ro: the only descriptor that receives
 * @wo: the only one that sends
 * @sent, @taken: elements count up; each has to arrive as the next one
 * @dir: the peer's direction, O_RDONLY or O_WRONLY
 */
struct run {
	const struct mode *mode;
	const struct peer_kind *kind;
	uint64_t cap;
	bool sleeps;
	int ro, wo;
	uint64_t sent, taken;
	struct watch watch;
	int dir;
	struct outcome outcome;
	pthread_t peer;
};

static void put_one(struct run *r)
{
	uint64_t x = r->sent++;

	hc_must(hc_try_send(r->wo, &x, ELEM) == 0);
}

static void take_one(struct run *r)
{
	uint64_t x = HC_POISON64;

	hc_must(hc_try_recv(r->ro, &x, ELEM) == 1);
	hc_must(x == r->taken++);
}

static void close_channel(struct run *r)
{
	hc_must(!hc_close(r->wo));
}

static void drop_sender(struct run *r)
{
	hc_must(!close(r->wo));
}

static void drop_receiver(struct run *r)
{
	hc_must(!close(r->ro));
}

static void *peer_thread(void *data)
{
	struct run *r = data;

	if (r->dir == O_WRONLY)
		r->outcome = r->kind->send(r->wo, r->outcome.x);
	else
		r->outcome = r->kind->recv(r->ro);
	return NULL;
}

static void start(struct run *r, int dir)
{
	r->dir = dir;
	if (dir == O_WRONLY)
		r->outcome.x = r->sent++;
	hc_must(!pthread_create(&r->peer, NULL, peer_thread, r));
}

static void park_sender(struct run *r)
{
	start(r, O_WRONLY);
	hc_must(!hc_wait_senders(r->wo, 1));
}

static void park_receiver(struct run *r)
{
	start(r, O_RDONLY);
	hc_must(!hc_wait_receivers(r->ro, 1));
}

/* The peer's operation is over, and it has ended so. */
static void ended(struct run *r, int ret, uint32_t status)
{
	hc_must(!pthread_join(r->peer, NULL));
	if (r->outcome.ret != ret)
		hc_broken("the peer's result: %d, not %d", r->outcome.ret, ret);
	if (ret <= 0 && (r->dir == O_RDONLY || ret))
		hc_must(r->outcome.status == status);
	if (r->dir == O_RDONLY && ret == 1)
		hc_must(r->outcome.x == r->taken++);
}

/* The peer takes one that is there, and does not park. */
static void peer_takes(struct run *r)
{
	start(r, O_RDONLY);
	ended(r, 1, HCHAN_ST_OK);
}

/*
 * Something happens, and is told. @all: to everybody. @already: @events were so
 * before, or a part of them: an event all the same, but nobody who looks at
 * levels would sleep.
 */
static void told(struct run *r, uint32_t events, bool all, bool already,
		 void (*what)(struct run *r))
{
	bool sleeps = r->sleeps && (!already || mode_is_edge(r->mode));

	if (!already)
		watch_arm(&r->watch);
	if (sleeps)
		watch_sleep(&r->watch);
	what(r);
	if (already)
		watch_arm(&r->watch);
	if (sleeps)
		watch_woken(&r->watch, events, all);
	else
		watch_sees(&r->watch, events, all);
	/* An edge of its first step may have been told, and this one comes yet. */
	if (what == park_sender || what == park_receiver)
		if (r->kind->steps && mode_is_edge(r->mode))
			return;
	watch_after(&r->watch, events);
}

static void fill(struct run *r)
{
	uint64_t i;

	for (i = 0; i < r->cap; i++)
		put_one(r);
}

/* The rows. */

/* An element comes, and then one more with a sender who has to wait. */
static void readable(struct run *r)
{
	uint64_t i;
	int round;

	watch_init(&r->watch, r->mode, r->ro, EPOLLIN);
	watch_quiet(&r->watch);
	for (round = 0; round < 2; round++) {
		if (r->cap) {
			told(r, EPOLLIN, false, false, put_one);
			for (i = 1; i < r->cap; i++)
				put_one(r);
			watch_forget(&r->watch);
		}
		told(r, EPOLLIN, false, r->cap, park_sender);
		for (i = 0; i < r->cap + 1; i++)
			take_one(r);
		ended(r, 0, 0);
		watch_quiet(&r->watch);
	}
}

/* Room comes, and then a receiver who has to wait. */
static void writable(struct run *r)
{
	uint64_t i;
	int round;

	fill(r);
	watch_init(&r->watch, r->mode, r->wo, EPOLLOUT);
	watch_quiet(&r->watch);
	for (round = 0; round < 2; round++) {
		if (r->cap) {
			told(r, EPOLLOUT, false, false, take_one);
			for (i = 1; i < r->cap; i++)
				take_one(r);
			watch_forget(&r->watch);
		}
		told(r, EPOLLOUT, false, r->cap, park_receiver);
		put_one(r);
		ended(r, 1, HCHAN_ST_OK);
		fill(r);
		watch_quiet(&r->watch);
	}
}

#define END_RX	(EPOLLIN | EPOLLRDHUP | EPOLLHUP)
#define END_TX	(EPOLLOUT | EPOLLHUP)

static void end_for_receivers(struct run *r, uint32_t status,
			      void (*end)(struct run *r))
{
	watch_init(&r->watch, r->mode, r->ro, EPOLLIN | EPOLLRDHUP);
	park_receiver(r);
	watch_quiet(&r->watch);
	told(r, END_RX, true, false, end);
	ended(r, 0, status);
	watch_after(&r->watch, END_RX);
}

static void end_for_senders(struct run *r, uint32_t status,
			    void (*end)(struct run *r))
{
	fill(r);
	watch_init(&r->watch, r->mode, r->wo, EPOLLOUT);
	park_sender(r);
	watch_quiet(&r->watch);
	told(r, END_TX, true, false, end);
	ended(r, -EPIPE, status);
	watch_after(&r->watch, END_TX);
}

static void closed_rx(struct run *r)
{
	end_for_receivers(r, HCHAN_ST_CLOSED, close_channel);
}

static void closed_tx(struct run *r)
{
	end_for_senders(r, HCHAN_ST_CLOSED, close_channel);
}

static void disconnected_rx(struct run *r)
{
	end_for_receivers(r, HCHAN_ST_DISCONNECTED, drop_sender);
}

static void disconnected_tx(struct run *r)
{
	end_for_senders(r, HCHAN_ST_DISCONNECTED, drop_receiver);
}

/*
 * It ends with elements left, and the peer takes the last: only now there is HUP.
 * Who looks is told of the end, too; who sleeps waits for HUP alone.
 */
static void drained_after(struct run *r, void (*end)(struct run *r))
{
	uint64_t i;

	fill(r);
	watch_init(&r->watch, r->mode, r->ro,
		   r->sleeps ? 0 : EPOLLIN | EPOLLRDHUP);
	watch_forget(&r->watch);
	if (r->sleeps) {
		watch_quiet(&r->watch);
		end(r);
	} else {
		told(r, EPOLLIN | EPOLLRDHUP, true, true, end);
	}
	for (i = 1; i < r->cap; i++)
		take_one(r);
	watch_forget(&r->watch);
	if (r->sleeps)
		watch_quiet(&r->watch);
	told(r, END_RX, true, !r->sleeps, peer_takes);
}

static void drained(struct run *r)
{
	if (r->cap) {
		drained_after(r, close_channel);
		return;
	}
	/* There is a sender's element, and it goes with the close. */
	watch_init(&r->watch, r->mode, r->ro, EPOLLIN | EPOLLRDHUP);
	told(r, EPOLLIN, false, false, park_sender);
	watch_forget(&r->watch);
	told(r, END_RX, true, true, close_channel);
	ended(r, -EPIPE, HCHAN_ST_CLOSED);
}

static void drained_disconnected(struct run *r)
{
	drained_after(r, drop_sender);
}

static const struct row {
	const char *name;
	uint32_t flags;		/* the channel's */
	uint64_t least;		/* capacity with which it has a meaning */
	void (*run)(struct run *r);
} rows[] = {
	{ "readable", 0, 0, readable },
	{ "writable", 0, 0, writable },
	{ "closed_rx", 0, 0, closed_rx },
	{ "closed_tx", 0, 0, closed_tx },
	{ "drained", 0, 0, drained },
	{ "disconnected_rx", HCHAN_DISCONNECT, 0, disconnected_rx },
	{ "disconnected_tx", HCHAN_DISCONNECT, 0, disconnected_tx },
	/* Without a buffer, nothing is left by senders who are gone. */
	{ "drained_disconnected", HCHAN_DISCONNECT, 1, drained_disconnected },
};

static const uint64_t caps[] = { 0, 1, 3 };
static unsigned int kinds;

/* One case, numbered through all of them; returns false beyond the last. */
static bool nth(unsigned int n, const struct row **row, struct run *r)
{
	*row = &rows[n % ARRAY_SIZE(rows)];
	n /= ARRAY_SIZE(rows);
	r->cap = caps[n % ARRAY_SIZE(caps)];
	n /= ARRAY_SIZE(caps);
	r->sleeps = n % 2;
	n /= 2;
	r->kind = &peer_kinds[n % kinds];
	n /= kinds;
	if (n >= ARRAY_SIZE(modes))
		return false;
	r->mode = &modes[n];
	return true;
}

static void run_case(const struct row *row, struct run *r)
{
	int rw = hc_make(ELEM, r->cap, row->flags);

	alarm(CASE_SECONDS);
	hc_must(rw >= 0);
	r->ro = hc_narrow(rw, O_RDONLY);
	r->wo = hc_narrow(rw, O_WRONLY);
	hc_must(r->ro >= 0 && r->wo >= 0);
	close(rw);
	row->run(r);
}

/* The number of cases; with @run they are run: in the checkers' kernel each seventh. */
static unsigned int all(const char *part, bool run)
{
	unsigned int stride = hc_scale(100) < 20 ? 7 : 1;	/* meets each of each table */
	const struct row *row;
	unsigned int i, n = 0;
	struct run r = {};
	char name[128];
	int status;
	pid_t pid;

	for (i = 0; nth(i, &row, &r); i++) {
		snprintf(name, sizeof(name), "C45_%s.%s.cap%u.%s.%s",
			 r.mode->name, row->name, (unsigned int)r.cap,
			 r.kind->name, r.sleeps ? "sleeps" : "looks");
		if (i % stride || r.cap < row->least || (part && !strstr(name, part)))
			continue;
		n++;
		if (!run)
			continue;
		fflush(stdout);
		pid = fork();
		if (!pid) {
			run_case(row, &r);
			_exit(0);
		}
		hc_must(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (status)
			ksft_print_msg("%s: %s %d\n", name,
				       WIFSIGNALED(status) ? "signal" : "exit",
				       WIFSIGNALED(status) ? WTERMSIG(status) :
							     WEXITSTATUS(status));
		ksft_test_result(!status, "%s\n", name);
	}
	return n;
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : NULL;
	unsigned int n;

	kinds = n_peer_kinds();
	n = all(part, false);
	ksft_print_header();
	ksft_set_plan(n);
	ksft_print_msg("%u cases\n", n);
	make_quiet();
	all(part, true);
	ksft_finished();
}
