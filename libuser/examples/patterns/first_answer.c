// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The first answer wins: several are asked the same, and the others are told that
 * it is not needed any more, wherever they are. Each has its answer and the news
 * in one select, of which exactly one happens: so none leaves an answer behind.
 */
#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>
#include <hchan/must.h>

struct answer {
	int server;
	int value;
};

HCHAN_DECLARE(answer_chan, struct answer);
HCHAN_DECLARE(over_chan, char);

#define SERVERS	5
#define WON	1
#define LATE	2

static int serve(int server, answer_chan_tx answers, over_chan_rx over)
{
	struct answer answer = { server, 6 * 7 };
	int r, outcome = 0;
	char none;

	HCHAN_SELECT(r)
	HCHAN_SEND_CASE(answers, &answer)
		outcome = WON;
	HCHAN_RECV_CASE(over, &none)
		outcome = LATE;
	HCHAN_END;
	HCHAN_MUST(r);
	return outcome;
}

int main(void)
{
	answer_chan answers = HCHAN_MUST_MAKE(answer_chan, 0);
	over_chan over = HCHAN_MUST_MAKE(over_chan, 0);
	int i, status, won = 0, late = 0, wrong = 0;
	struct answer first;
	pid_t pid[SERVERS], winner = 0, one;

	for (i = 0; i < SERVERS; i++) {
		pid[i] = fork();
		if (pid[i] == -1)
			err(1, "fork");
		if (!pid[i])
			_exit(serve(i, answer_chan_as_tx(answers),
				    over_chan_as_rx(over)));
	}

	HCHAN_MUST_RECV(answers, &first);
	HCHAN_MUST_CLOSE(over);

	while ((one = wait(&status)) > 0) {
		if (!WIFEXITED(status)) {
			wrong++;
		} else if (WEXITSTATUS(status) == WON) {
			won++;
			winner = one;
		} else if (WEXITSTATUS(status) == LATE) {
			late++;
		}
	}
	printf("the answer is %d; %d has won, %d were told\n", first.value, won,
	       late);
	return wrong || won != 1 || late != SERVERS - 1 ||
	       first.value != 42 || winner != pid[first.server];
}
