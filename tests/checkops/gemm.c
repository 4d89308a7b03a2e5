/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

typedef struct
{
  gint64 batch, m, n, k;
  int trans_a, trans_b, bias;
  double alpha, beta;
} Attrs;

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *g = attrs;

  ops->gemm (exec, &v[0], &v[1], &v[2], g->bias ? &v[3] : NULL, g->trans_a, g->trans_b, g->alpha,
             g->beta);
}

static TpdCheckOperand
matrix (const char *name, TpdCheckFlags flags, gint64 batch, gint64 rows, gint64 columns,
        gboolean transposed)
{
  TpdCheckOperand x = {name, T, flags, 2, {rows, columns}};

  if (transposed)
    x = (TpdCheckOperand){name, T, flags, 2, {columns, rows}};
  if (batch > 0)
    x = (TpdCheckOperand){name, T, flags, 3, {batch, x.shape[0], x.shape[1]}};
  return x;
}

static void
describe (const Attrs *g, TpdCheckOperand operands[4])
{
  operands[0] =
      matrix ("c", TPD_CHECK_OUT | (g->beta != 0 ? TPD_CHECK_IN : 0), g->batch, g->m, g->n, FALSE);
  operands[1] = matrix ("a", TPD_CHECK_IN, g->batch, g->m, g->k, g->trans_a);
  operands[2] = matrix ("b", TPD_CHECK_IN, g->batch, g->k, g->n, g->trans_b);
  operands[3] = (TpdCheckOperand)IN ("bias", T, 0, g->n);
}

static void
bench (TpdCheck *check, const char *label, Attrs g)
{
  TpdCheckOperand operands[4];

  describe (&g, operands);
  tpd_check_bench (check, label, 2.0 * (double)(MAX (g.batch, 1) * g.m * g.n * g.k), run, &g,
                   operands, 4);
}

void
check_gemm (TpdCheck *check)
{
  static const Attrs cases[] = {
      {0, 1, 1, 1, 0, 0, 0, 1, 0},      {0, 5, 7, 3, 0, 1, 1, 1, 0},
      {0, 33, 17, 65, 1, 0, 0, 1, 1},   {0, 16, 64, 8, 1, 1, 1, 2, 0},
      {0, 6, 5, 4, 0, 0, 1, 1, -0.5},   {3, 5, 9, 7, 0, 0, 0, 1, 0},
      {2, 9, 4, 17, 1, 0, 0, 0.5, 1},   {2, 31, 8, 5, 0, 1, 1, 1, 0},
      {0, 24, 40, 1100, 1, 0, 1, 1, 1}, {0, 530, 19, 10, 0, 1, 1, 1, 0},
      {0, 520, 33, 7, 0, 0, 0, 2, 1},   {0, 700, 5, 330, 0, 1, 0, 1, 0},
      {0, 5, 7, 0, 0, 0, 1, 1, 0},      {2, 4, 3, 0, 1, 1, 0, 1, -0.5}, /* no terms */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TpdCheckOperand operands[4];

      describe (&cases[i], operands);
      tpd_check_op (check, run, &cases[i], operands, 4);
    }
  bench (check, "1024 x 1024 x 1024", (Attrs){0, 1024, 1024, 1024, 0, 0, 0, 1, 0});
  bench (check, "linear [4096, 384] x [1536, 384]T", (Attrs){0, 4096, 1536, 384, 0, 1, 1, 1, 0});
  bench (check, "dw of that", (Attrs){0, 1536, 384, 4096, 1, 0, 0, 1, 1});
  bench (check, "linear [8704, 192] x [768, 192]T", (Attrs){0, 8704, 768, 192, 0, 1, 1, 1, 0});
  bench (check, "linear [8704, 768] x [192, 768]T", (Attrs){0, 8704, 192, 768, 0, 1, 1, 1, 0});
  bench (check, "dx of that", (Attrs){0, 8704, 768, 192, 0, 0, 0, 1, 0});
  bench (check, "dw of that", (Attrs){0, 192, 768, 8704, 1, 0, 0, 1, 1});
  bench (check, "batch of 64, 256 x 64 x 256", (Attrs){64, 256, 256, 64, 0, 1, 0, 1, 0});
}
