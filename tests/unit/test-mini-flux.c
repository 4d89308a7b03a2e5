/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "models/tpd-mini-flux.h"

#include <math.h>

#include "core/tpd-tape.h"
#include "ops/tpd-op.h"

/* What the golden tests do not reach: configurations, wrong inputs, the start of training. */

#define SMALL                                                                                      \
  "\"in_channels\": 16, \"num_layers\": 1, \"num_single_layers\": 1, \"attention_head_dim\": 8,"   \
  "\"num_attention_heads\": 2, \"joint_attention_dim\": 6, \"pooled_projection_dim\": 5,"          \
  "\"axes_dims_rope\": [4, 2, 2]"

static TpdMiniFlux *
make (const char *json, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  return tpd_mini_flux_new (json_node_get_object (node), "transformer/config.json", error);
}

static void
test_config (void)
{
  const struct
  {
    const char *json;
    TpdError code;
    const char *message;
  } cases[] = {
      {"{\"in_channels\": 18}", TPD_ERROR_MISMATCH,
       "transformer/config.json: \"in_channels\" should be a multiple of 4 (patches are 2×2), but "
       "is 18"},
      {"{\"axes_dims_rope\": [16, 24, 26]}", TPD_ERROR_MISMATCH,
       "transformer/config.json: \"axes_dims_rope\" should be three even numbers with sum "
       "\"attention_head_dim\" (64)"},
      {"{\"axes_dims_rope\": [15, 25, 24]}", TPD_ERROR_MISMATCH,
       "transformer/config.json: \"axes_dims_rope\" should be three even numbers with sum "
       "\"attention_head_dim\" (64)"},
      {"{\"axes_dims_rope\": [40, 24]}", TPD_ERROR_MISMATCH,
       "transformer/config.json: \"axes_dims_rope\" should be three even numbers with sum "
       "\"attention_head_dim\" (64)"},
      {"{\"patch_size\": 2}", TPD_ERROR_INVALID_DATA, NULL},
      {"{\"num_layers\": 1000000000}", TPD_ERROR_INVALID_DATA, NULL},
      {"{\"use_temporal_causal\": 1}", TPD_ERROR_INVALID_DATA, NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (make (cases[i].json, &error));
      g_assert_error (error, TPD_ERROR, cases[i].code);
      if (cases[i].message != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

/* The published model's config.json: 2.0 billion parameters. */
static void
test_published_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdMiniFlux) model =
      make ("{\"attention_head_dim\": 64, \"axes_dims_rope\": [16, 24, 24], \"in_channels\": 64,"
            "\"joint_attention_dim\": 4096, \"num_attention_heads\": 30, \"num_layers\": 8,"
            "\"num_single_layers\": 16, \"patch_size\": 1, \"pooled_projection_dim\": 768,"
            "\"use_temporal_causal\": true, \"interp_condition_pos\": true}",
            &error);

  g_assert_no_error (error);
  /* counted by the original code on torch's meta device */
  g_assert_cmpint (
      tpd_param_store_count_elements (tpd_component_get_params (TPD_COMPONENT (model))), ==,
      1972059200);
}

typedef struct
{
  TpdContext *ctx;
  TpdMiniFlux *model;
  TpdTensor *x;
  TpdConditioning conditioning;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdDevice) device = tpd_device_open ("cpu", NULL);
  g_autoptr (GError) error = NULL;

  self->ctx = tpd_context_new (device, &error);
  self->model = make ("{" SMALL "}", &error);
  g_assert_no_error (error);
  tpd_param_store_initialize (tpd_component_get_params (TPD_COMPONENT (self->model)), self->ctx, 1,
                              &error);
  g_assert_no_error (error);
  tpd_context_push_scope (self->ctx);
  self->x = tpd_randn (self->ctx, TPD_F32, TPD_SHAPE (2, 3, 4, 4, 2), 1, 0);
  self->conditioning.text = tpd_randn (self->ctx, TPD_F32, TPD_SHAPE (2, 7, 6), 2, 0);
  self->conditioning.pooled = tpd_randn (self->ctx, TPD_F32, TPD_SHAPE (2, 5), 3, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  tpd_context_pop_scope (self->ctx, NULL);
  g_object_unref (self->model);
  g_object_unref (self->ctx);
}

static TpdTensor *
predict (Fixture *self)
{
  return tpd_denoiser_predict (TPD_DENOISER (self->model), self->ctx, self->x, (double[]){100, 900},
                               1, &self->conditioning);
}

/* A fresh network says zero, whatever it is shown: its last layer starts there. No mask needed. */
static void
test_start (Fixture *self, gconstpointer data)
{
  TpdTensor *y = predict (self);
  float values[2 * 3 * 4 * 4 * 2];
  g_autoptr (GError) error = NULL;

  g_assert_true (tpd_tensor_same_shape (y, self->x));
  tpd_tensor_to_host (self->ctx, y, values, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_cmpfloat (values[i], ==, 0);
}

static void
assert_refused (Fixture *self, const char *message)
{
  g_autoptr (GError) error = NULL;

  predict (self);
  g_assert_false (tpd_context_sync (self->ctx, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_wrong_inputs (Fixture *self, gconstpointer data)
{
  TpdTensor *x = self->x, *text = self->conditioning.text;

  self->x = tpd_slice (self->ctx, x, 3, 0, 3, 1);
  assert_refused (self, "miniFLUX transformer: the clip should be [B, F, 4, H, W] with even H and "
                        "W, but is [2, 3, 4, 3, 2]");
  self->x = tpd_slice (self->ctx, x, 2, 0, 3, 1);
  assert_refused (self, "miniFLUX transformer: the clip should be [B, F, 4, H, W] with even H and "
                        "W, but is [2, 3, 3, 4, 2]");
  self->x = x;

  self->conditioning.text = tpd_slice (self->ctx, text, 2, 0, 5, 1);
  assert_refused (self, "miniFLUX transformer: the text should be [2, L, 6], but is [2, 7, 5]");
  self->conditioning.text = text;
  self->conditioning.mask = tpd_zeros (self->ctx, TPD_I32, TPD_SHAPE (2, 6));
  assert_refused (self, "miniFLUX transformer: the text mask should be [2, 7], but is [2, 6]");
  self->conditioning.mask = NULL;
  self->conditioning.pooled = NULL;
  assert_refused (self, "miniFLUX transformer: the pooled text should be [2, 5], but is missing");
  tpd_denoiser_predict (TPD_DENOISER (self->model), self->ctx, self->x, (double[]){0, 0}, 1, NULL);
  g_assert_false (tpd_context_sync (self->ctx, NULL));
}

/* ── use_pos_embed ── */

/* Without any block, a token's output depends on itself and its place alone. */
#define NO_BLOCKS                                                                                  \
  "\"in_channels\": 16, \"num_layers\": 0, \"num_single_layers\": 0, \"attention_head_dim\": 8,"   \
  "\"num_attention_heads\": 2, \"joint_attention_dim\": 6, \"pooled_projection_dim\": 5,"          \
  "\"axes_dims_rope\": [4, 2, 2]"

/* Mean square of rounding errors, at most: products of other sizes are summed in another order. */
#define SAME 1e-10

/* Central differences of a loss of some hundreds in f32, relative to 1 + |derivative|. */
#define DIFFERENCE     1e-2
#define GRADIENT_ERROR 1e-2

/* All parameters from N(0, 1/4), so that nothing hides behind a zero. */
static TpdMiniFlux *
make_random (Fixture *self, const char *json)
{
  TpdMiniFlux *model = make (json, NULL);
  TpdParamStore *params = tpd_component_get_params (TPD_COMPONENT (model));

  tpd_param_store_initialize (params, self->ctx, 1, NULL);
  for (guint i = 0; i < tpd_param_store_get_n (params); i++)
    {
      TpdTensor *tensor = tpd_param_store_get_tensor (params, i);

      tpd_axpby_inplace (
          self->ctx, 0.5,
          tpd_randn (self->ctx, TPD_F32, tensor->view.n_dims, tensor->view.shape, 100 + i, 0), 0,
          tensor);
    }
  return model;
}

/* Two samples, `frames` frames that are all alike: [2, frames, 4, 4, 2] */
static TpdTensor *
predict_alike (Fixture *self, TpdMiniFlux *model, gint64 frames, guint stride)
{
  TpdTensor *frame = tpd_slice (self->ctx, self->x, 1, 0, 1, 1);
  TpdTensor *x =
      tpd_contiguous (self->ctx, tpd_expand (self->ctx, frame, 5, (gint64[]){2, frames, 4, 4, 2}));

  return tpd_denoiser_predict (TPD_DENOISER (model), self->ctx, x, (double[]){100, 900}, stride,
                               &self->conditioning);
}

static double
distance (Fixture *self, TpdTensor *a, TpdTensor *b)
{
  TpdTensor *error =
      tpd_mse (self->ctx, tpd_contiguous (self->ctx, a), tpd_contiguous (self->ctx, b));
  float value = -1;

  tpd_tensor_to_host (self->ctx, error, &value, NULL);
  return value;
}

/* A frame's place shows, and is counted at the full rate in every stage. */
static void
test_positions (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdMiniFlux) blind = make_random (self, "{" NO_BLOCKS "}");
  g_autoptr (TpdMiniFlux) told = make_random (self, "{" NO_BLOCKS ", \"use_pos_embed\": true}");
  TpdTensor *y = predict_alike (self, blind, 3, 1);
  TpdTensor *full = predict_alike (self, told, 3, 1), *half = predict_alike (self, told, 2, 2);

  g_assert_cmpfloat (
      distance (self, tpd_slice (self->ctx, y, 1, 0, 1, 1), tpd_slice (self->ctx, y, 1, 2, 3, 1)),
      ==, 0);
  g_assert_cmpfloat (distance (self, tpd_slice (self->ctx, full, 1, 0, 1, 1),
                               tpd_slice (self->ctx, full, 1, 2, 3, 1)),
                     >, 1e-2);
  g_assert_cmpfloat (distance (self, tpd_slice (self->ctx, full, 1, 2, 3, 1),
                               tpd_slice (self->ctx, half, 1, 1, 2, 1)),
                     <, SAME);
}

/* d mean (y²) / d pos_embedder.weight, one element at a time */
static void
test_position_gradient (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdMiniFlux) model = make_random (self, "{" SMALL ", \"use_pos_embed\": true}");
  TpdParamStore *params = tpd_component_get_params (TPD_COMPONENT (model));
  TpdTensor *weight = NULL, *zero;
  float gradient[16 * 24], values[16 * 24];

  for (guint i = 0; i < tpd_param_store_get_n (params); i++)
    if (g_str_equal (tpd_param_get_name (tpd_param_store_get (params, i)), "pos_embedder.weight"))
      weight = tpd_param_store_get_tensor (params, i);
  g_assert_nonnull (weight);
  g_assert_cmpint (tpd_tensor_n_elements (weight), ==, G_N_ELEMENTS (values));

  tpd_param_store_set_trainable (params, TRUE);
  tpd_tape_begin (self->ctx);
  zero = tpd_zeros (self->ctx, TPD_F32, TPD_SHAPE (2, 3, 4, 4, 2));
  tpd_tape_backward (self->ctx, tpd_mse (self->ctx, predict_alike (self, model, 3, 1), zero), 1);
  tpd_tensor_to_host (self->ctx, weight->grad, gradient, NULL);
  tpd_tensor_to_host (self->ctx, weight, values, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (values); i += 7)
    {
      const float value = values[i];
      double loss[2];

      for (int side = 0; side < 2; side++)
        {
          values[i] = value + (side == 0 ? -DIFFERENCE : DIFFERENCE);
          tpd_tensor_upload (self->ctx, weight, values);
          loss[side] = distance (self, predict_alike (self, model, 3, 1), zero);
        }
      values[i] = value;
      g_assert_cmpfloat_with_epsilon (gradient[i], (loss[1] - loss[0]) / (2 * DIFFERENCE),
                                      GRADIENT_ERROR * (1 + fabs (gradient[i])));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mini-flux/config", test_config);
  g_test_add_func ("/mini-flux/published-size", test_published_size);
  g_test_add ("/mini-flux/start", Fixture, NULL, set_up, test_start, tear_down);
  g_test_add ("/mini-flux/wrong-inputs", Fixture, NULL, set_up, test_wrong_inputs, tear_down);
  g_test_add ("/mini-flux/positions", Fixture, NULL, set_up, test_positions, tear_down);
  g_test_add ("/mini-flux/position-gradient", Fixture, NULL, set_up, test_position_gradient,
              tear_down);
  return g_test_run ();
}
