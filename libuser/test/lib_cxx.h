/* SPDX-License-Identifier: GPL-2.0-only */
/* What a C program and a C++ program have in common: only this and a name. */
#ifndef LIB_CXX_H
#define LIB_CXX_H

#include <stdint.h>

struct job {
	uint32_t id;
	char text[60];
};

/* Jobs go to the C program, and come back with the id doubled. */
#define JOBS	"jobs"
#define BACK	"back"

#endif /* LIB_CXX_H */
