/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->fill (exec, &v[0], -1.25);
}

void
check_fill (TpdCheck *check)
{
  const TpdCheckOperand floats[] = {OUT ("y", T, 0, 3, 5, 17)};
  const TpdCheckOperand integers[] = {OUT ("y", TPD_CHECK_I32, 0, 1001)};
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 16, 1024, 384)};

  tpd_check_op (check, run, NULL, floats, 1);
  tpd_check_op (check, run, NULL, integers, 1);
  tpd_check_bench (check, "[16, 1024, 384]", 0, run, NULL, large, 1);
}
