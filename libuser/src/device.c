// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* What is asked of /dev/hchan: it is opened for that alone. */
#include "internal.h"

/* @what: what is to be made, as hchan_errmsg() calls it; NULL: it says nothing. */
int hchan__ask_device(unsigned int request, void *arg, const char *what)
{
	const char *subject = "/dev/hchan";
	int dev, ret;

	dev = hchan__open(AT_FDCWD, "/dev/hchan", O_RDWR | O_CLOEXEC);
	ret = dev;
	if (dev >= 0) {
		subject = what;
		ret = hchan__ioctl(dev, request, arg);
		hchan__close(dev);
	}
	return ret < 0 && what ? hchan__fail(subject, ret) : ret;
}
