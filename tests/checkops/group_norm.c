/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

#define EPS 1e-3

typedef struct
{
  gint64 batch, pixels, channels;
  int groups, silu;
} Attrs;

static const Attrs cases[] = {{1, 3, 4, 2, 0},   {2, 9, 6, 3, 1},  {2, 9, 6, 6, 0},
                              {1, 35, 32, 4, 1}, {3, 7, 10, 1, 1}, {2, 300, 16, 8, 1}};
static const Attrs large = {8, 4096, 128, 32, 1};

enum
{
  Y,
  MEAN,
  RSTD,
  X,
  W,
  B,
  DY,
  DX,
  DW,
  DB,
  N
};

static void
describe (const Attrs *a, TpdCheckOperand operands[N])
{
  const TpdCheckOperand made[N] = {
      [Y] = OUT ("y", T, 0, a->batch, a->pixels, a->channels),
      [MEAN] = OUT ("mean", STAT, 0, a->batch, a->groups),
      [RSTD] = OUT ("rstd", STAT, 0, a->batch, a->groups),
      [X] = IN ("x", T, TPD_CHECK_VARIED, a->batch, a->pixels, a->channels),
      [W] = IN ("w", T, 0, a->channels),
      [B] = IN ("b", T, 0, a->channels),
      [DY] = IN ("dy", T, 0, a->batch, a->pixels, a->channels),
      [DX] = OUT ("dx", T, 0, a->batch, a->pixels, a->channels),
      [DW] = OUT ("dw", T, 0, a->channels),
      [DB] = OUT ("db", T, 0, a->channels),
  };

  memcpy (operands, made, sizeof made);
}

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->group_norm (exec, &v[Y], &v[MEAN], &v[RSTD], &v[X], &v[W], &v[B], a->groups, EPS, a->silu);
}

static void
run_backward_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->group_norm_bwd (exec, &v[DX], &v[DW], &v[DB], &v[DY], &v[X], &v[MEAN], &v[RSTD], &v[W],
                       &v[B], a->groups, a->silu);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_backward_alone (ops, exec, v, attrs);
}

void
check_group_norm (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_op (check, run, &cases[i], operands, DY);
    }
  describe (&large, operands);
  tpd_check_bench (check, "[8, 64 x 64, 128] silu", 0, run, &large, operands, DY);
}

void
check_group_norm_bwd (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_backward (check, run_backward, &cases[i], operands, N);
    }
  describe (&large, operands);
  tpd_check_bench (check, "[8, 64 x 64, 128] silu", 0, run_backward_alone, &large, operands, N);
}
