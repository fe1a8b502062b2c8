/* SPDX-License-Identifier: GPL-2.0-only */
/* The scenarios, by the files they are in, and where their values go. */
#ifndef HCHAN_BENCH_SCENARIOS_H
#define HCHAN_BENCH_SCENARIOS_H

#include "bench.h"

/* alone.c */
extern const struct scenario seq_scenario, try_scenario, create_scenario;
/* batch.c */
extern const struct scenario batch_scenario;
/* stream.c */
extern const struct scenario spsc_scenario, mpsc_scenario, mpmc_scenario;
/* pingpong.c */
extern const struct scenario pingpong_scenario, broadcast_scenario;
/* select.c */
extern const struct scenario select_rx_scenario, select_one_scenario;
extern const struct scenario select_both_scenario;
/* blocked.c */
extern const struct scenario select_blocked_scenario;
/* crowd.c */
extern const struct scenario close_scenario, waiters_scenario;
/* memory.c */
extern const struct scenario memory_scenario;
/* scale.c */
extern const struct scenario scale_scenario;

/* uring.c */
extern const struct scenario uring_scenario;

/* measure.c */
void json_begin(const char *path);
void json_end(void);

#endif
