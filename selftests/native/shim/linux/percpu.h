/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_PERCPU_H
#define SHIM_PERCPU_H

#include <linux/random.h>

/* A processor's own variable: here a number of the task's, so that a run repeats. */
#define DEFINE_PER_CPU(type, name)	type name
#define per_cpu(name, cpu)		(*((void)(cpu), &(name)))
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define this_cpu_add_return(name, x)	((void)&(name), get_random_u64())

#endif /* SHIM_PERCPU_H */
