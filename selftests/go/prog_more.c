// SPDX-License-Identifier: GPL-2.0-only
/*
 * After what else in Go's test/ asks something of channels when it runs: 235,
 * bigalg, chanlinear, cmp, convT2X, range, reorder2, and in fixedbugs bug147,
 * bug225, bug230, bug234, bug312, issue8011, issue8347, issue9110, issue13169,
 * issue16870 and issue22683.
 */
#include "prog.h"

/* 235: 2, 3 and 5 times what was found gives the next of them. */
GO(multiply_for_ever)
{
	for (;;)
		g_put(ch[1], arg[0] * g_get(ch[0]));
}

static bool only_2_3_5(long n)
{
	const int factors[] = { 2, 3, 5 };
	int i;

	for (i = 0; i < 3; i++) {
		while (n % factors[i] == 0)
			n /= factors[i];
	}
	return n == 1;
}

GO_MAIN(numbers_of_2_3_5)
{
	const int factors[3] = { 2, 3, 5 };
	int in[3], out[3], i;
	long head[3], x = 1, want;

	for (i = 0; i < 3; i++) {
		in[i] = g_longs(100);
		out[i] = g_longs(100);
		g_go(multiply_for_ever, CH(in[i], out[i]), factors[i]);
		head[i] = x;
	}
	for (want = 2; want <= 1600; want++) {
		if (!only_2_3_5(want))
			continue;
		for (i = 0; i < 3; i++)
			g_put(in[i], x);
		for (i = 0; i < 3; i++) {
			if (head[i] == x)
				head[i] = g_get(out[i]);
		}
		x = head[0];
		for (i = 1; i < 3; i++)
			x = head[i] < x ? head[i] : x;
		hc_must(x == want);
	}
}

/* bigalg: elements that are more than a word, also such as do not fit inline. */
GO(send_big)
{
	char *element = malloc(arg[0]);

	hc_fill(element, arg[0], arg[0]);
	g_send(ch[0], element, arg[0]);
	free(element);
}

GO_MAIN(big_elements)
{
	const uint32_t sizes[] = { 40, 4000, HCHAN_ELEM_MAX };
	unsigned int i, cap;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		uint32_t size = sizes[i / 2];
		char *element = malloc(size);
		int c;

		cap = i % 2;
		c = g_make(size, cap);
		g_go(send_big, CH(c), size);
		g_recv(c, element, size);
		hc_must(hc_is(element, size, size));
		free(element);
		g_drop(c);
	}
}

/* cmp: a channel is equal to itself, by whatever descriptor, and to no other. */
GO(tell_who)
{
	struct hchan_stat stat = hc_stat(ch[0]);

	g_put(ch[1], stat.id);
}

GO_MAIN(channels_are_compared)
{
	int c = g_longs(0), d = g_longs(0), back = g_longs(0);
	int receive = p_only(c, O_RDONLY), send = p_only(c, O_WRONLY);

	hc_must(hc_stat(receive).id == hc_stat(c).id);
	hc_must(hc_stat(send).id == hc_stat(c).id);
	hc_must(hc_stat(d).id != hc_stat(c).id);
	g_go(tell_who, CH(c, back));
	hc_must(g_get(back) == hc_stat(c).id);
	g_go(tell_who, CH(d, back));
	hc_must(g_get(back) == hc_stat(d).id);
}

/* convT2X, bug230: elements of different types through one channel. */
static const char *const things[] = { "1", "four", "is eight", "that has sixteen" };

static bool is_a_thing(const char *bytes, uint32_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(things); i++) {
		if (strlen(things[i]) == len && !memcmp(bytes, things[i], len))
			return true;
	}
	return false;
}

GO(send_any_thing)
{
	struct hchan_case cases[ARRAY_SIZE(things)];
	unsigned int k;
	long i;

	for (i = 0; i < arg[0]; i++) {
		for (k = 0; k < ARRAY_SIZE(things); k++)
			cases[k] = g_case(HCHAN_CASE_SEND, ch[0], things[k],
					  strlen(things[k]));
		hc_must(hc_case_ok(&cases[g_select(cases, ARRAY_SIZE(things))]));
	}
	g_close(ch[0]);
}

GO_MAIN(elements_of_any_type)
{
	long n = hc_scale(100), came;
	struct hchan_xfer xfer;
	uint64_t cap;
	char bytes[20];

	for (cap = 0; cap <= 10; cap += 10) {
		int c = p_make_msg(16, cap);

		g_go(send_any_thing, CH(c), n);
		for (came = 0; hc_recv_by(c, bytes, sizeof(bytes), 0, 0, &xfer);
		     came++)
			hc_must(is_a_thing(bytes, xfer.actual));
		hc_must(came == n);
	}
}

/* range, issue22683: all that comes, until the channel is closed. */
GO(send_alphabet)
{
	char letter;

	for (letter = 'a'; letter <= 'z'; letter++)
		g_send(ch[0], &letter, 1);
	g_close(ch[0]);
}

GO_MAIN(range_over_channel)
{
	char letters[27] = {};
	int c, n, cap;

	for (cap = 0; cap < 40; cap += 13) {
		c = g_make(1, cap);
		g_go(send_alphabet, CH(c));
		if (cap > 26)		/* closed, and all of it still there */
			hc_must(hc_wait(c, HCHAN_W_LENGTH, 27) == -EPIPE);
		for (n = 0; g_recv_ok(c, &letters[n], 1); n++)
			;
		hc_must(n == 26 && !strcmp(letters, "abcdefghijklmnopqrstuvwxyz"));
	}
}

/* reorder2: on a channel that is full, or empty, only one of the cases can go. */
GO(select_on_one)
{
	struct hchan_case cases[3];
	const long zero = 0, one = 1;
	long v = -1;
	int at;

	/* full */
	for (at = 0; at < 3; at++) {
		cases[0] = g_case_put(ch[0], &zero);
		cases[1] = g_case_put(ch[0], &one);
		cases[2] = cases[at];
		cases[at] = g_case_get(ch[0], &v);
		hc_must(p_select(cases, 3, at % 2) == at && v == 5);
		g_put(ch[0], 5);
	}
	hc_must(g_get(ch[0]) == 5);
	/* empty */
	cases[0] = g_case_get(ch[0], &v);
	cases[1] = g_case_get(ch[0], &v);
	hc_must(g_try_select(cases, 2) == -1);
	cases[2] = g_case_put(ch[0], &one);
	hc_must(g_select(cases, 3) == 2);
	g_put(ch[1], 0);
}

GO_MAIN(full_or_empty)
{
	int c = g_longs(1), done = g_longs(0);

	g_put(c, 5);
	g_go(select_on_one, CH(c, done));
	g_get(done);
	hc_must(g_get(c) == 1);
}

/* bug147: a send without a buffer waits until the receiver has come to it. */
GO(receive_late)
{
	g_get(ch[0]);
	g_count(P_OWN, 1);
	hc_must(!hc_wait_senders(ch[0], 1));
	g_count(P_OWN, 1);
	g_get(ch[0]);
}

GO_MAIN(send_waits_for_receive)
{
	int c = g_make(sizeof(long), 0);

	g_go(receive_late, CH(c));
	g_put(c, 1);
	g_put(c, 2);
	hc_must(*g_word(P_OWN) == 2);
}

/*
 * bug225, bug234, bug312, issue8347, issue16870: in each way to receive, nothing,
 * then an element, then the end.
 */
static int receive_in_way(int way, int c, int other, long *v)
{
	struct hchan_case cases[2];
	long none;

	cases[0] = g_case_get(c, v);
	cases[1] = g_case_get(other, &none);
	switch (way) {
	case 0:
		return g_try_get(c, v);
	case 1:
		return g_get_ok(c, v);
	case 2:
		g_select(cases, 1);
		break;
	case 3:
		hc_must(g_select(cases, 2) == 0);
		break;
	default:
		if (g_try_select(cases, way - 3) < 0)
			return -EAGAIN;
	}
	hc_must(!cases[0].error);
	return cases[0].status == HCHAN_ST_OK;
}

#define WAYS 6

GO(receive_in_all_ways)
{
	long v = 0;
	int way;

	for (way = 0; way < WAYS; way++) {
		if (way == 0 || way > 3) {
			v = 7;
			hc_must(receive_in_way(way, ch[0], ch[1], &v) ==
				-EAGAIN);
			hc_must(v == 7);
		}
		g_put(ch[2], 0);	/* whereupon something is sent */
		hc_must(!hc_wait(ch[0], HCHAN_W_LENGTH, 1));
		hc_must(receive_in_way(way, ch[0], ch[1], &v) == 1 && v == 42);
	}
	g_put(ch[2], 0);		/* it is closed */
	g_get(ch[3]);
	for (way = 0; way < WAYS; way++) {
		v = 7;
		hc_must(receive_in_way(way, ch[0], ch[1], &v) == 0 && v == 0);
	}
	g_put(ch[2], 0);
}

GO_MAIN(receive_and_ok)
{
	int c = g_longs(1), other = g_longs(0), turn = g_longs(0);
	int closed = g_longs(0), way;

	g_go(receive_in_all_ways, CH(c, other, turn, closed));
	for (way = 0; way < WAYS; way++) {
		g_get(turn);
		g_put(c, 42);
	}
	g_get(turn);
	g_close(c);
	g_put(closed, 0);
	g_get(turn);
}

/* issue8011: out of a channel that has come out of a channel */
GO(receive_from_what_comes)
{
	struct g_ref ref;
	int c;

	g_recv(ch[0], &ref, sizeof(ref));
	c = g_take(&ref);
	g_put(ch[1], g_get(c));
	g_drop(c);
}

GO_MAIN(channel_of_channels)
{
	int cc = g_make(sizeof(struct g_ref), 1), c = g_make_ref(sizeof(long), 1);
	int back = g_longs(0);
	struct g_ref ref = g_ref(c);

	g_put(c, 42);
	g_send(cc, &ref, sizeof(ref));
	g_go(receive_from_what_comes, CH(cc, back));
	hc_must(g_get(back) == 42);
}

/* issue9110: many selects that list a channel three times, when it is closed */
GO(select_three_times)
{
	struct hchan_case cases[3];
	long v = 1;
	int k;

	for (k = 0; k < 3; k++)
		cases[k] = g_case_get(ch[0], &v);
	k = g_select(cases, 3);
	hc_must(cases[k].status == HCHAN_ST_CLOSED && v == 0);
	g_put(ch[1], 0);
}

GO_MAIN(duplicates_are_closed)
{
	int c = g_longs(0), done = g_longs(0), i;

	for (i = 0; i < 10; i++)
		g_go(select_three_times, CH(c, done));
	hc_must(!hc_wait_receivers(c, 10));
	hc_must(hc_parked(c, 0, 10));
	g_close(c);
	for (i = 0; i < 10; i++)
		g_get(done);
	hc_must(hc_parked(c, 0, 0));
}

/* issue13169: ten who send, ten who receive, elements of three words */
struct words {
	long a, b, c;
};

GO(send_words)
{
	struct words w;
	long i;

	for (i = 0; i < arg[0]; i++) {
		w = (struct words) { arg[1], i, arg[1] ^ i };
		g_send(ch[0], &w, sizeof(w));
	}
	g_put(ch[1], 0);
}

GO(receive_words)
{
	struct words w;
	long i;

	for (i = 0; i < arg[0]; i++) {
		g_recv(ch[0], &w, sizeof(w));
		hc_must(w.a >= 0 && w.a < 10 && w.b < arg[0]);
		hc_must(w.c == (w.a ^ w.b));
		g_count(P_OWN + w.a, w.b + 1);
	}
	g_put(ch[1], 0);
}

GO_MAIN(ten_to_ten)
{
	int c = g_make(sizeof(struct words), 0), done = g_longs(0), i;
	long n = hc_scale(200);

	for (i = 0; i < 10; i++) {
		g_go(send_words, CH(c, done), n, i);
		g_go(receive_words, CH(c, done), n);
	}
	for (i = 0; i < 20; i++)
		g_get(done);
	for (i = 0; i < 10; i++)
		hc_must(*g_word(P_OWN + i) == n * (n + 1) / 2);
}

TEST_HARNESS_MAIN
