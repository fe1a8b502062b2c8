// SPDX-License-Identifier: GPL-2.0-only
/* Opening channels, and the words of a line. */
#include <errno.h>
#include <hchan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

void die(const char *what, int result)
{
	fprintf(stderr, "%s: %s\n", what, hchan_strerror(result));
	exit(1);
}

/* @room: the largest message of the channel, which every program must ask for. */
int open_channel(const char *name, unsigned int how, size_t *room)
{
	struct hchan_stat st;
	int ch = hchan_open(name, how);
	int err;

	if (ch < 0) {
		fprintf(stderr, "%s\n", hchan_errmsg());
		exit(1);
	}
	err = hchan_stat(ch, &st);
	if (err)
		die(name, err);
	*room = st.elem_size;
	return ch;
}

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The length of the next word, which then ends at *@at; 0 if there is none. */
size_t next_word(const char *text, size_t len, size_t *at)
{
	size_t begin;

	while (*at < len && !is_letter(text[*at]))
		++*at;
	begin = *at;
	while (*at < len && is_letter(text[*at]))
		++*at;
	return *at - begin;
}

static int same_word(const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((a[i] | 0x20) != (b[i] | 0x20))
			return 0;
	return 1;
}

/* How often a word comes in @line; 0 if it has come before @at already. */
static unsigned int occurrences(const char *line, size_t len, size_t begin,
				size_t word_len)
{
	unsigned int n = 0;
	size_t at = 0;
	size_t other;

	while ((other = next_word(line, len, &at))) {
		if (other != word_len ||
		    !same_word(line + at - other, line + begin, other))
			continue;
		if (at - other < begin)
			return 0;
		n++;
	}
	return n;
}

/*
 * Writes "WHO word count word count ..." for the words of @line to @out, in
 * lower case. Returns the length. What does not fit is an error.
 */
size_t count_line(const char *who, const char *line, size_t len, char *out,
		  size_t room)
{
	size_t used = snprintf(out, room, "%s", who);
	size_t at = 0;
	size_t word, i;
	unsigned int n;

	while ((word = next_word(line, len, &at))) {
		n = occurrences(line, len, at - word, word);
		if (!n)
			continue;
		if (used + word + 2 > room)
			die(who, -EMSGSIZE);
		out[used++] = ' ';
		for (i = at - word; i < at; i++)
			out[used++] = line[i] | 0x20;
		used += snprintf(out + used, room - used, " %u", n);
		if (used >= room)
			die(who, -EMSGSIZE);
	}
	return used;
}
