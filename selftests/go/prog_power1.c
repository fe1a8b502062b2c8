// SPDX-License-Identifier: GPL-2.0-only
/* After Go's test/chan/powser1: coefficients of fixed size. */
#include "prog_power.h"

static int power_make(void)
{
	return g_make(sizeof(struct rat), 0);
}

static void power_give(int c, struct rat u)
{
	g_send(c, &u, sizeof(u));
}

static struct rat power_take(int c)
{
	struct rat u;

	g_recv(c, &u, sizeof(u));
	return u;
}

static struct hchan_case power_case_take(int c, union parcel *parcel)
{
	return g_case(HCHAN_CASE_RECV, c, &parcel->rat, sizeof(parcel->rat));
}

static struct rat power_took(const union parcel *parcel,
			     const struct hchan_case *c)
{
	return parcel->rat;
}

TEST_HARNESS_MAIN
