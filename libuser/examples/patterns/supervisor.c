// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A supervisor: workers that die are replaced, and what they had to do is done. The
 * channel for what a worker has done is its own and has HCHAN_DISCONNECT, so it ends
 * when the worker does, however that comes: what it had done is received before.
 * Every fourth job here kills the first who tries it.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

enum { WORKERS = 3, JOBS = 12 };

struct job {
	int number, tries;
};

HCHAN_DECLARE(job_chan, struct job);

struct worker {
	job_chan jobs;
	job_chan_rx done;
	struct job job;		/* what it has; number 0: nothing any more */
};

static void work(job_chan_rx jobs, job_chan_tx done)
{
	struct job job;

	while (HCHAN_MUST_RECV(jobs, &job)) {
		if (job.number % 4 == 0 && !job.tries)
			raise(SIGKILL);
		HCHAN_MUST_SEND(done, &job);
	}
}

static void give(struct worker *w, int number, int tries)
{
	w->job = (struct job){ number, tries };
	if (number)
		HCHAN_MUST_SEND(w->jobs, &w->job);
}

static void start(struct worker *w, int number, int tries)
{
	struct hchan_opts opts = { .flags = HCHAN_DISCONNECT };
	job_chan both = HCHAN_MUST_CHANNEL(job_chan_make_opts(&opts));
	job_chan_tx done = HCHAN_MUST_CHANNEL(job_chan_send_only(both));

	w->done = HCHAN_MUST_CHANNEL(job_chan_recv_only(both));
	w->jobs = HCHAN_MUST_MAKE(job_chan, 1);
	HCHAN_DROP(both);
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		work(job_chan_as_rx(w->jobs), done);
		_exit(0);
	}
	HCHAN_DROP(done);
	give(w, number, tries);
}

int main(void)
{
	int i, next = 1, done = 0, replaced = 0;
	struct worker workers[WORKERS], *w;
	struct hchan_case c[WORKERS];
	struct job job;

	for (i = 0; i < WORKERS; i++)
		start(&workers[i], next++, 0);
	while (done < JOBS) {
		for (i = 0; i < WORKERS; i++)
			c[i] = HCHAN_ON_RECV(workers[i].done, &job);
		i = (int)HCHAN_MUST(hchan_select(c, WORKERS, hchan_forever(), 0));
		w = &workers[i];
		if (HCHAN_MUST(hchan_result(&c[i]))) {
			done++;
			give(w, next <= JOBS ? next++ : 0, 0);
		} else {
			replaced++;
			HCHAN_DROP(w->jobs);
			HCHAN_DROP(w->done);
			start(w, w->job.number, w->job.tries + 1);
		}
	}
	for (i = 0; i < WORKERS; i++)
		HCHAN_MUST_CLOSE(workers[i].jobs);
	while (wait(NULL) > 0)
		;
	printf("%d jobs done, %d workers replaced\n", done, replaced);
	return replaced != JOBS / 4;
}
