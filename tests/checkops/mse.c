/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static const gint64 shapes[][3] = {{1, 1, 1}, {3, 5, 17}, {4, 50, 64}};

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->mse (exec, &v[0], &v[1], &v[2]);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  ops->mse_bwd (exec, &v[4], &v[3], &v[1], &v[2]);
}

static void
check_all (TpdCheck *check, gboolean backward)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      const TpdCheckOperand operands[] = {
          OUT ("loss", STAT, 0, 1), IN ("a", T, 0, s[0], s[1], s[2]),
          IN ("b", T, 0, s[0], s[1], s[2]), IN ("dloss", STAT, 0, 1),
          OUT ("da", T, 0, s[0], s[1], s[2])};

      if (backward)
        tpd_check_backward (check, run_backward, NULL, operands, 5);
      else
        tpd_check_op (check, run, NULL, operands, 3);
    }
}

void
check_mse (TpdCheck *check)
{
  const TpdCheckOperand large[] = {OUT ("loss", STAT, 0, 1), IN ("a", T, 0, 16, 1024, 384),
                                   IN ("b", T, 0, 16, 1024, 384)};

  check_all (check, FALSE);
  tpd_check_bench (check, "[16, 1024, 384]", 0, run, NULL, large, 3);
}

void
check_mse_bwd (TpdCheck *check)
{
  check_all (check, TRUE);
}
