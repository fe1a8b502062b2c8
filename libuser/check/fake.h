/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A kernel for selects and sets that says what it is told to say, and keeps what
 * it was asked. The linker puts it in the place of ioctl() and syscall().
 */
#ifndef CHECK_FAKE_H
#define CHECK_FAKE_H

#include <linux/hchan.h>

#define CH		1000	/* the descriptors of channels: to CH + 99 */
#define SOCKET		2000	/* something else */
#define DEVICE		3000	/* /dev/hchan */
#define SET		4000	/* a set that was made */
#define FAKE_CASES	40

#ifdef __cplusplus
extern "C" {
#endif

struct fake {
	/* To be answered: a result, or an errno. */
	int ret;
	int err;
	unsigned int index;	/* the case which @err is about */
	unsigned int actual;
	unsigned int status;
	int error;
	int refused;		/* the channel that can't be put into a set */
	int lost;		/* say ESTALE so many times */
	int no_select;		/* a module that knows none */
	/* What was asked: */
	int calls;		/* of select, or of a set's select */
	int controls;		/* of a set */
	int opened;
	int closed;
	int fd;
	struct hchan_select select;
	struct hchan_case cases[FAKE_CASES];
	struct hchan_set_select set_select;
	struct hchan_set_ctl control;
	struct hchan_case set[FAKE_CASES];
	int disabled[FAKE_CASES];
	char element[32];	/* of the send case that went */
};

extern struct fake fake;

/* Forgets everything; then @ret or @err is the answer. */
void fake_answer(int ret, int err);

#ifdef __cplusplus
}
#endif

#endif /* CHECK_FAKE_H */
