/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../core/tpd-view-layout.h"

/* How reference kernels read and write elements: any dtype, any strides, computing in double.
 * Offsets count elements from view->data. */

/* Offset of element [i, j, …]. */
#define TPD_AT(view, ...) tpd_cpu_offset (view, (const int64_t[TPD_MAX_DIMS]){__VA_ARGS__})

/* Element [i, j, …] as a double. */
#define TPD_GET(view, ...) tpd_cpu_load (view, TPD_AT (view, __VA_ARGS__))

/* Sets element [i, j, …]. */
#define TPD_SET(view, value, ...) tpd_cpu_store (view, TPD_AT (view, __VA_ARGS__), value)

static inline int64_t
tpd_cpu_offset (const TpdView *view, const int64_t index[TPD_MAX_DIMS])
{
  int64_t offset = 0;

  for (int i = 0; i < view->n_dims; i++)
    offset += index[i] * view->stride[i];
  return offset;
}

/* Offset of element number `n` in row-major order. */
static inline int64_t
tpd_cpu_nth (const TpdView *view, int64_t n)
{
  int64_t offset = 0;

  for (int i = view->n_dims - 1; i >= 0; i--)
    {
      offset += n % view->shape[i] * view->stride[i];
      n /= view->shape[i];
    }
  return offset;
}

/* x rounded to the nearest number with that many significant bits and no bit below 2^lowest; ties
 * go to even. */
static inline double
tpd_cpu_round (double x, int bits, int lowest)
{
  int exponent;

  if (x == 0 || !isfinite (x))
    return x;
  frexp (x, &exponent);
  exponent = exponent - bits > lowest ? exponent - bits : lowest;
  return ldexp (nearbyint (ldexp (x, -exponent)), exponent);
}

static inline uint16_t
tpd_cpu_to_bf16 (double x)
{
  float rounded = (float)tpd_cpu_round (x, 8, -133);
  uint32_t bits;

  memcpy (&bits, &rounded, sizeof bits);
  return (uint16_t)(bits >> 16 | (isnan (x) ? 0x40 : 0));
}

static inline double
tpd_cpu_from_bf16 (uint16_t half)
{
  uint32_t bits = (uint32_t)half << 16;
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

static inline uint16_t
tpd_cpu_to_f16 (double x)
{
  double rounded = fabs (tpd_cpu_round (x, 11, -24));
  uint16_t sign = signbit (x) ? 0x8000 : 0;
  int exponent;

  if (isnan (x))
    return sign | 0x7e00;
  if (rounded > 65504)
    return sign | 0x7c00;
  if (rounded < 0x1p-14)
    return sign | (uint16_t)ldexp (rounded, 24);
  rounded = frexp (rounded, &exponent); /* 0.5 ≤ rounded < 1 */
  return (uint16_t)(sign | (exponent + 14) << 10 | ((int)ldexp (rounded, 11) & 0x3ff));
}

static inline double
tpd_cpu_from_f16 (uint16_t half)
{
  uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
  float x;

  memcpy (&x, &bits, sizeof x); /* the right number but for the bias of the exponent */
  x *= 0x1p112f;
  if ((half & 0x7c00) == 0x7c00)
    x = half & 0x3ff ? NAN : INFINITY;
  return half & 0x8000 ? -x : x;
}

static inline double
tpd_cpu_load (const TpdView *view, int64_t offset)
{
  switch (view->dtype)
    {
    case TPD_F32:
      return ((const float *)view->data)[offset];
    case TPD_F64:
      return ((const double *)view->data)[offset];
    case TPD_F16:
      return tpd_cpu_from_f16 (((const uint16_t *)view->data)[offset]);
    case TPD_BF16:
      return tpd_cpu_from_bf16 (((const uint16_t *)view->data)[offset]);
    case TPD_I32:
      return ((const int32_t *)view->data)[offset];
    case TPD_I64:
      return (double)((const int64_t *)view->data)[offset];
    case TPD_U8:
      return ((const uint8_t *)view->data)[offset];
    }
  return NAN;
}

/* x as an integer between low and high; NaN is 0. */
static inline double
tpd_cpu_saturate (double x, double low, double high)
{
  return isnan (x) ? 0 : fmin (fmax (nearbyint (x), low), high);
}

/* Rounds to nearest even; integers saturate. */
static inline void
tpd_cpu_store (const TpdView *view, int64_t offset, double x)
{
  switch (view->dtype)
    {
    case TPD_F32:
      ((float *)view->data)[offset] = (float)x;
      break;
    case TPD_F64:
      ((double *)view->data)[offset] = x;
      break;
    case TPD_F16:
      ((uint16_t *)view->data)[offset] = tpd_cpu_to_f16 (x);
      break;
    case TPD_BF16:
      ((uint16_t *)view->data)[offset] = tpd_cpu_to_bf16 (x);
      break;
    case TPD_I32:
      ((int32_t *)view->data)[offset] = (int32_t)tpd_cpu_saturate (x, INT32_MIN, INT32_MAX);
      break;
    case TPD_I64: /* 2^63 itself is no int64; the largest double below it is */
      ((int64_t *)view->data)[offset] =
          (int64_t)tpd_cpu_saturate (x, -0x1p63, 0x1.fffffffffffffp62);
      break;
    case TPD_U8:
      ((uint8_t *)view->data)[offset] = (uint8_t)tpd_cpu_saturate (x, 0, UINT8_MAX);
      break;
    }
}
