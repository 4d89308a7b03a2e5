/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check.h"

#include <string.h>

/* A small eps would blow rounding of a moment near zero up into a visible step. */
static const TpdAdamW first = {.learning_rate = 0.1,
                               .beta1 = 0.9,
                               .beta2 = 0.99,
                               .eps = 1e-3,
                               .weight_decay = 0.05,
                               .gradient_scale = 0.5,
                               .step = 1};
static const TpdAdamW later = {.learning_rate = 0.01,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .eps = 1e-4,
                               .weight_decay = 0.1,
                               .gradient_scale = 1,
                               .step = 1000};

/* Two parameters, of which the second decays. */
static void
run (const TpdOpTable *ops, TpdExec *exec, const TpdView *v, gconstpointer attrs)
{
  const TpdView *p[] = {&v[0], &v[4]}, *g[] = {&v[1], &v[5]}, *m[] = {&v[2], &v[6]},
                *s[] = {&v[3], &v[7]};
  const guint8 decay[] = {0, 1};

  ops->adamw (exec, 2, p, g, m, s, decay, attrs);
}

static void
describe (gint64 n, gint64 rows, gint64 columns, TpdCheckOperand operands[8])
{
  const TpdCheckFlags packed = TPD_CHECK_CONTIGUOUS, updated = packed | TPD_CHECK_IN;
  const TpdCheckOperand made[] = {
      OUT ("p", T, updated, n),
      IN ("g", T, packed, n),
      OUT ("m", TPD_CHECK_F32, updated, n),
      OUT ("v", TPD_CHECK_F32, updated | TPD_CHECK_POSITIVE, n),
      OUT ("p2", T, updated, rows, columns),
      IN ("g2", T, packed, rows, columns),
      OUT ("m2", TPD_CHECK_F32, updated, rows, columns),
      OUT ("v2", TPD_CHECK_F32, updated | TPD_CHECK_POSITIVE, rows, columns),
  };

  memcpy (operands, made, sizeof made);
}

void
check_adamw (TpdCheck *check)
{
  TpdCheckOperand operands[8];

  describe (17, 33, 5, operands);
  tpd_check_op (check, run, &first, operands, 8);
  tpd_check_op (check, run, &later, operands, 8);
  describe (384, 1536, 1536, operands);
  tpd_check_bench (check, "[1536, 1536] and a vector", 0, run, &later, operands, 8);
}
