// SPDX-License-Identifier: GPL-2.0-only
/* What go.h says of a program's end: one failure fails it, and nothing is left. */
#include "go.h"

#define WORD 0

GO(breaks)
{
	hc_must(g_get(ch[0]) == arg[0]);
}

GO(dies)
{
	g_get(ch[0]);
	raise(SIGKILL);
}

GO(exits)
{
	g_get(ch[0]);
	_exit(3);
}

GO(starts_another)
{
	g_go(breaks, CH(ch[0]), 5);
}

GO(waits)
{
	g_get(ch[0]);
}

/* Starts another one until there are arg[0]. */
GO(chain)
{
	if (g_count(WORD, 1) < arg[0])
		g_go(chain, CH(ch[0]), arg[0]);
	g_put(ch[0], 1);
}

static void start_and_put(const struct g_entry *entry)
{
	int c = g_longs(0), never = g_longs(0);

	g_go(entry, CH(c), 6);
	g_put(c, 7);
	g_get(never);
}

static void main_breaks(const int *ch, const long *arg)
{
	start_and_put(breaks);
}

static void main_dies(const int *ch, const long *arg)
{
	start_and_put(dies);
}

static void main_exits(const int *ch, const long *arg)
{
	start_and_put(exits);
}

static void main_starts_another(const int *ch, const long *arg)
{
	start_and_put(starts_another);
}

static void main_itself_breaks(const int *ch, const long *arg)
{
	int c = g_longs(0);

	g_go(waits, CH(c));
	hc_must(!hc_wait_receivers(c, 1));
	hc_must(g_try_put(c, 1));
	hc_must(g_try_put(c, 1));
}

TEST_F(go, frame_a_failure_fails_the_program)
{
	EXPECT_NE(0, g_run(variant->form, main_breaks));
	EXPECT_NE(0, g_run(variant->form, main_dies));
	EXPECT_NE(0, g_run(variant->form, main_exits));
	EXPECT_NE(0, g_run(variant->form, main_starts_another));
	EXPECT_NE(0, g_run(variant->form, main_itself_breaks));
}

static void main_leaves(const int *ch, const long *arg)
{
	int c = g_longs(0), d = g_longs(0);

	g_make_ref(8, 0);
	g_go(chain, CH(c), 20);
	g_go(waits, CH(d));
	hc_must(!hc_wait_senders(c, 20));
	hc_must(!hc_wait_receivers(d, 1));
}

TEST_F(go, frame_nothing_is_left)
{
	struct dirent *entry;
	DIR *dir;

	ASSERT_EQ(0, g_run(variant->form, main_leaves));
	EXPECT_EQ(-1, wait(NULL));
	EXPECT_EQ(ECHILD, errno);
	if (variant->form == HC_THREADS)
		return;
	dir = opendir(HC_DIR);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir)))
		EXPECT_NE(0, strncmp("go-", entry->d_name, 3));
	closedir(dir);
}

/* Channels through channels, there and back, a nil one among them. */
GO(sends_one_back)
{
	int back = g_make_ref(sizeof(long), 0);
	struct g_ref ref = g_ref(back);

	g_send(ch[0], &ref, sizeof(ref));
	hc_must(g_get(back) == 5);
	hc_must(!hc_wait_receivers(back, 1));
	g_put(back, 6);
	g_get(ch[1]);
}

GO_MAIN(frame_a_channel_through_a_channel)
{
	int c = g_make(sizeof(struct g_ref), 0), end = g_longs(0), back;
	struct g_ref ref = g_ref(G_NIL);

	hc_must(g_take(&ref) == G_NIL);
	g_go(sends_one_back, CH(c, end, G_NIL));
	g_recv(c, &ref, sizeof(ref));
	back = g_take(&ref);
	g_put(back, 5);
	hc_must(g_get(back) == 6);
	g_drop(back);
	g_put(end, 0);
}

TEST_HARNESS_MAIN
