// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Ordering the processes of a test: see <hchan/test.h>.
 *
 * Steps are counted by a channel of empty elements which nobody receives from:
 * its length is the number of steps done. It only grows, so waiting for a length
 * can't miss one.
 *
 * A barrier for n is two channels. NAME.LABEL.in has room for n - 1: who gets an
 * element in parks in a receive on NAME.LABEL.out, and who finds it full is the
 * last. The last waits until the others are parked, empties "in" for the next
 * round, and only then releases them, each by one element handed to it directly.
 * Somebody who comes back early queues behind those of this round (C8).
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static int label_valid(const char *label)
{
	if (!*label || strchr(label, '/'))
		return -EINVAL;
	return strlen(label) > HCHAN_NAME_MAX / 2 ? -ENAMETOOLONG : 0;
}

int hchan_test_watch(struct hchan_test *test, const char *label, int ch)
{
	struct watched *watched;
	size_t len = strlen(label) + 1;

	watched = malloc(sizeof(*watched) + len);
	if (!watched)
		return -ENOMEM;
	watched->ch = ch;
	watched->owned = false;
	memcpy(watched->label, label, len);
	watched->next = test->watched;
	test->watched = watched;
	return 0;
}

static struct watched *find(const struct hchan_test *test, const char *label)
{
	struct watched *watched;

	for (watched = test->watched; watched; watched = watched->next)
		if (watched->owned && !strcmp(watched->label, label))
			return watched;
	return NULL;
}

/*
 * The test's own channel NAME.@label@suffix, of empty elements, opened once.
 * A mismatch is somebody else's channel or another number of parties.
 */
static int own_channel(struct hchan_test *test, const char *label,
		       const char *suffix, uint64_t capacity)
{
	struct hchan_opts opts = {
		.capacity = capacity,
		.tag = hchan_tag("hchan_test", 0),
		.flags = HCHAN_CREATE,
	};
	char name[2 * HCHAN_NAME_MAX];
	struct hchan_found found;
	struct watched *watched;
	int err;
	int fd;

	snprintf(name, sizeof(name), "%s.%s%s", test->name, label, suffix);
	watched = find(test, name);
	if (watched) {
		if (capacity != (uint64_t)hchan_cap(watched->ch))
			return -EPROTO;
		return watched->ch;
	}

	fd = hchan_open_opts(name, &opts, &found);
	if (fd < 0) {
		fprintf(stderr, "hchan_test: %s\n", hchan_errmsg());
		return fd;
	}
	err = found.capacity == capacity ? 0 : -EPROTO;
	if (!err)
		err = hchan_test_watch(test, name, fd);
	if (err) {
		hchan_drop(fd);
		return err;
	}
	test->watched->owned = true;
	return fd;
}

int hchan_test_join(struct hchan_test **result, const char *name,
		    int64_t timeout)
{
	struct hchan_test *test;
	size_t len;
	int err;

	err = label_valid(name);
	if (err)
		return err;
	len = strlen(name) + 1;
	test = calloc(1, sizeof(*test) + len);
	if (!test)
		return -ENOMEM;
	memcpy(test->name, name, len);
	test->timeout = timeout;
	test->until = hchan_after(timeout);
	test->steps = own_channel(test, "steps", "", INT_MAX);
	if (test->steps < 0) {
		err = test->steps;
		hchan_test_leave(test);
		return err;
	}
	*result = test;
	return 0;
}

void hchan_test_leave(struct hchan_test *test)
{
	struct watched *watched;

	if (!test)
		return;
	while (test->watched) {
		watched = test->watched;
		test->watched = watched->next;
		if (watched->owned)
			hchan_drop(watched->ch);
		free(watched);
	}
	free(test);
}

/* Errors that say why the channels of a test can't be removed or listed. */
int hchan_test_clean(const char *name)
{
	char dir_name[PATH_MAX];
	size_t len = strlen(name);
	int saved = errno;
	struct dirent *entry;
	int removed = 0;
	DIR *dir;
	int err;

	err = label_valid(name);
	if (!err)
		err = hchan__directory(dir_name, sizeof(dir_name));
	if (err)
		return err;
	dir = opendir(dir_name);
	if (!dir) {
		err = -errno;
		errno = saved;
		return err;
	}
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, name, len) ||
		    entry->d_name[len] != '.')
			continue;
		/* Somebody else may be cleaning, too. */
		if (!unlinkat(dirfd(dir), entry->d_name, 0))
			removed++;
		else if (errno != ENOENT)
			err = -errno;
	}
	closedir(dir);
	errno = saved;
	return err ? err : removed;
}

static int ended(struct hchan_test *test, int err)
{
	if (err == -ETIMEDOUT)
		hchan_test_report(test);
	return err;
}

static void waits(struct hchan_test *test, const char *where, const char *what,
		  uint64_t n, int ch)
{
	test->where = where;
	test->what = what;
	test->count = n;
	test->on = ch;
}

static int watch_unnamed(struct hchan_test *test, int ch, const char *where)
{
	struct watched *watched;

	for (watched = test->watched; watched; watched = watched->next)
		if (watched->ch == ch)
			return 0;
	return hchan_test_watch(test, where, ch);
}

int hchan_test_wait_at(struct hchan_test *test, int ch, uint32_t what,
		       uint64_t n, const char *where)
{
	int64_t ret;

	ret = watch_unnamed(test, ch, where);
	if (ret)
		return (int)ret;
	switch (what) {
	case HCHAN_W_RECEIVERS:
		waits(test, where, "parked receivers", n, ch);
		ret = hchan_wait_receivers(ch, n, test->until);
		break;
	case HCHAN_W_SENDERS:
		waits(test, where, "parked senders", n, ch);
		ret = hchan_wait_senders(ch, n, test->until);
		break;
	case HCHAN_W_LENGTH:
		waits(test, where, "buffered elements", n, ch);
		ret = hchan_wait_len(ch, n, test->until);
		break;
	default:
		return -EINVAL;
	}
	return ended(test, ret < 0 ? (int)ret : 0);
}

/* Complains about a step that is done twice or too early. */
static int out_of_order(struct hchan_test *test, uint64_t k, const char *where)
{
	fprintf(stderr,
		"hchan_test: %s: %s: step %llu, but %lld steps are done\n",
		test->name, where, (unsigned long long)k,
		(long long)hchan_len(test->steps));
	return -EPROTO;
}

int hchan_test_step_at(struct hchan_test *test, uint64_t k, const char *where)
{
	int64_t ret;

	waits(test, where, "steps done", k, test->steps);
	ret = hchan_wait_len(test->steps, k, test->until);
	if (ret < 0)
		return ended(test, (int)ret);
	if ((uint64_t)ret != k)
		return out_of_order(test, k, where);
	return 0;
}

int hchan_test_done_at(struct hchan_test *test, uint64_t k, const char *where)
{
	int64_t done = hchan_len(test->steps);

	if (done < 0)
		return (int)done;
	if ((uint64_t)done != k)
		return out_of_order(test, k, where);
	return hchan_try_send(test->steps, NULL, 0);
}

/* The last one at a barrier lets the others go. */
static int release(struct hchan_test *test, int in, int out, unsigned int n)
{
	unsigned int i;
	int64_t ret;

	ret = hchan_wait_receivers(out, n, test->until);
	if (ret < 0)
		return (int)ret;
	for (i = 0; i < n; i++) {
		ret = hchan_try_recv(in, NULL, 0);
		if (ret != 1)
			return ret ? (int)ret : -EPIPE;
	}
	for (i = 0; i < n; i++) {
		ret = hchan_send_until(out, NULL, 0, test->until);
		if (ret)
			return (int)ret;
	}
	return 0;
}

int hchan_test_barrier_at(struct hchan_test *test, const char *label,
			  unsigned int n, const char *where)
{
	int in, out, ret;

	ret = label_valid(label);
	if (ret || !n)
		return ret ? ret : -EINVAL;
	if (n == 1)
		return 0;
	in = own_channel(test, label, ".in", n - 1);
	if (in < 0)
		return in;
	out = own_channel(test, label, ".out", 0);
	if (out < 0)
		return out;

	waits(test, where, "parties at the barrier", n, out);
	ret = hchan_try_send(in, NULL, 0);
	if (ret == -EAGAIN) {
		ret = release(test, in, out, n - 1);
	} else if (!ret) {
		ret = hchan_recv_until(out, NULL, 0, test->until);
		/* Nobody closes it but by mistake. */
		ret = ret > 0 ? 0 : ret ? ret : -EPIPE;
	}
	return ended(test, ret);
}
