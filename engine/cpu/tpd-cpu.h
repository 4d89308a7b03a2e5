/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../ops/tpd-ops.h"

/* The reference kernels, tpd_cpu_<op>: readable, any strides, any dtype, one file an op. */
#define TPD_OP(name, ...) void tpd_cpu_##name (__VA_ARGS__);
#include "../ops/tpd-ops.def"
#undef TPD_OP

/* The op table of the CPU: the reference kernels, with the fast ones of fast/ in their place where
 * there are any. TPDIFF_CPU=reference takes the reference alone, TPDIFF_CPU=generic the fast ones
 * without this machine's vector instructions. */
const TpdOpTable *tpd_cpu_ops (void);

/* The reference kernels alone. */
const TpdOpTable *tpd_cpu_reference_ops (void);
