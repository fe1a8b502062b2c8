/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * After Go's test/chan/powser1 and powser2: power series as programs.
 *
 * A series is a goroutine that gives its coefficients one by one, each when it is
 * asked for: a channel for the demand, one for what is given. What is built out
 * of series is a series: the goroutines are a network that grows as it is used.
 * The algorithms are McIlroy's ("Squinting at Power Series").
 *
 * How a coefficient travels is the program's affair: power_make(), power_give(),
 * power_take(), power_case_take() and power_took().
 */
#ifndef HCHAN_PROG_POWER_H
#define HCHAN_PROG_POWER_H

#include "prog.h"

/* A coefficient. A denominator of zero is the end of a finite series. */
struct rat {
	long num, den;
};

static const struct rat zero = { 0, 1 }, one = { 1, 1 }, end = { 1, 0 };

struct series {
	int ask, give;
};

/* Room for what a receive brings, in whatever form. */
union parcel {
	struct rat rat;
	char bytes[24];
};

static int power_make(void);
static void power_give(int c, struct rat u);
static struct rat power_take(int c);
static struct hchan_case power_case_take(int c, union parcel *parcel);
static struct rat power_took(const union parcel *parcel,
			     const struct hchan_case *c);

static long gcd(long u, long v)
{
	long t;

	while (v) {
		t = u % v;
		u = v;
		v = t;
	}
	return labs(u);
}

static struct rat ratio(long num, long den)
{
	long g = gcd(num, den);

	if (den < 0)
		g = -g;
	return (struct rat) { num / g, den / g };
}

static struct rat whole(long n)
{
	return ratio(n, 1);
}

static struct rat plus(struct rat u, struct rat v)
{
	long g = gcd(u.den, v.den);

	return ratio(u.num * (v.den / g) + v.num * (u.den / g),
		     u.den * (v.den / g));
}

static struct rat times(struct rat u, struct rat v)
{
	struct rat a = ratio(u.num, v.den), b = ratio(v.num, u.den);

	return (struct rat) { a.num * b.num, a.den * b.den };
}

static struct rat minus(struct rat u)
{
	return (struct rat) { -u.num, u.den };
}

static bool is_end(struct rat u)
{
	return !u.den;
}

static bool same(struct rat u, struct rat v)
{
	return u.num == v.num && u.den == v.den;
}

/* Demand and supply. */
static struct series make_series(void)
{
	return (struct series) { g_longs(0), power_make() };
}

static void give(struct series z, struct rat u)
{
	power_give(z.give, u);
}

static void put(struct series z, struct rat u)
{
	g_get(z.ask);
	give(z, u);
}

static struct rat get(struct series u)
{
	static __thread long seqno;

	g_put(u.ask, ++seqno);
	return power_take(u.give);
}

/* One from each of two, whichever is ready first. */
static void get_two(struct series u, struct series v, struct rat *out)
{
	const struct series from[2] = { u, v };
	bool asked[2] = {}, came[2] = {};
	struct hchan_case cases[4];
	union parcel parcel[2];
	const long seqno = 1;
	int i, k;

	for (i = 0; i < 4; i++) {
		for (k = 0; k < 2; k++) {
			cases[k] = hc_case_nil();
			if (!asked[k])
				cases[k] = g_case_put(from[k].ask, &seqno);
			cases[2 + k] = hc_case_nil();
			if (asked[k] && !came[k])
				cases[2 + k] = power_case_take(from[k].give,
							       &parcel[k]);
		}
		k = g_select(cases, 4);
		hc_must(hc_case_ok(&cases[k]));
		if (k < 2) {
			asked[k] = true;
			continue;
		}
		came[k - 2] = true;
		out[k - 2] = power_took(&parcel[k - 2], &cases[k]);
	}
}

/* As CH(), and out of that: a series is two channels. */
static struct g_chans chans_of(int n, const struct series *u)
{
	struct g_chans chans = { .n = 2 * n };
	int i;

	for (i = 0; i < n; i++) {
		chans.ch[2 * i] = u[i].ask;
		chans.ch[2 * i + 1] = u[i].give;
	}
	return chans;
}

#define SERIES(...)							\
	chans_of(sizeof((struct series []){ __VA_ARGS__ }) /		\
		 sizeof(struct series), (struct series []){ __VA_ARGS__ })

static struct series nth(const int *ch, int n)
{
	return (struct series) { ch[2 * n], ch[2 * n + 1] };
}

static void pass_on(struct series from, struct series to)
{
	for (;;) {
		g_get(to.ask);
		give(to, get(from));
	}
}

/*
 * Two of one, which may be read at different rates. There is a generation for
 * each coefficient: it waits until either is asked for, gets the coefficient,
 * lets the next generation wait, and keeps it until the other has asked too. Only
 * the newest, which has the right to both, may serve who is behind. ch: in, two
 * out, the right to serve both
 */
static void start_split(struct series in, const struct series *out, int right);

GO(split_generation)
{
	struct series in = nth(ch, 0), out[2] = { nth(ch, 1), nth(ch, 2) };
	struct hchan_case cases[2];
	int right = ch[6], next;
	bool both = false;
	struct rat u;
	long v;

	cases[0] = g_case_get(out[0].ask, &v);
	cases[1] = g_case_get(right, &v);
	if (g_select(cases, 2) == 1) {
		both = true;
		cases[1] = g_case_get(out[1].ask, &v);
		if (g_select(cases, 2) == 1) {
			struct series t = out[0];

			out[0] = out[1];
			out[1] = t;
		}
	}
	g_put(in.ask, 1);
	next = g_longs(0);
	start_split(in, out, next);
	u = power_take(in.give);
	give(out[0], u);
	if (!both)
		g_get(right);
	g_get(out[1].ask);
	give(out[1], u);
	g_put(next, 0);
	g_drop(next);
}

static void start_split(struct series in, const struct series *out, int right)
{
	struct g_chans chans = SERIES(in, out[0], out[1]);

	chans.ch[chans.n++] = right;
	g_go(split_generation, chans);
}

static void split(struct series in, struct series *out)
{
	int right = g_longs(0);

	start_split(in, out, right);
	g_put(right, 0);
	g_drop(right);
}

static void split_new(struct series in, struct series *out)
{
	out[0] = make_series();
	out[1] = make_series();
	split(in, out);
}

/* The constructors: each starts the goroutine above it. */
GO(repeat)
{
	for (;;)
		put(nth(ch, 0), (struct rat) { arg[0], arg[1] });
}

static struct series repeated(struct rat u)
{
	struct series z = make_series();

	g_go(repeat, SERIES(z), u.num, u.den);
	return z;
}

/* arg: how many, the coefficients */
GO(finite)
{
	struct series z = nth(ch, 0);
	int i;

	for (i = 0; i < arg[0]; i++)
		put(z, whole(arg[1 + i]));
	put(z, end);
}

GO(add)
{
	struct series z = nth(ch, 0);
	struct rat uv[2];

	for (;;) {
		g_get(z.ask);
		get_two(nth(ch, 1), nth(ch, 2), uv);
		if (is_end(uv[0]) || is_end(uv[1]))
			break;
		give(z, plus(uv[0], uv[1]));
	}
	give(z, is_end(uv[0]) ? uv[1] : uv[0]);
	if (is_end(uv[0]) != is_end(uv[1]))
		pass_on(nth(ch, is_end(uv[0]) ? 2 : 1), z);
}

static struct series sum(struct series u, struct series v)
{
	struct series z = make_series();

	g_go(add, SERIES(z, u, v));
	return z;
}

GO(multiply_by_constant)
{
	struct rat c = { arg[0], arg[1] }, u;
	struct series z = nth(ch, 0);

	for (;;) {
		g_get(z.ask);
		u = get(nth(ch, 1));
		if (is_end(u))
			break;
		give(z, times(c, u));
	}
	give(z, end);
}

static struct series scaled(struct rat c, struct series u)
{
	struct series z = make_series();

	g_go(multiply_by_constant, SERIES(z, u), c.num, c.den);
	return z;
}

/* (u + xU)(v + xV) = uv + x(uV + vU) + x^2 UV */
GO(multiply)
{
	struct series z = nth(ch, 0), uu[2], vv[2], w, rest;
	struct rat uv[2];

	g_get(z.ask);
	get_two(nth(ch, 1), nth(ch, 2), uv);
	if (is_end(uv[0]) || is_end(uv[1])) {
		give(z, end);
		return;
	}
	give(z, times(uv[0], uv[1]));
	split_new(nth(ch, 1), uu);
	split_new(nth(ch, 2), vv);
	w = sum(scaled(uv[0], vv[0]), scaled(uv[1], uu[0]));
	g_get(z.ask);
	give(z, get(w));
	rest = make_series();
	g_go(multiply, SERIES(rest, uu[1], vv[1]));
	pass_on(sum(w, rest), z);
}

static struct series product(struct series u, struct series v)
{
	struct series z = make_series();

	g_go(multiply, SERIES(z, u, v));
	return z;
}

GO(differentiate)
{
	struct series z = nth(ch, 0);
	struct rat u;
	long i;

	g_get(z.ask);
	u = get(nth(ch, 1));
	for (i = 1; !is_end(u); i++) {
		u = get(nth(ch, 1));
		if (is_end(u))
			break;
		give(z, times(whole(i), u));
		g_get(z.ask);
	}
	give(z, end);
}

static struct series derivative(struct series u)
{
	struct series z = make_series();

	g_go(differentiate, SERIES(z, u));
	return z;
}

GO(integrate)
{
	struct series z = nth(ch, 0);
	struct rat u;
	long i;

	put(z, (struct rat) { arg[0], arg[1] });
	for (i = 1;; i++) {
		g_get(z.ask);
		u = get(nth(ch, 1));
		if (is_end(u))
			break;
		give(z, times(ratio(1, i), u));
	}
	give(z, end);
}

/* With the constant of integration. */
static struct series integral(struct rat c, struct series u)
{
	struct series z = make_series();

	g_go(integrate, SERIES(z, u), c.num, c.den);
	return z;
}

/* e^U, where U has no constant term: its derivative is itself times U's. */
static struct series exponential(struct series u)
{
	struct series zz[2] = { make_series(), make_series() };

	split(integral(one, product(zz[0], derivative(u))), zz);
	return zz[1];
}

/* U(c x^n) */
GO(substitute_monomial)
{
	struct rat c = one, c0 = { arg[0], arg[1] }, u;
	struct series z = nth(ch, 0);
	long i;

	for (;;) {
		g_get(z.ask);
		u = get(nth(ch, 1));
		if (is_end(u))
			break;
		give(z, times(u, c));
		c = times(c, c0);
		for (i = 1; i < arg[2]; i++)
			put(z, zero);
	}
	give(z, end);
}

static struct series substituted(struct series u, struct rat c, long n)
{
	struct series z = make_series();

	g_go(substitute_monomial, SERIES(z, u), c.num, c.den, n);
	return z;
}

/* What Go checks of them: ten coefficients each. */
#define TERMS 10

static void must_be(struct series u, const struct rat *want)
{
	int i;

	for (i = 0; i < TERMS; i++)
		hc_must(same(get(u), want[i]));
}

static void must_all_be(struct series u, struct rat want)
{
	int i;

	for (i = 0; i < TERMS; i++)
		hc_must(same(get(u), want));
}

static struct series ones(void)
{
	return repeated(one);
}

GO_MAIN(power_constant)
{
	must_all_be(ones(), one);
	must_all_be(scaled(minus(one), repeated(whole(2))), whole(-2));
}

GO_MAIN(power_sum)
{
	struct series u = ones();

	must_all_be(sum(u, u), whole(2));
	must_all_be(sum(ones(), repeated(whole(2))), whole(3));
	/* a difference */
	must_all_be(sum(u, scaled(minus(one), repeated(whole(2)))), whole(-1));
}

/* Both end, or one does and the other goes on. */
GO_MAIN(power_finite)
{
	const struct rat want[TERMS] = {
		{ 3, 1 }, { 4, 1 }, { 5, 1 }, one, one, one, one, one, one, one
	};
	struct series u, v;

	u = make_series();
	g_go(finite, SERIES(u), 3, 2, 3, 4);
	must_be(sum(u, ones()), want);
	u = make_series();
	g_go(finite, SERIES(u), 3, 2, 3, 4);
	must_be(sum(ones(), u), want);

	u = make_series();
	g_go(finite, SERIES(u), 3, 2, 3, 4);
	v = make_series();
	g_go(finite, SERIES(v), 3, 1, 1, 1);
	u = derivative(sum(u, v));
	hc_must(same(get(u), whole(4)) && same(get(u), whole(10)));
	hc_must(is_end(get(u)));
}

GO_MAIN(power_derivative)
{
	struct rat want[TERMS];
	int i;

	for (i = 0; i < TERMS; i++)
		want[i] = whole(i + 1);
	must_be(derivative(ones()), want);
}

GO_MAIN(power_integral)
{
	struct rat want[TERMS] = { zero };
	int i;

	for (i = 1; i < TERMS; i++)
		want[i] = ratio(1, i);
	must_be(integral(zero, ones()), want);
}

GO_MAIN(power_product)
{
	struct series u = ones();
	struct rat want[TERMS];
	int i;

	for (i = 0; i < TERMS; i++)
		want[i] = whole(i + 1);
	must_be(product(u, u), want);
}

/* The derivative of 1 + x + x^2 ... goes into it, so it is e^(x / (1 - x)). */
GO_MAIN(power_exponential)
{
	struct rat want[TERMS] = { one, one };
	int i;

	/* (n + 1) a(n + 1) = (2n + 1) a(n) - (n - 1) a(n - 1) */
	for (i = 1; i < TERMS - 1; i++)
		want[i + 1] = plus(times(ratio(2 * i + 1, i + 1), want[i]),
				   times(ratio(1 - i, i + 1), want[i - 1]));
	hc_must(same(want[9], ratio(4596553, 362880)));
	must_be(exponential(ones()), want);
}

GO_MAIN(power_arctangent)
{
	struct rat want[TERMS];
	int i;

	for (i = 0; i < TERMS; i++)
		want[i] = i % 2 ? ratio(i % 4 == 1 ? 1 : -1, i) : zero;
	must_be(integral(zero, substituted(ones(), minus(one), 2)), want);
}

#endif /* HCHAN_PROG_POWER_H */
