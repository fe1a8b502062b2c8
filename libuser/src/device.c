// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* What is asked of /dev/hchan: it is opened for that alone. */
#include "internal.h"

/* @what: what is to be made, as hchan_errmsg() calls it. */
int hchan__ask_device(unsigned int request, void *arg, const char *what)
{
	int dev, ret;

	dev = hchan__open(AT_FDCWD, "/dev/hchan", O_RDWR | O_CLOEXEC);
	if (dev < 0)
		return hchan__fail("/dev/hchan", dev);
	ret = hchan__ioctl(dev, request, arg);
	hchan__close(dev);
	return ret < 0 ? hchan__fail(what, ret) : ret;
}
