// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* See wrap.h. */
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wrap.h"

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return played_ioctl(fd, (unsigned int)request, arg);
}

/* What the C library makes of ioctl() for 32-bit programs with 64-bit times. */
int __wrap___ioctl_time64(int fd, unsigned long request, void *arg)
{
	return played_ioctl(fd, (unsigned int)request, arg);
}

long __wrap_syscall(long number, ...)
{
	long arg[6];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_openat && !strcmp((char *)arg[1], "/dev/hchan"))
		return played_open();
	if (number == SYS_close && played_close((int)arg[0]))
		return 0;
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4],
			      arg[5]);
}
