/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ops/tpd-op.h"

#include <math.h>

#include "core/tpd-tape.h"

/* Front doors that read two inputs as one give what joining them first would: values, and gradients
 * of every input for a random output gradient. */

/* f64: sums in another order. */
#define TOLERANCE 1e-12

#define MAX_INPUTS 4

typedef TpdTensor *(*Function) (TpdContext *ctx, TpdTensor *const *in);

static TpdTensor *
concat_rope (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_concat_rope (ctx, in[0], in[1], in[2], in[3]);
}

static TpdTensor *
concat_then_rope (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_rope (ctx, tpd_concat (ctx, in, 2, 1), in[2], in[3]);
}

static TpdTensor *
linear_concat (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_linear_concat (ctx, in[0], in[1], in[2], in[3]);
}

static TpdTensor *
concat_then_linear (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_linear (ctx, tpd_concat (ctx, in, 2, 2), in[2], in[3]);
}

/* Two slices that leave a gap and overlap, in both orders of arrival. */
static TpdTensor *
slices (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *a = tpd_slice (ctx, in[0], 1, 1, 3, 1), *b = tpd_slice (ctx, in[0], 1, 2, 4, 1);

  return tpd_add (ctx, tpd_mul (ctx, a, a), b);
}

/* The same through a step that is not 1, whose gradient is added to zeros. */
static TpdTensor *
slices_with_steps (TpdContext *ctx, TpdTensor *const *in)
{
  TpdTensor *a = tpd_slice (ctx, in[0], 1, 1, 3, 1), *b[2];

  for (int i = 0; i < 2; i++)
    b[i] = tpd_slice (ctx, in[0], 1, 2 + i, 4, 2);
  return tpd_add (ctx, tpd_concat (ctx, b, 2, 1), tpd_mul (ctx, a, a));
}

typedef struct
{
  const char *path;
  Function joint, separate;
  gboolean wanted[MAX_INPUTS]; /* has a gradient */
  int n_dims[MAX_INPUTS];      /* 0: no such input */
  gint64 shape[MAX_INPUTS][4];
} Case;

static const Case cases[] = {
    {"/op/concat-rope",
     concat_rope,
     concat_then_rope,
     {TRUE, TRUE},
     {4, 4, 2, 2},
     {{2, 3, 2, 6}, {2, 5, 2, 6}, {8, 3}, {8, 3}}},
    {"/op/linear-concat",
     linear_concat,
     concat_then_linear,
     {TRUE, TRUE, TRUE, TRUE},
     {3, 3, 2, 1},
     {{2, 3, 4}, {2, 3, 7}, {5, 11}, {5}}},
    {"/op/linear-concat/no-bias",
     linear_concat,
     concat_then_linear,
     {TRUE, FALSE, TRUE},
     {3, 3, 2},
     {{2, 3, 4}, {2, 3, 7}, {5, 11}}},
    {"/view/slices", slices, slices_with_steps, {TRUE}, {3}, {{2, 5, 3}}},
};

typedef struct
{
  gint64 n;
  double *y; /* n of them */
  double *grads[MAX_INPUTS];
} Result;

static double *
to_host (TpdContext *ctx, TpdTensor *x)
{
  double *data = g_new (double, tpd_tensor_n_elements (x));
  g_autoptr (GError) error = NULL;

  tpd_tensor_to_host (ctx, x, data, &error);
  g_assert_no_error (error);
  return data;
}

/* Runs func twice in one tape, so that gradients are accumulated too. */
static Result
run (TpdContext *ctx, const Case *c, Function func)
{
  TpdTensor *in[MAX_INPUTS] = {NULL}, *y, *loss;
  Result result = {0};

  for (int i = 0; i < MAX_INPUTS && c->n_dims[i] > 0; i++)
    {
      in[i] = tpd_randn (ctx, TPD_F64, c->n_dims[i], c->shape[i], (guint64)i, 0);
      in[i]->requires_grad = c->wanted[i];
    }
  tpd_tape_begin (ctx);
  y = tpd_add (ctx, func (ctx, in), func (ctx, in));
  loss = tpd_mean (ctx, tpd_mul (ctx, y, y));
  tpd_tape_backward (ctx, loss, 1);
  result.n = tpd_tensor_n_elements (y);
  result.y = to_host (ctx, y);
  for (int i = 0; i < MAX_INPUTS; i++)
    if (c->wanted[i])
      result.grads[i] = to_host (ctx, in[i]->grad);
  return result;
}

static void
result_clear (Result *self)
{
  g_free (self->y);
  for (int i = 0; i < MAX_INPUTS; i++)
    g_free (self->grads[i]);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  Result joint, separate;

  tpd_context_push_scope (ctx);
  joint = run (ctx, c, c->joint);
  separate = run (ctx, c, c->separate);
  tpd_context_pop_scope (ctx, NULL);
  g_assert_cmpint (joint.n, ==, separate.n);
  for (gint64 i = 0; i < joint.n; i++)
    g_assert_cmpfloat_with_epsilon (joint.y[i], separate.y[i], TOLERANCE);
  for (int i = 0; i < MAX_INPUTS; i++)
    {
      gint64 n = 1;

      for (int d = 0; d < c->n_dims[i]; d++)
        n *= c->shape[i][d];
      for (gint64 j = 0; j < n && c->wanted[i]; j++)
        g_assert_cmpfloat_with_epsilon (joint.grads[i][j], separate.grads[i][j], TOLERANCE);
    }
  result_clear (&joint);
  result_clear (&separate);
}

/* A shape that does not fit is the context's error, not a crash. */
static void
test_mismatch (void)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (TpdContext) ctx = tpd_context_new (device, NULL);
  g_autoptr (GError) error = NULL;
  TpdTensor *x, *w;

  tpd_context_push_scope (ctx);
  x = tpd_zeros (ctx, TPD_F32, TPD_SHAPE (2, 3, 4));
  w = tpd_zeros (ctx, TPD_F32, TPD_SHAPE (5, 9));
  tpd_linear_concat (ctx, x, x, w, NULL);
  tpd_context_pop_scope (ctx, NULL);
  g_assert_false (tpd_context_sync (ctx, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_case);
  g_test_add_func ("/op/linear-concat/mismatch", test_mismatch);
  return g_test_run ();
}
