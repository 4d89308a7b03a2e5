/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

enum
{
  Y,
  X,
  COS,
  SIN,
  DY,
  DX,
  N
};

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->rope (exec, &v[Y], &v[X], &v[COS], &v[SIN], 0);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  ops->rope (exec, &v[DX], &v[DY], &v[COS], &v[SIN], 1);
}

void
check_rope (TpdCheck *check)
{
  static const gint64 shapes[][4] = {{1, 1, 1, 2}, {2, 5, 3, 6}, {2, 9, 2, 64}};
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 16, 1024, 6, 64),
                                   IN ("x", T, 0, 16, 1024, 6, 64), IN ("cos", T, 0, 1024, 32),
                                   IN ("sin", T, 0, 1024, 32)};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      const TpdCheckOperand operands[N] = {
          [Y] = {"y", T, TPD_CHECK_OUT, 4, {s[0], s[1], s[2], s[3]}, .may_alias = {"x"}},
          [X] = IN ("x", T, 0, s[0], s[1], s[2], s[3]),
          [COS] = IN ("cos", T, 0, s[1], s[3] / 2),
          [SIN] = IN ("sin", T, 0, s[1], s[3] / 2),
          [DY] = IN ("dy", T, 0, s[0], s[1], s[2], s[3]),
          [DX] = OUT ("dx", T, 0, s[0], s[1], s[2], s[3]),
      };

      tpd_check_op (check, run, NULL, operands, DY);
      tpd_check_backward (check, run_backward, NULL, operands, N);
    }
  tpd_check_bench (check, "[16, 1024, 6, 64]", 0, run, NULL, large, 4);
}
