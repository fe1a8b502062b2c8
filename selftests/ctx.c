// SPDX-License-Identifier: GPL-2.0-only
/* What a context does by itself: cancel, error and cause, deadline, rights. */
#include "../kselftest_harness.h"
#include "hchan_ctx.h"
#include "fs_util.h"

#define CANCELLED HCHAN_CTX_ERR_CANCELLED
#define DEADLINE HCHAN_CTX_ERR_DEADLINE

FIXTURE(ctx) {
	int dev;
	long long channels;
};

FIXTURE_SETUP(ctx)
{
	self->dev = hc_background();
	self->channels = channels();
}

FIXTURE_TEARDOWN(ctx)
{
}

TEST_F(ctx, feature)
{
	struct hchan_query query = { .size = sizeof(query) };

	ASSERT_EQ(0, ioctl(self->dev, HCHAN_IOC_QUERY, &query));
	EXPECT_TRUE(query.features & HCHAN_FEAT_CTX);
}

/* --- what it is ------------------------------------------------------------ */

TEST_F(ctx, c33_is_a_channel)
{
	struct hc_ctx c = hc_ctx(self->dev, 0);
	struct hchan_stat stat = hc_stat(c.fd);
	uint8_t byte = 0;
	int flags;

	EXPECT_EQ(-1, c.cancel);
	EXPECT_EQ(c.id, stat.id);
	EXPECT_EQ(HCHAN_S_CTX, stat.state);
	EXPECT_EQ(0, stat.flags);
	EXPECT_EQ(0, stat.elem_size);
	EXPECT_EQ(0, stat.capacity);
	EXPECT_EQ(0, stat.length);
	EXPECT_EQ(0, stat.senders);
	EXPECT_EQ(1, stat.receivers);
	EXPECT_TRUE(hc_ctx_alive(c.fd));
	EXPECT_EQ(HC_NEVER, hc_ctx_stat(c.fd).deadline);
	flags = fcntl(c.fd, F_GETFL);
	EXPECT_EQ(O_RDONLY, flags & O_ACCMODE);
	EXPECT_EQ(FD_CLOEXEC, fcntl(c.fd, F_GETFD));
	/* It can only receive, and nothing makes it wider (C42). */
	EXPECT_EQ(-EBADF, hc_try_send(c.fd, NULL, 0));
	EXPECT_EQ(-EBADF, hc_close(c.fd));
	EXPECT_EQ(-EBADF, hc_write(c.fd, &byte, 1, 0));
	EXPECT_EQ(-EACCES, hc_narrow(c.fd, O_RDWR));
	EXPECT_EQ(-EACCES, hc_narrow(c.fd, O_WRONLY));
	EXPECT_TRUE(hc_ctx_alive(c.fd));
}

TEST_F(ctx, c33_flags_of_the_descriptors)
{
	struct hchan_ctx arg = hc_ctx_request(HCHAN_CTX_CANCEL);
	struct hc_ctx c;
	char none;

	arg.open_flags = O_NONBLOCK;
	ASSERT_LE(0, hc_ctx_by(self->dev, &arg, &c));
	EXPECT_EQ(0, fcntl(c.fd, F_GETFD));
	EXPECT_EQ(0, fcntl(c.cancel, F_GETFD));
	EXPECT_TRUE(fcntl(c.fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(c.cancel, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(-EAGAIN, hc_recv(c.fd, &none, 0));
	arg = hc_ctx_request(HCHAN_CTX_CANCEL);
	ASSERT_LE(0, hc_ctx_by(self->dev, &arg, &c));
	EXPECT_EQ(FD_CLOEXEC, fcntl(c.fd, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(c.cancel, F_GETFD));
	EXPECT_FALSE(fcntl(c.fd, F_GETFL) & O_NONBLOCK);
}

TEST_F(ctx, c50_counts_as_a_channel)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(a.fd, 0);

	EXPECT_EQ(self->channels + 2, channels());
	/* What is above lives as long as what is below. */
	hc_ctx_drop(&a);
	EXPECT_EQ(self->channels + 2, channels());
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	hc_ctx_drop(&b);
	EXPECT_EQ(self->channels, channels());
}

/* --- cancel ---------------------------------------------------------------- */

TEST_F(ctx, c34_cancel)
{
	struct hc_ctx c = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hchan_cause why = hc_cause(-7, "enough"), other = hc_cause(8, "late");

	EXPECT_TRUE(hc_ctx_alive(c.fd));
	EXPECT_EQ(0, hc_ctx_err(c.cancel));
	EXPECT_EQ(1, hc_ctx_cancel(c.cancel, &why));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, -7, "enough"));
	EXPECT_EQ(c.id, hc_ctx_stat(c.cancel).id);
	EXPECT_EQ(CANCELLED, hc_ctx_stat(c.cancel).err);
	/* The first stays. */
	EXPECT_EQ(0, hc_ctx_cancel(c.cancel, &other));
	EXPECT_EQ(0, hc_ctx_cancel(c.cancel, NULL));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, -7, "enough"));
}

TEST_F(ctx, c34_cancel_without_a_cause)
{
	struct hc_ctx c = hc_ctx(self->dev, HCHAN_CTX_CANCEL);

	EXPECT_EQ(1, hc_ctx_cancel(c.cancel, NULL));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 0, ""));
}

TEST_F(ctx, c34_longest_cause)
{
	struct hc_ctx c = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hchan_cause why = { .code = INT32_MIN, .len = HCHAN_CAUSE_MAX };
	struct hchan_ctx_stat stat;

	hc_fill(why.text, sizeof(why.text), 3);
	EXPECT_EQ(1, hc_ctx_cancel(c.cancel, &why));
	stat = hc_ctx_stat(c.fd);
	EXPECT_EQ(0, memcmp(&why, &stat.cause, sizeof(why)));
}

/* What is behind the text is not kept. */
TEST_F(ctx, c34_rest_of_the_text)
{
	struct hc_ctx c = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hchan_cause why = hc_cause(1, "long text");

	why.len = 4;
	EXPECT_EQ(1, hc_ctx_cancel(c.cancel, &why));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 1, "long"));
}

/* A B C D: D below C below B below A, and E beside C. */
TEST_F(ctx, c33_everything_below)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(a.fd, HCHAN_CTX_CANCEL);
	struct hc_ctx c = hc_ctx(b.fd, HCHAN_CTX_CANCEL);
	struct hc_ctx d = hc_ctx(c.fd, 0);
	struct hc_ctx e = hc_ctx(b.fd, 0);
	struct hchan_cause first = hc_cause(1, "first"), second = hc_cause(2, "second");

	EXPECT_EQ(1, hc_ctx_cancel(c.cancel, &first));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 1, "first"));
	EXPECT_TRUE(hc_ctx_is(d.fd, CANCELLED, 1, "first"));
	/* Not what is above or beside. */
	EXPECT_TRUE(hc_ctx_alive(a.fd));
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	EXPECT_TRUE(hc_ctx_alive(e.fd));
	/* The second reaches those alone that are not done. */
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &second));
	EXPECT_TRUE(hc_ctx_is(a.fd, CANCELLED, 2, "second"));
	EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 2, "second"));
	EXPECT_TRUE(hc_ctx_is(e.fd, CANCELLED, 2, "second"));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 1, "first"));
	EXPECT_TRUE(hc_ctx_is(d.fd, CANCELLED, 1, "first"));
	EXPECT_EQ(0, hc_ctx_cancel(b.cancel, &first));
}

/* Nobody has a descriptor of what is in between. */
TEST_F(ctx, c33_through_who_is_gone)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(a.fd, 0);
	struct hc_ctx c = hc_ctx(b.fd, 0);
	struct hchan_cause why = hc_cause(5, "all");

	close(b.fd);
	close(a.fd);
	EXPECT_TRUE(hc_ctx_alive(c.fd));
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 5, "all"));
}

/* --- the right ------------------------------------------------------------- */

TEST_F(ctx, c34_right_is_the_descriptor)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(a.fd, 0);
	char none;

	/* Neither the context's descriptor nor a child's has it. */
	EXPECT_EQ(-ENOTTY, hc_ctx_cancel(a.fd, NULL));
	EXPECT_EQ(-ENOTTY, hc_ctx_cancel(b.fd, NULL));
	EXPECT_EQ(-1, b.cancel);
	EXPECT_TRUE(hc_ctx_alive(a.fd));
	/* One of the right to cancel makes no child, and has no value. */
	EXPECT_EQ(-ENOTTY, ERR(ioctl(a.cancel, HCHAN_IOC_CTX, &(struct hchan_ctx){
		.size = sizeof(struct hchan_ctx) })));
	EXPECT_EQ(-ENOTTY, hc_ctx_value(a.cancel, "k", 1, &none, 0, NULL));
	EXPECT_EQ(-ENOTTY, ERR(ioctl(a.cancel, HCHAN_IOC_RECV, NULL)));
}

/* Losing the right alone does nothing, unless that is asked for. */
TEST_F(ctx, c34_loss_of_the_right)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	struct hc_ctx c = hc_ctx(b.fd, 0);
	int more = dup(b.cancel);

	close(a.cancel);
	EXPECT_TRUE(hc_ctx_alive(a.fd));
	close(b.cancel);
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	close(more);
	EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 0, HCHAN_CTX_LOST));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 0, HCHAN_CTX_LOST));
}

TEST_F(ctx, c34_loss_after_a_cancel)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	struct hchan_cause why = hc_cause(3, "me");

	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	close(a.cancel);
	EXPECT_TRUE(hc_ctx_is(a.fd, CANCELLED, 3, "me"));
}

/* --- deadlines ------------------------------------------------------------- */

TEST_F(ctx, c35_deadline_passes)
{
	struct hchan_cause why = hc_cause(110, "too slow");
	int64_t at = hc_in(20 * HC_MS);
	struct hc_ctx a = hc_ctx_until(self->dev, 0, at, &why);
	struct hc_ctx b = hc_ctx(a.fd, 0);

	EXPECT_EQ(at, hc_ctx_stat(a.fd).deadline);
	EXPECT_EQ(at, hc_ctx_stat(b.fd).deadline);
	EXPECT_TRUE(hc_ctx_wait(b.fd));
	EXPECT_LE(at, hc_clock(CLOCK_MONOTONIC));
	EXPECT_TRUE(hc_ctx_is(a.fd, DEADLINE, 110, "too slow"));
	EXPECT_TRUE(hc_ctx_is(b.fd, DEADLINE, 110, "too slow"));
	EXPECT_EQ(at, hc_ctx_stat(a.fd).deadline);
}

/* The timer does it, whoever looks. */
TEST_F(ctx, c35_deadline_wakes_who_waits)
{
	struct hc_ctx a = hc_ctx_until(self->dev, 0, hc_in(20 * HC_MS), NULL);
	char none;

	EXPECT_EQ(0, hc_recv(a.fd, &none, 0));
	EXPECT_TRUE(hc_ctx_is(a.fd, DEADLINE, 0, ""));
}

TEST_F(ctx, c35_earlier_of_the_two)
{
	int64_t soon = hc_in(HC_PATIENCE), late = soon + HC_PATIENCE;
	struct hc_ctx a = hc_ctx_until(self->dev, 0, soon, NULL);
	struct hc_ctx b = hc_ctx_until(a.fd, 0, late, NULL);
	struct hc_ctx c = hc_ctx_until(self->dev, 0, late, NULL);
	struct hc_ctx d = hc_ctx_until(c.fd, 0, soon, NULL);
	struct hc_ctx e = hc_ctx_until(d.fd, 0, HC_NEVER, NULL);

	EXPECT_EQ(soon, hc_ctx_stat(b.fd).deadline);
	EXPECT_EQ(late, hc_ctx_stat(c.fd).deadline);
	EXPECT_EQ(soon, hc_ctx_stat(d.fd).deadline);
	EXPECT_EQ(soon, hc_ctx_stat(e.fd).deadline);
	EXPECT_TRUE(hc_ctx_alive(e.fd));
}

/* The cause is that of the deadline which was the earlier. */
TEST_F(ctx, c35_cause_of_the_earlier)
{
	struct hchan_cause ours = hc_cause(1, "parent"), own = hc_cause(2, "child");
	int64_t now = hc_in(0);
	struct hc_ctx a = hc_ctx_until(self->dev, 0, now + 10 * HC_MS, &ours);
	struct hc_ctx b = hc_ctx_until(a.fd, 0, now + HC_PATIENCE, &own);
	struct hc_ctx c = hc_ctx_until(self->dev, 0, now + 10 * HC_PATIENCE, &ours);
	struct hc_ctx d = hc_ctx_until(c.fd, 0, now + 10 * HC_MS, &own);

	ASSERT_TRUE(hc_ctx_wait(b.fd));
	EXPECT_TRUE(hc_ctx_is(b.fd, DEADLINE, 1, "parent"));
	ASSERT_TRUE(hc_ctx_wait(d.fd));
	EXPECT_TRUE(hc_ctx_is(d.fd, DEADLINE, 2, "child"));
	EXPECT_TRUE(hc_ctx_alive(c.fd));
}

/* Seen through a stat and by who makes a child, without any waiting. */
TEST_F(ctx, c35_past_is_done_at_once)
{
	struct hchan_cause why = hc_cause(4, "past");
	static const int64_t past[] = { INT64_MIN, -1, 0, 1 };
	struct hc_ctx a, b;
	int64_t at;
	int i;

	for (i = 0; i < 4; i++) {
		a = hc_ctx_until(self->dev, HCHAN_CTX_CANCEL, past[i], &why);
		EXPECT_TRUE(hc_ctx_is(a.fd, DEADLINE, 4, "past"));
		EXPECT_EQ(0, hc_ctx_cancel(a.cancel, NULL));
		EXPECT_TRUE(hc_ctx_is(a.fd, DEADLINE, 4, "past"));
		hc_ctx_drop(&a);
	}
	for (i = 0; i < 200; i++) {
		at = hc_in(50000);
		a = hc_ctx_until(self->dev, HCHAN_CTX_CANCEL, at, &why);
		while (hc_clock(CLOCK_MONOTONIC) < at)
			;
		if (i % 3 == 0) {
			EXPECT_EQ(DEADLINE, hc_ctx_err(a.fd));
		} else if (i % 3 == 1) {
			b = hc_ctx(a.fd, 0);
			EXPECT_TRUE(hc_ctx_done(b.fd));
			EXPECT_TRUE(hc_ctx_done(a.fd));
			EXPECT_TRUE(hc_ctx_is(b.fd, DEADLINE, 4, "past"));
			hc_ctx_drop(&b);
		} else {
			EXPECT_EQ(0, hc_ctx_cancel(a.cancel, NULL));
		}
		EXPECT_TRUE(hc_ctx_is(a.fd, DEADLINE, 4, "past"));
		hc_ctx_drop(&a);
	}
}

/* C31, of contexts: the farthest is not now. */
TEST_F(ctx, c35_far_deadlines)
{
	struct hc_ctx a = hc_ctx_until(self->dev, 0, HC_NEVER, NULL);
	struct hc_ctx b = hc_ctx_until(self->dev, 0, HC_NEVER - 1, NULL);
	struct hc_ctx c = hc_ctx_until(a.fd, 0, HC_NEVER - 1, NULL);
	char none;

	EXPECT_EQ(HC_NEVER, hc_ctx_stat(a.fd).deadline);
	EXPECT_EQ(HC_NEVER - 1, hc_ctx_stat(b.fd).deadline);
	EXPECT_EQ(HC_NEVER - 1, hc_ctx_stat(c.fd).deadline);
	EXPECT_EQ(-ETIMEDOUT, hc_recv_by(b.fd, &none, 0, HCHAN_DEADLINE,
					 hc_in(5 * HC_MS), NULL));
	EXPECT_TRUE(hc_ctx_alive(a.fd));
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	EXPECT_TRUE(hc_ctx_alive(c.fd));
}

/* A cancel before the deadline: the cause of the latter is not seen. */
TEST_F(ctx, c34_cancel_before_the_deadline)
{
	struct hchan_cause late = hc_cause(1, "late"), why = hc_cause(2, "cancel");
	int64_t at = hc_in(300 * HC_MS);
	struct hc_ctx a = hc_ctx_until(self->dev, HCHAN_CTX_CANCEL, at, &late);
	struct hc_ctx b = hc_ctx_until(self->dev, HCHAN_CTX_CANCEL, at, &late);

	if (hc_ctx_cancel(a.cancel, &why) == 1 &&
	    hc_ctx_cancel(b.cancel, NULL) == 1) {
		EXPECT_TRUE(hc_ctx_is(a.fd, CANCELLED, 2, "cancel"));
		while (hc_clock(CLOCK_MONOTONIC) < at)
			;
		EXPECT_TRUE(hc_ctx_is(a.fd, CANCELLED, 2, "cancel"));
		EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 0, ""));
	}
}

/* --- children -------------------------------------------------------------- */

TEST_F(ctx, c35_born_done)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hchan_cause why = hc_cause(6, "before"), own = hc_cause(7, "own");
	struct hc_ctx b, c, d;

	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	b = hc_ctx(a.fd, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 6, "before"));
	EXPECT_EQ(0, hc_ctx_cancel(b.cancel, &own));
	c = hc_ctx_until(b.fd, 0, 0, &own);
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 6, "before"));
	hc_ctx_drop(&b);
	d = hc_ctx(c.fd, 0);
	hc_ctx_drop(&c);
	hc_ctx_drop(&a);
	/* The cause lives as long as anybody who has it. */
	EXPECT_TRUE(hc_ctx_is(d.fd, CANCELLED, 6, "before"));
}

TEST_F(ctx, c36_place_in_the_parent)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(a.fd, HCHAN_CTX_CANCEL);
	struct hc_ctx c = hc_ctx(a.fd, 0), d = hc_ctx(b.fd, 0), e;

	EXPECT_EQ(2, hc_ctx_stat(a.fd).children);
	EXPECT_EQ(1, hc_ctx_stat(b.fd).children);
	/* One that is gone, unless something below it is not. */
	hc_ctx_drop(&c);
	EXPECT_EQ(1, hc_ctx_stat(a.fd).children);
	close(b.fd);
	EXPECT_EQ(1, hc_ctx_stat(a.fd).children);
	/* One that is done. */
	EXPECT_EQ(1, hc_ctx_cancel(b.cancel, NULL));
	EXPECT_EQ(0, hc_ctx_stat(a.fd).children);
	EXPECT_EQ(0, hc_ctx_stat(b.cancel).children);
	/* One that is born so. */
	e = hc_ctx_until(a.fd, 0, 0, NULL);
	EXPECT_EQ(0, hc_ctx_stat(a.fd).children);
	hc_ctx_drop(&d);
	hc_ctx_drop(&e);
	close(b.cancel);
	EXPECT_EQ(self->channels + 1, channels());
	EXPECT_EQ(0, hc_ctx_stat(a.fd).children);
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, NULL));
	EXPECT_EQ(0, hc_ctx_stat(a.fd).children);
}

/* --- the background, without cancel ---------------------------------------- */

TEST_F(ctx, c36_background)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hc_ctx b = hc_ctx(self->dev, HCHAN_CTX_DETACH);

	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, NULL));
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	EXPECT_EQ(-ENOTTY, hc_ctx_cancel(self->dev, NULL));
	EXPECT_EQ(-ENOTTY, ERR(ioctl(self->dev, HCHAN_IOC_CTX_STAT, NULL)));
}

TEST_F(ctx, c36_detached)
{
	struct hchan_cause why = hc_cause(1, "above"), own = hc_cause(2, "own");
	int64_t at = hc_in(HC_PATIENCE);
	struct hc_ctx a = hc_ctx_until(self->dev, HCHAN_CTX_CANCEL, at, NULL);
	struct hc_ctx b = hc_ctx(a.fd, HCHAN_CTX_CANCEL | HCHAN_CTX_DETACH);
	struct hc_ctx c = hc_ctx_until(b.fd, 0, at + HC_MS, NULL), d;

	EXPECT_EQ(0, hc_ctx_stat(a.fd).children);
	EXPECT_EQ(HC_NEVER, hc_ctx_stat(b.fd).deadline);
	EXPECT_EQ(at + HC_MS, hc_ctx_stat(c.fd).deadline);
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	EXPECT_TRUE(hc_ctx_alive(c.fd));
	/* Nor is one born done, or with the deadline. */
	d = hc_ctx(a.fd, HCHAN_CTX_DETACH);
	EXPECT_TRUE(hc_ctx_alive(d.fd));
	EXPECT_EQ(HC_NEVER, hc_ctx_stat(d.fd).deadline);
	/* It is the root of what is below. */
	EXPECT_EQ(1, hc_ctx_cancel(b.cancel, &own));
	EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 2, "own"));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 2, "own"));
	EXPECT_TRUE(hc_ctx_alive(d.fd));
}

/* --- what is shown --------------------------------------------------------- */

static bool shows(int fd, const char *want)
{
	char path[64], line[128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	hc_must(f);
	while (fgets(line, sizeof(line), f))
		found |= !strcmp(line, want);
	fclose(f);
	return found;
}

TEST_F(ctx, fdinfo)
{
	int64_t at = hc_in(HC_PATIENCE);
	struct hc_ctx a = hc_ctx_until(self->dev, HCHAN_CTX_CANCEL, at, NULL);
	struct hc_ctx b = hc_ctx(a.fd, 0);
	struct hc_ctx c = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	char id[64], deadline[64];

	snprintf(id, sizeof(id), "hchan-id:\t%llu\n", (unsigned long long)a.id);
	snprintf(deadline, sizeof(deadline), "hchan-ctx-deadline:\t%lld\n",
		 (long long)at);
	EXPECT_TRUE(shows(a.fd, id) && shows(a.cancel, id));
	EXPECT_TRUE(shows(a.fd, deadline) && shows(a.cancel, deadline));
	EXPECT_TRUE(shows(b.fd, deadline));
	EXPECT_TRUE(shows(c.fd, "hchan-ctx-deadline:\tnever\n"));
	EXPECT_TRUE(shows(a.fd, "hchan-ctx-children:\t1\n"));
	EXPECT_TRUE(shows(a.fd, "hchan-ctx-err:\tnone\n"));
	EXPECT_TRUE(shows(a.fd, "hchan-state:\topen\n"));
	EXPECT_TRUE(shows(a.cancel, "hchan-cancels:\ton-request\n"));
	EXPECT_TRUE(shows(c.cancel, "hchan-cancels:\ton-loss\n"));
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, NULL));
	EXPECT_TRUE(shows(b.fd, "hchan-ctx-err:\tcancelled\n"));
	EXPECT_TRUE(shows(b.fd, "hchan-state:\tclosed\n"));
	EXPECT_TRUE(shows(a.cancel, "hchan-ctx-children:\t0\n"));
	b = hc_ctx_until(self->dev, 0, 0, NULL);
	EXPECT_TRUE(shows(b.fd, "hchan-ctx-err:\tdeadline\n"));
}

/* A longer structure is filled with zeroes, one of another kernel's is taken. */
TEST_F(ctx, c48_sizes)
{
	struct { struct hchan_ctx arg; uint64_t more; } in = {
		.arg = hc_ctx_request(0),
	};
	struct { struct hchan_ctx_stat stat; uint64_t more; } out;
	struct hc_ctx c;

	in.arg.size = sizeof(in);
	ASSERT_LE(0, hc_ctx_by(self->dev, &in.arg, &c));
	in.arg = hc_ctx_request(0);
	in.arg.size = sizeof(in);
	in.more = 1;
	EXPECT_EQ(-E2BIG, hc_ctx_by(self->dev, &in.arg, &c));
	memset(&out, HC_POISON, sizeof(out));
	out.stat.size = sizeof(out);
	ASSERT_EQ(0, ioctl(c.fd, HCHAN_IOC_CTX_STAT, &out));
	EXPECT_EQ(0, out.more);
	EXPECT_EQ(sizeof(out.stat), out.stat.size);
	EXPECT_EQ(c.id, out.stat.id);
	out.stat.size = sizeof(out.stat) - 1;
	EXPECT_EQ(-EINVAL, ERR(ioctl(c.fd, HCHAN_IOC_CTX_STAT, &out)));
	out.stat.size = 4097;
	EXPECT_EQ(-EINVAL, ERR(ioctl(c.fd, HCHAN_IOC_CTX_STAT, &out)));
}

TEST_HARNESS_MAIN
