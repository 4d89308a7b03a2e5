/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-rows.h"

typedef struct
{
  const TpdView *y, *x, *cos, *sin;
  float sign; /* of the angle */
} Rope;

/* One head of one token. y is x, or does not touch it. */
static void
rotate (float *y, const float *x, const float *cosines, const float *sines, float sign,
        int64_t n_pairs)
{
#pragma GCC ivdep
  for (int64_t i = 0; i < n_pairs; i++)
    {
      float c = cosines[i], s = sign * sines[i], even = x[2 * i], odd = x[2 * i + 1];

      y[2 * i] = c * even - s * odd;
      y[2 * i + 1] = s * even + c * odd;
    }
}

/* Items are tokens of all samples. */
static void
rotate_tokens (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Rope *r = data;
  const TpdView *y = r->y, *x = r->x;

  for (gint64 item = begin; item < end; item++)
    {
      int64_t b = item / x->shape[1], n = item % x->shape[1];

      for (int64_t h = 0; h < x->shape[2]; h++)
        rotate (tpd_row3 (y, b, n) + h * y->stride[2], tpd_row3 (x, b, n) + h * x->stride[2],
                tpd_row2 (r->cos, n), tpd_row2 (r->sin, n), r->sign, x->shape[3] / 2);
    }
}

void
TPD_FAST_OP (rope) (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *cos,
                    const TpdView *sin, int inverse)
{
  Rope r = {y, x, cos, sin, inverse ? -1 : 1};

  if (tpd_has_rows (y) && tpd_has_rows (x) && tpd_has_rows (cos) && tpd_has_rows (sin))
    tpd_parallel_for (x->shape[0] * x->shape[1], tpd_row_grain (x->shape[2] * x->shape[3]),
                      rotate_tokens, &r);
  else
    tpd_cpu_rope (exec, y, x, cos, sin, inverse);
}
