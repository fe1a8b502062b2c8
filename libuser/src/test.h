/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* What test.c and report.c share. */
#ifndef HCHAN_SRC_TEST_H
#define HCHAN_SRC_TEST_H

#include <hchan/test.h>

#include "internal.h"

/* struct watched - a channel which the report tells about */
struct watched {
	struct watched *next;
	int ch;
	bool owned;		/* opened by the library under its label */
	char label[];
};

struct hchan_test {
	struct watched *watched;
	int steps;
	int64_t timeout;	/* nanoseconds, as asked for */
	struct hchan_when until;
	/* The wait that is under way, or was the last: */
	const char *where;
	const char *what;
	uint64_t count;
	int on;
	char name[];
};

#endif /* HCHAN_SRC_TEST_H */
