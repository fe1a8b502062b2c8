// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Closing gracefully, 3 of 4: many senders, one receiver.
 *
 * Nobody closes the channel of the elements: a sender must not, as the others go
 * on sending, nor may the receiver, as a send on a closed channel is a fault. The
 * receiver closes another channel, on which nothing is ever sent, and each sender
 * selects between the two.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

struct item {
	int who;
	int n;
};

HCHAN_DECLARE(item_chan, struct item);
HCHAN_DECLARE(stop_chan, char);

#define SENDERS	3
#define ENOUGH	100

static void produce(int who, item_chan_tx items, stop_chan_rx stop)
{
	struct item item = { who, 0 };
	char none;
	int r;

	for (;;) {
		HCHAN_SELECT(r)
		HCHAN_RECV_CASE(stop, &none)
			return;
		HCHAN_SEND_CASE(items, &item)
			item.n++;
		HCHAN_END;
		HCHAN_MUST(r);
	}
}

int main(void)
{
	item_chan items = HCHAN_MUST_MAKE(item_chan, 0);
	stop_chan stop = HCHAN_MUST_MAKE(stop_chan, 0);
	int next[SENDERS] = { 0 }, i, status, failed = 0, left = 0;
	struct item item;

	for (i = 0; i < SENDERS; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			produce(i, item_chan_as_tx(items), stop_chan_as_rx(stop));
			_exit(0);
		}
	}

	for (i = 0; i < ENOUGH; i++) {
		HCHAN_MUST_RECV(items, &item);
		failed |= item.n != next[item.who]++;
	}
	HCHAN_MUST_CLOSE(stop);

	while (wait(&status) > 0) {
		failed |= status;
		left++;
	}
	printf("%d items were enough, %d senders have left\n", ENOUGH, left);
	return failed || left != SENDERS;
}
