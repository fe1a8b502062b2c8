/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the library's files share. Nothing here is exported.
 *
 * System calls are made in a way that keeps errno, returns a negative errno and
 * is no cancellation point: a thread cancelled in open(2) would lose the
 * descriptor, and one cancelled in a receive the element.
 */
#ifndef HCHAN_INTERNAL_H
#define HCHAN_INTERNAL_H

#include <fcntl.h>
#include <stdbool.h>
#include <hchan.h>

#define HIDDEN	__attribute__((__visibility__("hidden")))

/* system.c */
HIDDEN int hchan__ioctl(int fd, unsigned int request, void *arg);
HIDDEN int hchan__open(int dir, const char *path, int flags);
HIDDEN int hchan__close(int fd);
HIDDEN int hchan__dup(int fd);
HIDDEN int hchan__cloexec(int fd, bool on);

/* device.c: an ioctl on /dev/hchan, opened for it */
HIDDEN int hchan__ask_device(unsigned int request, void *arg, const char *what);

/* nil.c */
HIDDEN int hchan__nil(uint32_t flags, int64_t deadline, uint32_t known);

/* select.c */
HIDDEN bool hchan__select_flags(struct hchan_when when, unsigned int flags);
HIDDEN int hchan__ask(int ch, unsigned int request, void *arg);
HIDDEN int hchan__blame(struct hchan_case *c, size_t n, size_t index, int err);

/* context.c */
HIDDEN int hchan__is_ctx(int ctx);
HIDDEN int hchan__ctx_stat(int ctx, struct hchan_ctx_stat *st);

/* message.c: the calling thread's hchan_errmsg() */
HIDDEN int hchan__fail(const char *subject, int err);
HIDDEN int hchan__mismatch(const char *subject, const struct hchan_opts *wanted,
			   const struct hchan_found *found);
HIDDEN int hchan__explain(int err, const char *subject, const char *why);
HIDDEN void hchan__printable(char *text);

/* look.c */
HIDDEN bool hchan__agrees(const struct hchan_opts *wanted,
			  const struct hchan_found *found);
HIDDEN void hchan__found(struct hchan_found *found, const struct hchan_stat *st);

/*
 * name.c: a channel's name, taken apart. @path is the whole of it, @leaf its
 * last part, @dir the rest.
 */
struct hchan__name {
	char path[PATH_MAX];
	char dir[PATH_MAX];
	const char *leaf;
};

HIDDEN int hchan__name(struct hchan__name *name, const char *text);
HIDDEN int hchan__open_dir(const struct hchan__name *name);
HIDDEN int hchan__open_path(const struct hchan__name *name, int open_flags);
HIDDEN int hchan__directory(char *dir, size_t size);

#endif /* HCHAN_INTERNAL_H */
