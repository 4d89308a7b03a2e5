/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const TpdView *x[] = {&v[1], &v[2], &v[3]};

  ops->sum_squares (exec, &v[0], G_N_ELEMENTS (x), x);
}

void
check_sum_squares (TpdCheck *check)
{
  const TpdCheckOperand operands[] = {OUT ("sum", STAT, 0, 1), IN ("x", T, 0, 3, 5, 17),
                                      IN ("y", T, 0, 1), IN ("z", T, 0, 200, 33)};
  const TpdCheckOperand large[] = {OUT ("sum", STAT, 0, 1), IN ("x", T, 0, 384, 1536),
                                   IN ("y", T, 0, 384), IN ("z", T, 0, 4096, 1024)};

  tpd_check_op (check, run, NULL, operands, 4);
  tpd_check_bench (check, "[384, 1536] and more", 0, run, NULL, large, 4);
}
