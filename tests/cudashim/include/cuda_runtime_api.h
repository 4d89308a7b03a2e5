/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* As much of CUDA's header as the kernels' host code uses. */

typedef struct TpdShimStream *cudaStream_t;
typedef int cudaError_t;
#define cudaSuccess 0
