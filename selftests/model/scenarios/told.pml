/* SPDX-License-Identifier: GPL-2.0-only */
/* A select that becomes whole, and somebody who waits for that. */
#include "../told.pml"
