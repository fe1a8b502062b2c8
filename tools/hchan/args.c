// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and durations as people write them. */
#include <ctype.h>
#include <string.h>

#include "tool.h"

/* A decimal number of digits only, at most @max, which is 9 or more. */
bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t sum = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned int digit = (unsigned char)*text - '0';

		if (digit > 9 || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}

static int64_t unit_of(const char *text)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "", HCHAN_SEC },
		{ "s", HCHAN_SEC },
		{ "ms", HCHAN_MSEC },
		{ "us", HCHAN_USEC },
		{ "ns", 1 },
		{ "m", 60 * HCHAN_SEC },
		{ "h", 3600 * HCHAN_SEC },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(text, units[i].name))
			return units[i].ns;
	return 0;
}

/*
 * 5s, 100ms, 1.5, 2m. Exact down to the nanosecond; what is too long for the
 * clock is the longest that it knows.
 */
bool parse_duration(const char *text, int64_t *ns)
{
	const char *whole = text;
	const char *fraction = "";
	const char *end;
	int64_t unit;
	int64_t sum = 0;

	while (isdigit((unsigned char)*text))
		text++;
	end = text;
	if (*text == '.') {
		fraction = ++text;
		while (isdigit((unsigned char)*text))
			text++;
		if (text == fraction)
			return false;
	}
	if (whole == end && !*fraction)
		return false;
	unit = unit_of(text);
	if (!unit)
		return false;

	for (; whole < end; whole++)
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, *whole - '0', &sum))
			sum = INT64_MAX;
	if (__builtin_mul_overflow(sum, unit, &sum))
		sum = INT64_MAX;
	for (; isdigit((unsigned char)*fraction); fraction++) {
		unit /= 10;
		if (__builtin_add_overflow(sum, unit * (*fraction - '0'), &sum))
			sum = INT64_MAX;
	}
	*ns = sum;
	return true;
}

/* When to give up, having waited for @ns; 0: not to wait, and then it is no time limit. */
struct hchan_when when_up(int64_t ns)
{
	struct hchan_when past = { .flags = HCHAN_DEADLINE };

	return ns ? hchan_after(ns) : past;
}

/* For what never has to wait, and so is never told by the kernel. */
bool time_is_up(struct hchan_when when)
{
	return when.ns && hchan_after(0).ns >= when.ns;
}

/* For commands that take one name and nothing else. */
int one_name(int argc, char **argv, const char **name)
{
	if (argc == 1) {
		*name = argv[0];
		return DONE;
	}
	if (argc == 0)
		return misused("which channel? A NAME is missing");
	return misused("one channel at a time: '%s' is one argument too many",
		       argv[1]);
}
