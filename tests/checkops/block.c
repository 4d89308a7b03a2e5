/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-private.h"

#include "core/tpd-random.h"
#include "cpu/tpd-cpu-view.h"

/* Bytes before and after the elements. */
#define GUARD 64

const char *const layout_names[N_LAYOUTS] = {"contiguous", "padded",    "permuted",
                                             "reversed",   "broadcast", "mixed"};

static Layout
layout_of (const TpdCheckOperand *operand, Layout layout, guint i)
{
  if (operand->flags & TPD_CHECK_CONTIGUOUS)
    return LAYOUT_CONTIGUOUS;
  if (layout == LAYOUT_MIXED)
    layout = (Layout)((i * 3 + 1) % LAYOUT_MIXED);
  if (layout == LAYOUT_BROADCAST && (operand->flags & TPD_CHECK_OUT))
    return LAYOUT_CONTIGUOUS;
  if (layout == LAYOUT_REVERSED && (operand->flags & TPD_CHECK_UNIT_INNER))
    return LAYOUT_PERMUTED;
  return layout;
}

/* Sets the strides; returns how many elements the operand spans. `i` varies the dimension that is
 * broadcast. */
static gint64
lay_out (TpdView *view, Layout layout, guint i, gboolean last_varies)
{
  int n = view->n_dims, repeated = -1;
  gint64 stride = layout == LAYOUT_REVERSED ? 2 : 1;

  if (layout == LAYOUT_BROADCAST && (!last_varies || n > 1))
    repeated = (int)(i % (guint)(last_varies ? n - 1 : n));
  for (int k = 0; k < n; k++)
    {
      int dim = n - 1 - k; /* from the inside out */

      if (layout == LAYOUT_REVERSED)
        dim = k;
      else if (layout == LAYOUT_PERMUTED && k > 0)
        dim = k - 1;
      view->stride[dim] = dim == repeated ? 0 : stride;
      if (dim != repeated)
        stride *= view->shape[dim] + (layout == LAYOUT_PADDED ? 3 : 0);
    }
  return MAX (stride, 1);
}

/* Number `n` of operand `i`. */
static double
number (const TpdCheckOperand *operand, guint i, gint64 n)
{
  guint64 seed = tpd_random_fork (operand->dtype == TPD_F64 ? 1 : 0, i);
  float normals[4];

  if (operand->dtype == TPD_I32)
    return floor (tpd_random_uniform (seed, (guint64)n) * (double)operand->limit);
  if (operand->flags & TPD_CHECK_POSITIVE)
    return 0.1 + tpd_random_uniform (seed, (guint64)n);
  tpd_random_normal4 (seed, (guint64)n, normals);
  return normals[0];
}

void
block_fill_guards (const Block *self, guint i, guint8 *bytes)
{
  g_autofree guint8 *elements = g_malloc0 (self->n_bytes);
  gsize size = tpd_dtype_size (self->view.dtype);
  gsize first = (gsize)((guint8 *)self->view.data - self->block);
  gint64 n = tpd_view_n_elements (&self->view);

  for (gint64 k = 0; k < n; k++)
    memset (elements + first + (gsize)tpd_cpu_nth (&self->view, k) * size, 1, size);
  for (gsize k = 0; k < self->n_bytes; k++)
    if (!elements[k])
      bytes[k] = (guint8)(0xa5 + 31 * i + 7 * k);
}

void
block_init (Block *self, const TpdCheckOperand *operand, Layout layout, guint i)
{
  gsize size = tpd_dtype_size (operand->dtype);
  gint64 span, n;
  gsize first;

  layout = layout_of (operand, layout, i);
  first = GUARD + (layout == LAYOUT_PADDED ? size : 0);
  self->view = (TpdView){.dtype = operand->dtype, .n_dims = operand->n_dims};
  memcpy (self->view.shape, operand->shape, sizeof operand->shape);
  span = lay_out (&self->view, layout, i,
                  (operand->flags & (TPD_CHECK_UNIT_INNER | TPD_CHECK_VARIED)) != 0);
  self->n_bytes = first + (gsize)span * size + GUARD;
  self->block = g_malloc (self->n_bytes);
  self->view.data = self->block + first;

  block_fill_guards (self, i, self->block);
  n = tpd_view_n_elements (&self->view);
  for (gint64 k = 0; k < n; k++)
    tpd_cpu_store (&self->view, tpd_cpu_nth (&self->view, k),
                   operand->flags & TPD_CHECK_IN ? number (operand, i, k) : NAN);
}

void
block_clear (Block *self)
{
  g_clear_pointer (&self->block, g_free);
}

TpdCheckOperand *
operands_for (const TpdCheckOperand *operands, guint n, TpdDtype dtype)
{
  const TpdDtype dtypes[] = {[TPD_CHECK_T] = dtype,
                             [TPD_CHECK_STAT] = dtype == TPD_F64 ? TPD_F64 : TPD_F32,
                             [TPD_CHECK_F32] = TPD_F32,
                             [TPD_CHECK_I32] = TPD_I32};
  TpdCheckOperand *copy = g_memdup2 (operands, n * sizeof *operands);

  for (guint i = 0; i < n; i++)
    copy[i].dtype = dtypes[copy[i].type];
  return copy;
}

int
operand_named (const TpdCheckOperand *operands, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (operands[i].name, name))
      return (int)i;
  return -1;
}
