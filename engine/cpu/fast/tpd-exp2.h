/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-tile.h"

/* a where `which` is −1, b where it is 0 */
static inline __attribute__ ((always_inline)) TpdVec
tpd_vec_select (TpdVecInt which, TpdVec a, TpdVec b)
{
  return (TpdVec)(((TpdVecInt)a & which) | ((TpdVecInt)b & ~which));
}

static inline __attribute__ ((always_inline)) TpdVec
tpd_vec_max (TpdVec a, TpdVec b)
{
  return tpd_vec_select (a > b, a, b);
}

/* 2^x for x < 0.5, within 2 ulp where the result is a normal number; exactly 0 from −127 down. The
 * polynomial is that of exp2f in Cephes (Moshier 1992), good for |f| ≤ 0.5. */
static inline __attribute__ ((always_inline)) TpdVec
tpd_vec_exp2 (TpdVec x)
{
  TpdVec clamped = tpd_vec_max ((TpdVec){0} - 127.0f, x);               /* NaN stays NaN */
  TpdVecInt whole = __builtin_convertvector(clamped - 0.5f, TpdVecInt); /* toward 0: nearest */
  TpdVec f = clamped - __builtin_convertvector(whole, TpdVec);
  TpdVec p = 1.535336188319500e-4f * f + 1.339887440266574e-3f;

  p = p * f + 9.618437357674640e-3f;
  p = p * f + 5.550332471162809e-2f;
  p = p * f + 2.402264791363012e-1f;
  p = p * f + 6.931472028550421e-1f;
  p = p * f + 1.0f;
  return (TpdVec)((TpdVecInt)p + (whole << 23)); /* at −127 the bits of 1 become those of 0 */
}
