/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/tpd-tape.h"
#include "ops/tpd-op.h"
#include "train/tpd-ema.h"
#include "train/tpd-train-config.h"

/* f32 against torch in f64 over ten updates. */
#define TOLERANCE 2e-5

#define N_WEIGHTS 6
#define N_BIASES  3

/* A matrix and a vector, pulled to targets: loss = mse (w, target) + mse (b, target). */
typedef struct
{
  TpdContext *ctx;
  TpdParamStore *store;
  TpdOptimizer *optimizer;
  TpdTensor *weight, *bias; /* borrowed */
  TpdTensor *weight_target, *bias_target;
} Fixture;

static const float weight_start[N_WEIGHTS] = {0.5f, -1.0f, 2.0f, 1.5f, 0.25f, -0.75f};
static const float bias_start[N_BIASES] = {0.1f, -0.2f, 0.3f};
static const float weight_target[N_WEIGHTS] = {1, 1, 1, -1, 0, 3};
static const float bias_target[N_BIASES] = {1, 0, -1};

static void
fixture_init_with_rate (Fixture *self, double clip, double rate)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (TpdCommunicator) communicator = tpd_communicator_new_single ();
  const TpdOptimizerSettings settings = {
      .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8, .weight_decay = 0.05, .clip = clip};
  g_autoptr (GError) error = NULL;

  self->ctx = tpd_context_new (device, NULL);
  self->store = tpd_param_store_new ();
  tpd_param_store_declare (self->store, NULL, "weight", TPD_INIT_ZERO, TPD_SHAPE (2, 3));
  tpd_param_store_declare (self->store, NULL, "bias", TPD_INIT_ZERO, TPD_SHAPE (3));
  g_assert_true (tpd_param_store_initialize (self->store, self->ctx, 0, NULL));
  self->weight = tpd_param_store_get_tensor (self->store, 0);
  self->bias = tpd_param_store_get_tensor (self->store, 1);
  tpd_tensor_upload (self->ctx, self->weight, weight_start);
  tpd_tensor_upload (self->ctx, self->bias, bias_start);
  self->weight_target =
      tpd_tensor_new_from_host (self->ctx, TPD_F32, TPD_SHAPE (2, 3), weight_target);
  self->bias_target = tpd_tensor_new_from_host (self->ctx, TPD_F32, TPD_SHAPE (3), bias_target);
  self->optimizer = tpd_optimizer_new (self->ctx, communicator,
                                       &(TpdOptimizerGroup){.params = self->store, .rate = rate}, 1,
                                       &settings, &error);
  g_assert_no_error (error);
}

static void
fixture_init (Fixture *self, double clip)
{
  fixture_init_with_rate (self, clip, 1);
}

static void
fixture_clear (Fixture *self)
{
  g_object_unref (self->optimizer);
  tpd_tensor_unref (self->weight_target);
  tpd_tensor_unref (self->bias_target);
  g_object_unref (self->store);
  g_object_unref (self->ctx);
}

static void
backward (Fixture *self, double scale)
{
  tpd_context_push_scope (self->ctx);
  tpd_tape_begin (self->ctx);
  tpd_tape_backward (self->ctx,
                     tpd_add (self->ctx, tpd_mse (self->ctx, self->weight, self->weight_target),
                              tpd_mse (self->ctx, self->bias, self->bias_target)),
                     scale);
  tpd_context_pop_scope (self->ctx, NULL);
}

static double
step (Fixture *self, double learning_rate)
{
  g_autoptr (GError) error = NULL;
  double norm = NAN;

  tpd_optimizer_step (self->optimizer, self->ctx, learning_rate, &norm, &error);
  g_assert_no_error (error);
  return norm;
}

static void
assert_tensor (Fixture *self, TpdTensor *tensor, const double *expected, guint n)
{
  float got[N_WEIGHTS];

  g_assert_true (tpd_tensor_to_host (self->ctx, tensor, got, NULL));
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (got[i], expected[i], TOLERANCE);
}

/* torch.optim.AdamW (lr 0.1, betas (0.9, 0.99), weight_decay 0.05 for the matrix, 0 for the vector)
 * after ten steps, each with clip_grad_norm_ (0.5). */
static void
test_torch (void)
{
  static const double weight[N_WEIGHTS] = {1.167045630, 0.024986377, 0.982705225,
                                           0.446555792, 0.023137277, 0.271494725};
  static const double bias[N_BIASES] = {1.036793512, -0.060518099, -0.681377783};
  Fixture self;
  double norm = 0;

  fixture_init (&self, 0.5);
  for (int i = 0; i < 10; i++)
    {
      backward (&self, 1);
      norm = step (&self, 0.1);
    }
  g_assert_cmpfloat_with_epsilon (norm, 1.1683655465647111, TOLERANCE);
  assert_tensor (&self, self.weight, weight, N_WEIGHTS);
  assert_tensor (&self, self.bias, bias, N_BIASES);
  g_assert_cmpint (tpd_optimizer_get_step (self.optimizer), ==, 10);
  fixture_clear (&self);
}

/* A group at half the rate goes as one at the full rate with half the learning rate, decay
 * included.
 */
static void
test_rate (void)
{
  Fixture half, full;
  float weight[N_WEIGHTS];
  double expected[N_WEIGHTS];

  fixture_init_with_rate (&half, 0, 0.5);
  fixture_init (&full, 0);
  for (int i = 0; i < 3; i++)
    {
      backward (&half, 1);
      backward (&full, 1);
      step (&half, 0.1);
      step (&full, 0.05);
    }
  g_assert_true (tpd_tensor_to_host (full.ctx, full.weight, weight, NULL));
  for (guint i = 0; i < N_WEIGHTS; i++)
    expected[i] = weight[i];
  assert_tensor (&half, half.weight, expected, N_WEIGHTS);
  fixture_clear (&half);
  fixture_clear (&full);
}

/* Four passes of a quarter are one pass; gradients are forgotten after a step. */
static void
test_accumulate (void)
{
  Fixture one, four;
  float a[N_WEIGHTS], b[N_WEIGHTS];

  fixture_init (&one, 0);
  fixture_init (&four, 0);
  for (int i = 0; i < 3; i++)
    {
      backward (&one, 1);
      for (int pass = 0; pass < 4; pass++)
        backward (&four, 0.25);
      g_assert_cmpfloat_with_epsilon (step (&one, 0.1), step (&four, 0.1), TOLERANCE);
    }
  g_assert_true (tpd_tensor_to_host (one.ctx, one.weight, a, NULL));
  g_assert_true (tpd_tensor_to_host (four.ctx, four.weight, b, NULL));
  for (int i = 0; i < N_WEIGHTS; i++)
    g_assert_cmpfloat_with_epsilon (a[i], b[i], TOLERANCE);
  fixture_clear (&one);
  fixture_clear (&four);
}

/* AdamW hardly sees a gradient's scale, but its second moment does. */
static void
test_clip (void)
{
  Fixture free, clipped;
  float v_free[N_WEIGHTS], v_clipped[N_WEIGHTS];
  double norm;

  fixture_init (&free, 0);
  fixture_init (&clipped, 0.25);
  backward (&free, 1);
  backward (&clipped, 1);
  norm = step (&free, 0.1);
  g_assert_cmpfloat_with_epsilon (step (&clipped, 0.1), norm, TOLERANCE);
  g_assert_cmpfloat (norm, >, 1);
  tpd_tensor_to_host (free.ctx, tpd_optimizer_get_second_moment (free.optimizer, 0), v_free, NULL);
  tpd_tensor_to_host (clipped.ctx, tpd_optimizer_get_second_moment (clipped.optimizer, 0),
                      v_clipped, NULL);
  for (int i = 0; i < N_WEIGHTS; i++)
    g_assert_cmpfloat_with_epsilon (v_clipped[i], v_free[i] * pow (0.25 / norm, 2), TOLERANCE);
  fixture_clear (&free);
  fixture_clear (&clipped);
}

/* A gradient that is not finite leaves everything as it was. */
static void
test_not_finite (void)
{
  Fixture self;
  g_autoptr (GError) error = NULL;
  double norm;
  const double start[N_BIASES] = {0.1, -0.2, 0.3};

  fixture_init (&self, 1);
  backward (&self, INFINITY);
  g_assert_false (tpd_optimizer_step (self.optimizer, self.ctx, 0.1, &norm, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_FAILED);
  assert_tensor (&self, self.bias, start, N_BIASES);
  g_assert_cmpint (tpd_optimizer_get_step (self.optimizer), ==, 0);
  backward (&self, 1);
  step (&self, 0.1);
  fixture_clear (&self);
}

static void
test_ema (void)
{
  Fixture self;
  g_autoptr (TpdEma) ema = NULL;
  double shadow[N_BIASES], param[N_BIASES];
  float bias[N_BIASES];

  fixture_init (&self, 0);
  ema = tpd_ema_new (self.ctx, self.optimizer, 0.3, NULL);
  for (int i = 0; i < N_BIASES; i++)
    shadow[i] = bias_start[i];
  for (int n = 1; n <= 5; n++)
    {
      /* (1 + n)/(10 + n) is below 0.3 for n = 1 and 2. */
      const double decay = n == 1 ? 2.0 / 11 : n == 2 ? 3.0 / 12 : 0.3;

      backward (&self, 1);
      step (&self, 0.1);
      tpd_ema_update (ema, self.ctx, n);
      g_assert_true (tpd_tensor_to_host (self.ctx, self.bias, bias, NULL));
      for (int i = 0; i < N_BIASES; i++)
        shadow[i] = decay * shadow[i] + (1 - decay) * bias[i];
    }
  for (int i = 0; i < N_BIASES; i++)
    param[i] = bias[i];
  assert_tensor (&self, tpd_ema_get_shadow (ema, 1), shadow, N_BIASES);
  tpd_ema_swap (ema, self.ctx);
  assert_tensor (&self, self.bias, shadow, N_BIASES);
  assert_tensor (&self, tpd_ema_get_shadow (ema, 1), param, N_BIASES);
  tpd_ema_swap (ema, self.ctx);
  assert_tensor (&self, self.bias, param, N_BIASES);
  g_clear_object (&ema);
  fixture_clear (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optimizer/torch", test_torch);
  g_test_add_func ("/optimizer/rate", test_rate);
  g_test_add_func ("/optimizer/accumulate", test_accumulate);
  g_test_add_func ("/optimizer/clip", test_clip);
  g_test_add_func ("/optimizer/not-finite", test_not_finite);
  g_test_add_func ("/optimizer/ema", test_ema);
  return g_test_run ();
}
