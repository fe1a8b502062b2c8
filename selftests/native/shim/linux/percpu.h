/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A processor's own variable: here a number of the task's, so that a run repeats.
 * NATIVE_PERCPU: one for all, as a program on one processor sees it.
 */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/random.h>

#define DEFINE_PER_CPU(type, name) struct { type only; } name
#define per_cpu(name, cpu) (*((void)(cpu), &(name).only))
#define for_each_possible_cpu(cpu) \
	for (int *each_ = &(cpu); each_ && !(*each_ = 0); each_ = NULL)
#ifdef NATIVE_PERCPU
#define this_cpu_add_return(name, x) ((name).only += (x))
#else
#define this_cpu_add_return(name, x) \
	((void)((name).only + (x)), get_random_u64())
#endif

#endif /* SHIM_LINUX_PERCPU_H */
