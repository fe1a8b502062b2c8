// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A leak, shown and repaired. A process answers on a channel; who has asked does
 * not wait for it any more. On a channel without a buffer the answer finds nobody
 * for ever, and the process stays.
 *
 * Two repairs: room for the answer; or HCHAN_DISCONNECT, which lets the send fail
 * once nobody is left to receive.
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

/* The process that answers; the way to its answer is all that is left open. */
static pid_t ask(uint64_t capacity, unsigned int flags, int_chan_rx *answers)
{
	struct hchan_opts opts = { .capacity = capacity, .flags = flags };
	int_chan both = HCHAN_MUST_CHANNEL(int_chan_make_opts(&opts));
	int_chan_tx tx = HCHAN_MUST_CHANNEL(int_chan_send_only(both));
	int answer = 42, r;
	pid_t pid;

	*answers = HCHAN_MUST_CHANNEL(int_chan_recv_only(both));
	HCHAN_DROP(both);
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (!pid) {
		HCHAN_DROP(*answers);
		r = HCHAN_SEND(tx, &answer);
		_exit(r == -EPIPE ? 2 : r ? 1 : 0);
	}
	HCHAN_DROP(tx);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	int_chan_rx answers;
	int waits, there, kept, told;
	pid_t pid;

	/* Parked in its send, and whoever has asked looks elsewhere. */
	pid = ask(0, 0, &answers);
	waits = (int)HCHAN_MUST(hchan_wait_senders(answers.fd, 1,
						   hchan_forever()));
	there = !waitpid(pid, NULL, WNOHANG);
	printf("no buffer: %d sender waits, and would for ever\n", waits);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	HCHAN_DROP(answers);

	pid = ask(1, 0, &answers);
	kept = end_of(pid);
	printf("room for one: the sender is gone, the answer is there: %d\n",
	       (int)HCHAN_LEN(answers));
	kept |= HCHAN_LEN(answers) != 1;
	HCHAN_DROP(answers);

	pid = ask(0, HCHAN_DISCONNECT, &answers);
	HCHAN_DROP(answers);
	told = end_of(pid);
	printf("disconnected: the sender was told, and is gone\n");
	return waits != 1 || !there || kept || told != 2;
}
