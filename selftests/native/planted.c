// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the checker of histories tell right from wrong? TAP; or, with the name of
 * a file, whether there is an order that explains the history in it.
 */

#include <stdlib.h>
#include <string.h>

#include "linear.h"
#include "planted.h"

static int count, failed;

static void judge(const struct planted *planted, enum linear want)
{
	struct history history;
	unsigned int states;
	enum linear got;
	int line;

	count++;
	line = history_parse(&history, planted->text);
	got = line ? LINEAR_TOO_LARGE : linear_check(&history, &states);
	if (got == want) {
		printf("ok %d - %s: %s\n", count,
		       want == LINEAR_YES ? "accepts" : "rejects", planted->name);
		return;
	}
	failed++;
	printf("not ok %d - %s: %s\n", count,
	       want == LINEAR_YES ? "accepts" : "rejects", planted->name);
	if (line)
		printf("# line %d is wrong\n", line);
}

static int check_file(const char *name)
{
	static char text[1 << 16];
	struct history history;
	unsigned int states;
	enum linear got;
	FILE *in;
	int line;

	in = fopen(name, "r");
	if (!in) {
		perror(name);
		return 2;
	}
	fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	line = history_parse(&history, text);
	if (line) {
		fprintf(stderr, "%s:%d: not a history\n", name, line);
		return 2;
	}
	history_print(&history, stdout);
	got = linear_check(&history, &states);
	printf("# %s, %u states\n", got == LINEAR_YES ? "linearizable" :
	       got == LINEAR_NO ? "not linearizable" : "too large", states);
	return got != LINEAR_YES;
}

int main(int argc, char **argv)
{
	const struct planted *planted;

	if (argc > 1)
		return check_file(argv[1]);
	for (planted = planted_bad; planted->name; planted++)
		judge(planted, LINEAR_NO);
	for (planted = planted_good; planted->name; planted++)
		judge(planted, LINEAR_YES);
	printf("1..%d\n", count);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
