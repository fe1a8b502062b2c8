// SPDX-License-Identifier: GPL-2.0-only
/*
 * One of three: sends a job when both receivers are parked, first the one, then
 * the other, and closes when the job has been logged.
 */
#include "interleave.h"

int main(void)
{
	struct hchan_test *t;
	job_chan jobs;
	int job = 42;

	if (hchan_test_join(&t, TEST_NAME, TIMEOUT))
		return 1;
	jobs = job_chan_open(JOBS, HCHAN_O_SEND);
	if (jobs.fd < 0)
		return 2;

	/* To be parked is a step that whoever parks can't announce itself. */
	if (hchan_test_receivers(t, jobs.fd, 1) ||
	    hchan_test_done(t, FIRST_PARKED) ||
	    hchan_test_receivers(t, jobs.fd, 2) ||
	    hchan_test_done(t, SECOND_PARKED))
		return 3;

	if (HCHAN_SEND(jobs, &job) || hchan_test_done(t, JOB_SENT))
		return 4;

	if (hchan_test_step(t, CLOSED) || job_chan_close(jobs) ||
	    hchan_test_done(t, CLOSED))
		return 5;

	job_chan_drop(jobs);
	hchan_test_leave(t);
	return 0;
}
