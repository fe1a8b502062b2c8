/* SPDX-License-Identifier: GPL-2.0-only */
/* What the three programs of the example have in common. */
#ifndef INTERLEAVE_H
#define INTERLEAVE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hchan/test.h>

/* The program's own channels; the prefix has them cleaned with the test's. */
#define TEST_NAME	"interleave"
#define JOBS		TEST_NAME ".jobs"
#define LOG		TEST_NAME ".log"
#define TIMEOUT		(60 * HCHAN_SEC)

/* Who has seen what, in the order in which it happened. */
struct entry {
	char who;
	int ret;
	int job;
};

HCHAN_DECLARE(job_chan, int);
HCHAN_DECLARE(log_chan, struct entry);

/* The steps. */
enum {
	FIRST_PARKED,
	SECOND_PARKED,
	JOB_SENT,
	FIRST_LOGGED,
	CLOSED,
	SECOND_LOGGED,
	STEPS
};

#endif /* INTERLEAVE_H */
