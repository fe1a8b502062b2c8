/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* The names under which ld --wrap takes and gives the C library's functions. */
#ifndef CHECK_WRAP_H
#define CHECK_WRAP_H

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap___ioctl_time64(int fd, unsigned long request, void *arg);
long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);

#endif /* CHECK_WRAP_H */
