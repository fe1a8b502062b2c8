// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/chan_test.go: TestShrinkStackDuringBlockedSend,
 * TestNoShrinkStackWhileParking and TestSelectStackAdjust. There the memory that
 * a parked goroutine sends from or receives into moves, with its stack. Here it
 * can be unmapped, moved, or shared copy-on-write with a fork, by another thread
 * of the same process: each goroutine has one that parks for it.
 */
#include "go.h"

#define PAGE 4096
#define ELEM 256	/* more than what lies in the operation itself */

static void *map_page(void)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	hc_must(p != MAP_FAILED);
	return p;
}

enum change {
	UNMAP,		/* nothing is there any more */
	REPLACE,	/* moved away, and another page is there */
	FORK,		/* a child has it too; the parent's is copied when written */
	CHANGES,
};

/* What was at @at when somebody parked: in another place, or in a child. */
struct old {
	void *moved;
	int child;		/* a pipe: it ends when this is closed */
	pid_t pid;
};

/* A child that looks, in the end, whether its page is all HC_POISON still. */
static void fork_with(struct old *old, const uint8_t *at)
{
	int fds[2];
	char none;

	hc_must(!pipe2(fds, O_CLOEXEC));
	old->pid = fork();
	hc_must(old->pid >= 0);
	if (!old->pid) {
		close(fds[1]);
		_exit(read(fds[0], &none, 1) || !hc_all(at, HC_POISON, PAGE));
	}
	close(fds[0]);
	old->child = fds[1];
}

static struct old change(enum change how, void *at)
{
	struct old old = { .moved = MAP_FAILED, .child = -1 };

	switch (how) {
	case UNMAP:
		hc_must(!munmap(at, PAGE));
		break;
	case REPLACE:
		old.moved = map_page();
		hc_must(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			       old.moved) == old.moved);
		hc_must(mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED |
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == at);
		break;
	default:
		fork_with(&old, at);
	}
	return old;
}

/* What was there is as it was. */
static void check_old(const struct old *old)
{
	int status;

	if (old->moved != MAP_FAILED) {
		hc_must(hc_all(old->moved, HC_POISON, PAGE));
		hc_must(!munmap(old->moved, PAGE));
	}
	if (old->child >= 0) {
		close(old->child);
		hc_must(waitpid(old->pid, &status, 0) == old->pid && !status);
	}
}

/* A thread that makes one call while its memory changes. */
struct parked {
	int c;
	int d;			/* a select's other channel */
	void *at;
	int ret;
	struct hchan_case cases[3];
	uint32_t n;
	pthread_t thread;
};

static void start(struct parked *p, void *(*call)(void *))
{
	hc_must(!pthread_create(&p->thread, NULL, call, p));
}

static void finish(struct parked *p)
{
	hc_must(!pthread_join(p->thread, NULL));
}

static void *send_call(void *data)
{
	struct parked *p = data;
	struct hchan_xfer x = { .buf = (uintptr_t)p->at, .len = ELEM };

	p->ret = ioctl(p->c, HCHAN_IOC_SEND, &x) < 0 ? -errno : 0;
	return NULL;
}

static void *recv_call(void *data)
{
	struct parked *p = data;
	struct hchan_xfer x = { .buf = (uintptr_t)p->at, .len = ELEM };

	p->ret = ioctl(p->c, HCHAN_IOC_RECV, &x);
	if (p->ret < 0)
		p->ret = -errno;
	return NULL;
}

static void *select_call(void *data)
{
	struct parked *p = data;
	struct hchan_select s = {
		.cases = (uintptr_t)p->cases,
		.count = p->n,
	};

	p->ret = ioctl(g_dev, HCHAN_IOC_SELECT, &s);
	if (p->ret < 0)
		p->ret = -errno;
	return NULL;
}

#define ROUNDS 10

/* A parked sender: what it sends is what was there when it called. */
GO(send_from_changing)
{
	struct old old;
	long i;

	for (i = 0; i < ROUNDS * CHANGES; i++) {
		struct parked p = { .c = ch[0], .at = map_page() };

		hc_fill(p.at, ELEM, i);
		start(&p, send_call);
		hc_must(!hc_wait_senders(ch[0], 1));
		/* Written over, then changed; the old one holds that. */
		memset(p.at, HC_POISON, PAGE);
		old = change(i % CHANGES, p.at);
		g_put(ch[1], i);
		finish(&p);
		hc_must(p.ret == 0);
		check_old(&old);
		if (i % CHANGES != UNMAP)
			hc_must(!munmap(p.at, PAGE));
	}
}

GO_MAIN(shrink_stack_during_blocked_send)
{
	int c = g_make(ELEM, 0), changed = g_longs(0);
	uint8_t element[ELEM];
	long i;

	g_go(send_from_changing, CH(c, changed));
	for (i = 0; i < ROUNDS * CHANGES; i++) {
		hc_must(g_get(changed) == i);
		g_recv(c, element, ELEM);
		hc_must(hc_is(element, ELEM, i));
	}
}

/*
 * A parked receiver: the element comes to the address it gave, in the memory that
 * is there then. If none is, it is told, and the element stays for the next.
 */
GO(receive_into_changing)
{
	uint8_t element[ELEM];
	struct old old;
	long i;

	for (i = 0; i < ROUNDS * CHANGES; i++) {
		struct parked p = { .c = ch[0], .at = map_page() };

		memset(p.at, HC_POISON, PAGE);
		start(&p, recv_call);
		hc_must(!hc_wait_receivers(ch[0], 1));
		old = change(i % CHANGES, p.at);
		g_put(ch[1], i);
		finish(&p);
		if (i % CHANGES == UNMAP) {
			hc_must(p.ret == -EFAULT && hc_len(ch[0]) == 1);
			g_recv(ch[0], element, ELEM);
			hc_must(hc_is(element, ELEM, i));
		} else {
			hc_must(p.ret == 1 && hc_is(p.at, ELEM, i));
			hc_must(!munmap(p.at, PAGE));
		}
		check_old(&old);
		g_put(ch[1], i);
	}
}

GO_MAIN(shrink_stack_during_blocked_receive)
{
	int c = g_make(ELEM, 0), changed = g_longs(0);
	uint8_t element[ELEM];
	long i;

	g_go(receive_into_changing, CH(c, changed));
	for (i = 0; i < ROUNDS * CHANGES; i++) {
		hc_must(g_get(changed) == i);
		hc_fill(element, ELEM, i);
		g_send(c, element, ELEM);
		hc_must(g_get(changed) == i);
		hc_must(hc_len(c) == 0);
	}
}

/*
 * TestNoShrinkStackWhileParking: the memory changes all the time, also while the
 * receiver is about to park. Nothing is lost, nothing comes twice, all in order.
 */
struct mover {
	void *at;
	bool stop;
	pthread_mutex_t there;	/* free when it is at @at */
};

static void move(void *from, void *to)
{
	hc_must(mremap(from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to) == to);
}

static void *move_on_and_on(void *data)
{
	struct mover *m = data;
	void *away = map_page();
	bool stop;

	do {
		pthread_mutex_lock(&m->there);
		stop = m->stop;
		move(m->at, away);
		sched_yield();
		move(away, m->at);
		pthread_mutex_unlock(&m->there);
		sched_yield();
	} while (!stop);
	return NULL;
}

GO(receive_while_moving)
{
	struct mover m = { .at = map_page(), .there = PTHREAD_MUTEX_INITIALIZER };
	struct parked p = { .c = ch[0], .at = m.at };
	pthread_t thread;
	long i = 0;

	hc_must(!pthread_create(&thread, NULL, move_on_and_on, &m));
	while (i < arg[0]) {
		recv_call(&p);
		if (p.ret == -EFAULT)
			continue;
		hc_must(p.ret == 1);
		pthread_mutex_lock(&m.there);
		hc_must(hc_is(m.at, ELEM, i));
		m.stop = ++i == arg[0];
		pthread_mutex_unlock(&m.there);
	}
	hc_must(!pthread_join(thread, NULL));
	g_put(ch[1], 0);
}

GO_MAIN(no_shrink_stack_while_parking)
{
	int c = g_make(ELEM, 0), done = g_longs(0);
	long n = hc_scale(500), i;
	uint8_t element[ELEM];

	g_go(receive_while_moving, CH(c, done), n);
	for (i = 0; i < n; i++) {
		hc_fill(element, ELEM, i);
		g_send(c, element, ELEM);
	}
	g_get(done);
	hc_must(hc_len(c) == 0 && hc_parked(c, 0, 0));
}

/*
 * TestSelectStackAdjust: the buffers of a parked select change. Those of the
 * cases that lose are not touched, nor missed; that of the one that wins is
 * where it was said to be. With every case twice, as well.
 */
static void select_into_changing(const int *ch, enum change how, bool twice,
				 bool lost)
{
	void *c_at = map_page(), *d_at = map_page();
	void *at = lost ? c_at : d_at;
	struct parked p = { .n = twice ? 3 : 2 };
	struct old old;

	memset(c_at, HC_POISON, PAGE);
	memset(d_at, HC_POISON, PAGE);
	p.cases[0] = hc_case_recv(ch[0], c_at, ELEM);
	p.cases[1] = hc_case_recv(ch[1], d_at, ELEM);
	p.cases[2] = hc_case_recv(ch[0], c_at, ELEM);
	start(&p, select_call);
	hc_must(!hc_wait_receivers(ch[1], 1) && hc_parked(ch[0], 0, 1));
	old = change(how, at);
	g_put(ch[2], 0);
	finish(&p);
	if (!lost && how == UNMAP) {
		hc_must(p.ret == -EFAULT && hc_len(ch[1]) == 1);
		g_recv(ch[1], d_at = map_page(), ELEM);
	} else {
		hc_must(p.ret == 1 && hc_case_ok(&p.cases[1]));
	}
	hc_must(hc_is(d_at, ELEM, how));
	hc_must(hc_all((uint8_t *)d_at + ELEM, how == REPLACE && !lost ? 0 :
		       !lost && how == UNMAP ? 0 : HC_POISON, PAGE - ELEM));
	if (!lost)
		hc_must(hc_all(c_at, HC_POISON, PAGE));
	else if (how == REPLACE)
		hc_must(hc_all(c_at, 0, PAGE));
	else if (how == FORK)
		hc_must(hc_all(c_at, HC_POISON, PAGE));
	check_old(&old);
	if (!lost || how != UNMAP)
		hc_must(!munmap(c_at, PAGE));
	hc_must(!munmap(d_at, PAGE));
	hc_must(hc_len(ch[1]) == 0 && hc_parked(ch[0], 0, 0));
	g_put(ch[2], 0);
}

#define FORMS (CHANGES * 4)

GO(select_while_changing)
{
	long i;

	for (i = 0; i < FORMS; i++)
		select_into_changing(ch, i % CHANGES, i / CHANGES % 2, i / CHANGES / 2);
}

GO_MAIN(select_stack_adjust)
{
	int c = g_make(ELEM, 0), d = g_make(ELEM, 0), changed = g_longs(0);
	uint8_t element[ELEM];
	long i;

	g_go(select_while_changing, CH(c, d, changed));
	for (i = 0; i < FORMS; i++) {
		g_get(changed);
		hc_fill(element, ELEM, i % CHANGES);
		g_send(d, element, ELEM);
		g_get(changed);
	}
}

TEST_HARNESS_MAIN
