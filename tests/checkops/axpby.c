/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

typedef struct
{
  double a, b;
} Attrs;

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *k = attrs;

  ops->axpby (exec, k->a, &v[1], k->b, &v[0]);
}

void
check_axpby (TpdCheck *check)
{
  static const Attrs add = {1, 1}, mix = {-0.75, 0.5}, overwrite = {2.5, 0};
  const TpdCheckOperand accumulated[] = {OUT ("y", T, TPD_CHECK_IN, 3, 5, 17),
                                         IN ("x", T, 0, 3, 5, 17)};
  const TpdCheckOperand written[] = {OUT ("y", T, 0, 3, 5, 17), IN ("x", T, 0, 3, 5, 17)};
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 16, 1024, 384), IN ("x", T, 0, 16, 1024, 384)};

  tpd_check_op (check, run, &add, accumulated, 2);
  tpd_check_op (check, run, &mix, accumulated, 2);
  tpd_check_op (check, run, &overwrite, written, 2); /* y starts as NaN: it must not be read */
  tpd_check_bench (check, "[16, 1024, 384]", 0, run, &mix, large, 2);
}
