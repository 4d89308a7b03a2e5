/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <math.h>
#include <string.h>

typedef struct
{
  gint64 batch, n, m, heads, width;
  int segments; /* 0: no segment operand; else ids in [0, segments) */
  int causal;   /* an order operand */
} Attrs;

/* Some are just below, at and above the tiles' sizes, 32 and 64; heads of 40 and 64 are for tensor
 * cores with and without padding; one has no keys. */
static const Attrs cases[] = {
    {1, 1, 1, 1, 4, 0, 0},      {2, 7, 7, 2, 8, 0, 0},     {1, 33, 33, 3, 16, 0, 0},
    {2, 5, 19, 2, 8, 0, 0},     {2, 9, 9, 2, 8, 3, 0},     {1, 37, 37, 2, 8, 0, 5},
    {2, 70, 70, 1, 32, 2, 4},   {1, 3, 300, 1, 72, 0, 0},  {1, 75, 75, 1, 12, 3, 0},
    {1, 64, 64, 2, 64, 0, 0},   {1, 65, 130, 1, 40, 0, 0}, {2, 63, 63, 1, 64, 3, 2},
    {1, 129, 129, 1, 16, 0, 9}, {2, 5, 0, 2, 8, 0, 0},
};
static const Attrs large = {4, 1024, 1024, 6, 64, 0, 0}, small = {64, 80, 80, 4, 32, 0, 0};
static const Attrs bundled = {32, 272, 272, 3, 64, 2, 0};

enum
{
  O,
  LSE,
  Q,
  K,
  V,
  SEGMENT,
  ORDER,
  DO,
  DQ,
  DK,
  DV,
  N
};

static void
describe (const Attrs *a, TpdCheckOperand operands[N])
{
  const TpdCheckFlags inner = TPD_CHECK_UNIT_INNER;
  const TpdCheckOperand made[N] = {
      [O] = OUT ("o", T, inner, a->batch, a->n, a->heads, a->width),
      [LSE] = OUT ("lse", STAT, TPD_CHECK_CONTIGUOUS, a->batch, a->heads, a->n),
      [Q] = IN ("q", T, inner, a->batch, a->n, a->heads, a->width),
      [K] = IN ("k", T, inner, a->batch, a->m, a->heads, a->width),
      [V] = IN ("v", T, inner, a->batch, a->m, a->heads, a->width),
      [SEGMENT] =
          {"segment", TPD_CHECK_I32, TPD_CHECK_IN, 2, {a->batch, a->n}, MAX (a->segments, 1)},
      [ORDER] = {"order", TPD_CHECK_I32, TPD_CHECK_IN, 1, {a->n}, MAX (a->causal, 1)},
      [DO] = IN ("do", T, inner, a->batch, a->n, a->heads, a->width),
      [DQ] = OUT ("dq", T, inner, a->batch, a->n, a->heads, a->width),
      [DK] = OUT ("dk", T, inner, a->batch, a->m, a->heads, a->width),
      [DV] = OUT ("dv", T, inner, a->batch, a->m, a->heads, a->width),
  };

  memcpy (operands, made, sizeof made);
}

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->attention (exec, &v[O], &v[LSE], &v[Q], &v[K], &v[V], a->segments ? &v[SEGMENT] : NULL,
                  a->causal ? &v[ORDER] : NULL, 1 / sqrt ((double)a->width));
}

static void
run_backward_alone (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const Attrs *a = attrs;

  ops->attention_bwd (exec, &v[DQ], &v[DK], &v[DV], &v[DO], &v[Q], &v[K], &v[V], &v[O], &v[LSE],
                      a->segments ? &v[SEGMENT] : NULL, a->causal ? &v[ORDER] : NULL,
                      1 / sqrt ((double)a->width));
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  run (ops, exec, v, attrs);
  run_backward_alone (ops, exec, v, attrs);
}

/* Two products forward, five backward, of 2 · N · M · D operations a head. */
static void
bench (TpdCheck *check, const char *label, const Attrs *a, gboolean backward)
{
  double product = 2.0 * (double)(a->batch * a->heads * a->n * a->m * a->width);
  TpdCheckOperand operands[N];

  describe (a, operands);
  if (backward)
    tpd_check_bench (check, label, 5 * product, run_backward_alone, a, operands, N);
  else
    tpd_check_bench (check, label, 2 * product, run, a, operands, DO);
}

void
check_attention (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_op (check, run, &cases[i], operands, DO);
    }
  bench (check, "4 x 1024 tokens, 6 x 64", &large, FALSE);
  bench (check, "64 x 80 tokens, 4 x 32", &small, FALSE);
  bench (check, "32 x 272 tokens, 3 x 64, segments", &bundled, FALSE);
}

void
check_attention_bwd (TpdCheck *check)
{
  TpdCheckOperand operands[N];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      describe (&cases[i], operands);
      tpd_check_op (check, run_backward, &cases[i], operands, N);
      if (cases[i].n * cases[i].m < 400) /* the others take long and differ in nothing here */
        tpd_check_gradients (check, run_backward, &cases[i], operands, N);
    }
  bench (check, "4 x 1024 tokens, 6 x 64", &large, TRUE);
  bench (check, "64 x 80 tokens, 4 x 32", &small, TRUE);
  bench (check, "32 x 272 tokens, 3 x 64, segments", &bundled, TRUE);
}
