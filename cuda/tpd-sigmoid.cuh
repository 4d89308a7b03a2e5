/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The logistic function, for SiLU and the approximations of GELU. Right at both ends: exp overflows
 * to infinity, whose inverse is 0. */
static __device__ __forceinline__ float
tpd_sigmoid (float x)
{
  return 1 / (1 + expf (-x));
}

/* Derivative of x · sigmoid (x) */
static __device__ __forceinline__ float
tpd_silu_slope (float x)
{
  float s = tpd_sigmoid (x);

  return s * (1 + x * (1 - s));
}
