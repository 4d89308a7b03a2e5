/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The contract between the engine and its backends, in plain C: the table of ops. nvcc includes
 * this file. */

#include "../core/tpd-types.h"

#ifdef __cplusplus
extern "C"
{
#endif

  /* One function pointer an op, in the order of tpd-ops.def. */
  typedef struct _TpdOpTable
  {
#define TPD_OP(name, ...) void (*name) (__VA_ARGS__);
#include "tpd-ops.def"
#undef TPD_OP
  } TpdOpTable;

#ifdef __cplusplus
}
#endif
