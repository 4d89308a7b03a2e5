/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->sum_to (exec, &v[0], &v[1]);
}

void
check_sum_to (TpdCheck *check)
{
  static const gint64 shapes[][2][3] = {{{1, 1, 19}, {3, 5, 19}}, {{3, 1, 19}, {3, 37, 19}},
                                        {{3, 5, 1}, {3, 5, 67}},  {{1, 5, 1}, {3, 5, 19}},
                                        {{1, 1, 1}, {7, 5, 129}}, {{2, 3, 4}, {2, 3, 4}}};
  const TpdCheckOperand bias[] = {OUT ("y", T, 0, 1, 384), IN ("x", T, 0, 16384, 384)};
  const TpdCheckOperand all[] = {OUT ("y", T, 0, 1, 1), IN ("x", T, 0, 16384, 384)};
  const TpdCheckOperand rows[] = {OUT ("y", T, 0, 16384, 1), IN ("x", T, 0, 16384, 384)};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *y = shapes[i][0], *x = shapes[i][1];
      const TpdCheckOperand operands[] = {OUT ("y", T, 0, y[0], y[1], y[2]),
                                          IN ("x", T, 0, x[0], x[1], x[2])};

      tpd_check_op (check, run, NULL, operands, 2);
    }
  tpd_check_bench (check, "[16384, 384] to [1, 384]", 0, run, NULL, bias, 2);
  tpd_check_bench (check, "[16384, 384] to [1, 1]", 0, run, NULL, all, 2);
  tpd_check_bench (check, "[16384, 384] to [16384, 1]", 0, run, NULL, rows, 2);
}
