/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of hchanfs share: an instance of its own for each test, the
 * directory's ioctls with their outputs poisoned, other users, and the limits.
 */
#ifndef FS_UTIL_H
#define FS_UTIL_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/hchan.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POISON 0xcc
#define POISON32 0xccccccccu
#define POISON64 0xccccccccccccccccull

/* Two users who are not root, and need no entry in /etc/passwd. */
#define ALICE 1000
#define BOB 1001

#define SYSCTL "/proc/sys/hchan/"

/* For everything that returns -1 and sets errno: a negative errno instead. */
#define ERR(call)						\
	({							\
		long ret_ = (call);				\
		ret_ < 0 ? -errno : ret_;			\
	})

/* What a number in a file says; -1 if there is none. */
static inline long long number_in(const char *path)
{
	long long n = -1;
	FILE *f = fopen(path, "r");

	if (f) {
		if (fscanf(f, "%lld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

static inline int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = fd;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static inline int set_sysctl(const char *name, unsigned long long value)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), SYSCTL "%s", name);
	snprintf(text, sizeof(text), "%llu", value);
	return write_to(path, text);
}

/* Channels there are, of everybody. */
static inline long long channels(void)
{
	return number_in(SYSCTL "channels");
}

/* An instance of its own; options may be NULL. Returns 0 or a negative errno. */
static inline int mount_at(char *dir, const char *options)
{
	sprintf(dir, "/tmp/hchan-XXXXXX");
	if (!mkdtemp(dir) || chmod(dir, 0755))
		return -errno;
	if (mount("none", dir, "hchanfs", 0, options)) {
		int err = errno;

		rmdir(dir);
		return -err;
	}
	return 0;
}

static inline int unmount_at(const char *dir)
{
	if (umount2(dir, 0) || rmdir(dir))
		return -errno;
	return 0;
}

static inline int open_dir(const char *dir)
{
	return ERR(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* How many names there are. */
static inline int count_names(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	int n = 0;

	if (!d)
		return -errno;
	while ((entry = readdir(d)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(d);
	return n;
}

/* The lowest descriptor that is free: a leak shows as a change. */
static inline int next_fd(void)
{
	int fd = dup(0);

	if (fd < 0)
		fd = open("/", O_PATH);
	close(fd);
	return fd;
}

/* A request for eight-byte elements, its outputs poisoned. */
static inline struct hchan_create request(const char *name, uint32_t flags)
{
	struct hchan_create create;

	memset(&create, POISON, sizeof(create));
	create.size = sizeof(create);
	create.flags = flags;
	create.elem_size = flags & (HCHAN_CREATE | HCHAN_EXPECT) ? 8 : 0;
	create.open_flags = flags & HCHAN_NO_OPEN ? 0 : O_RDWR | O_CLOEXEC;
	create.capacity = flags & HCHAN_CREATE ? 4 : 0;
	create.type_tag = 0;
	create.name = (uintptr_t)name;
	create.name_len = strlen(name);
	create.mode = flags & HCHAN_CREATE ? 0666 : 0;
	return create;
}

/* Whether a call left the structure as it was. */
static inline bool untouched(const struct hchan_create *after,
			     const struct hchan_create *before)
{
	return !memcmp(after, before, sizeof(*after));
}

static inline int ioc_create(int dirfd, struct hchan_create *create)
{
	return ERR(ioctl(dirfd, HCHAN_IOC_CREATE, create));
}

/* The common case in one line: a descriptor or a negative errno. */
static inline int create_at(int dirfd, const char *name, uint32_t flags)
{
	struct hchan_create create = request(name, flags);

	return ioc_create(dirfd, &create);
}

static inline int statat_len(int dirfd, const char *name, uint32_t len,
			     struct hchan_stat *stat)
{
	struct hchan_statat statat = {
		.name = (uintptr_t)name,
		.name_len = len,
		.stat = (uintptr_t)stat,
	};

	memset(stat, POISON, sizeof(*stat));
	stat->size = sizeof(*stat);
	return ERR(ioctl(dirfd, HCHAN_IOC_STATAT, &statat));
}

static inline int statat(int dirfd, const char *name, struct hchan_stat *stat)
{
	return statat_len(dirfd, name, strlen(name), stat);
}

static inline int stat_fd(int fd, struct hchan_stat *stat)
{
	memset(stat, POISON, sizeof(*stat));
	stat->size = sizeof(*stat);
	return ERR(ioctl(fd, HCHAN_IOC_STAT, stat));
}

/* A channel's identity by its descriptor, or 0. */
static inline uint64_t id_of(int fd)
{
	struct hchan_stat stat;

	return stat_fd(fd, &stat) ? 0 : stat.id;
}

/* The same by name. */
static inline uint64_t id_at(int dirfd, const char *name)
{
	struct hchan_stat stat;

	return statat(dirfd, name, &stat) ? 0 : stat.id;
}

static inline int become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	umask(022);
	return 0;
}

/*
 * Runs a statement as another user, in a process of its own, and is what it left
 * in `ret`: 0 to 127, or a negative errno. -1000: it did not come to its end.
 */
#define AS(uid, statement)						\
	({								\
		pid_t pid_ = fork();					\
		if (!pid_) {						\
			int ret = become(uid);				\
			if (!ret) {					\
				statement;				\
			}						\
			_exit(ret < 0 ? 256 + ret : ret);		\
		}							\
		exit_status(pid_);					\
	})

static inline int exit_status(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1000;
	status = WEXITSTATUS(status);
	return status < 128 ? status : status - 256;
}

/* Runs a shell's command; its exit status. */
static inline int shell(const char *command)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return exit_status(pid);
}

#endif /* FS_UTIL_H */
