// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Closing gracefully, 4 of 4: many senders, many receivers.
 *
 * Whoever finds that it is time asks a moderator; only the moderator closes, so
 * nothing is closed twice. There is room for one request and nobody waits to make
 * one: the first is enough.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE(stop_chan, char);

#define SENDERS		3
#define RECEIVERS	4
#define ENOUGH		50

static void produce(int_chan_tx numbers, stop_chan_rx stop)
{
	int n = 0, r;
	char none;

	for (;;) {
		HCHAN_SELECT(r)
		HCHAN_RECV_CASE(stop, &none)
			return;
		HCHAN_SEND_CASE(numbers, &n)
			n++;
		HCHAN_END;
		HCHAN_MUST(r);
	}
}

static void consume(int_chan_rx numbers, stop_chan_rx stop, stop_chan_tx requests)
{
	int n, r;
	char none;

	for (;;) {
		HCHAN_SELECT(r)
		HCHAN_RECV_CASE(stop, &none)
			return;
		HCHAN_RECV_CASE(numbers, &n)
			if (n >= ENOUGH)
				HCHAN_MUST_TRY_SEND(requests, &(char){ 'r' });
		HCHAN_END;
		HCHAN_MUST(r);
	}
}

int main(void)
{
	int_chan numbers = HCHAN_MUST_MAKE(int_chan, 2);
	stop_chan requests = HCHAN_MUST_MAKE(stop_chan, 1);
	stop_chan stop = HCHAN_MUST_MAKE(stop_chan, 0);
	int i, status, failed = 0, left = 0;
	char by;

	for (i = 0; i < SENDERS + RECEIVERS; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			if (i < SENDERS)
				produce(int_chan_as_tx(numbers),
					stop_chan_as_rx(stop));
			else
				consume(int_chan_as_rx(numbers),
					stop_chan_as_rx(stop),
					stop_chan_as_tx(requests));
			_exit(0);
		}
	}

	/* The moderator. */
	HCHAN_MUST_RECV(requests, &by);
	HCHAN_MUST_CLOSE(stop);

	while (wait(&status) > 0) {
		failed |= status;
		left++;
	}
	printf("asked by a %s, all %d have left\n",
	       by == 'r' ? "receiver" : "stranger", left);
	return failed || by != 'r' || left != SENDERS + RECEIVERS;
}
