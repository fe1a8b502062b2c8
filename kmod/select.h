/* SPDX-License-Identifier: GPL-2.0-only */
/* select.c: HCHAN_IOC_SELECT, for commands and foreign descriptors, too. */
#ifndef _HCHAN_SELECT_H
#define _HCHAN_SELECT_H

#include "pick.h"

struct poll_wqueues;

/*
 * struct hchan_sel_case - a case of HCHAN_IOC_SELECT
 * @buf: the user's address
 *
 * If p.ch is NULL and it has a file, it is a poll case for the events p.w.room;
 * those that have come are in p.version.
 */
struct hchan_sel_case {
	struct hchan_pick_case p;
	u64 buf;
};

/*
 * struct hchan_sel - a call of HCHAN_IOC_SELECT
 * @cases: pick.n of them
 * @files: their open files, with NULL for nil; or NULL as long as nobody needs them
 * @small_files: that, for few
 * @foreign: poll cases
 * @command: it must not sleep, and is on channels only
 * @shared: others may close descriptors meanwhile, so @files are held
 * @pwq: while it waits, and has to be woken by what is polled
 */
struct hchan_sel {
	struct hchan_pick pick;
	struct hchan_sel_case *cases;
	struct file **files;
	struct file *small_files[HCHAN_SELECT_SMALL];
	struct hchan_select __user *usel;
	struct hchan_case __user *ucases;
	u32 foreign;
	bool command;
	bool shared;
	struct poll_wqueues *pwq;
};

int hchan_select(struct hchan_select __user *usel, bool command);
int hchan_sel_init(struct hchan_sel *sel, struct hchan_deadline *deadline,
		   struct hchan_select __user *usel);
int hchan_sel_room(struct hchan_sel *sel);
void hchan_sel_free(struct hchan_sel *sel);
int hchan_sel_begin(struct hchan_sel *sel);
int hchan_sel_end(struct hchan_sel *sel, int ret);
int hchan_sel_abandon(struct hchan_sel *sel, int ret);
int hchan_select_init(void);
void hchan_select_exit(void);
int hchan_case_prepare(struct hchan_pick_case *p, u64 addr);
int hchan_sel_recv_out(struct hchan_pick *pick, u64 buf, u32 *actual,
		       u32 *status, int *error);
int hchan_sel_park(struct hchan_sel *sel, const struct hchan_deadline *deadline);

/* foreign.c */
bool hchan_foreign_ready(struct hchan_sel *sel);
int hchan_foreign_park(struct hchan_sel *sel,
		       const struct hchan_deadline *deadline);
int hchan_foreign_watch(struct hchan_sel *sel,
			const struct hchan_deadline *deadline);

#endif /* _HCHAN_SELECT_H */
