// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Names of channels, and the directories they are in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

#define DEFAULT_DIR	"/dev/chan"

static int copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(to, from, len);
	to[len] = '\0';
	return 0;
}

int hchan__directory(char *dir, size_t size)
{
	const char *set = secure_getenv("HCHAN_DIR");

	if (!set || !*set)
		set = DEFAULT_DIR;
	return copy(dir, size, set, strlen(set));
}

/*
 * hchan__name() - take a name apart
 *
 * Also on failure @name->path holds something that a message can name.
 */
int hchan__name(struct hchan__name *name, const char *text)
{
	const char *slash = strrchr(text, '/');
	size_t len = strlen(text);
	size_t dir_len;
	int err;

	if (slash) {
		err = copy(name->path, sizeof(name->path), text, len);
		if (err) {
			copy(name->path, sizeof(name->path), text, 60);
			return err;
		}
		/* "/name" is in the root directory, which is "/" and not "". */
		dir_len = slash == text ? 1 : (size_t)(slash - text);
		copy(name->dir, sizeof(name->dir), text, dir_len);
		name->leaf = name->path + (slash - text) + 1;
	} else {
		err = hchan__directory(name->dir, sizeof(name->dir));
		dir_len = err ? 0 : strlen(name->dir);
		if (err || dir_len + len + 2 > sizeof(name->path)) {
			copy(name->path, sizeof(name->path), text,
			     len < 60 ? len : 60);
			return -ENAMETOOLONG;
		}
		memcpy(name->path, name->dir, dir_len);
		name->path[dir_len] = '/';
		memcpy(name->path + dir_len + 1, text, len + 1);
		name->leaf = name->path + dir_len + 1;
	}
	if (!*name->leaf || !strcmp(name->leaf, ".") ||
	    !strcmp(name->leaf, ".."))
		return -EINVAL;
	if (strlen(name->leaf) > HCHAN_NAME_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int hchan__open_dir(const struct hchan__name *name)
{
	return hchan__open(AT_FDCWD, name->dir,
			   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/*
 * hchan__open_path() - open what may be a channel, in any directory
 * @open_flags: an access mode, with or without O_CLOEXEC, and O_NONBLOCK
 *
 * Looked at before it is opened: to open a device can have effects, and to open
 * a pipe can take for ever.
 */
int hchan__open_path(const struct hchan__name *name, int open_flags)
{
	struct hchan_stat st = { .size = sizeof(st) };
	struct stat inode;
	int saved = errno;
	int err = 0;
	int fd;

	if (stat(name->path, &inode))
		err = -errno;
	else if (!S_ISFIFO(inode.st_mode))
		err = -ENOTTY;
	errno = saved;
	if (err)
		return err;

	fd = hchan__open(AT_FDCWD, name->path,
			 open_flags | O_NONBLOCK | O_NOCTTY);
	if (fd == -ENXIO)
		return -ENOTTY;
	if (fd < 0)
		return fd;
	err = hchan__ioctl(fd, HCHAN_IOC_STAT, &st);
	if (!err && !(open_flags & O_NONBLOCK)) {
		if (fcntl(fd, F_SETFL, open_flags & ~O_CLOEXEC))
			err = -errno;
		errno = saved;
	}
	if (!err)
		return fd;
	hchan__close(fd);
	return err;
}
