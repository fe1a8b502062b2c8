/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A test that plays the kernel: what the library asks of it through the C library
 * arrives in these functions of the test's, by $wrap in the run script and wrap.c.
 */
#ifndef CHECK_WRAP_H
#define CHECK_WRAP_H

/* Any ioctl(); Return: as ioctl(2). */
int played_ioctl(int fd, unsigned int request, void *arg);

/* /dev/hchan is opened. Return: the descriptor that it gets. */
int played_open(void);

/* Return: 1 if @fd is one of the test's, and closed now; 0: it is a real one. */
int played_close(int fd);

/* The names under which ld --wrap takes and gives the C library's functions. */
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap___ioctl_time64(int fd, unsigned long request, void *arg);
long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);

#endif /* CHECK_WRAP_H */
