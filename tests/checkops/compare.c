/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-private.h"

#include "cpu/tpd-cpu-view.h"

/* Largest difference from the reference, relative to the element plus the root mean square of the
 * output (sums cancel, and their error does not). The reference computes in double and rounds
 * once; a device accumulates in f32 over some hundred terms and may round intermediate results to
 * T: half a unit in the last place is 6e-8 in f32, 5e-4 in f16, 4e-3 in bf16. */
static const double tolerances[] = {
    [TPD_F32] = 1e-5, [TPD_F64] = 1e-12, [TPD_F16] = 3e-3, [TPD_BF16] = 2e-2, [TPD_I32] = 0};

static gboolean
report (TpdCheck *check, TpdContext *ctx)
{
  g_autoptr (GError) error = NULL;

  if (tpd_context_sync (ctx, &error))
    return TRUE;
  tpd_check_fail (check, "%s", error->message);
  return FALSE;
}

static void
collect_views (const Block *blocks, guint n, TpdView *views)
{
  for (guint i = 0; i < n; i++)
    views[i] = blocks[i].view;
}

gboolean
run_reference (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs, Block *blocks, guint n)
{
  g_autofree TpdView *views = g_new (TpdView, n);

  collect_views (blocks, n, views);
  func (tpd_cpu_reference_ops (), tpd_context_get_exec (check->reference), views, attrs);
  return report (check, check->reference);
}

gboolean
run_on_device (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs, Block *blocks, guint n,
               int aliased, int alias)
{
  TpdContext *ctx = check->context;
  g_autofree TpdView *views = g_new (TpdView, n);
  g_autofree TpdTensor **memory = g_new0 (TpdTensor *, n);

  collect_views (blocks, n, views);
  tpd_context_push_scope (ctx);
  for (guint i = 0; i < n; i++)
    {
      gint64 size = (gint64)blocks[i].n_bytes;
      gsize first = (gsize)((guint8 *)blocks[i].view.data - blocks[i].block);

      memory[i] =
          tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_U8, 1, &size, blocks[i].block));
      views[i].data = (guint8 *)memory[i]->view.data + first;
    }
  if (aliased >= 0)
    views[aliased] = views[alias];
  if (!tpd_context_failed (ctx))
    func (tpd_context_ops (ctx), tpd_context_get_exec (ctx), views, attrs);
  for (guint i = 0; i < n && !tpd_context_failed (ctx); i++)
    tpd_tensor_to_host (ctx, memory[(int)i == aliased ? alias : (int)i], blocks[i].block, NULL);
  tpd_context_pop_scope (ctx, NULL);
  return report (check, ctx);
}

/* ── comparing ── */

/* Below this root mean square an output is zero but for rounding (the gradient of a softmax over
 * equal scores): it has no scale of its own, and inputs are of size 1. */
#define ZERO       1e-6
#define ZERO_SCALE 0.1

static double
root_mean_square (const TpdView *view)
{
  gint64 n = tpd_view_n_elements (view);
  double sum = 0;

  for (gint64 k = 0; k < n; k++)
    sum += pow (tpd_cpu_load (view, tpd_cpu_nth (view, k)), 2);
  return n > 0 ? sqrt (sum / (double)n) : 0;
}

static gboolean
same_elements (TpdCheck *check, const char *where, const char *name, const TpdView *got,
               const TpdView *expected)
{
  double scale = root_mean_square (expected), tolerance = tolerances[expected->dtype];
  gint64 n = tpd_view_n_elements (expected);

  if (scale < ZERO)
    scale = ZERO_SCALE;
  for (gint64 k = 0; k < n; k++)
    {
      double a = tpd_cpu_load (got, tpd_cpu_nth (got, k));
      double b = tpd_cpu_load (expected, tpd_cpu_nth (expected, k));

      /* A logarithm of 0 has no scale. */
      if (isinf (b) ? a != b : !(fabs (a - b) <= tolerance * (fabs (b) + scale)))
        {
          tpd_check_fail (check, "%s: element %" G_GINT64_FORMAT " of %s is %.9g, expected %.9g",
                          where, k, name, a, b);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
guards_intact (TpdCheck *check, const char *where, const char *name, const Block *block, guint i)
{
  g_autofree guint8 *expected = g_memdup2 (block->block, block->n_bytes);

  block_fill_guards (block, i, expected);
  if (memcmp (expected, block->block, block->n_bytes) == 0)
    return TRUE;
  tpd_check_fail (check, "%s: wrote outside %s", where, name);
  return FALSE;
}

/* Compares what the device left in `got` with what the reference left in `expected`. An aliased
 * output comes back in the bytes of its alias. */
static gboolean
compare (TpdCheck *check, const char *where, const TpdCheckOperand *operands, const Block *got,
         const Block *expected, guint n, int aliased, int alias)
{
  for (guint i = 0; i < n; i++)
    {
      if ((int)i == alias)
        continue;
      if (operands[i].flags & TPD_CHECK_OUT)
        {
          if (!same_elements (check, where, operands[i].name, &got[i].view, &expected[i].view))
            return FALSE;
        }
      else if (memcmp (got[i].block, expected[i].block, got[i].n_bytes) != 0)
        {
          tpd_check_fail (check, "%s: changed its input %s", where, operands[i].name);
          return FALSE;
        }
      if (!guards_intact (check, where, operands[i].name, &got[i],
                          (int)i == aliased ? (guint)alias : i))
        return FALSE;
    }
  return TRUE;
}

static void
blocks_init (Block *blocks, const TpdCheckOperand *operands, guint n, Layout layout)
{
  for (guint i = 0; i < n; i++)
    block_init (&blocks[i], &operands[i], layout, i);
}

static void
blocks_clear (Block *blocks, guint n)
{
  for (guint i = 0; i < n; i++)
    block_clear (&blocks[i]);
}

/* A second run must leave the same bytes. */
static void
check_repeats (TpdCheck *check, const char *where, TpdCheckFunc func, gconstpointer attrs,
               const TpdCheckOperand *operands, const Block *first, guint n, Layout layout)
{
  g_autofree Block *again = g_new0 (Block, n);

  blocks_init (again, operands, n, layout);
  if (run_on_device (check, func, attrs, again, n, -1, -1))
    for (guint i = 0; i < n; i++)
      if (memcmp (first[i].block, again[i].block, again[i].n_bytes) != 0)
        tpd_check_fail (check, "%s: a second run gave another %s", where, operands[i].name);
  blocks_clear (again, n);
}

/* One dtype, one layout; with aliased ≥ 0, that output in the memory of input `alias`. */
static void
check_layout (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
              const TpdCheckOperand *operands, guint n, TpdDtype dtype, Layout layout, int aliased,
              int alias)
{
  g_autofree Block *expected = g_new0 (Block, n);
  g_autofree Block *got = g_new0 (Block, n);
  g_autofree char *where =
      g_strdup_printf ("%s, %s, shape %" G_GINT64_FORMAT " ...%s", tpd_dtype_name (dtype),
                       layout_names[layout], operands[0].shape[0], aliased >= 0 ? ", aliased" : "");

  check->n_cases++;
  blocks_init (expected, operands, n, layout);
  blocks_init (got, operands, n, layout);
  if (run_reference (check, func, attrs, expected, n) &&
      run_on_device (check, func, attrs, got, n, aliased, alias) &&
      compare (check, where, operands, got, expected, n, aliased, alias) && aliased < 0)
    check_repeats (check, where, func, attrs, operands, got, n, layout);
  blocks_clear (expected, n);
  blocks_clear (got, n);
}

static void
check_aliases (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
               const TpdCheckOperand *operands, guint n, TpdDtype dtype, guint i)
{
  for (guint k = 0; k < G_N_ELEMENTS (operands[i].may_alias); k++)
    if (operands[i].may_alias[k] != NULL)
      {
        int alias = operand_named (operands, n, operands[i].may_alias[k]);

        check_layout (check, func, attrs, operands, n, dtype, LAYOUT_CONTIGUOUS, (int)i, alias);
        check_layout (check, func, attrs, operands, n, dtype, LAYOUT_PADDED, (int)i, alias);
      }
}

void
tpd_check_op (TpdCheck *check, TpdCheckFunc func, gconstpointer attrs,
              const TpdCheckOperand *operands, guint n)
{
  static const TpdDtype dtypes[] = {TPD_F32, TPD_F64, TPD_F16, TPD_BF16};
  gboolean host = tpd_device_is_host (tpd_context_get_device (check->context));

  for (guint d = 0; d < G_N_ELEMENTS (dtypes); d++)
    {
      g_autofree TpdCheckOperand *typed = operands_for (operands, n, dtypes[d]);

      if (dtypes[d] == TPD_F64 && !host)
        continue; /* f64 is the CPU's alone */
      for (Layout layout = 0; layout < N_LAYOUTS; layout++)
        check_layout (check, func, attrs, typed, n, dtypes[d], layout, -1, -1);
      for (guint i = 0; i < n; i++)
        check_aliases (check, func, attrs, typed, n, dtypes[d], i);
    }
}
