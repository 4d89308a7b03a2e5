/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static const gint64 shapes[][4] = {{1, 1, 1, 1}, {2, 3, 5, 7}, {1, 4, 4, 32}};

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->upsample2x (exec, &v[0], &v[1]);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  ops->upsample2x_bwd (exec, &v[3], &v[2]);
}

void
check_upsample2x (TpdCheck *check)
{
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 8, 64, 64, 64), IN ("x", T, 0, 8, 32, 32, 64)};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      const TpdCheckOperand operands[] = {OUT ("y", T, 0, s[0], 2 * s[1], 2 * s[2], s[3]),
                                          IN ("x", T, 0, s[0], s[1], s[2], s[3])};

      tpd_check_op (check, run, NULL, operands, 2);
    }
  tpd_check_bench (check, "[8, 32, 32, 64]", 0, run, NULL, large, 2);
}

void
check_upsample2x_bwd (TpdCheck *check)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      const TpdCheckOperand operands[] = {OUT ("y", T, 0, s[0], 2 * s[1], 2 * s[2], s[3]),
                                          IN ("x", T, 0, s[0], s[1], s[2], s[3]),
                                          IN ("dy", T, 0, s[0], 2 * s[1], 2 * s[2], s[3]),
                                          OUT ("dx", T, 0, s[0], s[1], s[2], s[3])};

      tpd_check_backward (check, run_backward, NULL, operands, 4);
    }
}
