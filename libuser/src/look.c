// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Looking at channels, and waiting for what can be seen. */
#include <errno.h>
#include <string.h>

#include "internal.h"

int hchan_stat(int ch, struct hchan_stat *st)
{
	struct hchan_stat now = { .size = sizeof(now) };
	int err;

	if (ch == HCHAN_NIL)
		return -EINVAL;
	err = hchan__ioctl(ch, HCHAN_IOC_STAT, &now);
	if (!err)
		*st = now;
	return err;
}

int hchan_set_spin(int ch, int64_t ns)
{
	uint32_t most = ns < 0 ? HCHAN_SPIN_DEFAULT : (uint32_t)ns;

	if (ch == HCHAN_NIL || ns >= (int64_t)HCHAN_SPIN_DEFAULT)
		return -EINVAL;
	return hchan__ioctl(ch, HCHAN_IOC_SPIN, &most);
}

int64_t hchan_len(int ch)
{
	struct hchan_stat st;
	int err;

	if (ch == HCHAN_NIL)
		return 0;
	err = hchan_stat(ch, &st);
	return err ? err : (int64_t)st.length;
}

int64_t hchan_cap(int ch)
{
	struct hchan_stat st;
	int err;

	if (ch == HCHAN_NIL)
		return 0;
	err = hchan_stat(ch, &st);
	return err ? err : (int64_t)st.capacity;
}

/* A channel in a directory of another kind can be asked only when it is open. */
static int stat_path(const struct hchan__name *name, struct hchan_stat *st)
{
	int err;
	int fd;

	fd = hchan__open_path(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -EACCES)
		fd = hchan__open_path(name, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fd;
	err = hchan_stat(fd, st);
	hchan__close(fd);
	return err;
}

int hchan_stat_name(const char *text, struct hchan_stat *st)
{
	struct hchan_stat now = { .size = sizeof(now) };
	struct hchan_statat request = { .stat = (uintptr_t)&now };
	struct hchan__name name;
	int err;
	int dir;

	err = hchan__name(&name, text);
	if (err)
		return hchan__fail(name.path, err);
	request.name = (uintptr_t)name.leaf;
	request.name_len = (uint32_t)strlen(name.leaf);

	dir = hchan__open_dir(&name);
	err = dir;
	if (dir >= 0) {
		err = hchan__ioctl(dir, HCHAN_IOC_STATAT, &request);
		hchan__close(dir);
	}
	if (err == -ENOTTY || err == -EXDEV || dir == -EACCES)
		err = stat_path(&name, &now);
	if (err)
		return hchan__fail(name.path, err);
	*st = now;
	return 0;
}

void hchan__found(struct hchan_found *found, const struct hchan_stat *st)
{
	found->id = st->id;
	found->capacity = st->capacity;
	found->tag = st->type_tag;
	found->elem_size = st->elem_size;
	found->flags = st->flags;
}

/* The kernel's own rule for an open (C47), for channels that are open already. */
bool hchan__agrees(const struct hchan_opts *wanted,
		   const struct hchan_found *found)
{
	if (wanted->tag && found->tag && wanted->tag != found->tag)
		return false;
	if (!(wanted->flags & (HCHAN_CREATE | HCHAN_EXPECT)))
		return true;
	return wanted->elem_size == found->elem_size &&
	       !((wanted->flags ^ found->flags) & HCHAN_MSG);
}

int hchan_query(struct hchan_query *query)
{
	struct hchan_query now = { .size = sizeof(now) };
	int err;
	int fd;

	fd = hchan__open(AT_FDCWD, "/dev/hchan", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	err = hchan__ioctl(fd, HCHAN_IOC_QUERY, &now);
	hchan__close(fd);
	if (!err)
		*query = now;
	return err;
}

static int64_t wait_for(int ch, uint32_t what, uint64_t n,
			struct hchan_when when)
{
	struct hchan_wait wait = {
		.what = what,
		.flags = when.flags,
		.count = n,
		.deadline = when.ns,
	};
	int err;

	if (ch == HCHAN_NIL)
		return -EINVAL;
	err = hchan__ioctl(ch, HCHAN_IOC_WAIT, &wait);
	return err ? err : (int64_t)wait.seen;
}

int64_t hchan_wait_receivers(int ch, uint64_t n, struct hchan_when when)
{
	return wait_for(ch, HCHAN_W_RECEIVERS, n, when);
}

int64_t hchan_wait_senders(int ch, uint64_t n, struct hchan_when when)
{
	return wait_for(ch, HCHAN_W_SENDERS, n, when);
}

int64_t hchan_wait_len(int ch, uint64_t n, struct hchan_when when)
{
	return wait_for(ch, HCHAN_W_LENGTH, n, when);
}
