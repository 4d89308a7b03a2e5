/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "tpd-walk.h"

/* Copies within a dtype, and the conversions between f32 and the 16-bit floats that weights are
 * stored in. */

#define COPY_ROW(name, type)                                                                       \
  static void name (int64_t n, void *const *p, const int64_t *stride, const void *attrs)           \
  {                                                                                                \
    type *y = p[0];                                                                                \
    const type *x = p[1];                                                                          \
                                                                                                   \
    if (stride[0] == 1 && stride[1] == 1)                                                          \
      memcpy (y, x, (size_t)n * sizeof (type));                                                    \
    else                                                                                           \
      for (int64_t i = 0; i < n; i++)                                                              \
        y[i * stride[0]] = x[i * stride[1]];                                                       \
  }

COPY_ROW (copy_8, uint8_t)
COPY_ROW (copy_16, uint16_t)
COPY_ROW (copy_32, uint32_t)
COPY_ROW (copy_64, uint64_t)

static void
bf16_to_f32 (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  uint32_t *y = p[0];
  const uint16_t *x = p[1];

  for (int64_t i = 0; i < n; i++)
    y[i * stride[0]] = (uint32_t)x[i * stride[1]] << 16;
}

/* Rounds to nearest even; a NaN stays one. */
static void
f32_to_bf16 (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  uint16_t *y = p[0];
  const uint32_t *x = p[1];

  for (int64_t i = 0; i < n; i++)
    {
      uint32_t bits = x[i * stride[1]];
      uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;

      y[i * stride[0]] = (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded);
    }
}

/* The exponent is re-biased by a product with 2^112, which also makes subnormals normal; infinity
 * and NaN come out as numbers from 2^16 up and get the largest exponent. */
static void
f16_to_f32 (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  uint32_t *y = p[0];
  const uint16_t *x = p[1];

  for (int64_t i = 0; i < n; i++)
    {
      uint32_t half = x[i * stride[1]], bits = (half & 0x7fff) << 13;
      float value;

      memcpy (&value, &bits, sizeof value);
      value *= 0x1p112f;
      memcpy (&bits, &value, sizeof bits);
      bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
      y[i * stride[0]] = bits | (half & 0x8000) << 16;
    }
}

/* Rounds to nearest even. What is below 2^-14 is subnormal as a half: adding 1/2 shifts it to where
 * the processor's own rounding of sums leaves its 10 bits. From 65520 up all is infinite; a NaN
 * stays one. */
static void
f32_to_f16 (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  uint16_t *y = p[0];
  const uint32_t *x = p[1];

  for (int64_t i = 0; i < n; i++)
    {
      uint32_t bits = x[i * stride[1]], magnitude = bits & 0x7fffffff, small_bits;
      uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
      uint32_t special = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
      float small;

      memcpy (&small, &magnitude, sizeof small);
      small += 0.5f;
      memcpy (&small_bits, &small, sizeof small_bits);
      y[i * stride[0]] = (uint16_t)(bits >> 16 & 0x8000) |
                         (uint16_t)(magnitude < 0x38800000   ? small_bits - 0x3f000000
                                    : magnitude < 0x477ff000 ? normal
                                                             : special);
    }
}

static TpdRowFunc
row_for (TpdDtype to, TpdDtype from)
{
  if (to == TPD_F32 && from == TPD_BF16)
    return bf16_to_f32;
  if (to == TPD_BF16 && from == TPD_F32)
    return f32_to_bf16;
  if (to == TPD_F32 && from == TPD_F16)
    return f16_to_f32;
  if (to == TPD_F16 && from == TPD_F32)
    return f32_to_f16;
  if (to != from)
    return NULL;
  switch (tpd_walk_element_size (to))
    {
    case 1:
      return copy_8;
    case 2:
      return copy_16;
    case 4:
      return copy_32;
    default:
      return copy_64;
    }
}

void
TPD_FAST_OP (copy) (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  TpdRowFunc row = row_for (y->dtype, x->dtype);
  TpdWalk walk;

  if (row == NULL)
    {
      tpd_cpu_copy (exec, y, x);
      return;
    }
  tpd_walk_init (&walk, (const TpdView *[]){y, x}, 2);
  tpd_walk_run (&walk, row, NULL);
}
