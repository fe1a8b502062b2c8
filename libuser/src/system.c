// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* System calls with the library's convention for errors. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static int result(long ret, int saved_errno)
{
	if (ret < 0)
		ret = -errno;
	errno = saved_errno;
	return (int)ret;
}

int hchan__ioctl(int fd, unsigned int request, void *arg)
{
	int saved = errno;

	return result(ioctl(fd, request, arg), saved);
}

int hchan__open(int dir, const char *path, int flags)
{
	int saved = errno;

	return result(syscall(SYS_openat, dir, path, flags, 0), saved);
}

int hchan__close(int fd)
{
	int saved = errno;
	int err = result(syscall(SYS_close, fd), saved);

	/* Linux has let go of the descriptor before a signal can be noticed. */
	return err == -EINTR ? 0 : err;
}

/* Another descriptor of the same open file, close-on-exec. */
int hchan__dup(int fd)
{
	int saved = errno;

	return result(fcntl(fd, F_DUPFD_CLOEXEC, 0), saved);
}

int hchan__cloexec(int fd, bool on)
{
	int saved = errno;

	return result(fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0), saved);
}
