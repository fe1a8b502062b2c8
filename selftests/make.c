// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a channel (C1, C2, C47) and what can be known of one: query, stat,
 * fdinfo, length and capacity (C3). Quotas have tests of their own.
 */
#include <sys/stat.h>

#include "../kselftest_harness.h"
#include "hchan_test.h"

static int device(void)
{
	return open("/dev/hchan", O_RDWR | O_CLOEXEC);
}

/* Channels there are, of everybody. */
static long count_channels(void)
{
	FILE *f = fopen("/proc/sys/hchan/channels", "r");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

/* The lowest descriptor that is free: one too many would show. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* Every size and capacity in range makes a channel that says so. */
TEST(C1_in_range)
{
	uint32_t elems[] = { 0, 1, 2, 127, 128, 129, 4096, 65534, 65535 };
	uint64_t caps[] = { 0, 1, 2, 63, 64, 1000 };
	struct hchan_create create;
	struct hchan_stat stat;
	int i, j, fd;

	for (i = 0; i < ARRAY_SIZE(elems); i++) {
		for (j = 0; j < ARRAY_SIZE(caps); j++) {
			create = hc_request(elems[i], caps[j], 0);
			fd = hc_create(&create);
			ASSERT_LE(0, fd);
			stat = hc_stat(fd);
			EXPECT_EQ(elems[i], stat.elem_size);
			EXPECT_EQ(caps[j], stat.capacity);
			EXPECT_EQ(0, stat.length);
			EXPECT_EQ(0, stat.flags);
			EXPECT_EQ(0, stat.state);
			EXPECT_EQ(0, stat.type_tag);
			EXPECT_EQ(create.id, stat.id);
			EXPECT_EQ(1, stat.senders);
			EXPECT_EQ(1, stat.receivers);
			EXPECT_EQ(0, stat.parked_senders);
			EXPECT_EQ(0, stat.parked_receivers);
			EXPECT_EQ(elems[i], create.found_elem_size);
			EXPECT_EQ(caps[j], create.found_capacity);
			close(fd);
		}
	}
}

/* Out of range is said by its own error, and nothing is left of the attempt. */
TEST(C1_out_of_range)
{
	const struct {
		uint32_t elem;
		uint64_t cap;
		uint32_t flags;
		int error;
	} table[] = {
		{ 65536, 0, 0, EMSGSIZE },
		{ 65536, 1, 0, EMSGSIZE },
		{ 1U << 31, 0, 0, EMSGSIZE },
		{ ~0U, 0, 0, EMSGSIZE },
		{ 65536, 0, HCHAN_MSG, EMSGSIZE },
		{ 0, 0, HCHAN_MSG, EMSGSIZE },
		{ 0, 1ULL << 31, 0, EOVERFLOW },
		{ 0, 1ULL << 32, 0, EOVERFLOW },
		{ 1, ~0ULL, 0, EOVERFLOW },
		{ 8, 1ULL << 61, 0, EOVERFLOW },
		{ 128, 1ULL << 25, 0, EOVERFLOW },
		{ 65535, 1ULL << 48, 0, EOVERFLOW },
	};
	long before = count_channels();
	int fd = next_fd(), i;

	ASSERT_LE(0, before);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		/* hc_create() sees that no output is touched. */
		EXPECT_EQ(-table[i].error, hc_make(table[i].elem, table[i].cap,
						   table[i].flags));
	EXPECT_EQ(before, count_channels());
	EXPECT_EQ(fd, next_fd());
}

/* What the query says is the limit is one. */
TEST(C1_limits_of_the_query)
{
	struct hchan_query query = { .size = sizeof(query) };
	int d = device(), fd;

	ASSERT_LE(0, d);
	ASSERT_EQ(0, ioctl(d, HCHAN_IOC_QUERY, &query));
	fd = hc_make(query.elem_max, 0, 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-EMSGSIZE, hc_make(query.elem_max + 1, 0, 0));
	/* Elements of no size take no room, so nothing else is in the way. */
	fd = hc_make(0, query.cap_max, 0);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-EOVERFLOW, hc_make(0, query.cap_max + 1, 0));
}

/* Past a quota: EDQUOT, of which nothing stays. */
TEST(C1_past_a_quota)
{
	const char *path = "/proc/sys/hchan/max_bytes_per_user";
	char limit[32] = {};
	long before = count_channels();
	int fd = next_fd(), sysctl = open(path, O_RDWR), status;
	pid_t pid;

	ASSERT_LE(0, sysctl);
	ASSERT_LT(0, read(sysctl, limit, sizeof(limit) - 1));
	ASSERT_EQ(5, pwrite(sysctl, "10000", 5, 0));
	pid = fork();
	if (!pid) {
		/* Root may go past it. */
		hc_must(hc_make(1000, 20, 0) >= 0);
		hc_must(!setresuid(1000, 1000, 1000));
		hc_must(hc_make(1000, 20, 0) == -EDQUOT);
		hc_must(hc_make(1000, 2, 0) >= 0);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(strlen(limit), pwrite(sysctl, limit, strlen(limit), 0));
	EXPECT_EQ(0, status);
	close(sysctl);
	EXPECT_EQ(before, count_channels());
	EXPECT_EQ(fd, next_fd());
}

/* Elements without bytes count, and are as many as the capacity. */
TEST(C2_zero_size_elements)
{
	struct hchan_xfer xfer;
	int fd = hc_make(0, 3, 0), i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, hc_try_send(fd, NULL, 0));
		EXPECT_EQ(i + 1, hc_len(fd));
	}
	EXPECT_EQ(-EAGAIN, hc_try_send(fd, NULL, 0));
	/* No byte is looked for, so any address will do. */
	EXPECT_EQ(1, hc_recv_by(fd, NULL, 0, 0, 0, &xfer));
	EXPECT_EQ(0, xfer.actual);
	EXPECT_EQ(-EMSGSIZE, hc_try_send(fd, "x", 1));
	EXPECT_EQ(0, hc_send(fd, (void *)8, 0));
	for (i = 3; i > 0; i--) {
		EXPECT_EQ(i, hc_len(fd));
		ASSERT_EQ(1, hc_try_recv(fd, NULL, 0));
	}
	EXPECT_EQ(-EAGAIN, hc_try_recv(fd, NULL, 0));
	ASSERT_EQ(0, hc_close(fd));
	EXPECT_EQ(0, hc_recv(fd, NULL, 0));
}

/* A closed channel still counts what is left, and keeps its capacity. */
TEST(C3_length_and_capacity)
{
	uint64_t element = 1;
	int fd = hc_make(8, 2, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hc_send(fd, &element, 8));
	ASSERT_EQ(0, hc_send(fd, &element, 8));
	ASSERT_EQ(0, hc_close(fd));
	EXPECT_EQ(2, hc_len(fd));
	ASSERT_EQ(1, hc_recv(fd, &element, 8));
	EXPECT_EQ(1, hc_len(fd));
	ASSERT_EQ(1, hc_recv(fd, &element, 8));
	EXPECT_EQ(0, hc_len(fd));
	EXPECT_EQ(2, hc_stat(fd).capacity);
	EXPECT_EQ(HCHAN_S_CLOSED, hc_stat(fd).state);
}

/* What it was made with comes back with it, as with any open (C47). */
TEST(C47_found_attributes)
{
	struct hchan_create create = hc_request(300, 7, HCHAN_MSG |
						HCHAN_DISCONNECT);
	struct hchan_stat stat;
	int fd;

	create.type_tag = 0x0123456789abcdefULL;
	fd = hc_create(&create);
	ASSERT_LE(0, fd);
	EXPECT_EQ(300, create.found_elem_size);
	EXPECT_EQ(7, create.found_capacity);
	EXPECT_EQ(0x0123456789abcdefULL, create.found_type_tag);
	EXPECT_EQ(HCHAN_MSG | HCHAN_DISCONNECT, create.found_flags);
	stat = hc_stat(fd);
	EXPECT_EQ(create.id, stat.id);
	EXPECT_EQ(300, stat.elem_size);
	EXPECT_EQ(7, stat.capacity);
	EXPECT_EQ(0x0123456789abcdefULL, stat.type_tag);
	EXPECT_EQ(HCHAN_MSG | HCHAN_DISCONNECT, stat.flags);
}

/* Identities are not used again, and two descriptors of one channel share one. */
TEST(identity)
{
	struct hchan_create create;
	uint64_t last = 0;
	int i, fd, narrow;

	for (i = 0; i < 20; i++) {
		create = hc_request(1, 1, 0);
		fd = hc_create(&create);
		ASSERT_LE(0, fd);
		EXPECT_LT(last, create.id);
		last = create.id;
		narrow = hc_narrow(fd, O_RDONLY);
		ASSERT_LE(0, narrow);
		EXPECT_EQ(last, hc_stat(narrow).id);
		close(narrow);
		close(fd);
	}
}

/* The new descriptor is what was asked for, to the flag. */
TEST(C42_C43_descriptor_as_asked_for)
{
	uint32_t flags[] = { O_RDONLY, O_WRONLY, O_RDWR };
	struct hchan_create create;
	int i, j, fd;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < 4; j++) {
			create = hc_request(1, 1, 0);
			create.open_flags = flags[i] |
					    (j & 1 ? O_CLOEXEC : 0) |
					    (j & 2 ? O_NONBLOCK : 0);
			fd = hc_create(&create);
			ASSERT_LE(0, fd);
			EXPECT_EQ(flags[i] | (j & 2 ? O_NONBLOCK : 0),
				  fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
			EXPECT_EQ(j & 1 ? FD_CLOEXEC : 0, fcntl(fd, F_GETFD));
			EXPECT_EQ(i != 0, hc_stat(fd).senders);
			EXPECT_EQ(i != 1, hc_stat(fd).receivers);
			close(fd);
		}
	}
}

/* What has no meaning without a name, or none at all: EINVAL, and nothing is. */
TEST(C48_what_create_refuses)
{
	struct hchan_create good = hc_request(8, 1, 0), create;
	long before = count_channels();
	int i;

	for (i = 2; i < 32; i++) {
		create = good;
		create.flags = 1U << i;
		EXPECT_EQ(-EINVAL, hc_create(&create));
	}
	for (i = 0; i < 32; i++) {
		create = good;
		create.open_flags = 1U << i;
		if (create.open_flags & (O_WRONLY | O_RDWR | O_CLOEXEC |
					 O_NONBLOCK))
			continue;
		EXPECT_EQ(-EINVAL, hc_create(&create));
	}
	create = good;
	create.open_flags = O_ACCMODE;
	EXPECT_EQ(-EINVAL, hc_create(&create));
	create = good;
	create.name = (uintptr_t)"name";
	EXPECT_EQ(-EINVAL, hc_create(&create));
	create = good;
	create.name_len = 4;
	EXPECT_EQ(-EINVAL, hc_create(&create));
	create = good;
	create.mode = 0600;
	EXPECT_EQ(-EINVAL, hc_create(&create));
	create = good;
	create.size--;
	EXPECT_EQ(-EINVAL, hc_create(&create));
	create = good;
	create.size = 0;
	EXPECT_EQ(-EINVAL, hc_create(&create));
	EXPECT_EQ(before, count_channels());
}

/* A later program's longer structure: good as long as what is unknown is zero. */
TEST(C48_longer_create)
{
	struct {
		struct hchan_create create;
		uint8_t more[64];
	} longer = { .create = hc_request(8, 1, 0) };
	int d = device(), fd;

	ASSERT_LE(0, d);
	longer.create.size = sizeof(longer);
	fd = ioctl(d, HCHAN_IOC_CREATE, &longer);
	EXPECT_LE(0, fd);
	EXPECT_TRUE(hc_all(longer.more, 0, sizeof(longer.more)));
	close(fd);
	longer.more[63] = 1;
	EXPECT_EQ(-1, ioctl(d, HCHAN_IOC_CREATE, &longer));
	EXPECT_EQ(E2BIG, errno);
}

/* The query is the same everywhere, and says what there is. */
TEST(query)
{
	int fds[] = { device(), hc_make(0, 0, 0), open("/dev/chan", O_RDONLY) };
	struct hchan_query query[3];
	int i;

	for (i = 0; i < 3; i++) {
		memset(&query[i], HC_POISON, sizeof(query[i]));
		query[i].size = sizeof(query[i]);
		ASSERT_EQ(0, ioctl(fds[i], HCHAN_IOC_QUERY, &query[i]));
		EXPECT_EQ(0, memcmp(&query[0], &query[i], sizeof(query[i])));
	}
	EXPECT_EQ(sizeof(query[0]), query[0].size);
	EXPECT_EQ(HCHAN_ABI_VERSION, query[0].version);
	EXPECT_EQ(HCHAN_ELEM_MAX, query[0].elem_max);
	EXPECT_LE(64, query[0].inline_size);
	EXPECT_LT(0, query[0].batch_bytes);
	EXPECT_LT(0, query[0].cap_max);
	EXPECT_EQ(0, query[0].__reserved);
	EXPECT_EQ(HCHAN_FEAT_FS | HCHAN_FEAT_BATCH | HCHAN_FEAT_DISCONNECT |
		  HCHAN_FEAT_WAIT, query[0].features & 15);
}

/* Structures that carry their size: shorter is refused, longer is filled up. */
TEST(C48_sizes_of_what_comes_back)
{
	struct {
		uint32_t size;
		uint8_t rest[252];
	} area, before;
	const struct {
		unsigned long cmd;
		uint32_t size;
	} table[] = {
		{ HCHAN_IOC_QUERY, sizeof(struct hchan_query) },
		{ HCHAN_IOC_STAT, sizeof(struct hchan_stat) },
	};
	int fd = hc_make(3, 3, 0), i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++) {
		memset(&area, HC_POISON, sizeof(area));
		area.size = table[i].size - 1;
		before = area;
		EXPECT_EQ(-1, ioctl(fd, table[i].cmd, &area));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(0, memcmp(&area, &before, sizeof(area)));
		area.size = table[i].size + 24;
		ASSERT_EQ(0, ioctl(fd, table[i].cmd, &area));
		EXPECT_EQ(table[i].size, area.size);
		EXPECT_TRUE(hc_all((uint8_t *)&area + table[i].size, 0, 24));
		EXPECT_TRUE(hc_all((uint8_t *)&area + table[i].size + 24,
				   HC_POISON,
				   sizeof(area) - table[i].size - 24));
		EXPECT_EQ(-1, ioctl(fd, table[i].cmd, NULL));
		EXPECT_EQ(EFAULT, errno);
	}
}

/* An ioctl that there is not, there is not, on either. */
TEST(C48_unknown_ioctl)
{
	int fds[] = { device(), hc_make(1, 1, 0) };
	int i, nr;

	for (i = 0; i < 2; i++) {
		for (nr = 0x80; nr < 0x100; nr++) {
			EXPECT_EQ(-1, ioctl(fds[i], _IO(HCHAN_IOC_MAGIC, nr), 0));
			EXPECT_EQ(ENOTTY, errno);
		}
		EXPECT_EQ(-1, ioctl(fds[i], _IOR('T', 1, int), 0));
		EXPECT_EQ(ENOTTY, errno);
	}
	/* The device is no channel, and a channel makes none. */
	EXPECT_EQ(-1, ioctl(fds[0], HCHAN_IOC_CLOSE, 0));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fds[1], HCHAN_IOC_CREATE, 0));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fds[1], HCHAN_IOC_CLOSE, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, hc_stat(fds[1]).state);
}

/* What /proc says of a descriptor. */
static long long fdinfo_of(int fd, const char *key, char *text)
{
	long long n = -1;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	hc_must(f);
	text[0] = '\0';
	while (fgets(line, sizeof(line), f)) {
		size_t len = strlen(key);

		if (strncmp(line, key, len) || strncmp(line + len, ":\t", 2))
			continue;
		line[strcspn(line, "\n")] = '\0';
		strcpy(text, line + len + 2);
		n = strtoll(text, NULL, 0);
	}
	fclose(f);
	return n;
}

TEST(fdinfo_says_what_stat_says)
{
	struct hchan_create create = hc_request(300, 7, HCHAN_MSG |
						HCHAN_DISCONNECT);
	int fd, ro;
	char text[256];
	struct hchan_stat stat;

	create.type_tag = 0x1234;
	fd = hc_create(&create);
	ASSERT_LE(0, fd);
	ro = hc_narrow(fd, O_RDONLY);
	ASSERT_LE(0, ro);
	ASSERT_EQ(0, hc_send(fd, "one", 3));
	ASSERT_EQ(0, hc_send(fd, "two", 3));
	stat = hc_stat(ro);
	EXPECT_EQ(stat.id, fdinfo_of(ro, "hchan-id", text));
	EXPECT_EQ(300, fdinfo_of(ro, "hchan-elem-size", text));
	EXPECT_EQ(0x1234, fdinfo_of(ro, "hchan-type-tag", text));
	EXPECT_EQ(2, fdinfo_of(ro, "hchan-length", text));
	EXPECT_EQ(7, fdinfo_of(ro, "hchan-capacity", text));
	EXPECT_EQ(0, fdinfo_of(ro, "hchan-parked-senders", text));
	EXPECT_EQ(0, fdinfo_of(ro, "hchan-parked-receivers", text));
	EXPECT_EQ(1, fdinfo_of(ro, "hchan-senders", text));
	EXPECT_EQ(2, fdinfo_of(ro, "hchan-receivers", text));
	fdinfo_of(ro, "hchan-kind", text);
	EXPECT_STREQ("messages", text);
	fdinfo_of(ro, "hchan-state", text);
	EXPECT_STREQ("open", text);
	close(fd);
	fdinfo_of(ro, "hchan-state", text);
	EXPECT_STREQ("open no-senders", text);
	close(ro);
	fd = hc_make(1, 1, 0);
	ASSERT_EQ(0, hc_close(fd));
	fdinfo_of(fd, "hchan-kind", text);
	EXPECT_STREQ("elements", text);
	fdinfo_of(fd, "hchan-state", text);
	EXPECT_STREQ("closed", text);
}

TEST_HARNESS_MAIN
