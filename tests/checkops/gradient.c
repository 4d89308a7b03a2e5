/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-private.h"

#include "core/tpd-random.h"
#include "cpu/tpd-cpu-view.h"

/* Step of the central difference, relative to max (1, |x|): its own error is of the order of step²,
 * that of rounding 1e-16 / step. */
#define STEP 1e-5
/* Relative to the gradient plus its root mean square. */
#define TOLERANCE 2e-6
/* Elements of each input that are tried. */
#define MAX_TRIED 24

typedef struct
{
  TpdCheck *check;
  TpdCheckFunc func;
  gconstpointer attrs;
  const TpdCheckOperand *operands;
  Block *blocks;
  guint n;
} Problem;

/* The operand that `name` is the gradient of, or -1. */
static int
primal_of (const Problem *problem, const char *name)
{
  return name[0] == 'd' ? operand_named (problem->operands, problem->n, name + 1) : -1;
}

/* Sum of <dy, y> over the outputs y that have an incoming gradient dy. */
static double
loss (const Problem *problem)
{
  double sum = 0;

  run_reference (problem->check, problem->func, problem->attrs, problem->blocks, problem->n);
  for (guint i = 0; i < problem->n; i++)
    {
      const TpdView *dy = &problem->blocks[i].view, *y;
      int primal = primal_of (problem, problem->operands[i].name);

      if (primal < 0 || problem->operands[i].flags & TPD_CHECK_OUT)
        continue;
      y = &problem->blocks[primal].view;
      for (gint64 k = 0; k < tpd_view_n_elements (dy); k++)
        sum += tpd_cpu_load (dy, k) * tpd_cpu_load (y, k);
    }
  return sum;
}

/* Gradients that are added to what is there start from zero. */
static void
clear_accumulators (const Problem *problem)
{
  for (guint i = 0; i < problem->n; i++)
    if (problem->operands[i].flags & TPD_CHECK_OUT && problem->operands[i].flags & TPD_CHECK_IN)
      for (gint64 k = 0; k < tpd_view_n_elements (&problem->blocks[i].view); k++)
        tpd_cpu_store (&problem->blocks[i].view, k, 0);
}

static double
numeric_gradient (const Problem *problem, const TpdView *x, gint64 k)
{
  double old = tpd_cpu_load (x, k), step = STEP * MAX (1, fabs (old)), up, down;

  tpd_cpu_store (x, k, old + step);
  up = loss (problem);
  tpd_cpu_store (x, k, old - step);
  down = loss (problem);
  tpd_cpu_store (x, k, old);
  return (up - down) / (2 * step);
}

/* Compares gradient operand `dx` of input operand `x`. */
static void
check_gradient (const Problem *problem, int x, guint dx)
{
  const TpdView *view = &problem->blocks[x].view;
  gint64 n = tpd_view_n_elements (view), tried = MIN (n, MAX_TRIED);
  g_autofree double *analytic = g_new (double, n);
  double scale = 0;

  clear_accumulators (problem);
  loss (problem);
  for (gint64 k = 0; k < n; k++)
    {
      analytic[k] = tpd_cpu_load (&problem->blocks[dx].view, k);
      scale += analytic[k] * analytic[k] / (double)n;
    }
  for (gint64 i = 0; i < tried; i++)
    {
      gint64 k = n <= MAX_TRIED ? i : (gint64)(tpd_random_uniform (dx, (guint64)i) * (double)n);
      double numeric = numeric_gradient (problem, view, k);

      if (!(fabs (analytic[k] - numeric) <=
            TOLERANCE * (fabs (numeric) + sqrt (scale) + (scale == 0 ? 1 : 0))))
        {
          tpd_check_fail (problem->check,
                          "gradient, shape %" G_GINT64_FORMAT " ...: element %" G_GINT64_FORMAT
                          " of %s is %.9g, finite differences give %.9g",
                          problem->operands[0].shape[0], k, problem->operands[dx].name, analytic[k],
                          numeric);
          return;
        }
    }
}

void
tpd_check_gradients (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
                     const TpdCheckOperand *operands, guint n)
{
  g_autofree TpdCheckOperand *typed = operands_for (operands, n, TPD_F64);
  g_autofree Block *blocks = g_new0 (Block, n);
  Problem problem = {check, func, attrs, typed, blocks, n};
  guint n_checked = 0;

  check->n_cases++;
  for (guint i = 0; i < n; i++)
    block_init (&blocks[i], &typed[i], LAYOUT_CONTIGUOUS, i);
  for (guint i = 0; i < n; i++)
    {
      int x = primal_of (&problem, typed[i].name);

      if (x >= 0 && typed[i].flags & TPD_CHECK_OUT)
        {
          check_gradient (&problem, x, i);
          n_checked++;
        }
    }
  for (guint i = 0; i < n; i++)
    block_clear (&blocks[i]);
  if (n_checked == 0)
    tpd_check_fail (check, "no gradient among the operands");
}

void
tpd_check_backward (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
                    const TpdCheckOperand *operands, guint n)
{
  tpd_check_op (check, func, attrs, operands, n);
  tpd_check_gradients (check, func, attrs, operands, n);
}
