// SPDX-License-Identifier: GPL-2.0-only
/*
 * Very many contexts: 100,000 in a line, which take no stack to be cancelled, looked
 * through or dropped (C33, C37), and 100,000 short-lived ones below one that stays, of which
 * nothing is left in it (C36). What they cost is charged and limited (C50).
 */
#include "hchan_ctx.h"
#include "memgroup.h"

#define MANY		100000
#define CANCELLED	HCHAN_CTX_ERR_CANCELLED

/* Each below the one before, of which nobody keeps a descriptor. */
static struct hc_ctx line(struct hc_ctx *root, uint32_t n)
{
	struct hc_ctx ctx, next;
	uint32_t i;

	*root = hc_ctx_with(hc_background(), HCHAN_CTX_CANCEL, "top", "value", 5);
	ctx = hc_ctx(root->fd, 0);
	for (i = 2; i < n; i++) {
		next = hc_ctx(ctx.fd, 0);
		close(ctx.fd);
		ctx = next;
	}
	return ctx;
}

static void test_line(void)
{
	struct hchan_cause why = hc_cause(1, "far above");
	uint32_t n = load_scale(MANY);
	long there = load_channels();
	struct hc_ctx root, last;
	char value[8];
	bool good;

	last = line(&root, n);
	ksft_test_result(load_channels() == there + n, "%u in a line\n", n);
	good = hc_ctx_value(last.fd, "top", 3, value, sizeof(value), NULL) == 5 &&
	       !memcmp(value, "value", 5) &&
	       hc_ctx_value(last.fd, "none", 4, value, sizeof(value), NULL) == -ENOENT;
	ksft_test_result(good, "a value from the other end\n");
	good = hc_ctx_alive(last.fd) && hc_ctx_cancel(root.cancel, &why) == 1 &&
	       hc_ctx_is(last.fd, CANCELLED, 1, "far above");
	ksft_test_result(good, "a cancel to the other end\n");
	hc_ctx_drop(&root);
	ksft_test_result(load_channels() == there + n, "the last one holds all\n");
	hc_ctx_drop(&last);
	ksft_test_result(load_channels() == there, "all go with it\n");

	last = line(&root, n);
	hc_ctx_drop(&root);
	hc_ctx_drop(&last);
	ksft_test_result(load_channels() == there, "also of those that are not done\n");
}

/* Some go as they are, some are cancelled, some have been born done. */
static void come_and_go(int parent, uint32_t n)
{
	struct hc_ctx ctx, below;
	uint32_t i;

	for (i = 0; i < n; i++) {
		switch (i % 4) {
		case 0:
			ctx = hc_ctx(parent, 0);
			break;
		case 1:
			ctx = hc_ctx(parent, HCHAN_CTX_CANCEL);
			below = hc_ctx(ctx.fd, 0);
			hc_must(hc_ctx_cancel(ctx.cancel, NULL) == 1);
			hc_ctx_drop(&below);
			break;
		case 2:
			ctx = hc_ctx_until(parent, 0, i % 8 < 4 ? 0 :
					   hc_in(HC_PATIENCE), NULL);
			break;
		default:
			ctx = hc_ctx_with(parent, HCHAN_CTX_CANCEL |
					  HCHAN_CTX_ON_LOSS, "key", "0123456789", 10);
			break;
		}
		hc_ctx_drop(&ctx);
	}
}

static void test_short_lived(void)
{
	struct hc_ctx parent = hc_ctx(hc_background(), HCHAN_CTX_CANCEL);
	uint32_t n = load_scale(MANY);
	long there = load_channels();
	long long before, after;
	bool good;

	come_and_go(parent.fd, 400);
	before = held_now();
	come_and_go(parent.fd, n);
	good = given_back(before, &after);
	ksft_test_result(good, "%u that come and go: %lld bytes, were %lld\n", n, after,
			 before);
	ksft_test_result(load_channels() == there && !hc_ctx_stat(parent.fd).children,
			 "none is left in the parent\n");
	hc_ctx_drop(&parent);
}

/* A thousand with the largest value. */
static void test_charged(void)
{
	static char value[HCHAN_CTX_VALUE_MAX], key[HCHAN_CTX_KEY_MAX + 1];
	static struct hc_ctx ctx[1000];
	long long before, during, after;
	unsigned int i;

	memset(key, 'k', sizeof(key) - 1);
	before = held_now();
	for (i = 0; i < ARRAY_SIZE(ctx); i++)
		ctx[i] = hc_ctx_with(hc_background(), 0, key, value, sizeof(value));
	during = held_now();
	for (i = 0; i < ARRAY_SIZE(ctx); i++)
		hc_ctx_drop(&ctx[i]);
	ksft_test_result(during - before >= 1000 * HCHAN_CTX_VALUE_MAX,
			 "values are charged: %lld\n", during - before);
	ksft_test_result(given_back(before, &after),
			 "and given back: %lld, were %lld\n", after, before);
}

/* As a user without rights: a context, one with the right to cancel, and a child. */
static int use_up(void)
{
	struct hchan_ctx arg = hc_ctx_request(HCHAN_CTX_CANCEL);
	struct hc_ctx ctx[3], more;
	int next, i, ret;

	for (i = 0; i < 3; i++)
		ctx[i] = hc_ctx(i ? ctx[0].fd : hc_background(), HCHAN_CTX_CANCEL);
	next = next_fd();
	ret = hc_ctx_by(ctx[1].fd, &arg, &more);
	if (ret != -EDQUOT || next_fd() != next || hc_ctx_stat(ctx[1].fd).children)
		return 1;
	hc_ctx_drop(&ctx[2]);
	if (hc_ctx_by(ctx[1].fd, &arg, &more) < 0)
		return 2;
	return 0;
}

/* 4096 bytes of a value are too many, 16 are not. */
static int use_up_bytes(void)
{
	static char value[HCHAN_CTX_VALUE_MAX];
	struct hchan_ctx arg = hc_ctx_request(0);
	struct hc_ctx ctx;

	arg.key = (uintptr_t)"k";
	arg.key_len = 1;
	arg.value = (uintptr_t)value;
	arg.value_len = sizeof(value);
	if (hc_ctx_by(hc_background(), &arg, &ctx) != -EDQUOT)
		return 1;
	arg = hc_ctx_request(0);
	arg.key = (uintptr_t)"k";
	arg.key_len = 1;
	arg.value = (uintptr_t)value;
	arg.value_len = 16;
	return hc_ctx_by(hc_background(), &arg, &ctx) < 0 ? 2 : 0;
}

static void test_quota(void)
{
	long long max_channels = number_in(SYSCTL "max_channels_per_user");
	long long max_bytes = number_in(SYSCTL "max_bytes_per_user");
	long there = load_channels();
	int ret;

	hc_must(!set_sysctl("max_channels_per_user", 3));
	ret = AS(ALICE, ret = use_up());
	ksft_test_result(ret == 0, "EDQUOT for one too many (%d)\n", ret);
	hc_must(!set_sysctl("max_channels_per_user", max_channels));
	hc_must(!set_sysctl("max_bytes_per_user", 4096));
	ret = AS(ALICE, ret = use_up_bytes());
	ksft_test_result(ret == 0, "EDQUOT for a value that is too long (%d)\n", ret);
	hc_must(!set_sysctl("max_bytes_per_user", max_bytes));
	ksft_test_result(load_channels() == there, "nothing is left\n");
}

int main(void)
{
	bool group;

	ksft_print_header();
	ksft_set_plan(6 + 3 + 4);
	test_line();
	test_quota();
	group = make_group();
	if (group) {
		test_short_lived();
		test_charged();
		leave_group();
	} else {
		static const char * const names[] = {
			"come and go", "none is left", "charged", "given back",
		};
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(names); i++)
			ksft_test_result_code(KSFT_SKIP, names[i],
					      "no control group to be had");
	}
	ksft_finished();
}
