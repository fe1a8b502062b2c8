// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two of three: interleave_receiver WHO STEP parks in a receive as step STEP and
 * logs what came of it.
 */
#include "interleave.h"

int main(int argc, char **argv)
{
	struct entry entry = { .job = -1 };
	struct hchan_test *t;
	unsigned int logged;
	job_chan jobs;
	log_chan log;

	if (argc != 3 || hchan_test_join(&t, TEST_NAME, TIMEOUT))
		return 1;
	jobs = job_chan_open(JOBS, HCHAN_O_RECV);
	log = log_chan_open(LOG, HCHAN_O_SEND);
	if (jobs.fd < 0 || log.fd < 0)
		return 2;

	if (hchan_test_step(t, (unsigned int)atoi(argv[2])))
		return 3;
	entry.who = argv[1][0];
	entry.ret = HCHAN_RECV_UNTIL(jobs, &entry.job, hchan_after(TIMEOUT));

	/* A job comes from the send, the end from the close. */
	logged = entry.ret == 1 ? FIRST_LOGGED : SECOND_LOGGED;
	if (hchan_test_step(t, logged) || HCHAN_SEND(log, &entry) ||
	    hchan_test_done(t, logged))
		return 4;

	job_chan_drop(jobs);
	log_chan_drop(log);
	hchan_test_leave(t);
	return 0;
}
