/* SPDX-License-Identifier: GPL-2.0-only */
/* For each test an instance of hchanfs of its own, in which nothing is left. */
#ifndef FS_FIXTURE_H
#define FS_FIXTURE_H

#include "fs_util.h"

FIXTURE(names) {
	char dir[32];
	int fd;
	long long channels;
	int next_fd;
};

FIXTURE_SETUP(names)
{
	self->channels = channels();
	ASSERT_LE(0, self->channels);
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	self->fd = open_dir(self->dir);
	ASSERT_LE(0, self->fd);
	self->next_fd = next_fd();
	umask(0);
}

/* Nothing may be left, neither of what was created nor of what failed. */
FIXTURE_TEARDOWN(names)
{
	close(self->fd);
	EXPECT_EQ(0, unmount_at(self->dir));
	EXPECT_EQ(self->channels, channels());
}

/* Checks that a failed call has left no trace anywhere. */
#define EXPECT_NOTHING_CHANGED(create, before)				\
	do {								\
		EXPECT_TRUE(untouched(&(create), &(before)));		\
		EXPECT_EQ(0, count_names(self->dir));			\
		EXPECT_EQ(self->next_fd, next_fd());			\
		EXPECT_EQ(self->channels, channels());			\
	} while (0)

#endif /* FS_FIXTURE_H */
