/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NATIVE_PLANTED_H
#define NATIVE_PLANTED_H

/* A history (history.h) and what it is about. Ends with one without a name. */
struct planted {
	const char *name;
	const char *text;
};

extern const struct planted planted_bad[], planted_good[];

#endif /* NATIVE_PLANTED_H */
