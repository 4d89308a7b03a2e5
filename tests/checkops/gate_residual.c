/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

static const gint64 shapes[][3] = {{1, 1, 1}, {3, 5, 17}, {2, 40, 64}};

enum
{
  Y,
  X,
  GATE,
  R,
  DY,
  DGATE,
  DR,
  N
};

static void
describe (const gint64 s[3], TpdCheckOperand operands[N])
{
  const TpdCheckOperand made[N] = {
      [Y] = {"y", T, TPD_CHECK_OUT, 3, {s[0], s[1], s[2]}, .may_alias = {"x"}},
      [X] = IN ("x", T, 0, s[0], s[1], s[2]),
      [GATE] = IN ("gate", T, 0, s[0], s[2]),
      [R] = IN ("r", T, 0, s[0], s[1], s[2]),
      [DY] = IN ("dy", T, 0, s[0], s[1], s[2]),
      [DGATE] = OUT ("dgate", T, 0, s[0], s[2]),
      [DR] = OUT ("dr", T, 0, s[0], s[1], s[2]),
  };

  memcpy (operands, made, sizeof made);
}

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->gate_residual (exec, &v[Y], &v[X], &v[GATE], &v[R]);
}

static void
run_backward_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->gate_residual_bwd (exec, &v[DGATE], &v[DR], &v[DY], &v[GATE], &v[R]);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_backward_alone (ops, exec, v, attrs);
}

void
check_gate_residual (TpdCheck *check)
{
  static const gint64 large[] = {16, 1024, 384};
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      describe (shapes[i], operands);
      tpd_check_op (check, run, NULL, operands, DY);
    }
  describe (large, operands);
  tpd_check_bench (check, "[16, 1024, 384]", 0, run, NULL, operands, DY);
}

void
check_gate_residual_bwd (TpdCheck *check)
{
  static const gint64 large[] = {16, 1024, 384};
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      describe (shapes[i], operands);
      tpd_check_backward (check, run_backward, NULL, operands, N);
    }
  describe (large, operands);
  tpd_check_bench (check, "[16, 1024, 384]", 0, run_backward_alone, NULL, operands, N);
}
