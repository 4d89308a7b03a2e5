/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static const TpdAct acts[] = {TPD_ACT_SILU,       TPD_ACT_GELU, TPD_ACT_GELU_TANH,
                              TPD_ACT_QUICK_GELU, TPD_ACT_EXP,  TPD_ACT_SQUARE};
static const char *const names[] = {"silu", "gelu", "gelu_tanh", "quick_gelu", "exp", "square"};

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->act (exec, &v[0], &v[1], *(const TpdAct *)attrs);
}

void
check_act (TpdCheck *check)
{
  const TpdCheckOperand operands[] = {{"y", T, TPD_CHECK_OUT, 3, {3, 5, 131}, .may_alias = {"x"}},
                                      IN ("x", T, 0, 3, 5, 131)};
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 4096, 1536), IN ("x", T, 0, 4096, 1536)};

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      tpd_check_op (check, run, &acts[i], operands, 2);
      tpd_check_bench (check, names[i], 0, run, &acts[i], large, 2);
    }
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  TpdAct act = *(const TpdAct *)attrs;

  ops->act (exec, &v[0], &v[1], act);
  ops->act_bwd (exec, &v[3], &v[2], &v[1], act);
}

static void
run_backward_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->act_bwd (exec, &v[0], &v[1], &v[2], *(const TpdAct *)attrs);
}

void
check_act_bwd (TpdCheck *check)
{
  const TpdCheckOperand operands[] = {OUT ("y", T, 0, 3, 5, 7),
                                      IN ("x", T, 0, 3, 5, 7),
                                      IN ("dy", T, 0, 3, 5, 7),
                                      {"dx", T, TPD_CHECK_OUT, 3, {3, 5, 7}, .may_alias = {"dy"}}};
  const TpdCheckOperand large[] = {OUT ("dx", T, 0, 4096, 1536), IN ("dy", T, 0, 4096, 1536),
                                   IN ("x", T, 0, 4096, 1536)};

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      tpd_check_backward (check, run_backward, &acts[i], operands, 4);
      tpd_check_bench (check, names[i], 0, run_backward_alone, &acts[i], large, 3);
    }
}
