/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/tpd-random.h"
#include "core/tpd-tape.h"
#include "gpu.h"
#include "models/tpd-mini-flux.h"
#include "ops/tpd-op.h"
#include "vae/tpd-autoencoder-kl.h"

/* Whole networks, forward and backward, on the CPU and on the GPU with the same numbers. */

/* Relative to an element plus the root mean square of its tensor: f32 sums in another order through
 * some thirty layers, each of which adds about 1e-6. */
#define TOLERANCE 1e-4
/* Gradients that vanish but for rounding (of what a softmax does not see) are compared in units of
 * this share of all gradients' root mean square. */
#define FLOOR 1e-2

static TpdDevice *gpu;

/* ── one network on one device ── */

typedef struct
{
  /* owned */
  TpdContext *ctx;
  TpdComponent *network;
  double *results; /* the loss, then the gradients of all parameters after each other */

  TpdParamStore *params; /* borrowed */
  gint64 n;              /* results */
} Side;

/* Normal numbers, the same on every device. */
static TpdTensor *
numbers (TpdContext *ctx, guint64 seed, int n_dims, const gint64 *shape)
{
  TpdTensor *x = tpd_context_own (ctx, tpd_tensor_new (ctx, TPD_F32, n_dims, shape));
  gint64 n = tpd_tensor_n_elements (x);
  g_autofree float *data = g_new (float, n + 3);

  for (gint64 i = 0; i < n; i += 4)
    tpd_random_normal4 (seed, (guint64)i / 4, data + i);
  tpd_tensor_upload (ctx, x, data);
  return x;
}

/* Takes the network and starts a tape. Its parameters have their initial values, changed so that
 * nothing is zero. */
static void
prepare (Side *side, gpointer network)
{
  g_autoptr (GError) error = NULL;

  side->network = TPD_COMPONENT (network);
  side->params = tpd_component_get_params (side->network);
  tpd_param_store_initialize (side->params, side->ctx, 1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < tpd_param_store_get_n (side->params); i++)
    {
      TpdTensor *p = tpd_param_store_get_tensor (side->params, i);
      TpdTensor *noise = numbers (side->ctx, 100 + i, p->view.n_dims, p->view.shape);

      tpd_context_ops (side->ctx)->axpby (tpd_context_get_exec (side->ctx), 0.1, &noise->view, 1,
                                          &p->view);
    }
  tpd_param_store_set_trainable (side->params, TRUE);
  tpd_tape_begin (side->ctx);
}

static void
read_numbers (Side *side, TpdTensor *x, double *out)
{
  g_autoptr (GError) error = NULL;

  tpd_tensor_to_host (side->ctx, tpd_cast (side->ctx, tpd_contiguous (side->ctx, x), TPD_F64), out,
                      &error);
  g_assert_no_error (error);
}

/* The way back from y. */
static void
finish (Side *side, TpdTensor *y)
{
  TpdTensor *target = numbers (side->ctx, 7, y->view.n_dims, y->view.shape);
  TpdTensor *loss = tpd_mse (side->ctx, y, target);
  gint64 n = 1;

  tpd_tape_backward (side->ctx, loss, 1);
  side->n = 1 + tpd_param_store_count_elements (side->params);
  side->results = g_new0 (double, side->n);
  read_numbers (side, loss, side->results);
  for (guint i = 0; i < tpd_param_store_get_n (side->params); i++)
    {
      TpdTensor *p = tpd_param_store_get_tensor (side->params, i);

      if (p->grad != NULL)
        read_numbers (side, p->grad, side->results + n);
      n += tpd_tensor_n_elements (p);
    }
  g_assert_cmpint (n, ==, side->n);
}

/* ── both devices ── */

static double
root_mean_square (const double *x, gint64 n)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += x[i] * x[i];
  return sqrt (sum / (double)n);
}

static void
compare (const char *name, const double *got, const double *expected, gint64 n, double floor)
{
  double scale = root_mean_square (expected, n) + floor;

  for (gint64 i = 0; i < n; i++)
    if (!(fabs (got[i] - expected[i]) <= TOLERANCE * (fabs (expected[i]) + scale)))
      {
        g_test_message ("%s, element %" G_GINT64_FORMAT ": %.9g, on the CPU %.9g", name, i, got[i],
                        expected[i]);
        g_test_fail ();
        return;
      }
}

static void
compare_results (const Side *got, const Side *expected)
{
  double floor = FLOOR * root_mean_square (expected->results + 1, expected->n - 1);
  gint64 first = 1;

  g_assert_cmpint (got->n, ==, expected->n);
  g_assert_cmpfloat (floor, >, 0);
  compare ("loss", got->results, expected->results, 1, 0);
  for (guint i = 0; i < tpd_param_store_get_n (expected->params); i++)
    {
      gint64 n = tpd_tensor_n_elements (tpd_param_store_get_tensor (expected->params, i));

      compare (tpd_param_get_name (tpd_param_store_get (expected->params, i)), got->results + first,
               expected->results + first, n, floor);
      first += n;
    }
}

static void
side_run (Side *side, TpdDevice *device, void (*run) (Side *side))
{
  g_autoptr (GError) error = NULL;

  side->ctx = tpd_context_new (device, &error);
  g_assert_no_error (error);
  tpd_context_push_scope (side->ctx);
  run (side);
  tpd_context_pop_scope (side->ctx, NULL);
}

static void
side_clear (Side *side)
{
  g_clear_object (&side->network);
  g_clear_object (&side->ctx);
  g_clear_pointer (&side->results, g_free);
}

static void
compare_devices (void (*run) (Side *side))
{
  g_autoptr (TpdDevice) cpu = tpd_device_open ("cpu", NULL);
  Side expected = {0}, got = {0};

  side_run (&expected, cpu, run);
  side_run (&got, gpu, run);
  compare_results (&got, &expected);
  side_clear (&expected);
  side_clear (&got);
}

/* ── the networks ── */

static JsonObject *
parse (const char *text, JsonNode **node)
{
  *node = json_from_string (text, NULL);
  return json_node_get_object (*node);
}

static void
run_mini_flux (Side *side)
{
  static const gint32 mask[] = {1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1};
  TpdContext *ctx = side->ctx;
  g_autoptr (JsonNode) node = NULL;
  TpdConditioning conditioning;
  TpdTensor *x;

  prepare (side,
           tpd_mini_flux_new (parse ("{\"in_channels\": 16, \"num_layers\": 1,"
                                     "\"num_single_layers\": 2, \"attention_head_dim\": 16,"
                                     "\"num_attention_heads\": 2, \"joint_attention_dim\": 6,"
                                     "\"pooled_projection_dim\": 5, \"axes_dims_rope\": [8, 4, 4],"
                                     "\"use_temporal_causal\": true}",
                                     &node),
                              "config.json", NULL));
  x = numbers (ctx, 1, TPD_SHAPE (2, 3, 4, 6, 4));
  conditioning.text = numbers (ctx, 2, TPD_SHAPE (2, 7, 6));
  conditioning.pooled = numbers (ctx, 3, TPD_SHAPE (2, 5));
  conditioning.mask =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (2, 7), mask));
  finish (side, tpd_denoiser_predict (TPD_DENOISER (side->network), ctx, x, (double[]){100, 900}, 2,
                                      &conditioning));
}

static void
test_mini_flux (void)
{
  compare_devices (run_mini_flux);
}

static void
run_autoencoder (Side *side)
{
  g_autoptr (JsonNode) node = NULL;
  TpdTensor *mean, *logvar;

  prepare (side,
           tpd_autoencoder_kl_new (
               parse ("{\"block_out_channels\": [8, 12], \"norm_num_groups\": 4,"
                      "\"down_block_types\": [\"DownEncoderBlock2D\", \"DownEncoderBlock2D\"],"
                      "\"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"]}",
                      &node),
               "config.json", NULL));
  tpd_autoencoder_kl_encode (TPD_AUTOENCODER_KL (side->network), side->ctx,
                             numbers (side->ctx, 1, TPD_SHAPE (2, 8, 6, 3)), &mean, &logvar);
  finish (side,
          tpd_autoencoder_kl_decode (TPD_AUTOENCODER_KL (side->network), side->ctx,
                                     tpd_autoencoder_kl_sample (side->ctx, mean, logvar, 5, 0)));
}

static void
test_autoencoder (void)
{
  compare_devices (run_autoencoder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  gpu = gpu_open ();
  if (gpu == NULL)
    return GPU_SKIPPED;
  g_test_add_func ("/gpu/parity/mini-flux", test_mini_flux);
  g_test_add_func ("/gpu/parity/autoencoder", test_autoencoder);
  status = g_test_run ();
  g_object_unref (gpu);
  return status;
}
