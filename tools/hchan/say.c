// SPDX-License-Identifier: GPL-2.0-only
/* Messages. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static bool quiet;

/* --quiet: the exit status tells enough. */
void say_nothing_more(void)
{
	quiet = true;
}

static void say(const char *format, va_list args)
{
	char line[2 * PATH_MAX];
	char *c;

	vsnprintf(line, sizeof(line), format, args);
	/* Names may hold anything but a slash. */
	for (c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fprintf(stderr, "hchan: %s\n", line);
}

int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!quiet)
		say(format, args);
	va_end(args);
	return FAILED;
}

/* A mistake in the arguments is told even by --quiet. */
int misused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return USAGE;
}

void out_of_memory(void)
{
	exit(fail("out of memory"));
}
