// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Fibonacci's numbers by select: the next one is sent whenever somebody receives
 * it, until somebody says that it is enough.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE(quit_chan, char);

#define HOW_MANY	10

static void fibonacci(int_chan_tx numbers, quit_chan_rx quit)
{
	int x = 0, y = 1, sum, r;
	char none;

	for (;;) {
		HCHAN_SELECT(r)
		HCHAN_SEND_CASE(numbers, &x) {
			sum = x + y;
			x = y;
			y = sum;
		}
		HCHAN_RECV_CASE(quit, &none)
			return;
		HCHAN_END;
		HCHAN_MUST(r);
	}
}

int main(void)
{
	int_chan numbers = HCHAN_MUST_MAKE(int_chan, 0);
	quit_chan quit = HCHAN_MUST_MAKE(quit_chan, 0);
	int i, n = 0, status = -1, sum = 0;

	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		fibonacci(int_chan_as_tx(numbers), quit_chan_as_rx(quit));
		_exit(0);
	}

	for (i = 0; i < HOW_MANY; i++) {
		HCHAN_MUST_RECV(numbers, &n);
		printf("%d%c", n, i < HOW_MANY - 1 ? ' ' : '\n');
		sum += n;
	}
	HCHAN_MUST_SEND(quit, &(char){ 'q' });
	wait(&status);
	return status || n != 34 || sum != 88;
}
