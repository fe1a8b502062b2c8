// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Closing gracefully, 2 of 4: one sender, many receivers.
 *
 * Still the sender closes. A close is seen by all: each receiver's loop ends, and
 * each element has gone to one of them.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);

#define RECEIVERS	4
#define LAST		1000

static void add(int_chan_rx numbers, int_chan_tx sums)
{
	int n, r, sum = 0;

	HCHAN_RANGE(r, numbers, &n)
		sum += n;
	HCHAN_MUST(r);
	HCHAN_MUST_SEND(sums, &sum);
}

int main(void)
{
	int_chan numbers = HCHAN_MUST_MAKE(int_chan, 0);
	int_chan sums = HCHAN_MUST_MAKE(int_chan, RECEIVERS);
	int i, n, sum, status, failed = 0, total = 0;

	for (i = 0; i < RECEIVERS; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			add(int_chan_as_rx(numbers), int_chan_as_tx(sums));
			_exit(0);
		}
	}

	for (n = 1; n <= LAST; n++)
		HCHAN_MUST_SEND(numbers, &n);
	HCHAN_MUST_CLOSE(numbers);

	for (i = 0; i < RECEIVERS; i++)
		if (HCHAN_MUST_RECV(sums, &sum))
			total += sum;
	while (wait(&status) > 0)
		failed |= status;
	printf("%d receivers have added up %d\n", RECEIVERS, total);
	return failed || total != LAST * (LAST + 1) / 2;
}
