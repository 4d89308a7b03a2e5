/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cpu/tpd-cpu-view.h>

struct __nv_bfloat16
{
  uint16_t bits;
};

static inline float
__bfloat162float (__nv_bfloat16 x)
{
  uint32_t bits = (uint32_t)x.bits << 16;
  float result;

  memcpy (&result, &bits, sizeof result);
  return result;
}

static inline __nv_bfloat16
__float2bfloat16_rn (float x)
{
  uint32_t bits;

  if (isnan (x))
    return {0x7fff};
  memcpy (&bits, &x, sizeof bits);
  return {(uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}
