/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../../core/tpd-parallel.h"
#include "../tpd-cpu.h"

/* The fast kernels are compiled once per instruction set, as tpd_fast_<variant>_<op>. A file
 * defines
 *
 *     void
 *     TPD_FAST_OP (add) (TpdExec *exec, const TpdView *y, const TpdView *a, const TpdView *b)
 *
 * and everything else in it is static. */
#define TPD_FAST_PASTE(variant, op) tpd_fast_##variant##_##op
#define TPD_FAST_NAME(variant, op)  TPD_FAST_PASTE (variant, op)
#define TPD_FAST_OP(op)             TPD_FAST_NAME (TPD_FAST_VARIANT, op)

/* Prototypes for every op of the list; those named in tpd-fast.def exist. */
#ifdef TPD_FAST_VARIANT
#define TPD_OP(op, ...) void TPD_FAST_OP (op) (__VA_ARGS__);
#include "../../ops/tpd-ops.def"
#undef TPD_OP
#else
#define TPD_OP(op, ...)                                                                            \
  void TPD_FAST_NAME (generic, op) (__VA_ARGS__);                                                  \
  void TPD_FAST_NAME (v3, op) (__VA_ARGS__);
#include "../../ops/tpd-ops.def"
#undef TPD_OP
#endif
