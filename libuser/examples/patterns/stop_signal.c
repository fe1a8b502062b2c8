// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A stop signal: closing a channel tells any number of processes at once, and
 * those that look later as well. A worker that has always something to do looks
 * between two pieces of work, with a default.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(stop_chan, char);
HCHAN_DECLARE(int_chan, int);

#define WORKERS	4

static void work(int who, int_chan_tx begun, stop_chan_rx stop)
{
	unsigned long pieces = 0;
	char none;
	int r;

	for (;;) {
		HCHAN_SELECT(r)
		HCHAN_RECV_CASE(stop, &none)
			return;
		HCHAN_DEFAULT
			if (!pieces++)
				HCHAN_MUST_SEND(begun, &who);
		HCHAN_ERROR {
			errx(1, "%s", hchan_strerror(r));
		}
		HCHAN_END;
	}
}

int main(void)
{
	stop_chan stop = HCHAN_MUST_MAKE(stop_chan, 0);
	int_chan begun = HCHAN_MUST_MAKE(int_chan, 0);
	int i, who, status, failed = 0, left = 0, seen = 0;

	for (i = 0; i < WORKERS; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			work(i, int_chan_as_tx(begun), stop_chan_as_rx(stop));
			_exit(0);
		}
	}

	for (i = 0; i < WORKERS; i++)
		if (HCHAN_MUST_RECV(begun, &who))
			seen |= 1 << who;
	HCHAN_MUST_CLOSE(stop);

	while (wait(&status) > 0) {
		failed |= status;
		left++;
	}
	printf("one close has stopped %d workers\n", left);
	return failed || left != WORKERS || seen != (1 << WORKERS) - 1;
}
