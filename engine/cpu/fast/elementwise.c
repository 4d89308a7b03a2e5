/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-fast.h"

/* add, mul: bound by memory; contiguous f32 operands are run through in order on all cores. */

#define GRAIN 16384

typedef struct
{
  float *y;
  const float *a, *b;
} Operands;

static gboolean
contiguous_f32 (const TpdView *x)
{
  int64_t expected = 1;

  if (x->dtype != TPD_F32)
    return FALSE;
  for (int i = x->n_dims - 1; i >= 0; i--)
    {
      if (x->shape[i] != 1 && x->stride[i] != expected)
        return FALSE;
      expected *= x->shape[i];
    }
  return TRUE;
}

static int64_t
n_elements (const TpdView *x)
{
  int64_t n = 1;

  for (int i = 0; i < x->n_dims; i++)
    n *= x->shape[i];
  return n;
}

static void
add_part (gint64 begin, gint64 end, guint thread, gpointer data)
{
  Operands o = *(Operands *)data;

  for (gint64 i = begin; i < end; i++)
    o.y[i] = o.a[i] + o.b[i];
}

static void
mul_part (gint64 begin, gint64 end, guint thread, gpointer data)
{
  Operands o = *(Operands *)data;

  for (gint64 i = begin; i < end; i++)
    o.y[i] = o.a[i] * o.b[i];
}

void
TPD_FAST_OP (add) (TpdExec *exec, const TpdView *y, const TpdView *a, const TpdView *b)
{
  Operands o = {y->data, a->data, b->data};

  if (contiguous_f32 (y) && contiguous_f32 (a) && contiguous_f32 (b))
    tpd_parallel_for (n_elements (y), GRAIN, add_part, &o);
  else
    tpd_cpu_add (exec, y, a, b);
}

void
TPD_FAST_OP (mul) (TpdExec *exec, const TpdView *y, const TpdView *a, const TpdView *b)
{
  Operands o = {y->data, a->data, b->data};

  if (contiguous_f32 (y) && contiguous_f32 (a) && contiguous_f32 (b))
    tpd_parallel_for (n_elements (y), GRAIN, mul_part, &o);
  else
    tpd_cpu_mul (exec, y, a, b);
}
