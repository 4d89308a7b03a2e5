/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

typedef struct
{
  gint64 n, rows, channels;
} Shape;

static const Shape shapes[] = {{1, 1, 1}, {7, 3, 17}, {129, 50, 64}};

static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->embedding (exec, &v[0], &v[1], &v[2]);
}

static void
run_backward (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  ops->embedding (exec, &v[0], &v[1], &v[2]);
  ops->embedding_bwd (exec, &v[4], &v[3], &v[2]);
}

/* The forward op reads the first three. */
static void
describe (const Shape *s, TpdCheckOperand operands[5])
{
  const TpdCheckOperand made[] = {
      OUT ("y", T, 0, s->n, s->channels),
      IN ("table", T, 0, s->rows, s->channels),
      {"ids", TPD_CHECK_I32, TPD_CHECK_IN, 1, {s->n}, .limit = s->rows},
      IN ("dy", T, 0, s->n, s->channels),
      OUT ("dtable", T, TPD_CHECK_IN, s->rows, s->channels),
  };

  memcpy (operands, made, sizeof made);
}

void
check_embedding (TpdCheck *check)
{
  TpdCheckOperand operands[5];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      describe (&shapes[i], operands);
      tpd_check_op (check, run, NULL, operands, 3);
    }
}

void
check_embedding_bwd (TpdCheck *check)
{
  TpdCheckOperand operands[5];

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      describe (&shapes[i], operands);
      tpd_check_backward (check, run_backward, NULL, operands, 5);
    }
}
