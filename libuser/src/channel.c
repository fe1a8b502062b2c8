// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Making, opening, narrowing, closing and removing channels. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define HOW_FLAGS	(HCHAN_O_SEND | HCHAN_O_RECV | HCHAN_O_NONBLOCK | \
			 HCHAN_O_INHERIT)
#define KNOWN_FLAGS	(HCHAN_MSG | HCHAN_DISCONNECT | HCHAN_CREATE | \
			 HCHAN_EXCL | HCHAN_EXPECT | HCHAN_NO_OPEN)
#define NAME_FLAGS	(HCHAN_CREATE | HCHAN_EXCL | HCHAN_EXPECT | \
			 HCHAN_NO_OPEN)

static int open_flags(unsigned int how)
{
	int flags;

	switch (how & (HCHAN_O_SEND | HCHAN_O_RECV)) {
	case HCHAN_O_SEND:
		flags = O_WRONLY;
		break;
	case HCHAN_O_RECV:
		flags = O_RDONLY;
		break;
	default:
		flags = O_RDWR;
	}
	if (how & HCHAN_O_NONBLOCK)
		flags |= O_NONBLOCK;
	if (!(how & HCHAN_O_INHERIT))
		flags |= O_CLOEXEC;
	return flags;
}

/* What the kernel can't see is checked here, the rest there. */
static int request_of(struct hchan_create *request,
		      const struct hchan_opts *opts)
{
	size_t i;

	for (i = 0; i < sizeof(opts->reserved) / sizeof(*opts->reserved); i++)
		if (opts->reserved[i])
			return -EINVAL;
	if (opts->how & ~HOW_FLAGS)
		return -EINVAL;
	if (opts->elem_size > UINT32_MAX)
		return -EMSGSIZE;
	memset(request, 0, sizeof(*request));
	request->size = sizeof(*request);
	request->flags = opts->flags;
	request->elem_size = (uint32_t)opts->elem_size;
	/* Nothing is opened: there is no descriptor to be like anything. */
	if (!(opts->flags & HCHAN_NO_OPEN))
		request->open_flags = (uint32_t)open_flags(opts->how);
	else if (opts->how)
		return -EINVAL;
	request->capacity = opts->capacity;
	request->type_tag = opts->tag;
	request->mode = opts->mode;
	if ((opts->flags & HCHAN_CREATE) && !opts->mode)
		request->mode = 0666;
	return 0;
}

int hchan_make_opts(const struct hchan_opts *opts)
{
	struct hchan_create request;
	int ret;

	ret = request_of(&request, opts);
	if (ret || (opts->flags & NAME_FLAGS))
		return hchan__fail("new channel", ret ? ret : -EINVAL);
	return hchan__ask_device(HCHAN_IOC_CREATE, &request, "new channel");
}

int hchan_make(size_t elem_size, uint64_t capacity)
{
	struct hchan_opts opts = {
		.elem_size = elem_size,
		.capacity = capacity,
	};

	return hchan_make_opts(&opts);
}

/* What no kernel has looked at: the combinations which it would refuse. */
static bool sensible(const struct hchan_opts *opts)
{
	const uint32_t stated = HCHAN_CREATE | HCHAN_EXPECT;
	const uint32_t attr = HCHAN_MSG | HCHAN_DISCONNECT;
	uint32_t flags = opts->flags;

	if ((flags & ~KNOWN_FLAGS) || (flags & stated) == stated)
		return false;
	if ((flags & HCHAN_EXCL) && !(flags & HCHAN_CREATE))
		return false;
	if (!(flags & stated) &&
	    (opts->elem_size || opts->capacity || (flags & attr)))
		return false;
	return !(opts->mode & ~((flags & HCHAN_CREATE) ? 0777U : 0U));
}

/*
 * A channel on its own, in a directory that is no hchanfs: nothing can be
 * created here, and what the kernel would compare has to be compared here.
 */
static int open_alone(const struct hchan__name *name,
		      const struct hchan_opts *opts, struct hchan_found *found)
{
	struct hchan_stat st;
	int err;
	int fd;

	if (!sensible(opts))
		return -EINVAL;
	fd = hchan__open_path(name, open_flags(opts->how));
	if (fd == -ENOENT && (opts->flags & HCHAN_CREATE))
		return -ENOTTY;
	if (fd < 0)
		return fd;
	err = (opts->flags & HCHAN_EXCL) ? -EEXIST : hchan_stat(fd, &st);
	if (!err) {
		hchan__found(found, &st);
		if (!hchan__agrees(opts, found))
			err = -EPROTOTYPE;
	}
	if (err || (opts->flags & HCHAN_NO_OPEN)) {
		hchan__close(fd);
		return err;
	}
	return fd;
}

static int open_in(int dir, const struct hchan__name *name,
		   struct hchan_create *request, struct hchan_found *found)
{
	int ret;

	request->name = (uintptr_t)name->leaf;
	request->name_len = (uint32_t)strlen(name->leaf);
	ret = hchan__ioctl(dir, HCHAN_IOC_CREATE, request);
	if (ret >= 0 || ret == -EPROTOTYPE) {
		found->id = request->id;
		found->capacity = request->found_capacity;
		found->tag = request->found_type_tag;
		found->elem_size = request->found_elem_size;
		found->flags = request->found_flags;
	}
	return ret;
}

static int explain(const struct hchan__name *name,
		   const struct hchan_opts *opts,
		   const struct hchan_found *found, int err)
{
	char dir[PATH_MAX + 100];

	switch (err) {
	case -EPROTOTYPE:
		return hchan__mismatch(name->path, opts, found);
	case -ENOTTY:
		if (access(name->path, F_OK)) {
			snprintf(dir, sizeof(dir),
				 "%s can't hold channels: is hchanfs mounted there?",
				 name->dir);
			return hchan__explain(err, name->path, dir);
		}
		break;
	case -ENOENT:
		return hchan__explain(err, name->path, "No such channel");
	case -EEXIST:
		return hchan__explain(err, name->path, "The channel exists");
	}
	return hchan__fail(name->path, err);
}

int hchan_open_opts(const char *text, const struct hchan_opts *opts,
		    struct hchan_found *found)
{
	struct hchan_create request;
	struct hchan_found there = { 0 };
	struct hchan__name name;
	int saved = errno;
	int ret;
	int dir;

	ret = hchan__name(&name, text);
	if (!ret)
		ret = request_of(&request, opts);
	if (ret)
		return hchan__fail(name.path, ret);

	dir = hchan__open_dir(&name);
	ret = dir;
	if (dir >= 0) {
		ret = open_in(dir, &name, &request, &there);
		hchan__close(dir);
	}
	/* To be opened a channel needs no directory that can be read. */
	if (ret == -ENOTTY || ret == -EXDEV || dir == -EACCES)
		ret = open_alone(&name, opts, &there);

	if (found && (ret >= 0 || ret == -EPROTOTYPE))
		*found = there;
	if (ret < 0) {
		explain(&name, opts, &there, ret);
		errno = saved;
	}
	return ret;
}

int hchan_open(const char *name, unsigned int how)
{
	struct hchan_opts opts = { .how = how };

	return hchan_open_opts(name, &opts, NULL);
}

int hchan_create(const char *name, size_t elem_size, uint64_t capacity)
{
	struct hchan_opts opts = {
		.elem_size = elem_size,
		.capacity = capacity,
		.flags = HCHAN_CREATE,
	};

	return hchan_open_opts(name, &opts, NULL);
}

int hchan_check(int ch, size_t elem_size, uint64_t tag)
{
	struct hchan_opts wanted = {
		.elem_size = elem_size,
		.tag = tag,
		.flags = HCHAN_EXPECT,
	};
	struct hchan_found found;
	struct hchan_stat st;
	char subject[40];
	int err;

	if (ch == HCHAN_NIL)
		return hchan__fail("nil", -EINVAL);
	snprintf(subject, sizeof(subject), "descriptor %d", ch);
	err = hchan_stat(ch, &st);
	if (err)
		return hchan__fail(subject, err);
	hchan__found(&found, &st);
	if (!hchan__agrees(&wanted, &found))
		return hchan__mismatch(subject, &wanted, &found);
	return 0;
}

int hchan_remove(const char *text)
{
	struct hchan__name name;
	struct hchan_stat st;
	int saved = errno;
	int err;

	err = hchan_stat_name(text, &st);
	if (err)
		return err;
	err = hchan__name(&name, text);
	if (!err && unlink(name.path)) {
		err = hchan__fail(name.path, -errno);
		errno = saved;
	}
	return err;
}

static int narrow(int ch, unsigned int how)
{
	struct hchan_narrow request = {
		.open_flags = (uint32_t)open_flags(how),
	};
	char subject[40];
	int ret;

	if (ch == HCHAN_NIL)
		return hchan__fail("nil", -EINVAL);
	ret = hchan__ioctl(ch, HCHAN_IOC_NARROW, &request);
	if (ret < 0) {
		snprintf(subject, sizeof(subject), "descriptor %d", ch);
		hchan__fail(subject, ret);
	}
	return ret;
}

int hchan_send_only(int ch)
{
	return narrow(ch, HCHAN_O_SEND);
}

int hchan_recv_only(int ch)
{
	return narrow(ch, HCHAN_O_RECV);
}

int hchan_close(int ch)
{
	if (ch == HCHAN_NIL)
		return -EINVAL;
	return hchan__ioctl(ch, HCHAN_IOC_CLOSE, NULL);
}

int hchan_drop(int ch)
{
	if (ch == HCHAN_NIL)
		return 0;
	return hchan__close(ch);
}
