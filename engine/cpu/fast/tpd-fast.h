/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../../ops/tpd-ops.h"

/* Declares tpd_fast_<op> for every op with the signature of the list; those named in tpd-fast.def
 * exist. */
#define TPD_OP(name, ...) void tpd_fast_##name (__VA_ARGS__);
#include "../../ops/tpd-ops.def"
#undef TPD_OP
