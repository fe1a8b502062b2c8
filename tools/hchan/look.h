/* SPDX-License-Identifier: GPL-2.0-only */
/* What hchan ls and stat show of a channel. */
#ifndef TOOL_LOOK_H
#define TOOL_LOOK_H

#include <sys/stat.h>

#include "tool.h"

/*
 * struct look - a channel as it is seen from outside
 * @path: where it is, the caller's; @name: its last part
 * @owner, @group: names, or numbers without one
 */
struct look {
	const char *path;
	const char *name;
	struct hchan_stat st;
	struct stat inode;
	char owner[64];
	char group[64];
};

int look_at(struct look *look, const char *path);
const char *state_name(const struct hchan_stat *st);
void add_json(struct text *out, const struct look *look);
void add_lines(struct text *out, const struct look *look);

#endif /* TOOL_LOOK_H */
