/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "models/tpd-mini-flux.h"

#include "core/tpd-tape.h"
#include "golden.h"
#include "ops/tpd-op.h"

/* The miniFLUX transformer against the original PyTorch code: make-miniflux.py. */

/* f32 on both sides; sums of other order differ by a few units in the last place a layer. */
#define FORWARD_TOLERANCE  1e-5
#define GRADIENT_TOLERANCE 1e-4

typedef struct
{
  TpdContext *ctx;
  TpdSafetensors *file;
  TpdMiniFlux *model;
  TpdTensor *x;
  TpdConditioning conditioning;
  double *timesteps;
} Case;

static void
case_open (Case *self, const char *name)
{
  g_autofree char *file_name = g_strdup_printf ("miniflux-%s.safetensors", name);
  g_autoptr (TpdSafetensors) weights = golden_open ("miniflux-weights.safetensors");
  g_autoptr (TpdDevice) device = golden_device ();
  g_autoptr (JsonObject) config = NULL;
  g_autoptr (GError) error = NULL;
  TpdHostTensor timesteps;

  self->file = golden_open (file_name);
  self->ctx = tpd_context_new (device, &error);
  g_assert_no_error (error);
  config = golden_json (self->file, "config");
  self->model = tpd_mini_flux_new (config, "golden", &error);
  g_assert_no_error (error);
  tpd_param_store_load (tpd_component_get_params (TPD_COMPONENT (self->model)), self->ctx,
                        tpd_safetensors_lookup_func, weights, "golden", &error);
  g_assert_no_error (error);

  tpd_context_push_scope (self->ctx);
  self->x = golden_tensor (self->ctx, self->file, "x");
  self->conditioning = (TpdConditioning){
      .text = golden_tensor (self->ctx, self->file, "text"),
      .mask = golden_tensor (self->ctx, self->file, "mask"),
      .pooled = golden_tensor (self->ctx, self->file, "pooled"),
  };
  tpd_safetensors_require (self->file, "timesteps", &timesteps, &error);
  g_assert_no_error (error);
  self->timesteps = g_new (double, timesteps.shape[0]);
  for (gint64 i = 0; i < timesteps.shape[0]; i++)
    self->timesteps[i] = ((const float *)timesteps.data)[i];
}

static void
case_close (Case *self)
{
  tpd_context_pop_scope (self->ctx, NULL);
  g_object_unref (self->model);
  g_object_unref (self->ctx);
  g_object_unref (self->file);
  g_free (self->timesteps);
}

static TpdTensor *
predict (Case *self)
{
  guint stride =
      (guint)g_ascii_strtoull (tpd_safetensors_get_metadata (self->file, "frame_stride"), NULL, 10);

  return tpd_denoiser_predict (TPD_DENOISER (self->model), self->ctx, self->x, self->timesteps,
                               stride, &self->conditioning);
}

static void
test_forward (gconstpointer name)
{
  Case self;

  case_open (&self, name);
  golden_compare (self.ctx, predict (&self), self.file, "output", FORWARD_TOLERANCE);
  case_close (&self);
}

/* loss = sum (output · probe) */
static void
check_backward (const char *name, gboolean checkpointing)
{
  TpdTensor *inputs[3], *probe, *loss;
  const char *const names[] = {"grad.x", "grad.text", "grad.pooled"};
  TpdParamStore *params;
  Case self;

  case_open (&self, name);
  params = tpd_component_get_params (TPD_COMPONENT (self.model));
  tpd_param_store_set_trainable (params, TRUE);
  g_object_set (self.model, "activation-checkpointing", checkpointing, NULL);
  inputs[0] = self.x;
  inputs[1] = self.conditioning.text;
  inputs[2] = self.conditioning.pooled;
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    inputs[i]->requires_grad = TRUE;
  probe = golden_tensor (self.ctx, self.file, "probe");

  tpd_tape_begin (self.ctx);
  loss = tpd_mean (self.ctx, tpd_mul (self.ctx, predict (&self), probe));
  tpd_tape_backward (self.ctx, loss, (double)tpd_tensor_n_elements (probe));

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    golden_compare (self.ctx, inputs[i]->grad, self.file, names[i], GRADIENT_TOLERANCE);
  golden_compare_param_grads (self.ctx, params, self.file, GRADIENT_TOLERANCE);
  case_close (&self);
}

static void
test_backward (gconstpointer name)
{
  check_backward (name, FALSE);
}

static void
test_checkpointing (gconstpointer name)
{
  check_backward (name, TRUE);
}

int
main (int argc, char **argv)
{
  static const char *const cases[] = {"plain", "padded", "causal", "causal-strided"};

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *forward = g_strdup_printf ("/miniflux/%s/forward", cases[i]);
      g_autofree char *backward = g_strdup_printf ("/miniflux/%s/backward", cases[i]);
      g_autofree char *checkpointing = g_strdup_printf ("/miniflux/%s/checkpointing", cases[i]);

      g_test_add_data_func (forward, cases[i], test_forward);
      g_test_add_data_func (backward, cases[i], test_backward);
      g_test_add_data_func (checkpointing, cases[i], test_checkpointing);
    }
  return g_test_run ();
}
