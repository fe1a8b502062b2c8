// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be wrong with a call on an hchanfs directory, or go wrong in it: the
 * error says which, and nothing has changed.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"
#include "fs_fixture.h"

TEST_F(names, bad_names)
{
	char *page, name[300];
	const struct {
		const void *name;
		uint32_t len;
		int error;
	} table[] = {
		{ "", 0, -EINVAL },
		{ NULL, 0, -EINVAL },
		{ ".", 1, -EINVAL },
		{ "..", 2, -EINVAL },
		{ "/", 1, -EINVAL },
		{ "/x", 2, -EINVAL },
		{ "x/", 2, -EINVAL },
		{ "x/y", 3, -EINVAL },
		{ "../x", 4, -EINVAL },
		{ "\0", 1, -EINVAL },
		{ "x\0", 2, -EINVAL },
		{ "x\0y", 3, -EINVAL },
		{ name, 256, -ENAMETOOLONG },
		{ name, 4096, -ENAMETOOLONG },
		{ name, 0x80000000, -ENAMETOOLONG },
		{ name, 0xffffffff, -ENAMETOOLONG },
		{ NULL, 1, -EFAULT },
		{ (void *)1, 255, -EFAULT },
		{ (void *)-1L, 1, -EFAULT },
		{ (void *)0xffff888000000000, 8, -EFAULT },
	};
	struct hchan_create create, before;
	struct hchan_stat stat, stat_before;
	struct stat st;
	size_t i;
	int fd;

	memset(name, 'n', sizeof(name));
	memset(&stat_before, POISON, sizeof(stat_before));
	stat_before.size = sizeof(stat_before);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		create = request("", HCHAN_CREATE);
		create.name = (uintptr_t)table[i].name;
		create.name_len = table[i].len;
		before = create;
		EXPECT_EQ(table[i].error, ioc_create(self->fd, &create)) {
			TH_LOG("row %zu", i);
		}
		EXPECT_NOTHING_CHANGED(create, before);
		EXPECT_EQ(table[i].error,
			  statat_len(self->fd, table[i].name, table[i].len,
				     &stat)) {
			TH_LOG("row %zu", i);
		}
		EXPECT_EQ(0, memcmp(&stat, &stat_before, sizeof(stat)));
	}

	/* A name that runs into memory which is not there. */
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, munmap(page + 4096, 4096));
	memset(page, 'p', 4096);
	create = request("", HCHAN_CREATE);
	create.name = (uintptr_t)page + 4090;
	create.name_len = 7;
	before = create;
	EXPECT_EQ(-EFAULT, ioc_create(self->fd, &create));
	EXPECT_NOTHING_CHANGED(create, before);
	/* Not a byte more than the name is read. */
	create.name_len = 6;
	fd = ioc_create(self->fd, &create);
	ASSERT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, fstatat(self->fd, "pppppp", &st, 0));
	EXPECT_EQ(0, unlinkat(self->fd, "pppppp", 0));

	/* The longest, and what a shell might take for something else. */
	create = request(name, HCHAN_CREATE | HCHAN_NO_OPEN);
	create.name_len = HCHAN_NAME_MAX;
	EXPECT_EQ(0, ioc_create(self->fd, &create));
	EXPECT_EQ(0, statat_len(self->fd, name, HCHAN_NAME_MAX, &stat));
	name[HCHAN_NAME_MAX] = '\0';
	EXPECT_EQ(0, unlinkat(self->fd, name, 0));
	EXPECT_EQ(0, create_at(self->fd, "...", HCHAN_CREATE | HCHAN_NO_OPEN));
	EXPECT_EQ(0, create_at(self->fd, "a b\n\377", HCHAN_CREATE |
			       HCHAN_NO_OPEN));
	EXPECT_EQ(2, count_names(self->dir));
}

TEST_F(names, bad_fields)
{
	struct hchan_create good = request("c", HCHAN_CREATE), create, before;
	const struct {
		struct hchan_create create;
		int error;
	} table[] = {
#define F(field, value, error) {					\
		({							\
			struct hchan_create with = good;		\
			with.field = (value);				\
			with;						\
		}), (error) }
		F(size, 0, -EINVAL),
		F(size, sizeof(good) - 1, -EINVAL),
		F(size, 4097, -EINVAL),
		F(size, 0xffffffff, -EINVAL),
		F(flags, HCHAN_CREATE | 1U << 6, -EINVAL),
		F(flags, HCHAN_CREATE | 1U << 31, -EINVAL),
		F(flags, 0xffffffff, -EINVAL),
		F(flags, HCHAN_EXCL, -EINVAL),
		F(flags, HCHAN_EXPECT | HCHAN_EXCL, -EINVAL),
		F(flags, HCHAN_CREATE | HCHAN_EXPECT, -EINVAL),
		F(elem_size, 65536, -EMSGSIZE),
		F(elem_size, 0xffffffff, -EMSGSIZE),
		F(open_flags, O_ACCMODE, -EINVAL),
		F(open_flags, O_RDWR | O_CREAT, -EINVAL),
		F(open_flags, O_RDWR | O_TRUNC, -EINVAL),
		F(open_flags, O_RDWR | O_APPEND, -EINVAL),
		F(open_flags, O_RDWR | O_PATH, -EINVAL),
		F(open_flags, O_RDWR | O_DIRECT, -EINVAL),
		F(open_flags, 0x80000000, -EINVAL),
		F(capacity, 0x80000000, -EOVERFLOW),
		F(capacity, 0x7fffffff, -EOVERFLOW),
		F(capacity, 0xffffffffffffffff, -EOVERFLOW),
		F(capacity, 0x2000000000000001, -EOVERFLOW),
		F(mode, 01000, -EINVAL),
		F(mode, 04755, -EINVAL),
		F(mode, 0x80000000, -EINVAL),
		F(mode, S_IFIFO | 0666, -EINVAL),
#undef F
	};
	const struct hchan_create combined[] = {
		/* Stated without a flag that states them. */
		{ .open_flags = O_RDWR, .elem_size = 8 },
		{ .open_flags = O_RDWR, .capacity = 4 },
		{ .open_flags = O_RDWR, .flags = HCHAN_MSG },
		{ .open_flags = O_RDWR, .flags = HCHAN_DISCONNECT },
		{ .open_flags = O_RDWR, .mode = 0600 },
		{ .flags = HCHAN_EXPECT, .mode = 0600 },
		{ .flags = HCHAN_NO_OPEN | HCHAN_CREATE, .open_flags = O_RDWR },
		{ .flags = HCHAN_NO_OPEN, .open_flags = O_CLOEXEC },
	};
	struct {
		struct hchan_create create;
		uint64_t more[2];
	} longer;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		create = table[i].create;
		before = create;
		EXPECT_EQ(table[i].error, ioc_create(self->fd, &create)) {
			TH_LOG("row %zu", i);
		}
		EXPECT_NOTHING_CHANGED(create, before);
	}
	for (i = 0; i < ARRAY_SIZE(combined); i++) {
		create = combined[i];
		create.size = sizeof(create);
		create.name = good.name;
		create.name_len = good.name_len;
		create.id = POISON64;
		before = create;
		EXPECT_EQ(-EINVAL, ioc_create(self->fd, &create)) {
			TH_LOG("combination %zu", i);
		}
		EXPECT_NOTHING_CHANGED(create, before);
	}

	/* A message has at least one byte. */
	create = request("c", HCHAN_CREATE | HCHAN_MSG);
	create.elem_size = 0;
	before = create;
	EXPECT_EQ(-EMSGSIZE, ioc_create(self->fd, &create));
	EXPECT_NOTHING_CHANGED(create, before);

	/* A later ABI's longer structure: only if it asks for nothing new. */
	memset(&longer, 0, sizeof(longer));
	longer.create = good;
	longer.create.size = sizeof(longer);
	longer.more[1] = 1ULL << 63;
	EXPECT_EQ(-E2BIG, ioc_create(self->fd, &longer.create));
	EXPECT_EQ(0, count_names(self->dir));
	longer.more[1] = 0;
	fd = ioc_create(self->fd, &longer.create);
	EXPECT_LE(0, fd);
	EXPECT_EQ(sizeof(longer), longer.create.size);
	close(fd);
}

/* The structure itself where it can not be read, or not be written. */
TEST_F(names, bad_memory)
{
	struct hchan_create good = request("c", HCHAN_CREATE);
	struct hchan_statat bad = { 0 };
	struct hchan_stat stat;
	char *page;
	size_t i;

	EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_CREATE, NULL)));
	EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_CREATE, -1L)));
	EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_STATAT, NULL)));
	EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_QUERY, NULL)));

	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	memcpy(page, &good, sizeof(good));
	ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_CREATE, page)));
	EXPECT_NOTHING_CHANGED(*(struct hchan_create *)page, good);

	/* Half of it read-only, half of it not there. */
	for (i = 8; i < sizeof(good); i += 8) {
		char *at = page + 4096 - i;

		ASSERT_EQ(0, mprotect(page, 8192, PROT_READ | PROT_WRITE));
		memcpy(at, &good, sizeof(good));
		ASSERT_EQ(0, mprotect(page + 4096, 4096, PROT_READ));
		EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_CREATE, at)));
		EXPECT_NOTHING_CHANGED(*(struct hchan_create *)at, good);
		ASSERT_EQ(0, mprotect(page + 4096, 4096, PROT_NONE));
		EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_CREATE, at)));
		EXPECT_EQ(0, memcmp(at, &good, i));
		EXPECT_EQ(0, count_names(self->dir));
	}
	EXPECT_EQ(self->next_fd, next_fd());

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	ASSERT_EQ(0, statat(self->fd, "c", &stat));
	bad.name = (uintptr_t)"c";
	bad.name_len = 1;
	bad.stat = 8;
	EXPECT_EQ(-EFAULT, ERR(ioctl(self->fd, HCHAN_IOC_STATAT, &bad)));
	bad.stat = (uintptr_t)&stat;
	bad.__reserved = 1;
	EXPECT_EQ(-EINVAL, ERR(ioctl(self->fd, HCHAN_IOC_STATAT, &bad)));
}

TEST_F(names, no_descriptors_left)
{
	struct hchan_create create = request("c", HCHAN_CREATE), before = create;
	struct rlimit limit = { self->next_fd, self->next_fd }, old;
	int fd;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, ioc_create(self->fd, &create));
	EXPECT_TRUE(untouched(&create, &before));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_NOTHING_CHANGED(create, before);
	fd = ioc_create(self->fd, &create);
	EXPECT_LE(0, fd);
	close(fd);
}

/*
 * Every allocation and every copy fails once, each in its turn: the error says
 * so, and nothing is left. It needs a kernel with fault injection.
 */
#define DEBUGFS "/sys/kernel/debug/"

static int fail_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	return write_to("/proc/thread-self/fail-nth", text);
}

static void run_fail_nth(struct __test_metadata *_metadata,
			 FIXTURE_DATA(names) * self, uint32_t flags,
			 const char *existing)
{
	struct hchan_create create, before;
	int n, fd, left, failed = 0;
	struct hchan_stat stat;

	for (n = 1; n < 1000; n++) {
		create = request("c", flags);
		create.capacity = flags & HCHAN_CREATE ? 100 : 0;
		before = create;
		ASSERT_EQ(0, fail_nth(n));
		fd = ioc_create(self->fd, &create);
		left = number_in("/proc/thread-self/fail-nth");
		ASSERT_EQ(0, fail_nth(0));
		if (fd >= 0) {
			EXPECT_NE(POISON64, create.id);
			if (!(flags & HCHAN_NO_OPEN))
				close(fd);
			if (!existing)
				EXPECT_EQ(0, unlinkat(self->fd, "c", 0));
			if (left)
				break;
			continue;
		}
		failed++;
		EXPECT_TRUE(fd == -ENOMEM || fd == -EFAULT ||
			    fd == -EMFILE || fd == -ENFILE) {
			TH_LOG("fault %d: %d", n, fd);
		}
		EXPECT_TRUE(untouched(&create, &before)) {
			TH_LOG("fault %d: %d", n, fd);
		}
		EXPECT_EQ(self->next_fd, next_fd());
		EXPECT_EQ(!!existing, count_names(self->dir));
		EXPECT_EQ(self->channels + !!existing, channels()) {
			TH_LOG("fault %d: %d", n, fd);
		}
		if (existing) {
			ASSERT_EQ(0, statat(self->fd, existing, &stat));
			EXPECT_EQ(0, stat.senders);
			EXPECT_EQ(0, stat.receivers);
		}
	}
	EXPECT_LT(n, 1000);
	TH_LOG("%d faults, %d of them fatal", n - 1, failed);
	EXPECT_LT(0, failed);
}

TEST_F(names, fail_nth)
{
	if (fail_nth(0) ||
	    write_to(DEBUGFS "failslab/ignore-gfp-wait", "0"))
		SKIP(return, "no fault injection in this kernel");
	write_to(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "0");
	write_to(DEBUGFS "fail_page_alloc/min-order", "0");

	run_fail_nth(_metadata, self, HCHAN_CREATE, NULL);
	run_fail_nth(_metadata, self, HCHAN_CREATE | HCHAN_EXCL, NULL);
	run_fail_nth(_metadata, self, HCHAN_CREATE | HCHAN_NO_OPEN, NULL);
	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	run_fail_nth(_metadata, self, HCHAN_CREATE, "c");
	run_fail_nth(_metadata, self, 0, "c");
}

/* The same of open(2) and mkfifo(2). */
TEST_F(names, fail_nth_plain)
{
	int i, n, ret, left, failed = 0;

	if (fail_nth(0) ||
	    write_to(DEBUGFS "failslab/ignore-gfp-wait", "0"))
		SKIP(return, "no fault injection in this kernel");
	write_to(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "0");
	write_to(DEBUGFS "fail_page_alloc/min-order", "0");

	for (i = 0; i < 2; i++) {
		for (n = 1; n < 1000; n++) {
			ASSERT_EQ(0, fail_nth(n));
			if (i)
				ret = ERR(mknodat(self->fd, "c", S_IFIFO, 0));
			else
				ret = ERR(openat(self->fd, "c", O_RDWR |
						 O_CREAT | O_EXCL, 0600));
			left = number_in("/proc/thread-self/fail-nth");
			ASSERT_EQ(0, fail_nth(0));
			if (ret >= 0) {
				if (!i)
					close(ret);
				EXPECT_EQ(0, unlinkat(self->fd, "c", 0));
				if (left)
					break;
				continue;
			}
			failed++;
			EXPECT_TRUE(ret == -ENOMEM || ret == -EFAULT ||
				    ret == -EMFILE || ret == -ENFILE);
			EXPECT_EQ(self->next_fd, next_fd());
			/*
			 * The VFS leaves a file which it created and then
			 * could not open; there is nothing to be done.
			 */
			unlinkat(self->fd, "c", 0);
			EXPECT_EQ(self->channels, channels());
		}
		EXPECT_LT(n, 1000);
	}
	TH_LOG("%d of the faults were fatal", failed);
	EXPECT_LT(0, failed);
}

TEST_HARNESS_MAIN
