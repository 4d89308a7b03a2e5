/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-ops.h"

const TpdOpTable tpd_cuda_ops = {
#define TPD_OP(name, ...) .name = tpd_cuda_##name,
#include "../engine/ops/tpd-ops.def"
#undef TPD_OP
};
