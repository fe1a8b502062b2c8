// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The prime sieve: a chain of processes. The first sends the numbers from 2 on;
 * each of the others keeps back the multiples of one prime, which is the first
 * number that has come to its place.
 *
 * The chain has no end of its own. Its channels have HCHAN_DISCONNECT: when the
 * last who could receive from one is gone, a send on it fails. So once the last
 * is dropped, the whole chain goes, one after the other.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);

#define PRIMES	20

/* Returns 0 when nobody is left to receive. */
static int pass_on(int_chan_tx out, int n)
{
	int r = HCHAN_SEND(out, &n);

	if (r == -EPIPE)
		return 0;
	HCHAN_MUST(r);
	return 1;
}

static void stage(int_chan_rx in, int_chan_tx out, int prime)
{
	int n, r;

	if (!prime) {
		for (n = 2; pass_on(out, n); n++)
			;
		return;
	}
	HCHAN_RANGE(r, in, &n)
		if (n % prime && !pass_on(out, n))
			return;
	HCHAN_MUST(r);
}

/* A process between @in, which is its own then, and what is returned. */
static int_chan_rx start(int_chan_rx in, int prime)
{
	struct hchan_opts opts = { .flags = HCHAN_DISCONNECT };
	int_chan both = HCHAN_MUST_CHANNEL(int_chan_make_opts(&opts));
	int_chan_tx tx = HCHAN_MUST_CHANNEL(int_chan_send_only(both));
	int_chan_rx rx = HCHAN_MUST_CHANNEL(int_chan_recv_only(both));

	HCHAN_DROP(both);
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		HCHAN_DROP(rx);
		stage(in, tx, prime);
		_exit(0);
	}
	HCHAN_DROP(tx);
	HCHAN_DROP(in);
	return rx;
}

int main(void)
{
	int_chan_rx last = start(int_chan_rx_nil(), 0);
	int i, status, failed = 0, left = 0, prime = 0, sum = 0;

	for (i = 0; i < PRIMES; i++) {
		HCHAN_MUST_RECV(last, &prime);
		printf("%d%c", prime, i < PRIMES - 1 ? ' ' : '\n');
		fflush(stdout);
		sum += prime;
		last = start(last, prime);
	}
	HCHAN_DROP(last);

	while (wait(&status) > 0) {
		failed |= status;
		left++;
	}
	return failed || left != PRIMES + 1 || prime != 71 || sum != 639;
}
