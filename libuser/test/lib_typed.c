// SPDX-License-Identifier: GPL-2.0-only
/* Typed channels against the kernel: two programs that mean the same, or not. */
#include <sys/mount.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

struct job {
	uint32_t id;
	char text[60];
};

/* The same size, another meaning. */
struct invoice {
	char text[60];
	uint32_t id;
};

HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(invoice_chan, struct invoice);
HCHAN_DECLARE(long_chan, int64_t);
HCHAN_DECLARE_AS(job_v1, struct job, "org.example.job/1");
HCHAN_DECLARE_AS(job_v2, struct job, "org.example.job/2");
HCHAN_DECLARE_LAYOUT(job_layout, struct job, HCHAN_MEMBER(id),
		     HCHAN_MEMBER(text));
HCHAN_DECLARE_PTR(pointer_chan, struct job *);

FIXTURE(typed) {
	char dir[32];
};

FIXTURE_SETUP(typed)
{
	strcpy(self->dir, "/tmp/lib_typed-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, mount("none", self->dir, "hchanfs", 0, NULL));
	ASSERT_EQ(0, setenv("HCHAN_DIR", self->dir, 1));
}

FIXTURE_TEARDOWN(typed)
{
	umount(self->dir);
	rmdir(self->dir);
}

TEST_F(typed, elements)
{
	struct job in[3] = { { 1, "one" }, { 2, "two" }, { 3, "three" } };
	const struct job *first = in;
	job_chan jobs = job_chan_make(4);
	struct job out[4];

	ASSERT_LE(0, jobs.fd);
	memset(out, 0xcc, sizeof(out));
	EXPECT_EQ(0, HCHAN_SEND(jobs, first));
	EXPECT_EQ(0, HCHAN_TRY_SEND(jobs, &in[1]));
	EXPECT_EQ(0, HCHAN_SEND_UNTIL(jobs, &in[2], hchan_nowait()));
	EXPECT_EQ(0, HCHAN_SEND(jobs, &(struct job){ 4, "commas" }));
	EXPECT_EQ(-EAGAIN, HCHAN_TRY_SEND(jobs, first));
	EXPECT_EQ(1, HCHAN_RECV(jobs, &out[0]));
	EXPECT_EQ(1, HCHAN_TRY_RECV(jobs, &out[1]));
	EXPECT_EQ(1, HCHAN_RECV_UNTIL(jobs, &out[2], hchan_nowait()));
	EXPECT_EQ(0, memcmp(in, out, sizeof(in)));
	EXPECT_EQ(1, HCHAN_RECV(jobs, out));
	EXPECT_EQ(4, out[0].id);
	EXPECT_EQ(3, HCHAN_SENDN(jobs, in, 3));
	EXPECT_EQ(3, HCHAN_RECVN_UNTIL(jobs, out, 4, hchan_forever(),
				       HCHAN_SOME));
	EXPECT_EQ(0, memcmp(in, out, sizeof(in)));
	EXPECT_EQ(1, HCHAN_SENDN_UNTIL(jobs, in, 1, hchan_forever()));
	EXPECT_EQ(1, HCHAN_RECVN(jobs, out, 1));
	EXPECT_EQ(0, job_chan_close(jobs));
	EXPECT_EQ(0, HCHAN_RECV(jobs, out));
	EXPECT_EQ(0, job_chan_drop(jobs));
	EXPECT_EQ(-EBADF, HCHAN_SEND(jobs, in));
}

/* C47: the name is the same, the type is not. */
TEST_F(typed, disagree)
{
	job_chan jobs = job_chan_create("jobs", 4);
	invoice_chan invoices = invoice_chan_create("jobs", 4);
	struct hchan_stat st;

	ASSERT_LE(0, jobs.fd) TH_LOG("%s", hchan_errmsg());
	EXPECT_EQ(-EPROTOTYPE, invoices.fd);
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "/jobs: expected"));
	EXPECT_EQ(-EPROTOTYPE, invoice_chan_open("jobs", 0).fd);
	EXPECT_EQ(-EPROTOTYPE, long_chan_open("jobs", 0).fd);
	EXPECT_EQ(-EPROTOTYPE, job_v1_open("jobs", 0).fd);
	EXPECT_EQ(-EPROTOTYPE, job_layout_open("jobs", 0).fd);
	EXPECT_EQ(-EPROTOTYPE, invoice_chan_of(jobs.fd).fd);
	EXPECT_EQ(jobs.fd, job_chan_of(jobs.fd).fd);
	ASSERT_EQ(0, hchan_stat(jobs.fd, &st));
	EXPECT_EQ(hchan_tag("struct job", 64), st.type_tag);
	EXPECT_EQ(64, st.elem_size);
	/* Nobody who was refused is counted. */
	EXPECT_EQ(1, st.senders);
	job_chan_drop(jobs);

	jobs = job_chan_open("jobs", HCHAN_O_SEND);
	EXPECT_LE(0, jobs.fd);
	EXPECT_EQ(-EBADF, HCHAN_TRY_RECV(jobs, &(struct job){ 0, "" }));
	job_chan_drop(jobs);
}

TEST_F(typed, versions)
{
	struct hchan_opts opts = {
		.capacity = 2,
		.flags = HCHAN_CREATE | HCHAN_EXCL,
		.mode = 0600,
	};
	struct hchan_found found;
	job_v1 v1 = job_v1_open_opts("jobs", &opts, &found);

	ASSERT_LE(0, v1.fd) TH_LOG("%s", hchan_errmsg());
	EXPECT_EQ(hchan_tag("org.example.job/1", 64), found.tag);
	EXPECT_EQ(2, found.capacity);
	EXPECT_EQ(-EEXIST, job_v1_open_opts("jobs", &opts, &found).fd);
	EXPECT_EQ(-EPROTOTYPE, job_v2_create("jobs", 2).fd);
	job_v1_drop(v1);
}

/* A channel that states no type takes any of its size: a shell may make it. */
TEST_F(typed, untyped)
{
	int made = hchan_create("jobs", sizeof(struct job), 1);
	job_chan jobs = job_chan_open("jobs", 0);

	ASSERT_LE(0, made);
	EXPECT_LE(0, jobs.fd) TH_LOG("%s", hchan_errmsg());
	EXPECT_EQ(-EPROTOTYPE, long_chan_open("jobs", 0).fd);
	job_chan_drop(jobs);
	close(made);
}

static void *receive_pointer(void *arg)
{
	pointer_chan pointers = { *(int *)arg };
	struct job *job = NULL;

	HCHAN_RECV(pointers, &job);
	return job;
}

/* Pointers, between threads, for those who insist. */
TEST_F(typed, pointers)
{
	pointer_chan pointers = pointer_chan_make(0);
	struct job job, *sent = &job;
	pthread_t thread;
	void *received;

	ASSERT_LE(0, pointers.fd);
	pthread_create(&thread, NULL, receive_pointer, &pointers.fd);
	EXPECT_EQ(0, HCHAN_SEND(pointers, &sent));
	pthread_join(thread, &received);
	EXPECT_EQ((void *)&job, received);
	pointer_chan_drop(pointers);
}

/* C4: a typed nil is nil. */
TEST_F(typed, nil)
{
	job_chan nil = job_chan_nil(), also = { HCHAN_NIL };
	struct job job;

	EXPECT_EQ(-EAGAIN, HCHAN_TRY_RECV(nil, &job));
	EXPECT_EQ(-ETIMEDOUT, HCHAN_RECV_UNTIL(also, &job, hchan_after(1)));
	EXPECT_EQ(-EINVAL, job_chan_close(nil));
	EXPECT_EQ(0, job_chan_drop(also));
}

TEST_HARNESS_MAIN
