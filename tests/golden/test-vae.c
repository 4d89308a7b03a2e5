/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-tape.h"
#include "golden.h"
#include "vae/tpd-autoencoder-kl.h"

/* AutoencoderKL against diffusers: make-vae.py. Its file "attention" holds that layer under its old
 * names. */

/* f32 on both sides; sums of other order differ by a few units in the last place a layer. */
#define FORWARD_TOLERANCE  1e-5
#define GRADIENT_TOLERANCE 1e-4

typedef struct
{
  TpdContext *ctx;
  TpdSafetensors *file;
  TpdAutoencoderKl *model;
  TpdTensor *images;
} Case;

static void
case_open (Case *self, const char *name)
{
  g_autofree char *file_name = g_strdup_printf ("vae-%s.safetensors", name);
  g_autoptr (TpdDevice) device = golden_device ();
  g_autoptr (JsonObject) config = NULL;
  g_autoptr (GError) error = NULL;

  self->file = golden_open (file_name);
  self->ctx = tpd_context_new (device, &error);
  g_assert_no_error (error);
  config = golden_json (self->file, "config");
  self->model = tpd_autoencoder_kl_new (config, "golden", &error);
  g_assert_no_error (error);
  tpd_param_store_load (tpd_component_get_params (TPD_COMPONENT (self->model)), self->ctx,
                        tpd_safetensors_lookup_func, self->file, "golden", &error);
  g_assert_no_error (error);
  tpd_context_push_scope (self->ctx);
  self->images = golden_tensor (self->ctx, self->file, "images");
}

static void
case_close (Case *self)
{
  tpd_context_pop_scope (self->ctx, NULL);
  g_object_unref (self->model);
  g_object_unref (self->ctx);
  g_object_unref (self->file);
}

static void
test_encode (gconstpointer name)
{
  TpdTensor *mean, *logvar, *divergence;
  Case self;

  case_open (&self, name);
  tpd_autoencoder_kl_encode (self.model, self.ctx, self.images, &mean, &logvar);
  divergence = tpd_autoencoder_kl_divergence (self.ctx, mean, logvar);
  golden_compare (self.ctx, mean, self.file, "mean", FORWARD_TOLERANCE);
  golden_compare (self.ctx, logvar, self.file, "logvar", FORWARD_TOLERANCE);
  golden_compare (self.ctx, divergence, self.file, "divergence", FORWARD_TOLERANCE);
  case_close (&self);
}

/* Chunks of two images: a full one and, of three images, one that is not. */
static void
test_latents (gconstpointer name)
{
  Case self;

  case_open (&self, name);
  g_object_set (self.model, "images-per-chunk", 2, NULL);
  golden_compare (self.ctx, tpd_autoencoder_kl_encode_images (self.model, self.ctx, self.images),
                  self.file, "latents", FORWARD_TOLERANCE);
  golden_compare (self.ctx,
                  tpd_autoencoder_kl_decode_latents (
                      self.model, self.ctx, golden_tensor (self.ctx, self.file, "latents")),
                  self.file, "decoded_mean", FORWARD_TOLERANCE);
  case_close (&self);
}

/* What training differentiates: mean (decode (sample) · probe) + divergence. */
static void
test_backward (gconstpointer name)
{
  TpdTensor *mean, *logvar, *deviation, *z, *decoded, *loss;
  TpdParamStore *params;
  Case self;

  case_open (&self, name);
  params = tpd_component_get_params (TPD_COMPONENT (self.model));
  tpd_param_store_set_trainable (params, TRUE);
  self.images->requires_grad = TRUE;

  tpd_tape_begin (self.ctx);
  tpd_autoencoder_kl_encode (self.model, self.ctx, self.images, &mean, &logvar);
  deviation = tpd_act (self.ctx, tpd_scale (self.ctx, logvar, 0.5), TPD_ACT_EXP);
  z = tpd_add (self.ctx, mean,
               tpd_mul (self.ctx, deviation, golden_tensor (self.ctx, self.file, "noise")));
  decoded = tpd_autoencoder_kl_decode (self.model, self.ctx, z);
  loss = tpd_mean (self.ctx,
                   tpd_mul (self.ctx, decoded, golden_tensor (self.ctx, self.file, "probe")));
  loss = tpd_add (self.ctx, loss, tpd_autoencoder_kl_divergence (self.ctx, mean, logvar));
  tpd_tape_backward (self.ctx, loss, 1);

  golden_compare (self.ctx, decoded, self.file, "decoded", FORWARD_TOLERANCE);
  golden_compare (self.ctx, self.images->grad, self.file, "grad.images", GRADIENT_TOLERANCE);
  golden_compare_param_grads (self.ctx, params, self.file, GRADIENT_TOLERANCE);
  case_close (&self);
}

int
main (int argc, char **argv)
{
  static const char *const cases[] = {"attention", "plain"};

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *encode = g_strdup_printf ("/vae/%s/encode", cases[i]);
      g_autofree char *latents = g_strdup_printf ("/vae/%s/latents", cases[i]);
      g_autofree char *backward = g_strdup_printf ("/vae/%s/backward", cases[i]);

      g_test_add_data_func (encode, cases[i], test_encode);
      g_test_add_data_func (latents, cases[i], test_latents);
      g_test_add_data_func (backward, cases[i], test_backward);
    }
  return g_test_run ();
}
