/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cpu/tpd-cpu-view.h>

struct __half
{
  uint16_t bits;
};

static inline float
__half2float (__half x)
{
  return (float)tpd_cpu_from_f16 (x.bits);
}

static inline __half
__float2half_rn (float x)
{
  return {tpd_cpu_to_f16 (x)};
}
