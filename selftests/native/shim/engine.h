/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine's own header, and a number in it made small where NATIVE_STEPS says
 * so: then walks are interrupted, and begin anew, with a few waiters already.
 */
#ifndef SHIM_ENGINE_H
#define SHIM_ENGINE_H

#include_next <engine.h>

#ifdef NATIVE_STEPS
#undef HCHAN_STEPS
#define HCHAN_STEPS NATIVE_STEPS
#endif

#endif /* SHIM_ENGINE_H */
