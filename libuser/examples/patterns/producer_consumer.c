// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Producers and consumers, with a buffer between them: who is faster waits, at its
 * end or its beginning. When the producers are through, the channel is closed, and
 * the consumers finish what is in it.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);

#define PRODUCERS	2
#define CONSUMERS	3
#define EACH		500

static void produce(int first, int_chan_tx jobs)
{
	int n;

	for (n = first; n < first + EACH; n++)
		HCHAN_MUST_SEND(jobs, &n);
}

static void consume(int_chan_rx jobs, int_chan_tx counts)
{
	int n, r, even = 0;

	HCHAN_RANGE(r, jobs, &n)
		even += n % 2 == 0;
	HCHAN_MUST(r);
	HCHAN_MUST_SEND(counts, &even);
}

int main(void)
{
	int_chan jobs = HCHAN_MUST_MAKE(int_chan, 8);
	int_chan counts = HCHAN_MUST_MAKE(int_chan, CONSUMERS);
	int i, n, status, failed = 0, even = 0;
	pid_t pid[PRODUCERS + CONSUMERS];

	for (i = 0; i < PRODUCERS + CONSUMERS; i++) {
		pid[i] = fork();
		if (pid[i] == -1)
			err(1, "fork");
		if (pid[i])
			continue;
		if (i < PRODUCERS)
			produce(i * EACH, int_chan_as_tx(jobs));
		else
			consume(int_chan_as_rx(jobs), int_chan_as_tx(counts));
		_exit(0);
	}

	/* Nobody closes while another still sends. */
	for (i = 0; i < PRODUCERS; i++) {
		waitpid(pid[i], &status, 0);
		failed |= status;
	}
	HCHAN_MUST_CLOSE(jobs);

	for (i = 0; i < CONSUMERS; i++)
		if (HCHAN_MUST_RECV(counts, &n))
			even += n;
	while (wait(&status) > 0)
		failed |= status;
	printf("%d of %d numbers are even\n", even, PRODUCERS * EACH);
	return failed || even != PRODUCERS * EACH / 2;
}
