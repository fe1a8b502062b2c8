// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A task with a time limit: what it answers in time counts, and what is late is
 * given up. The task is a process of its own, so it can be stopped as well,
 * whatever it is doing.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

HCHAN_DECLARE(int_chan, int);

static int quick(void)
{
	return 6 * 7;
}

static int stuck(void)
{
	for (;;)
		pause();
	return 0;
}

/* Returns 1 with its answer, or -ETIMEDOUT. */
static int run(int (*task)(void), int64_t limit, int *answer)
{
	/* With room for the answer nobody has to be there for it. */
	int_chan answers = HCHAN_MUST_MAKE(int_chan, 1);
	pid_t pid;
	int n, r;

	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (!pid) {
		n = task();
		HCHAN_MUST_SEND(answers, &n);
		_exit(0);
	}
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(answers, answer)
		r = 1;
	HCHAN_UNTIL(hchan_after(limit))
		kill(pid, SIGKILL);
	HCHAN_END;
	waitpid(pid, NULL, 0);
	HCHAN_DROP(answers);
	return r;
}

int main(void)
{
	int answer = 0, in_time, late;

	in_time = run(quick, 60 * HCHAN_SEC, &answer);
	printf("the quick one: %d\n", answer);
	late = run(stuck, 50 * HCHAN_MSEC, &answer);
	printf("the stuck one: %s\n", hchan_strerror(late));
	return in_time != 1 || answer != 42 || late != -ETIMEDOUT;
}
