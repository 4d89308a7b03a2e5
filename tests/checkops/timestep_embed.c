/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->timestep_embed (exec, &v[0], &v[1], *(const double *)attrs);
}

void
check_timestep_embed (TpdCheck *check)
{
  static const double shifts[] = {0, 1};
  const TpdCheckOperand operands[] = {OUT ("y", T, 0, 5, 38), IN ("t", T, 0, 5)};

  for (guint i = 0; i < G_N_ELEMENTS (shifts); i++)
    tpd_check_op (check, run, &shifts[i], operands, 2);
}
