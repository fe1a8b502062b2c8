// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chan/powser2, where what travels is an interface: of what type
 * it is shows when it has come. Here it is a message, whose length says it: a
 * whole number, a fraction, or the end.
 */
#include "prog_power.h"

#define END_LEN		1
#define WHOLE_LEN	sizeof(long)
#define FRACTION_LEN	sizeof(struct rat)

static int power_make(void)
{
	return p_make_msg(FRACTION_LEN, 0);
}

static void power_give(int c, struct rat u)
{
	if (is_end(u))
		g_send(c, ".", END_LEN);
	else if (u.den == 1)
		g_send(c, &u.num, WHOLE_LEN);
	else
		g_send(c, &u, FRACTION_LEN);
}

static struct rat unpack(const union parcel *parcel, uint32_t len)
{
	switch (len) {
	case END_LEN:
		hc_must(parcel->bytes[0] == '.');
		return end;
	case WHOLE_LEN:
		return whole(parcel->rat.num);
	default:
		hc_must(len == FRACTION_LEN && parcel->rat.den > 1);
		return parcel->rat;
	}
}

static struct rat power_take(int c)
{
	struct hchan_xfer xfer;
	union parcel parcel;

	hc_must(hc_recv_by(c, &parcel, sizeof(parcel), 0, 0, &xfer) == 1);
	return unpack(&parcel, xfer.actual);
}

static struct hchan_case power_case_take(int c, union parcel *parcel)
{
	return g_case(HCHAN_CASE_RECV, c, parcel, sizeof(*parcel));
}

static struct rat power_took(const union parcel *parcel,
			     const struct hchan_case *c)
{
	return unpack(parcel, c->actual);
}

TEST_HARNESS_MAIN
