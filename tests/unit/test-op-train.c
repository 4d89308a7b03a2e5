/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tensor-fixture.h"

/* f32 arithmetic of the fast kernels against double by hand. */
#define TOLERANCE 1e-6

static TpdTensor *
mse (TpdContext *ctx, TpdTensor *const *in)
{
  return tpd_mse (ctx, in[0], in[1]);
}

static void
test_mse (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *in[] = {random_tensor (ctx, 1, TPD_SHAPE (3, 4)),
                     random_tensor (ctx, 2, TPD_SHAPE (3, 4))};
  TpdTensor *x = counting (ctx, TPD_SHAPE (4));

  assert_elements (ctx, tpd_mse (ctx, x, tpd_scale (ctx, x, 3)), 14);
  assert_gradients (ctx, mse, in, 2);
}

static void
test_sum_squares (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x[] = {counting (ctx, TPD_SHAPE (3)), counting (ctx, TPD_SHAPE (2, 2))};

  assert_elements (ctx, tpd_sum_squares (ctx, x, 2), 5 + 14);
  assert_elements (ctx, tpd_sum_squares (ctx, x, 0), 0);
}

/* Two steps on one number, by hand. */
static void
test_adamw (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdAdamW hyper = {.learning_rate = 0.1,
                    .beta1 = 0.9,
                    .beta2 = 0.99,
                    .eps = 1e-8,
                    .weight_decay = 0.5,
                    .gradient_scale = 2,
                    .step = 1};
  TpdTensor *p[] = {tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1)),
                    tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1))};
  TpdTensor *m[] = {tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1)),
                    tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1))};
  TpdTensor *v[] = {tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1)),
                    tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1))};
  TpdTensor *g[] = {tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1)),
                    tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1))};
  double expected[2] = {1, 1}, first = 0, second = 0;

  for (int i = 0; i < 2; i++)
    {
      tpd_fill (ctx, p[i], 1);
      tpd_fill (ctx, g[i], 0.25);
    }
  for (hyper.step = 1; hyper.step <= 2; hyper.step++)
    {
      tpd_adamw (ctx, 2, p, g, m, v, (const guint8[]){0, 1}, &hyper);
      first = 0.9 * first + 0.1 * 0.5; /* the gradient, scaled, is 0.5 */
      second = 0.99 * second + 0.01 * 0.25;
      for (int i = 0; i < 2; i++)
        {
          double step = first / (1 - pow (0.9, (double)hyper.step)) /
                        (sqrt (second / (1 - pow (0.99, (double)hyper.step))) + 1e-8);
          g_autofree double *got = elements (ctx, p[i]);

          expected[i] -= 0.1 * (step + (i == 1 ? 0.5 * expected[i] : 0));
          g_assert_cmpfloat_with_epsilon (*got, expected[i], TOLERANCE);
        }
    }
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  TpdContext *ctx = fixture->ctx;
  TpdTensor *x = counting (ctx, TPD_SHAPE (2)), *f32 = tpd_cast (ctx, x, TPD_F32);
  TpdAdamW hyper = {.step = 1};

  tpd_mse (ctx, x, f32);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "mse: b is f32, expected f64");
  tpd_sum_squares (ctx, (TpdTensor *[]){x, f32}, 2);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "sum_squares: x is f32, expected f64");
  tpd_adamw (ctx, 1, &x, &x, &x, &f32, (const guint8[]){0}, &hyper);
  assert_failure (ctx, TPD_ERROR_MISMATCH, "adamw: a first moment is f64, expected f32");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/op-train/mse", test_mse);
  fixture_add ("/op-train/sum-squares", test_sum_squares);
  fixture_add ("/op-train/adamw", test_adamw);
  fixture_add ("/op-train/refusals", test_refusals);
  return g_test_run ();
}
