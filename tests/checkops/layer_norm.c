/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

/* Rows of a large mean must not cost precision; a large eps must not be forgotten. */
#define EPS 1e-2

typedef struct
{
  gint64 groups, scale_groups, rows, channels;
  int scale, shift;
  double offset;
} Attrs;

/* LayerNorm with weight and bias, with neither, with one; adaLN of one sample and of several */
static const Attrs cases[] = {
    {1, 1, 5, 16, 1, 1, 0}, {1, 1, 7, 33, 0, 0, 1},  {1, 1, 3, 17, 1, 0, 0},
    {1, 1, 3, 17, 0, 1, 1}, {1, 1, 9, 130, 1, 1, 1}, {3, 3, 5, 24, 1, 1, 1},
    {4, 1, 3, 9, 1, 1, 0},  {2, 2, 33, 65, 1, 1, 1},
};
static const Attrs plain = {1, 1, 16384, 384, 1, 1, 0}, modulated = {16, 16, 1024, 384, 1, 1, 1};

enum
{
  Y,
  MEAN,
  RSTD,
  X,
  SCALE,
  SHIFT,
  DY,
  DX,
  DSCALE,
  DSHIFT,
  N
};

/* The forward op reads those before DY. */
static void
describe (const Attrs *a, TpdCheckOperand operands[N])
{
  const TpdCheckOperand made[N] = {
      [Y] = OUT ("y", T, 0, a->groups, a->rows, a->channels),
      [MEAN] = OUT ("mean", STAT, 0, a->groups, a->rows),
      [RSTD] = OUT ("rstd", STAT, 0, a->groups, a->rows),
      [X] = IN ("x", T, TPD_CHECK_VARIED, a->groups, a->rows, a->channels),
      [SCALE] = IN ("scale", T, 0, a->scale_groups, a->channels),
      [SHIFT] = IN ("shift", T, 0, a->scale_groups, a->channels),
      [DY] = IN ("dy", T, 0, a->groups, a->rows, a->channels),
      [DX] = OUT ("dx", T, 0, a->groups, a->rows, a->channels),
      [DSCALE] = OUT ("dscale", T, 0, a->scale_groups, a->channels),
      [DSHIFT] = OUT ("dshift", T, 0, a->scale_groups, a->channels),
  };

  memcpy (operands, made, sizeof made);
  if (!a->scale)
    operands[DSCALE].flags = TPD_CHECK_IN, operands[DSCALE].name = "unused";
  if (!a->shift)
    operands[DSHIFT].flags = TPD_CHECK_IN, operands[DSHIFT].name = "unused too";
}

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->layer_norm (exec, &v[Y], &v[MEAN], &v[RSTD], &v[X], a->scale ? &v[SCALE] : NULL,
                   a->shift ? &v[SHIFT] : NULL, a->offset, EPS);
}

static void
run_backward_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->layer_norm_bwd (exec, &v[DX], a->scale ? &v[DSCALE] : NULL, a->shift ? &v[DSHIFT] : NULL,
                       &v[DY], &v[X], &v[MEAN], &v[RSTD], a->scale ? &v[SCALE] : NULL, a->offset);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_backward_alone (ops, exec, v, attrs);
}

void
check_layer_norm (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_op (check, run, &cases[i], operands, DY);
    }
  describe (&plain, operands);
  tpd_check_bench (check, "[1, 16384, 384]", 0, run, &plain, operands, DY);
  describe (&modulated, operands);
  tpd_check_bench (check, "[16, 1024, 384] adaLN", 0, run, &modulated, operands, DY);
}

void
check_layer_norm_bwd (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_backward (check, run_backward, &cases[i], operands, N);
    }
  describe (&plain, operands);
  tpd_check_bench (check, "[1, 16384, 384]", 0, run_backward_alone, &plain, operands, N);
  describe (&modulated, operands);
  tpd_check_bench (check, "[16, 1024, 384] adaLN", 0, run_backward_alone, &modulated, operands, N);
}
