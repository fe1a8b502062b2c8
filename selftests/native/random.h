/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that a seed repeats. */
#ifndef NATIVE_RANDOM_H
#define NATIVE_RANDOM_H

#include <stdint.h>

static inline unsigned long long random_next(unsigned long long *state)
{
	unsigned long long x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
	return x ^ (x >> 32);
}

static inline uint32_t random_below(unsigned long long *state, uint32_t below)
{
	return (random_next(state) >> 32) * below >> 32;
}

/* The beginning of the @which of a seed's sequences. */
static inline unsigned long long random_start(unsigned long long seed, unsigned long long which)
{
	unsigned long long state = seed ^ which * 0xc2b2ae3d27d4eb4fULL;

	random_next(&state);
	return random_next(&state);
}

#endif /* NATIVE_RANDOM_H */
