/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* What the check programs print: a line for each check, "end" when all ran. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

#define check_eq(name, expected, seen) \
	check_eq_at(name, (long long)(expected), (long long)(seen), __LINE__)

static int check_failures;

static void check_eq_at(const char *name, long long expected, long long seen,
			int line)
{
	if (expected == seen) {
		printf("ok %s\n", name);
		return;
	}
	printf("# line %d: expected %lld, have %lld\nnot ok %s\n", line,
	       expected, seen, name);
	check_failures++;
}

static inline int check_end(void)
{
	printf("end\n");
	return check_failures ? 1 : 0;
}

#endif /* CHECK_H */
