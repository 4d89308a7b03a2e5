/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->copy (exec, &v[0], &v[1]);
}

/* x with dimensions 1 and 2 of four exchanged: heads of an attention layer */
static void
run_transposed (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  TpdView x = v[1];

  x.shape[1] = v[1].shape[2];
  x.shape[2] = v[1].shape[1];
  x.stride[1] = v[1].stride[2];
  x.stride[2] = v[1].stride[1];
  ops->copy (exec, &v[0], &x);
}

void
check_copy (TpdCheck *check)
{
  static const gint64 shapes[][3] = {{1, 1, 1}, {3, 5, 17}, {2, 33, 64}, {130, 2, 3}};
  const TpdCheckOperand large[] = {OUT ("y", T, 0, 16, 1024, 384), IN ("x", T, 0, 16, 1024, 384)};
  const TpdCheckOperand heads[] = {OUT ("y", T, 0, 16, 6, 1024, 64),
                                   IN ("x", T, 0, 16, 1024, 6, 64)};

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 *s = shapes[i];
      const TpdCheckOperand same[] = {OUT ("y", T, 0, s[0], s[1], s[2]),
                                      IN ("x", T, 0, s[0], s[1], s[2])};
      const TpdCheckOperand to_f32[] = {OUT ("y", TPD_CHECK_F32, 0, s[0], s[1], s[2]),
                                        IN ("x", T, 0, s[0], s[1], s[2])};
      const TpdCheckOperand from_f32[] = {OUT ("y", T, 0, s[0], s[1], s[2]),
                                          IN ("x", TPD_CHECK_F32, 0, s[0], s[1], s[2])};
      const TpdCheckOperand from_i32[] = {
          OUT ("y", T, 0, s[0], s[1], s[2]),
          {"x", TPD_CHECK_I32, TPD_CHECK_IN, 3, {s[0], s[1], s[2]}, .limit = 2048}};

      tpd_check_op (check, run, NULL, same, 2);
      tpd_check_op (check, run, NULL, to_f32, 2);
      tpd_check_op (check, run, NULL, from_f32, 2);
      tpd_check_op (check, run, NULL, from_i32, 2);
    }
  tpd_check_bench (check, "[16, 1024, 384]", 0, run, NULL, large, 2);
  tpd_check_bench (check, "[16, 1024, 6, 64] to heads", 0, run_transposed, NULL, heads, 2);
}
