/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What messaging libraries do between two processes, in the words of the
 * benchmark: a program for each, which defines the five functions.
 */
#ifndef HCHAN_BENCH_OTHERS_H
#define HCHAN_BENCH_OTHERS_H

#include <stddef.h>

extern const char *const library;

/* One process listens on @path, the other one connects; both may send. */
void *other_listen(const char *path);
void *other_connect(const char *path);
void other_send(void *end, const void *data, size_t size);
void other_recv(void *end, void *data, size_t size);

#endif
