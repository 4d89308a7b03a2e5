/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cuda.h"

/* The op table of this backend, made from tpd-ops.def. */
extern const TpdOpTable tpd_cuda_ops;
