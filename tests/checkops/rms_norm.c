/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

#define EPS 1e-3

static const gint64 shapes[][2] = {{1, 3}, {3, 7}, {5, 64}, {17, 129}};

enum
{
  Y,
  RSTD,
  X,
  W,
  DY,
  DX,
  DW,
  N
};

static void
describe (gint64 rows, gint64 channels, TpdCheckOperand operands[N])
{
  const TpdCheckOperand made[N] = {
      [Y] = OUT ("y", T, 0, rows, channels),  [RSTD] = OUT ("rstd", STAT, 0, rows),
      [X] = IN ("x", T, 0, rows, channels),   [W] = IN ("w", T, 0, channels),
      [DY] = IN ("dy", T, 0, rows, channels), [DX] = OUT ("dx", T, 0, rows, channels),
      [DW] = OUT ("dw", T, 0, channels),
  };

  memcpy (operands, made, sizeof made);
}

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->rms_norm (exec, &v[Y], &v[RSTD], &v[X], &v[W], EPS);
}

static void
run_backward_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->rms_norm_bwd (exec, &v[DX], &v[DW], &v[DY], &v[X], &v[RSTD], &v[W]);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_backward_alone (ops, exec, v, attrs);
}

/* A frozen weight */
static void
run_backward_without_dw (const TpdOpTable *ops, TpdExec *exec, const TpdView *v,
                         gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  ops->rms_norm_bwd (exec, &v[DX], NULL, &v[DY], &v[X], &v[RSTD], &v[W]);
}

void
check_rms_norm (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      describe (shapes[i][0], shapes[i][1], operands);
      tpd_check_op (check, run, NULL, operands, DY);
    }
  describe (98304, 64, operands);
  tpd_check_bench (check, "[98304, 64]", 0, run, NULL, operands, DY);
}

void
check_rms_norm_bwd (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      describe (shapes[i][0], shapes[i][1], operands);
      tpd_check_backward (check, run_backward, NULL, operands, N);
      tpd_check_op (check, run_backward_without_dw, NULL, operands, DW);
    }
  describe (98304, 64, operands);
  tpd_check_bench (check, "[98304, 64]", 0, run_backward_alone, NULL, operands, N);
}
