// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Wait groups, semaphores, once and rate limiters: what a channel is by itself. */
#include <errno.h>

#include <hchan/sync.h>

#include "internal.h"

int hchan_wg_make(struct hchan_wg *wg)
{
	struct hchan_opts opts = { .flags = HCHAN_DISCONNECT };
	int both, err = 0;

	both = hchan_make_opts(&opts);
	if (both < 0)
		return both;
	/* Before the other side is gone: that would be final. */
	wg->wait_ = hchan_recv_only(both);
	wg->member_ = hchan_send_only(both);
	if (wg->wait_ < 0)
		err = wg->wait_;
	else if (wg->member_ < 0)
		err = wg->member_;
	hchan_drop(both);
	if (err) {
		if (wg->wait_ >= 0)
			hchan_drop(wg->wait_);
		if (wg->member_ >= 0)
			hchan_drop(wg->member_);
	}
	return err;
}

int hchan_wg_add(struct hchan_wg *wg)
{
	return hchan_send_only(wg->member_);
}

/* Of several threads that do one does it: its number may be another file's then. */
static void drop_once(int *fd)
{
	hchan_drop(__atomic_exchange_n(fd, HCHAN_NIL, __ATOMIC_RELAXED));
}

void hchan_wg_leave(struct hchan_wg *wg)
{
	drop_once(&wg->member_);
	drop_once(&wg->wait_);
}

int hchan_wg_wait(struct hchan_wg *wg, int ctx)
{
	int ret;

	drop_once(&wg->member_);
	/* What a member sends is no end. */
	do {
		ret = hchan_recv_ctx(wg->wait_, NULL, 0, ctx);
	} while (ret > 0);
	return ret;
}

int hchan_sem_make(uint64_t n)
{
	return n ? hchan_make(0, n) : -EINVAL;
}

int hchan_sem_open(const char *name, uint64_t n)
{
	return n ? hchan_create(name, 0, n) : -EINVAL;
}

int hchan_sem_acquire(int sem, int ctx)
{
	return hchan_send_ctx(sem, NULL, 0, ctx);
}

int hchan_sem_try_acquire(int sem)
{
	return hchan_try_send(sem, NULL, 0);
}

int hchan_sem_release(int sem)
{
	int ret = hchan_try_recv(sem, NULL, 0);

	if (ret == -EAGAIN)
		return -EINVAL;
	return ret < 0 ? ret : 0;
}

int hchan_once_make(struct hchan_once *once)
{
	once->turn_ = hchan_make(0, 1);
	if (once->turn_ < 0)
		return once->turn_;
	once->done_ = hchan_make(0, 0);
	if (once->done_ >= 0)
		return 0;
	hchan_drop(once->turn_);
	return once->done_;
}

void hchan_once_drop(struct hchan_once *once)
{
	hchan_drop(once->turn_);
	hchan_drop(once->done_);
}

int hchan_once_begin(struct hchan_once *once, int ctx)
{
	struct hchan_case c[] = {
		hchan_on_recv(once->done_, NULL, 0),
		hchan_on_done(ctx),
		hchan_on_send(once->turn_, NULL, 0),
	};
	int ret;

	ret = hchan_select(c, 3, hchan_forever(), HCHAN_FIRST);
	if (ret == 1)
		return hchan_ctx_err(ctx);
	return ret < 0 ? ret : ret == 2;
}

int hchan_once_done(struct hchan_once *once)
{
	return hchan_close(once->done_);
}

int hchan_once_failed(struct hchan_once *once)
{
	return hchan_sem_release(once->turn_);
}

int hchan_limit_make(int64_t period)
{
	return hchan_ticker(period);
}

int hchan_limit_take(int limit, int ctx)
{
	int64_t due;
	int ret;

	ret = hchan_recv_ctx(limit, &due, sizeof(due), ctx);
	return ret < 0 ? ret : 0;
}
