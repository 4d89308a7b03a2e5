/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <string.h>

#define TPD_LOG2_E 1.44269504088896341f

/* e^x for loops that the compiler turns into vectors: no branch, no call. Relative error below
 * 2e-7 · (1 + |x|); saturates at the largest and smallest normal numbers; NaN stays NaN. The
 * polynomial is that of exp2f in Cephes (Moshier 1992). */
static inline float
tpd_fast_exp (float x)
{
  float t = x * TPD_LOG2_E, f, p, scale;
  int32_t whole;
  uint32_t bits;

  t = t > 127.0f ? 127.0f : t;
  t = t < -126.0f ? -126.0f : t;
  whole = (int32_t)(t + (t < 0 ? -0.5f : 0.5f)); /* toward 0: nearest */
  f = t - (float)whole;
  p = 1.535336188319500e-4f * f + 1.339887440266574e-3f;
  p = p * f + 9.618437357674640e-3f;
  p = p * f + 5.550332471162809e-2f;
  p = p * f + 2.402264791363012e-1f;
  p = p * f + 6.931472028550421e-1f;
  p = p * f + 1.0f;
  bits = (uint32_t)(whole + 127) << 23;
  memcpy (&scale, &bits, sizeof scale);
  return p * scale;
}

static inline float
tpd_fast_sigmoid (float x)
{
  return 1.0f / (1.0f + tpd_fast_exp (-x));
}
