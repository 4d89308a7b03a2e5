/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cpu/tpd-cpu-view.h"
#include "io/tpd-component-class.h"
#include "io/tpd-component-file.h"
#include "io/tpd-model-path.h"
#include "io/tpd-safetensors-writer.h"
#include "ops/tpd-op.h"
#include "pyramid/tpd-denoiser.h"
#include "text/tpd-clip-text.h"
#include "tpd-cli.h"
#include "vae/tpd-autoencoder-kl.h"

/* diffusers' DiagonalGaussianDistribution clamps the log-variance to this range. */
#define MIN_LOGVAR -30.0f
#define MAX_LOGVAR 20.0f

/* What one run works on. Tensors live in the context's scope. */
typedef struct
{
  TpdContext *ctx;
  TpdComponent *component;
  TpdSafetensors *input;
  GHashTable *used;   /* names of input tensors */
  GPtrArray *names;   /* of the outputs, static strings */
  GPtrArray *outputs; /* TpdTensor, borrowed */
} Run;

static void
give (Run *run, const char *name, TpdTensor *tensor)
{
  g_ptr_array_add (run->names, (gpointer)name);
  g_ptr_array_add (run->outputs, tensor);
}

/* ── inputs ── */

static gboolean
find (Run *run, const char *name, TpdHostTensor *host)
{
  g_hash_table_add (run->used, (gpointer)name);
  return tpd_safetensors_lookup (run->input, name, host);
}

/* An input of so many dimensions, converted; NULL with an error if it is not there. */
static TpdTensor *
take (Run *run, const char *name, TpdDtype dtype, int n_dims, GError **error)
{
  TpdHostTensor host;
  TpdTensor *tensor;

  if (!find (run, name, &host))
    {
      tpd_safetensors_require (run->input, name, &host, error);
      return NULL;
    }
  if (host.n_dims != n_dims)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
                   _ ("%s: \"%s\" should have %d dimensions, but has %d"),
                   tpd_safetensors_get_path (run->input), name, n_dims, host.n_dims);
      return NULL;
    }
  tensor = tpd_tensor_new_from_host (run->ctx, host.dtype, host.n_dims, host.shape, host.data);
  return tpd_cast (run->ctx, tpd_context_own (run->ctx, tensor), dtype);
}

/* n numbers on the host; a single one stands for all. `otherwise` where there is no such input,
 * unless that is NaN. */
static gboolean
take_numbers (Run *run, const char *name, gint64 n, double otherwise, double *values,
              GError **error)
{
  TpdHostTensor host;
  TpdView view;
  gint64 count = 1;

  for (gint64 i = 0; i < n; i++)
    values[i] = otherwise;
  if (!find (run, name, &host))
    return !isnan (otherwise) || tpd_safetensors_require (run->input, name, &host, error);
  for (int i = 0; i < host.n_dims; i++)
    count *= host.shape[i];
  if (count != 1 && count != n)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
                   _ ("%s: \"%s\" should hold 1 or %lld numbers, but holds %lld"),
                   tpd_safetensors_get_path (run->input), name, (long long)n, (long long)count);
      return FALSE;
    }
  view = (TpdView){.data = (gpointer)host.data, .dtype = host.dtype};
  for (gint64 i = 0; i < n; i++)
    values[i] = tpd_cpu_load (&view, count == 1 ? 0 : i);
  return TRUE;
}

/* ── components ── */

static gboolean
take_conditioning (Run *run, TpdConditioning *conditioning, GError **error)
{
  conditioning->text = take (run, "encoder_hidden_states", TPD_F32, 3, error);
  if (conditioning->text == NULL)
    return FALSE;
  conditioning->pooled = take (run, "pooled_projections", TPD_F32, 2, error);
  if (conditioning->pooled == NULL)
    return FALSE;
  if (!tpd_safetensors_lookup (run->input, "encoder_attention_mask", &(TpdHostTensor){0}))
    return TRUE;
  conditioning->mask = take (run, "encoder_attention_mask", TPD_I32, 2, error);
  return conditioning->mask != NULL;
}

/* sample [B, C, F, H, W] → sample, the same shape */
static gboolean
run_denoiser (Run *run, GError **error)
{
  TpdContext *ctx = run->ctx;
  TpdTensor *sample = take (run, "sample", TPD_F32, 5, error);
  TpdConditioning conditioning = {NULL};
  g_autofree double *timesteps = NULL;
  double stride;
  gint64 batch;

  if (sample == NULL || !take_conditioning (run, &conditioning, error))
    return FALSE;
  batch = sample->view.shape[0];
  timesteps = g_new (double, batch);
  if (!take_numbers (run, "timestep_ratio", batch, NAN, timesteps, error) ||
      !take_numbers (run, "frame_stride", 1, 1, &stride, error))
    return FALSE;
  if (!(stride >= 1 && stride <= 1024))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   _ ("\"frame_stride\" should be from 1 to 1024, but is %g"), stride);
      return FALSE;
    }
  sample = tpd_contiguous (ctx, tpd_permute (ctx, sample, TPD_ORDER (0, 2, 1, 3, 4)));
  sample = tpd_denoiser_predict (TPD_DENOISER (run->component), ctx, sample, timesteps,
                                 (guint)stride, &conditioning);
  if (!tpd_context_failed (ctx))
    give (run, "sample", tpd_permute (ctx, sample, TPD_ORDER (0, 2, 1, 3, 4)));
  return TRUE;
}

/* sample [B, 3, H, W] → latent_dist.mean, latent_dist.logvar [B, C, h, w] */
static gboolean
run_vae_encode (Run *run, GError **error)
{
  TpdTensor *sample = take (run, "sample", TPD_F32, 4, error);
  TpdTensor *mean, *logvar;

  if (sample == NULL)
    return FALSE;
  sample = tpd_permute (run->ctx, sample, TPD_ORDER (0, 2, 3, 1));
  tpd_autoencoder_kl_encode (TPD_AUTOENCODER_KL (run->component), run->ctx,
                             tpd_contiguous (run->ctx, sample), &mean, &logvar);
  give (run, "latent_dist.mean", mean);
  give (run, "latent_dist.logvar", logvar);
  return TRUE;
}

/* latents [B, C, h, w] → sample [B, 3, H, W] */
static gboolean
run_vae_decode (Run *run, GError **error)
{
  TpdTensor *latents = take (run, "latents", TPD_F32, 4, error);
  TpdTensor *images;

  if (latents == NULL)
    return FALSE;
  images = tpd_autoencoder_kl_decode (TPD_AUTOENCODER_KL (run->component), run->ctx, latents);
  if (!tpd_context_failed (run->ctx))
    give (run, "sample", tpd_permute (run->ctx, images, TPD_ORDER (0, 3, 1, 2)));
  return TRUE;
}

/* input_ids [B, L] → last_hidden_state [B, L, D], pooler_output [B, D] */
static gboolean
run_text_encoder (Run *run, GError **error)
{
  TpdTensor *ids = take (run, "input_ids", TPD_I32, 2, error);
  TpdTensor *states, *pooled;
  g_autofree gint32 *host = NULL;

  if (ids == NULL)
    return FALSE;
  host = g_new (gint32, MAX (tpd_tensor_n_elements (ids), 1));
  if (!tpd_tensor_to_host (run->ctx, ids, host, error))
    return FALSE;
  tpd_clip_text_encode (TPD_CLIP_TEXT (run->component), run->ctx, host, ids->view.shape[0],
                        ids->view.shape[1], &states, &pooled);
  give (run, "last_hidden_state", states);
  give (run, "pooler_output", pooled);
  return TRUE;
}

static const struct
{
  const char *name;
  const char *folder;
  GType (*get_type) (void);
  gboolean (*run) (Run *run, GError **error);
} modes[] = {
    {"transformer", "transformer", tpd_denoiser_get_type, run_denoiser},
    {"unet", "unet", tpd_denoiser_get_type, run_denoiser},
    {"vae-encode", "vae", tpd_autoencoder_kl_get_type, run_vae_encode},
    {"vae-decode", "vae", tpd_autoencoder_kl_get_type, run_vae_decode},
    {"text-encoder", "text_encoder", tpd_clip_text_get_type, run_text_encoder},
};

/* ── output ── */

static void
clamp_logvar (const char *name, float *values, gint64 n)
{
  if (g_str_equal (name, "latent_dist.logvar"))
    for (gint64 i = 0; i < n; i++)
      values[i] = CLAMP (values[i], MIN_LOGVAR, MAX_LOGVAR);
}

static gboolean
write_output (Run *run, TpdSafetensorsWriter *writer, guint i, GError **error)
{
  const char *name = g_ptr_array_index (run->names, i);
  TpdTensor *tensor = g_ptr_array_index (run->outputs, i);
  gint64 n = tpd_tensor_n_elements (tensor);
  g_autofree float *values = g_new (float, MAX (n, 1));
  TpdHostTensor host = {TPD_F32, tensor->view.n_dims, {0}, values};

  memcpy (host.shape, tensor->view.shape, sizeof host.shape);
  if (!tpd_tensor_to_host (run->ctx, tensor, values, error))
    return FALSE;
  clamp_logvar (name, values, n);
  return tpd_safetensors_writer_write (writer, name, &host, error);
}

static gboolean
write_outputs (Run *run, const char *path, GError **error)
{
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();

  if (!tpd_context_sync (run->ctx, error))
    return FALSE;
  for (guint i = 0; i < run->outputs->len; i++)
    {
      const TpdView *view = &((TpdTensor *)g_ptr_array_index (run->outputs, i))->view;

      tpd_safetensors_writer_declare (writer, g_ptr_array_index (run->names, i), TPD_F32,
                                      view->n_dims, view->shape);
    }
  if (!tpd_safetensors_writer_open (writer, path, error))
    return FALSE;
  for (guint i = 0; i < run->outputs->len; i++)
    if (!write_output (run, writer, i, error))
      return FALSE;
  return tpd_safetensors_writer_commit (writer, error);
}

static void
warn_of_unused (Run *run)
{
  const char *const *names = tpd_safetensors_get_names (run->input);

  for (; *names != NULL; names++)
    if (!g_hash_table_contains (run->used, *names))
      g_printerr (_ ("%s: \"%s\" is not used\n"), tpd_safetensors_get_path (run->input), *names);
}

/* ── the command ── */

/* A folder of components needs no tpdiff.json here: one component alone can be run. */
static char *
find_folder (const char *model, const char *folder, GError **error)
{
  g_autofree char *found = NULL;

  if (model != NULL && g_file_test (model, G_FILE_TEST_IS_DIR))
    found = g_strdup (model);
  else
    found = tpd_model_find (model, error);
  return found != NULL ? g_build_filename (found, folder, NULL) : NULL;
}

static gboolean
run_mode (guint mode, const char *model, const char *device_name, const char *input,
          const char *output, GError **error)
{
  g_autofree char *folder = find_folder (model, modes[mode].folder, error);
  g_autoptr (TpdDevice) device = NULL;
  g_autoptr (TpdContext) ctx = NULL;
  g_autoptr (TpdComponent) component = NULL;
  g_autoptr (TpdSafetensors) tensors = NULL;
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) outputs = g_ptr_array_new ();
  gboolean ok;
  Run run;

  if (folder == NULL || (device = tpd_device_open (device_name, error)) == NULL ||
      (ctx = tpd_context_new (device, error)) == NULL ||
      (component = tpd_component_class_read (folder, modes[mode].get_type (), error)) == NULL ||
      !tpd_component_file_load (component, ctx, folder, error) ||
      (tensors = tpd_safetensors_open (input, error)) == NULL)
    return FALSE;
  run = (Run){ctx, component, tensors, used, names, outputs};
  tpd_context_push_scope (ctx);
  ok = modes[mode].run (&run, error) && write_outputs (&run, output, error);
  tpd_context_pop_scope (ctx, NULL);
  if (ok)
    warn_of_unused (&run);
  return ok;
}

gboolean
tpd_cli_forward (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_autofree char *model = NULL, *component = NULL, *input = NULL, *output = NULL, *device = NULL;
  const GOptionEntry entries[] = {
      {"model", 0, 0, G_OPTION_ARG_FILENAME, &model, N_ ("name or folder (default: the bundled)"),
       "DIR"},
      {"component", 0, 0, G_OPTION_ARG_STRING, &component,
       N_ ("transformer, unet, vae-encode, vae-decode or text-encoder"), "NAME"},
      {"input", 0, 0, G_OPTION_ARG_FILENAME, &input, N_ ("safetensors file to read"), "FILE"},
      {"output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("safetensors file to write"), "FILE"},
      {"device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("cpu, cuda or auto (default)"), "NAME"},
      {NULL},
  };

  if (!tpd_cli_parse (
          &argc, &argv, entries, NULL,
          _ ("Runs one component of a model on named tensors, as PyTorch would:\n\n"
             "  transformer   sample [B, C, F, H, W], encoder_hidden_states [B, L, D],\n"
             "                encoder_attention_mask [B, L] (may be absent), pooled_projections\n"
             "                [B, P], timestep_ratio [B] (0 … 1000), frame_stride (1 if absent)\n"
             "                → sample\n"
             "  vae-encode    sample [B, 3, H, W] → latent_dist.mean, latent_dist.logvar\n"
             "  vae-decode    latents [B, C, h, w], unscaled → sample\n"
             "  text-encoder  input_ids [B, L] → last_hidden_state, pooler_output\n\n"
             "Inputs of any number type are converted; outputs are F32."),
          0, error))
    return FALSE;
  if (component == NULL || input == NULL || output == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--component, --input and --output are needed"));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_str_equal (component, modes[i].name))
      return run_mode (i, model, device, input, output, error);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--component is \"%s\", expected transformer, unet, vae-encode, vae-decode or "
                  "text-encoder"),
               component);
  return FALSE;
}
