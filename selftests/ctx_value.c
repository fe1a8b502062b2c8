// SPDX-License-Identifier: GPL-2.0-only
/* What a context carries: found from the child up, the nearest wins (C37). */
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "hchan_ctx.h"

/* Looks for it, in a room of just its size. Whether it is that string. */
static bool finds(int fd, const char *key, const char *want)
{
	char value[256];
	uint32_t len = strlen(want), actual;
	int ret = hc_ctx_value(fd, key, strlen(key), value, len, &actual);

	if (ret == (int)len && actual == len && !memcmp(value, want, len))
		return true;
	fprintf(stderr, "# %s: %d\n", key, ret);
	return false;
}

static bool finds_nothing(int fd, const char *key)
{
	char value[256];

	return hc_ctx_value(fd, key, strlen(key), value, sizeof(value), NULL) ==
	       -ENOENT;
}

static struct hc_ctx with(int parent, const char *key, const char *value)
{
	return hc_ctx_with(parent, HCHAN_CTX_CANCEL, key, value, strlen(value));
}

TEST(c37_nearest)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	struct hc_ctx b = with(a.fd, "trace", "17");
	struct hc_ctx c = with(b.fd, "user", "bob");
	struct hc_ctx d = hc_ctx(c.fd, 0);
	struct hc_ctx e = with(b.fd, "user", "eve");

	EXPECT_TRUE(finds(a.fd, "user", "ann"));
	EXPECT_TRUE(finds_nothing(a.fd, "trace"));
	EXPECT_TRUE(finds(b.fd, "user", "ann"));
	EXPECT_TRUE(finds(b.fd, "trace", "17"));
	EXPECT_TRUE(finds(c.fd, "user", "bob"));
	EXPECT_TRUE(finds(d.fd, "user", "bob"));
	EXPECT_TRUE(finds(d.fd, "trace", "17"));
	EXPECT_TRUE(finds(e.fd, "user", "eve"));
	EXPECT_TRUE(finds_nothing(d.fd, "other"));
	/* Who is above finds nothing of what is below. */
	EXPECT_TRUE(finds(a.fd, "user", "ann"));
}

TEST(c37_nobody_holds_what_is_above)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	struct hc_ctx b = with(a.fd, "trace", "17"), c = hc_ctx(b.fd, 0);

	hc_ctx_drop(&a);
	hc_ctx_drop(&b);
	EXPECT_TRUE(finds(c.fd, "user", "ann"));
	EXPECT_TRUE(finds(c.fd, "trace", "17"));
}

/* Cancelled or not. */
TEST(c37_done)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	struct hc_ctx b = with(a.fd, "trace", "17"), c;

	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, NULL));
	EXPECT_TRUE(finds(b.fd, "user", "ann"));
	EXPECT_TRUE(finds(b.fd, "trace", "17"));
	c = with(b.fd, "late", "yes");
	EXPECT_TRUE(finds(c.fd, "user", "ann"));
	EXPECT_TRUE(finds(c.fd, "late", "yes"));
}

/* Without-cancel keeps them (C36). */
TEST(c36_detached_keeps_values)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	struct hc_ctx b = hc_ctx_with(a.fd, HCHAN_CTX_DETACH, "trace", "17", 2);
	struct hc_ctx c = hc_ctx(b.fd, HCHAN_CTX_DETACH);

	hc_ctx_drop(&a);
	EXPECT_TRUE(finds(b.fd, "user", "ann"));
	hc_ctx_drop(&b);
	EXPECT_TRUE(finds(c.fd, "user", "ann"));
	EXPECT_TRUE(finds(c.fd, "trace", "17"));
	EXPECT_TRUE(hc_ctx_alive(c.fd));
}

/* A key is its bytes, all of them. */
TEST(c37_keys)
{
	static const struct {
		const char *key;
		uint32_t len;
	} keys[] = {
		{ "a", 1 }, { "ab", 2 }, { "a\0b", 3 }, { "a\0c", 3 }, { "\0", 1 },
		{ "\0\0", 2 }, { "A", 1 },
	};
	const int n = ARRAY_SIZE(keys);
	struct hchan_ctx arg;
	int i, fd = hc_background(), value;
	struct hc_ctx ctx;

	for (i = 0; i < n; i++) {
		arg = hc_ctx_request(0);
		arg.key = (uintptr_t)keys[i].key;
		arg.key_len = keys[i].len;
		arg.value = (uintptr_t)&i;
		arg.value_len = sizeof(i);
		fd = hc_ctx_by(fd, &arg, &ctx);
		ASSERT_LE(0, fd);
	}
	for (i = 0; i < n; i++) {
		ASSERT_EQ(sizeof(value), hc_ctx_value(fd, keys[i].key, keys[i].len,
						      &value, sizeof(value), NULL));
		EXPECT_EQ(i, value);
	}
	EXPECT_EQ(-ENOENT, hc_ctx_value(fd, "a\0d", 3, &value, sizeof(value), NULL));
	EXPECT_EQ(-ENOENT, hc_ctx_value(fd, "a\0", 2, &value, sizeof(value), NULL));
}

/* The caller's memory is its own again. */
TEST(c37_copied)
{
	char key[] = "key", value[] = "value";
	struct hc_ctx a = with(hc_background(), key, value);

	memset(key, 'x', 3);
	memset(value, 'x', 5);
	EXPECT_TRUE(finds(a.fd, "key", "value"));
	EXPECT_TRUE(finds_nothing(a.fd, "xxx"));
}

TEST(c37_room)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	uint32_t actual = 0;
	char value[8];

	EXPECT_EQ(-EMSGSIZE, hc_ctx_value(a.fd, "user", 4, value, 2, &actual));
	EXPECT_EQ(3, actual);
	EXPECT_EQ(-EMSGSIZE, hc_ctx_value(a.fd, "user", 4, value, 0, &actual));
	EXPECT_EQ(3, actual);
	EXPECT_EQ(3, hc_ctx_value(a.fd, "user", 4, value, 8, &actual));
	EXPECT_EQ(3, actual);
}

/* A value of no bytes is one. */
TEST(c37_empty)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	struct hc_ctx b = with(a.fd, "user", "");
	uint32_t actual = 1;
	char value[8];

	EXPECT_EQ(0, hc_ctx_value(b.fd, "user", 4, value, sizeof(value), &actual));
	EXPECT_EQ(0, actual);
	EXPECT_EQ(0, hc_ctx_value(b.fd, "user", 4, value, 0, &actual));
}

TEST(c37_largest)
{
	static char key[HCHAN_CTX_KEY_MAX], value[HCHAN_CTX_VALUE_MAX],
		    found[HCHAN_CTX_VALUE_MAX];
	struct hchan_ctx arg = hc_ctx_request(0);
	struct hc_ctx a;

	hc_fill(key, sizeof(key), 1);
	hc_fill(value, sizeof(value), 2);
	arg.key = (uintptr_t)key;
	arg.key_len = sizeof(key);
	arg.value = (uintptr_t)value;
	arg.value_len = sizeof(value);
	ASSERT_LE(0, hc_ctx_by(hc_background(), &arg, &a));
	a = hc_ctx(a.fd, 0);
	EXPECT_EQ(sizeof(value), hc_ctx_value(a.fd, key, sizeof(key), found,
					      sizeof(found), NULL));
	EXPECT_EQ(0, memcmp(value, found, sizeof(value)));
	arg.key_len++;
	EXPECT_EQ(-EMSGSIZE, hc_ctx_by(hc_background(), &arg, &a));
	arg.key_len--;
	arg.value_len++;
	EXPECT_EQ(-EMSGSIZE, hc_ctx_by(hc_background(), &arg, &a));
}

TEST(c37_in_another_process)
{
	struct hc_ctx a = with(hc_background(), "user", "ann");
	int pair[2], status;
	pid_t pid;

	ASSERT_EQ(0, pipe(pair));
	pid = fork();
	if (!pid) {
		struct hc_ctx b = with(a.fd, "trace", "17");

		_exit(!finds(b.fd, "user", "ann") || !finds(b.fd, "trace", "17"));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
