/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

typedef struct
{
  gint64 batch, height, width, in, out, kernel_height, kernel_width;
  TpdConvGeometry geometry;
  int bias;
} Attrs;

/* 3×3, 1×1 without bias, stride 2 with the uneven padding of stable-diffusion VAEs, 5×3, a kernel
 * as large as the image, more channels than vectors are long, deep, without samples */
static const Attrs cases[] = {
    {2, 5, 7, 3, 4, 3, 3, {1, 1, 1, 1, 1}, 1},   {1, 4, 4, 5, 2, 1, 1, {1, 0, 0, 0, 0}, 0},
    {2, 8, 6, 4, 8, 3, 3, {2, 0, 1, 0, 1}, 1},   {1, 9, 5, 2, 3, 5, 3, {3, 2, 0, 1, 2}, 1},
    {1, 4, 4, 8, 1, 4, 4, {4, 0, 0, 0, 0}, 1},   {1, 3, 3, 1, 9, 3, 3, {1, 1, 1, 1, 1}, 0},
    {1, 5, 7, 20, 35, 3, 3, {1, 1, 1, 1, 1}, 1}, {1, 2, 3, 180, 17, 3, 3, {1, 1, 1, 1, 1}, 1},
    {0, 4, 5, 3, 2, 3, 3, {1, 1, 1, 1, 1}, 1},   {0, 4, 5, 3, 2, 1, 1, {1, 0, 0, 0, 0}, 1},
};
static const Attrs large[] = {{16, 64, 64, 320, 320, 3, 3, {1, 1, 1, 1, 1}, 1},
                              {8, 32, 32, 128, 128, 3, 3, {1, 1, 1, 1, 1}, 1},
                              {32, 64, 64, 16, 16, 3, 3, {1, 1, 1, 1, 1}, 1},
                              {32, 16, 16, 64, 64, 3, 3, {1, 1, 1, 1, 1}, 1},
                              {32, 64, 64, 3, 16, 3, 3, {1, 1, 1, 1, 1}, 1}};
static const char *const labels[] = {
    "16 x 64 x 64, 320 to 320, 3 x 3", "8 x 32 x 32, 128 to 128, 3 x 3",
    "32 x 64 x 64, 16 to 16, 3 x 3", "32 x 16 x 16, 64 to 64, 3 x 3",
    "32 x 64 x 64, 3 to 16, 3 x 3"};

enum
{
  Y,
  X,
  W,
  B,
  DY,
  DX,
  DW,
  DB,
  N
};

static gint64
output_size (gint64 size, gint64 before, gint64 after, gint64 kernel, gint64 stride)
{
  return (size + before + after - kernel) / stride + 1;
}

/* Each of the three ops gets the operands that it knows; the others are unused inputs. */
static void
describe (const Attrs *a, TpdCheckOperand operands[N])
{
  const TpdConvGeometry *g = &a->geometry;
  gint64 height = output_size (a->height, g->pad_top, g->pad_bottom, a->kernel_height, g->stride);
  gint64 width = output_size (a->width, g->pad_left, g->pad_right, a->kernel_width, g->stride);
  const TpdCheckOperand made[N] = {
      [Y] = OUT ("y", T, 0, a->batch, height, width, a->out),
      [X] = IN ("x", T, 0, a->batch, a->height, a->width, a->in),
      [W] = IN ("w", T, 0, a->out, a->kernel_height, a->kernel_width, a->in),
      [B] = IN ("b", T, 0, a->out),
      [DY] = IN ("dy", T, 0, a->batch, height, width, a->out),
      [DX] = OUT ("dx", T, 0, a->batch, a->height, a->width, a->in),
      [DW] = OUT ("dw", T, 0, a->out, a->kernel_height, a->kernel_width, a->in),
      [DB] = OUT ("db", T, 0, a->out),
  };

  memcpy (operands, made, sizeof made);
}

static void
leave_out (TpdCheckOperand *operand)
{
  operand->flags = TPD_CHECK_IN;
  operand->name = "unused";
}

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->conv2d (exec, &v[Y], &v[X], &v[W], a->bias ? &v[B] : NULL, a->geometry);
}

static void
run_x_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->conv2d_bwd_x (exec, &v[DX], &v[DY], &v[W], ((const Attrs *)attrs)->geometry);
}

static void
run_w_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->conv2d_bwd_w (exec, &v[DW], a->bias ? &v[DB] : NULL, &v[DY], &v[X], a->geometry);
}

static void
run_x (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_x_alone (ops, exec, v, attrs);
}

static void
run_w (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_w_alone (ops, exec, v, attrs);
}

static void
bench (TpdCheck *check, TpdCheckFunc func)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (large); i++)
    {
      const Attrs *a = &large[i];
      double flops = 2.0 * (double)(a->batch * a->height * a->width * a->in * a->out *
                                    a->kernel_height * a->kernel_width);

      describe (a, operands);
      tpd_check_bench (check, labels[i], flops, func, a, operands, N);
    }
}

void
check_conv2d (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_op (check, run, &cases[i], operands, DY);
    }
  bench (check, run);
}

void
check_conv2d_bwd_x (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_backward (check, run_x, &cases[i], operands, DW);
    }
  bench (check, run_x_alone);
}

void
check_conv2d_bwd_w (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      leave_out (&operands[DX]);
      if (!cases[i].bias)
        leave_out (&operands[DB]);
      tpd_check_backward (check, run_w, &cases[i], operands, N);
    }
  bench (check, run_w_alone);
}
