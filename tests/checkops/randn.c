/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#define SEED   0x123456789abcdef0
#define OFFSET 5

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->randn (exec, &v[0], SEED, OFFSET);
}

/* A stream made in two parts is the stream made in one. */
static void
run_parts (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  TpdView first = v[0], rest = v[0];
  gint64 n = v[0].shape[0], cut = n / 3;

  first.shape[0] = cut;
  rest.shape[0] = n - cut;
  rest.data = (guint8 *)rest.data + (gsize)cut * tpd_dtype_size (rest.dtype);
  ops->randn (exec, &first, SEED, OFFSET);
  ops->randn (exec, &rest, SEED, OFFSET + (guint64)cut);
}

void
check_randn (TpdCheck *check)
{
  const TpdCheckOperand operands[] = {OUT ("y", T, TPD_CHECK_CONTIGUOUS, 1003)};
  const TpdCheckOperand large[] = {OUT ("y", T, TPD_CHECK_CONTIGUOUS, 1 << 20)};

  tpd_check_op (check, run, NULL, operands, 1);
  tpd_check_op (check, run_parts, NULL, operands, 1);
  tpd_check_bench (check, "[1048576]", 0, run, NULL, large, 1);
}
