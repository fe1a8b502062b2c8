// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Closing gracefully, 1 of 4: one sender, one receiver.
 *
 * The sender knows when there is no more, so the sender closes. The receiver's
 * loop takes what is left and ends by itself.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);

#define LAST	10

static void count(int_chan_tx numbers)
{
	int n;

	for (n = 1; n <= LAST; n++)
		HCHAN_MUST_SEND(numbers, &n);
	HCHAN_MUST_CLOSE(numbers);
}

int main(void)
{
	int_chan numbers = HCHAN_MUST_MAKE(int_chan, 4);
	int n, r, sum = 0, status = -1;

	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		count(int_chan_as_tx(numbers));
		_exit(0);
	}

	HCHAN_RANGE(r, numbers, &n)
		sum += n;
	if (r < 0)
		errx(1, "%s", hchan_strerror(r));
	wait(&status);
	printf("1 + ... + %d = %d\n", LAST, sum);
	return status || sum != LAST * (LAST + 1) / 2;
}
