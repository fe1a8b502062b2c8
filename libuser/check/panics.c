// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What must forms the compiler must take and what it must refuse; see typed.c.
 *
 * pass 0 must forms of all kinds
 * fail 1 another type, sent: _Generic
 * fail 2 another type, received: _Generic
 * fail 3 sent on a receiver's: can_send_
 * fail 4 received from a sender's: can_recv_
 * fail 5 a receiver's closed: can_send_
 * fail 6 a descriptor as a handle: not a structure
 * fail 7 a recovery without a block: else|undeclared
 * fail 8 a panic that is changed: read-only|const-qualified
 * fail 9 a handle of one type for another: incompatible
 * fail 10 a result on what is no channel: not a structure
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE(long_chan, long);

#if CASE >= 0
int use(int_chan both, int_chan_tx tx, int_chan_rx rx);
#endif

int use(int_chan both, int_chan_tx tx, int_chan_rx rx)
{
	int n = 1, r = 0;
	long far = 2;

	(void)far;
	(void)n;
	(void)both;
	(void)tx;
	(void)rx;
#if CASE == 0
	int_chan made = HCHAN_MUST_MAKE(int_chan, 4);
	int_chan named = HCHAN_MUST_CREATE(int_chan, "n", 4);
	int_chan_tx opened = HCHAN_MUST_CHANNEL(int_chan_open_tx("n"));
	const struct hchan_panic_handler none = { NULL, NULL };
	int fd = hchan_must_make(sizeof(int), 4);

	HCHAN_MUST_SEND(made, &n);
	HCHAN_MUST_SEND(opened, &n);
	r += HCHAN_MUST_TRY_SEND(tx, &n) + HCHAN_MUST_RECV(rx, &n);
	r += (int)(HCHAN_MUST(hchan_len(fd)) + HCHAN_MUST(hchan_recv(fd, &n, 4)));
	hchan_must_send(fd, &n, sizeof(n));
	r += hchan_must_try_send(fd, &n, sizeof(n));
	r += hchan_must_recv(fd, &n, sizeof(n));
	hchan_must_close(hchan_must_create("m", sizeof(int), 1));
	HCHAN_MUST_CLOSE(HCHAN_MUST_OPEN(int_chan, "n", HCHAN_O_SEND));
	HCHAN_MUST_CLOSE(HCHAN_MUST_CHANNEL(int_chan_send_only(named)));
	hchan_set_panic_handler(none.fn, none.arg);
#ifndef __cplusplus
	HCHAN_TRY {
		HCHAN_MUST_SEND(made, &(int){ 7 });
		HCHAN_TRY {
			if (r == 5)
				return r;
		} HCHAN_RECOVER(p) {
			hchan_panic_again(p);
		}
	} HCHAN_RECOVER(p) {
		r += p->code;
	}
#endif
	r += (int)HCHAN_MUST_ON(tx, HCHAN_SEND(tx, &n)) + (int)HCHAN_MUST_ON(rx, r);
	r += (int)hchan_must_on(fd, hchan_send(fd, &n, sizeof(n)));
	if (r == 9)
		HCHAN_PANIC("nine");
#elif CASE == 1
	HCHAN_MUST_SEND(both, &far);
#elif CASE == 2
	r = HCHAN_MUST_RECV(both, &far);
#elif CASE == 3
	HCHAN_MUST_SEND(rx, &n);
#elif CASE == 4
	r = HCHAN_MUST_RECV(tx, &n);
#elif CASE == 5
	HCHAN_MUST_CLOSE(rx);
#elif CASE == 6
	HCHAN_MUST_SEND(r, &n);
#elif CASE == 7
	HCHAN_RECOVER(p) {
		r = p->code;
	}
#elif CASE == 8
	HCHAN_TRY {
		HCHAN_PANIC("x");
	} HCHAN_RECOVER(p) {
		p->code = 1;
	}
#elif CASE == 9
	both = HCHAN_MUST_MAKE(long_chan, 1);
#elif CASE == 10
	r = (int)HCHAN_MUST_ON(r, n);
#endif
	return r;
}
