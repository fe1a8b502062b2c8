/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NATIVE_LINEAR_H
#define NATIVE_LINEAR_H

#include "history.h"

enum linear {
	LINEAR_YES,
	LINEAR_NO,
	LINEAR_TOO_LARGE,	/* more states than there is room for */
};

/* Whether some order explains the history. @states: how many were looked at. */
enum linear linear_check(const struct history *history, unsigned int *states);

#endif /* NATIVE_LINEAR_H */
