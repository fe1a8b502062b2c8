// SPDX-License-Identifier: GPL-2.0-only
/* The module is loaded: its device and its file system are there. */
#include <string.h>
#include <sys/stat.h>

#include "../kselftest_harness.h"

TEST(device_exists)
{
	struct stat st;

	ASSERT_EQ(0, stat("/dev/hchan", &st));
	ASSERT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0666, st.st_mode & 07777);
}

TEST(filesystem_is_registered)
{
	char line[256];
	int found = 0;
	FILE *f = fopen("/proc/filesystems", "r");

	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f))
		found |= !!strstr(line, "hchanfs");
	fclose(f);
	EXPECT_EQ(1, found);
}

TEST_HARNESS_MAIN
