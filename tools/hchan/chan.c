// SPDX-License-Identifier: GPL-2.0-only
/* Finding and opening channels, and saying what became of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* As the library finds them: see NAMES in <hchan.h>. */
const char *chan_dir(void)
{
	const char *dir = secure_getenv("HCHAN_DIR");

	return dir && *dir ? dir : "/dev/chan";
}

/* @path has room for PATH_MAX bytes. */
int chan_path(const char *name, char *path)
{
	int len;

	if (strchr(name, '/'))
		len = snprintf(path, PATH_MAX, "%s", name);
	else
		len = snprintf(path, PATH_MAX, "%s/%s", chan_dir(), name);
	if (len >= PATH_MAX)
		return fail("%.60s...: %s", name, strerror(ENAMETOOLONG));
	return DONE;
}

int chan_open(struct chan *chan, const char *name, unsigned int how)
{
	int status = chan_path(name, chan->path);
	int err;

	if (status)
		return status;
	chan->fd = hchan_open(name, how);
	if (chan->fd < 0)
		return chan_unnamed(chan->path, chan->fd);
	err = hchan_stat(chan->fd, &chan->st);
	if (err)
		return chan_failed(chan, err, "");
	return DONE;
}

/* A [msg] call of the library failed: it knows best, but that nothing is there. */
int chan_unnamed(const char *path, int err)
{
	if (err == -ENOENT)
		return fail("%s: No such channel", path);
	return fail("%s", hchan_errmsg());
}

/* @progress: what had been done until then, " (3 sent)", or "". */
int chan_ended(const struct chan *chan, uint32_t status, const char *progress)
{
	if (status == HCHAN_ST_DISCONNECTED)
		fail("%s: disconnected, the other side is gone%s", chan->path,
		     progress);
	else
		fail("%s: closed%s", chan->path, progress);
	return AT_END;
}

int chan_failed(const struct chan *chan, int err, const char *progress)
{
	if (err == -ETIMEDOUT) {
		fail("%s: timed out%s", chan->path, progress);
		return TIMED_OUT;
	}
	return fail("%s: %s%s", chan->path, hchan_strerror(err), progress);
}
