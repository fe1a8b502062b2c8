// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Limited concurrency: a channel of capacity N is a semaphore. A send takes a
 * place and waits while all are taken; a receive gives it back.
 */
#include <err.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(place_chan, char);

#define WORKERS	12
#define PLACES	3

/* Shared by all, to see that it is true. */
struct seen {
	int running;
	int most;
	int done;
};

static void work(place_chan places, place_chan_rx gate, struct seen *seen)
{
	int running, most;
	char c = 0;

	HCHAN_MUST_SEND(places, &c);
	running = __atomic_add_fetch(&seen->running, 1, __ATOMIC_SEQ_CST);
	most = __atomic_load_n(&seen->most, __ATOMIC_SEQ_CST);
	while (running > most &&
	       !__atomic_compare_exchange_n(&seen->most, &most, running, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	HCHAN_MUST_RECV(gate, &c);	/* the work: over once this is closed */
	__atomic_add_fetch(&seen->done, 1, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(&seen->running, 1, __ATOMIC_SEQ_CST);
	HCHAN_MUST_RECV(places, &c);
}

int main(void)
{
	place_chan places = HCHAN_MUST_MAKE(place_chan, PLACES);
	place_chan gate = HCHAN_MUST_MAKE(place_chan, 0);
	int i, status, failed = 0;
	struct seen *seen;

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < WORKERS; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			work(places, place_chan_as_rx(gate), seen);
			_exit(0);
		}
	}

	/* They are all there: some at work, the others in the queue. */
	HCHAN_MUST(hchan_wait_receivers(gate.fd, PLACES, hchan_forever()));
	HCHAN_MUST(hchan_wait_senders(places.fd, WORKERS - PLACES,
				      hchan_forever()));
	printf("%d work, %d wait\n", (int)HCHAN_LEN(places), WORKERS - PLACES);
	HCHAN_MUST_CLOSE(gate);

	while (wait(&status) > 0)
		failed |= status;
	printf("%d have worked, never more than %d at once\n", seen->done,
	       seen->most);
	return failed || seen->done != WORKERS || seen->most != PLACES;
}
