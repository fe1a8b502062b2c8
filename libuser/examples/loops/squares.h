/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the examples in C do, each in its own loop: take numbers from one channel
 * and put their squares into another, until the first ends.
 */
#ifndef SQUARES_H
#define SQUARES_H

#include <err.h>
#include <errno.h>
#include <hchan.h>
#include <stdbool.h>
#include <stdlib.h>

struct squares {
	int in;
	int out;
	uint64_t square;
	bool has;		/* @square is still to be sent */
};

/* What has to come before it can go on. */
enum squares_next {
	SQUARES_IN,		/* something to receive */
	SQUARES_OUT,		/* somebody or room to send to */
	SQUARES_END,
};

/* Both are O_NONBLOCK: the loop does the waiting. */
static inline void squares_open(struct squares *s, const char *in,
				const char *out)
{
	s->has = false;
	s->in = hchan_open(in, HCHAN_O_RECV | HCHAN_O_NONBLOCK);
	if (s->in < 0)
		errx(1, "%s", hchan_errmsg());
	s->out = hchan_open(out, HCHAN_O_SEND | HCHAN_O_NONBLOCK);
	if (s->out < 0)
		errx(1, "%s", hchan_errmsg());
}

/* The other side of @out learns that no more will come. */
static inline void squares_close(struct squares *s)
{
	hchan_close(s->out);
	hchan_drop(s->in);
	hchan_drop(s->out);
}

/*
 * Goes on until something has to be waited for. So it is right for loops that
 * tell levels and for those that tell edges.
 */
static inline enum squares_next squares_step(struct squares *s)
{
	uint64_t x;
	int ret;

	for (;;) {
		if (!s->has) {
			ret = hchan_recv(s->in, &x, sizeof(x));
			if (ret == -EAGAIN)
				return SQUARES_IN;
			if (ret == 0)
				return SQUARES_END;
			if (ret < 0)
				errx(1, "receive: %s", hchan_strerror(ret));
			s->square = x * x;
			s->has = true;
		}
		ret = hchan_send(s->out, &s->square, sizeof(s->square));
		if (ret == -EAGAIN)
			return SQUARES_OUT;
		if (ret < 0)
			errx(1, "send: %s", hchan_strerror(ret));
		s->has = false;
	}
}

#endif /* SQUARES_H */
