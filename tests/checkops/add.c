/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->add (exec, &v[0], &v[1], &v[2]);
}

void
check_add (TpdCheck *check)
{
  static const gint64 shapes[][3] = {{1, 1, 1}, {3, 5, 17}, {4, 9, 256}};
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 16, 1024, 384), IN ("a", T, 0, 16, 1024, 384),
                                   IN ("b", T, 0, 16, 1024, 384)};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      const TpdCheckOperand operands[] = {
          {"y", T, TPD_CHECK_OUT, 3, {s[0], s[1], s[2]}, .may_alias = {"a", "b"}},
          IN ("a", T, 0, s[0], s[1], s[2]),
          IN ("b", T, 0, s[0], s[1], s[2])};

      tpd_check_op (check, run, NULL, operands, 3);
    }
  tpd_check_bench (check, "[16, 1024, 384]", 0, run, NULL, large, 3);
}
