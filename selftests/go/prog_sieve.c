// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chan/sieve1 and sieve2, and test/sieve: the primes up to 100
 * out of goroutines, by a chain of filters, and by what is composed of the primes
 * that are known.
 */
#include "prog.h"

static const long primes[] = {
	2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67,
	71, 73, 79, 83, 89, 97
};

static void must_be_primes(int c)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(primes); i++)
		hc_must(g_get(c) == primes[i]);
}

/* From arg[0] on, by steps of arg[1], for ever. */
GO(count_up)
{
	long v;

	for (v = arg[0];; v += arg[1])
		g_put(ch[0], v);
}

/* What is not divisible. */
GO(filter)
{
	long v;

	while (g_get_ok(ch[0], &v)) {
		if (v % arg[0])
			g_put(ch[1], v);
	}
}

/* The chain gets longer with each prime that comes out at its end. */
GO(chain_of_filters)
{
	int last = g_longs(0), next;

	g_go(count_up, CH(last), 2, 1);
	for (;;) {
		long prime = g_get(last);

		g_put(ch[0], prime);
		next = g_longs(0);
		g_go(filter, CH(last, next), prime);
		g_drop(last);
		last = next;
	}
}

GO_MAIN(sieve1)
{
	int c = g_longs(0);

	g_go(chain_of_filters, CH(c));
	must_be_primes(c);
}

/*
 * sieve2: for each prime a goroutine that sends its odd multiples from its square
 * on; they are merged, in order, and what is missing among them is prime.
 */
#define STREAMS 64

struct stream {
	long head;
	int c;
};

/* Puts one where it belongs, the smallest first. */
static void insert(struct stream *streams, int n, struct stream s)
{
	for (; n > 0 && streams[n - 1].head > s.head; n--)
		streams[n] = streams[n - 1];
	streams[n] = s;
}

/* The smallest of all, which goes on to its next number. */
static long take_smallest(struct stream *streams, int n)
{
	struct stream s = streams[0];
	long smallest = s.head;

	memmove(streams, streams + 1, (n - 1) * sizeof(s));
	s.head = g_get(s.c);
	insert(streams, n - 1, s);
	return smallest;
}

/* ch: primes in, composites out */
GO(merge_multiples)
{
	struct stream streams[STREAMS], s;
	long last = 0, v;
	int n = 0;

	for (;;) {
		long prime = g_get(ch[0]);

		hc_must(n < STREAMS);
		s.c = g_longs(10);
		g_go(count_up, CH(s.c), prime * prime, 2 * prime);
		s.head = g_get(s.c);
		/* All that is below the new one's first. */
		while (n && streams[0].head < s.head) {
			v = take_smallest(streams, n);
			if (v != last)
				g_put(ch[1], v);
			last = v;
		}
		/* Its first is missing to whoever looks for more primes. */
		last = s.head;
		g_put(ch[1], last);
		s.head = g_get(s.c);
		insert(streams, n++, s);
	}
}

/*
 * Sends on what it receives, and never keeps who sends to it waiting: what can
 * not go on yet stays here. Nothing here: the channel to send on is nil.
 */
GO(buffer_without_end)
{
	long room = 4, first = 0, n = 0, in;
	long *kept = calloc(room, sizeof(*kept));
	struct hchan_case cases[2];

	for (;;) {
		cases[0] = g_case_get(ch[0], &in);
		cases[1] = hc_case_nil();
		if (n)
			cases[1] = g_case_put(ch[1], &kept[first]);
		if (g_select(cases, 2) == 1) {
			first++;
			n--;
			continue;
		}
		if (first + n == room) {
			memmove(kept, kept + first, n * sizeof(*kept));
			first = 0;
		}
		if (n == room) {
			room *= 2;
			kept = realloc(kept, room * sizeof(*kept));
		}
		kept[first + n++] = in;
	}
}

/* ch: candidates in, composites in, primes to merge_multiples(), primes out */
GO(find_the_missing)
{
	long candidate = g_get(ch[0]), composite;

	for (;;) {
		composite = g_get(ch[1]);
		while (candidate < composite) {
			g_put(ch[2], candidate);
			g_put(ch[3], candidate);
			candidate = g_get(ch[0]);
		}
		if (candidate == composite)
			candidate = g_get(ch[0]);
	}
}

GO_MAIN(sieve2)
{
	int odds = g_longs(50), composites = g_longs(50), known = g_longs(10);
	int buffer = g_longs(10), out = g_longs(10);

	g_put(out, 2);
	g_put(out, 3);
	g_put(known, 3);
	g_go(count_up, CH(odds), 5, 2);
	g_go(merge_multiples, CH(known, composites));
	g_go(buffer_without_end, CH(buffer, known));
	g_go(find_the_missing, CH(odds, composites, buffer, out));
	must_be_primes(out);
}

TEST_HARNESS_MAIN
