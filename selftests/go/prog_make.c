// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chancap, makechan, gc2 and fixedbugs/bug273: len and cap, what
 * is too much, and what is left of a channel that nobody has any more. What the
 * compiler finds there the kernel finds here.
 */
#include "prog.h"

/* Tries to make one, with a name in the form in which goroutines need names. */
static int make(int dir, uint32_t elem_size, uint64_t cap)
{
	struct hchan_create create = hc_request(elem_size, cap, 0);
	static const char name[] = "go-of-no-use";
	int ret;

	if (g_form != HC_UNRELATED)
		return hc_create_at(g_dev, &create);
	create.name = (uintptr_t)name;
	create.name_len = strlen(name);
	create.mode = 0600;
	create.flags |= HCHAN_CREATE | HCHAN_EXCL;
	ret = hc_create_at(dir, &create);
	/* What could not be made is not there, */
	hc_must(unlinkat(dir, name, 0) == (ret < 0 ? -1 : 0));
	return ret;
}

static void must_not_make(uint32_t elem_size, uint64_t cap, int why)
{
	const bool counted = !p_kernel_keeps_freed();
	const long before = p_kernel_memory(), n = counted ? 2000 : 200;
	const int dir = hc_dir();
	int i;

	for (i = 0; i < n; i++)
		hc_must(make(dir, elem_size, cap) == why);
	/* and costs nothing: not even 100 bytes of each stay. */
	hc_must(!counted || p_kernel_memory() - before < n / 10);
	close(dir);
}

static void must_make(uint32_t elem_size, uint64_t cap)
{
	const int dir = hc_dir();
	int c = make(dir, elem_size, cap);

	hc_must(c >= 0);
	hc_must(hc_stat(c).capacity == cap && hc_stat(c).elem_size == elem_size);
	close(c);
	close(dir);
}

GO(look_at_len_and_cap)
{
	struct hchan_stat stat = hc_stat(ch[0]);

	hc_must(stat.length == arg[0] && stat.capacity == arg[1]);
	g_put(ch[1], 0);
}

static void must_have(int c, long len, long cap)
{
	int done = g_longs(0);

	g_go(look_at_len_and_cap, CH(c, done), len, cap);
	g_get(done);
	g_drop(done);
}

GO_MAIN(chancap_len_and_cap)
{
	int c = g_longs(10), i;

	must_have(c, 0, 10);
	for (i = 0; i < 3; i++)
		g_put(c, i);
	must_have(c, 3, 10);
	g_close(c);
	must_have(c, 3, 10);
	must_have(g_longs(0), 0, 0);
}

/* Negative ones too: as the kernel sees them. */
GO_MAIN(chancap_out_of_range)
{
	must_not_make(sizeof(long), -1, -EOVERFLOW);
	must_not_make(sizeof(long), 1ULL << 59, -EOVERFLOW);
	must_not_make(sizeof(long), (1ULL << 63) - 1, -EOVERFLOW);
	must_not_make(sizeof(long), 1ULL << 31, -EOVERFLOW);
	/* bytes = 2^64: as if it were nothing */
	must_not_make(sizeof(long), 1ULL << 61, -EOVERFLOW);
	must_make(sizeof(long), 10);
}

GO_MAIN(makechan)
{
	must_not_make(1, -1, -EOVERFLOW);
	must_not_make(1, 1ULL << 63, -EOVERFLOW);
	must_make(1, 0);
	must_make(1, 1);
}

/* bug273: the largest element there can be, and one that is larger. */
GO_MAIN(makechan_large_elements)
{
	must_not_make(HCHAN_ELEM_MAX, -1, -EOVERFLOW);
	must_not_make(HCHAN_ELEM_MAX, 1ULL << 60, -EOVERFLOW);
	must_not_make(HCHAN_ELEM_MAX, 10ULL << 40, -EOVERFLOW);
	must_not_make(HCHAN_ELEM_MAX + 1, 1, -EMSGSIZE);
	must_not_make(UINT32_MAX, 1, -EMSGSIZE);
	must_make(HCHAN_ELEM_MAX, 1);
}

/* gc2: many channels, of which some are not empty, come and go. */
static void make_and_drop(long n)
{
	char element[200] = {};
	long i;

	for (i = 0; i < n; i++) {
		int c = g_make(i % 2 ? 200 : 8, 10);

		if (i % 3)
			g_send(c, element, i % 2 ? 200 : 8);
		if (i % 3 == 2)
			g_close(c);
		g_drop(c);
	}
}

GO_MAIN(dropped_channels_cost_nothing)
{
	long n = hc_scale(4000), before = 0, cost, round;

	/* The last ones may still be on their way out. */
	for (round = 0; round < 6; round++) {
		make_and_drop(n);
		cost = p_kernel_memory() - before;
		before += cost;
		/* In kB; a channel takes half of one at least. */
		if (round && cost < n / 5)
			break;
	}
	hc_must(round < 6 || p_kernel_keeps_freed());
}

TEST_HARNESS_MAIN
