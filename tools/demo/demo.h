/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs of the word count share: no more than what a word is. */
#ifndef DEMO_H
#define DEMO_H

#include <stddef.h>

void __noreturn die(const char *what, int result);
int open_channel(const char *name, unsigned int how, size_t *room);
size_t next_word(const char *text, size_t len, size_t *at);
size_t count_line(const char *who, const char *line, size_t len, char *out,
		  size_t room);

#endif /* DEMO_H */
