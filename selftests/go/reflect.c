// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/reflect/all_test.go, its tests of channels: there through
 * reflection, here through the plain calls. TestSelect makes selects of all kinds
 * of cases, each there or not, and knows of each which may go.
 */
#include "go.h"

/* TestChan */
GO_MAIN(reflect_chan)
{
	int c = g_longs(1), sync = g_longs(0), ten = g_longs(10);
	struct hchan_stat stat;
	long v, i;

	g_put(c, 2);
	hc_must(g_get(c) == 2);
	g_put(c, 3);
	hc_must(g_get_ok(c, &v) && v == 3);
	hc_must(g_try_get(c, &v) == -EAGAIN);
	g_put(c, 4);
	hc_must(g_try_get(c, &v) == 1 && v == 4);
	g_put(c, 100);
	hc_must(!g_try_put(c, 5) && g_get(c) == 100);
	hc_must(g_try_put(c, 6) && g_get(c) == 6);
	g_put(c, 123);
	g_close(c);
	hc_must(g_get_ok(c, &v) && v == 123);
	hc_must(!g_get_ok(c, &v) && v == 0);

	hc_must(!g_try_put(sync, 7) && g_try_get(sync, &v) == -EAGAIN);
	for (i = 0; i < 3; i++)
		g_put(ten, i);
	stat = hc_stat(ten);
	hc_must(stat.length == 3 && stat.capacity == 10);
}

/* Choices: all of them, counted through; then random ones. */
#define CHOICES 64

struct choices {
	int now, left;
	struct {
		int x, max;
	} at[CHOICES];
	bool random;
	uint64_t state;
};

static int choose(struct choices *ch, int max)
{
	if (ch->random) {
		ch->state = ch->state * 6364136223846793005ULL + 1442695040888963407ULL;
		return (ch->state >> 33) % max;
	}
	hc_must(ch->now < CHOICES);
	if (ch->now >= ch->left) {
		ch->at[ch->left].x = 0;
		ch->at[ch->left++].max = max;
	}
	return ch->at[ch->now++].x;
}

static bool maybe(struct choices *ch)
{
	return choose(ch, 2);
}

/* The next combination, from the last choice on. */
static void next_choices(struct choices *ch)
{
	ch->left = ch->now;
	ch->now = 0;
	while (ch->left && ch->at[ch->left - 1].x + 1 >= ch->at[ch->left - 1].max)
		ch->left--;
	if (ch->left)
		ch->at[ch->left - 1].x++;
	else
		ch->random = true;
}

enum kind {
	READY_SEND,
	READY_RECV,
	BLOCKING_SEND,
	BLOCKING_RECV,
	NO_CHANNEL,
	NIL_SEND,
	NIL_RECV,
	CLOSED_SEND,
	CLOSED_RECV,
	KINDS,
};

#define LARGE 200	/* other elements have the size of a long */

struct one {
	enum kind kind;
	int c;
	bool send;
	uint32_t size;
	uint32_t seed;
	bool may_go;
	uint8_t element[LARGE];
};

/* What a helper does, on the channel of one case. */
struct help {
	struct g_ref ref;
	uint32_t size;
	uint32_t seed;
	long send;
};

/* Serves a select that has parked. */
GO(helper)
{
	uint8_t element[LARGE];
	struct help help;
	int c;

	for (;;) {
		g_recv(ch[0], &help, sizeof(help));
		c = g_take(&help.ref);
		if (help.send) {
			hc_must(!hc_wait_receivers(c, 1));
			hc_fill(element, help.size, help.seed);
			g_send(c, element, help.size);
		} else {
			hc_must(!hc_wait_senders(c, 1));
			g_recv(c, element, help.size);
			hc_must(hc_is(element, help.size, help.seed));
		}
		g_drop(c);
		g_put(ch[1], 0);
	}
}

static struct one make_one(enum kind kind, uint32_t seed)
{
	struct one one = {
		.kind = kind,
		.c = G_NIL,
		.send = kind == READY_SEND || kind == BLOCKING_SEND ||
			kind == NIL_SEND || kind == CLOSED_SEND,
		.size = seed % 2 ? LARGE : sizeof(long),
		.seed = seed,
	};

	switch (kind) {
	case READY_SEND:
	case READY_RECV:
		one.c = g_make(one.size, 1);
		one.may_go = true;
		break;
	case BLOCKING_SEND:
	case BLOCKING_RECV:
		one.c = g_make_ref(one.size, 0);
		break;
	case CLOSED_SEND:
	case CLOSED_RECV:
		one.c = g_make(one.size, 0);
		one.may_go = true;
		g_close(one.c);
		break;
	default:
		break;
	}
	if (one.send || kind == READY_RECV)
		hc_fill(one.element, one.size, seed);
	if (kind == READY_RECV) {
		g_send(one.c, one.element, one.size);
		memset(one.element, HC_POISON, one.size);
	}
	return one;
}

/* The one that went is as it should be, and the others have not. */
static void check_one(struct one *one, const struct hchan_case *c, bool went)
{
	hc_must(!went || one->may_go);
	switch (one->kind) {
	case READY_SEND:
		hc_must(hc_len(one->c) == went);
		break;
	case READY_RECV:
		hc_must(hc_len(one->c) == !went);
		break;
	case CLOSED_SEND:
		hc_must(!went || c->error == -EPIPE);
		return;
	case CLOSED_RECV:
		hc_must(!went || (c->status == HCHAN_ST_CLOSED &&
				  hc_all(one->element, 0, one->size)));
		return;
	default:
		break;
	}
	if (!went)
		return;
	hc_must(hc_case_ok(c) && hc_is(one->element, one->size, one->seed));
}

static void select_of(struct choices *choices, int work, int done)
{
	struct hchan_case cases[KINDS];
	struct one ones[KINDS], tmp;
	int n = 0, ready = 0, helped = -1, can_help[KINDS], helps = 0, k, i, j;
	static uint32_t seed;
	bool by_default;

	for (k = 0; k < KINDS; k++) {
		if (maybe(choices))
			ones[n++] = make_one(k, seed++);
	}
	for (k = 0; k < 2 && n; k++) {
		i = choose(choices, n);
		j = choose(choices, n);
		tmp = ones[i];
		ones[i] = ones[j];
		ones[j] = tmp;
	}
	for (k = 0; k < n; k++) {
		ready += ones[k].may_go;
		if (ones[k].kind == BLOCKING_SEND || ones[k].kind == BLOCKING_RECV)
			can_help[helps++] = k;
	}
	by_default = (!ready && !helps) || maybe(choices);
	if (!by_default && !ready) {
		helped = can_help[choose(choices, helps)];
		ones[helped].may_go = true;
	}
	for (k = 0; k < n; k++) {
		uint16_t op = HCHAN_CASE_RECV;

		if (ones[k].send)
			op = HCHAN_CASE_SEND;
		cases[k] = g_case(op, ones[k].c, ones[k].element, ones[k].size);
	}
	if (helped >= 0) {
		struct help help = {
			.ref = g_ref(ones[helped].c),
			.size = ones[helped].size,
			.seed = ones[helped].seed,
			.send = !ones[helped].send,
		};

		g_send(work, &help, sizeof(help));
	}
	if (by_default) {
		i = g_try_select(cases, n);
		hc_must((i == -1) == !ready);
	} else {
		i = g_select(cases, n);
	}
	if (helped >= 0)
		g_get(done);
	for (k = 0; k < n; k++) {
		check_one(&ones[k], &cases[k], k == i);
		if (ones[k].c == G_NIL)
			continue;
		hc_must(hc_parked(ones[k].c, 0, 0));
		g_drop(ones[k].c);
	}
}

GO_MAIN_TIMEOUT(reflect_select, 60)
{
	int work = g_make(sizeof(struct help), 0), done = g_longs(0);
	struct choices choices = { .state = 1 };
	long n = hc_scale(1500), i;

	g_go(helper, CH(work, done));
	for (i = 0; i < n; i++) {
		if (i == n / 2)
			choices.random = true;
		select_of(&choices, work, done);
		if (!choices.random)
			next_choices(&choices);
	}
}

/* TestSelectMaxCases: the most there may be, and one more. BenchmarkSelect: few. */
GO_MAIN(reflect_select_max_cases)
{
	struct hchan_query query = { .size = sizeof(query) };
	struct hchan_case *cases, one;
	int c = g_longs(0);
	long v = 1;
	uint32_t i;

	hc_must(!ioctl(c, HCHAN_IOC_QUERY, &query));
	hc_must(query.select_cases >= 65535);
	cases = malloc((query.select_cases + 1) * sizeof(*cases));
	g_close(c);
	one = g_case_get(c, &v);
	for (i = 0; i <= query.select_cases; i++)
		cases[i] = one;
	for (i = 1; i <= 8; i++) {
		v = 1;
		hc_must(g_select(cases, i) < i && v == 0);
		for (uint32_t k = 0; k < i; k++)
			cases[k] = one;
	}
	v = 1;
	hc_must(g_select(cases, query.select_cases) >= 0 && v == 0);
	hc_must(hc_select_on(g_dev, cases, query.select_cases + 1, 0, 0,
			     NULL) == -EINVAL);
	free(cases);
}

/* TestSelectNop */
GO_MAIN(reflect_select_nop)
{
	hc_must(g_try_select(NULL, 0) == -1);
}

TEST_HARNESS_MAIN
