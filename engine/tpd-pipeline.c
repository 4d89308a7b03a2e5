/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-pipeline.h"

#include "io/tpd-image.h"
#include "ops/tpd-op.h"
#include "pyramid/tpd-sampler.h"
#include "tpd-clip-latents.h"

/* Shares of a generation's time outside sampling, for the progress bar: a guess to begin with. */
#define ENCODE_SHARE 0.01
#define DECODE_SHARE 0.05

struct _TpdPipeline
{
  GObject parent_instance;

  /* owned */
  char *model_name; /* as given, nullable */
  char *device_name;
  TpdModel *model;
  TpdContext *ctx;
};

G_DEFINE_FINAL_TYPE (TpdPipeline, tpd_pipeline, G_TYPE_OBJECT)

/* One generation under way. */
typedef struct
{
  TpdPipeline *pipeline;
  const TpdRequest *request; /* complete; its prompt is not read */
  const char *const *prompts;
  guint n_prompts;
  const TpdDenoiserEntry *entry;
  TpdPreviewProjection *projection; /* borrowed; NULL to preview with the autoencoder */
  TpdProgressFunc progress;
  gpointer data;
  gint64 started; /* µs, monotonic */
} Run;

TpdPipeline *
tpd_pipeline_new (const char *model, const char *device, GError **error)
{
  g_autoptr (TpdPipeline) self = g_object_new (TPD_TYPE_PIPELINE, NULL);
  g_autoptr (TpdDevice) opened = tpd_device_open (device, error);

  if (opened == NULL)
    return NULL;
  self->model_name = g_strdup (model);
  self->device_name = g_strdup (device);
  self->model = tpd_model_open (model, opened, error);
  if (self->model == NULL)
    return NULL;
  self->ctx = tpd_context_new (opened, error);
  if (self->ctx == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
tpd_pipeline_matches (TpdPipeline *self, const char *model, const char *device)
{
  g_return_val_if_fail (TPD_IS_PIPELINE (self), FALSE);
  return g_strcmp0 (self->model_name, model) == 0 && g_strcmp0 (self->device_name, device) == 0;
}

TpdModel *
tpd_pipeline_get_model (TpdPipeline *self)
{
  g_return_val_if_fail (TPD_IS_PIPELINE (self), NULL);
  return self->model;
}

TpdContext *
tpd_pipeline_get_context (TpdPipeline *self)
{
  g_return_val_if_fail (TPD_IS_PIPELINE (self), NULL);
  return self->ctx;
}

/* ── progress ── */

static void
report (Run *run, TpdProgress *progress)
{
  double elapsed = (double)(g_get_monotonic_time () - run->started) / G_USEC_PER_SEC;

  if (run->progress == NULL)
    return;
  progress->seconds_left = progress->fraction > 2 * ENCODE_SHARE
                               ? elapsed * (1 - progress->fraction) / progress->fraction
                               : -1;
  run->progress (progress, run->data);
}

/* Words of all prompts that the vocabulary does not know; NULL if it knows all. */
static char **
unknown_words (Run *run)
{
  TpdClipTokenizer *tokenizer = tpd_model_get_tokenizer (run->pipeline->model);
  const char *negative = run->request->negative_prompt;
  g_autoptr (GString) text = g_string_new (negative);
  g_auto (GStrv) words = NULL;

  for (guint i = 0; i < run->n_prompts; i++)
    if (run->prompts[i] != NULL)
      g_string_append_printf (text, " %s", run->prompts[i]);
  words = tpd_clip_tokenizer_list_unknown_words (tokenizer, text->str);
  return *words != NULL ? g_steal_pointer (&words) : NULL;
}

static void
report_start (Run *run)
{
  g_auto (GStrv) words = unknown_words (run);
  TpdProgress progress = {.phase = TPD_PHASE_ENCODE, .unknown_words = words};

  report (run, &progress);
}

/* The prompts are read: sampling begins. */
static void
report_sampling (Run *run, TpdSampler *sampler)
{
  guint n_stages = tpd_schedule_get_n_stages (tpd_sampler_get_schedule (sampler));
  TpdProgress progress = {
      .phase = TPD_PHASE_SAMPLE,
      .stage = tpd_sampler_get_first_stage (sampler),
      .n_stages = n_stages,
      .n_steps = tpd_sampler_get_total_steps (sampler),
      .fraction = ENCODE_SHARE,
  };

  report (run, &progress);
}

static void
report_decoding (Run *run)
{
  TpdProgress progress = {.phase = TPD_PHASE_DECODE, .fraction = 1 - DECODE_SHARE};

  report (run, &progress);
}

/* ── decoding ── */

/* Memory of the host for n bytes of pixels; NULL with an error. */
static gpointer
allocate_pixels (gsize n, GError **error)
{
  gpointer pixels = g_try_malloc (n);

  if (pixels == NULL && n > 0)
    g_set_error (error, TPD_ERROR, TPD_ERROR_NO_MEMORY,
                 "Not enough memory for the pixels of a clip: %.1f MiB", (double)n / 0x1p20);
  return pixels;
}

/* Images of latents [F, C, h, w], as 8-bit pixels. */
static gboolean
decode_frames (TpdPipeline *self, TpdPreviewProjection *projection, TpdTensor *latents, guint8 *rgb,
               GError **error)
{
  TpdTensor *images =
      projection != NULL
          ? tpd_preview_projection_decode (projection, self->ctx, latents)
          : tpd_autoencoder_kl_decode_latents (tpd_model_get_vae (self->model), self->ctx, latents);
  const gsize n = (gsize)tpd_tensor_n_elements (images);
  g_autofree float *pixels = allocate_pixels (n * sizeof (float), error);

  if (pixels == NULL || !tpd_tensor_to_host (self->ctx, images, pixels, error))
    return FALSE;
  tpd_rgb8_from_float (pixels, n, rgb);
  return TRUE;
}

/* Clip `i` of latents [n, F, C, h, w], by the autoencoder if there is no projection, some frames at
 * a time: of all of them, only the 8-bit pixels are in memory at once. Its frames are shown
 * 1/frame_stride as often as the model's. Takes the record. */
static TpdClip *
decode (TpdPipeline *self, TpdPreviewProjection *projection, TpdTensor *latents, guint i,
        guint frame_stride, char *record, GCancellable *cancellable, GError **error)
{
  TpdContext *ctx = self->ctx;
  TpdAutoencoderKl *vae = tpd_model_get_vae (self->model);
  const TpdModelInfo *info = tpd_model_get_info (self->model);
  const gint64 factor = tpd_autoencoder_kl_get_factor (vae), *shape = latents->view.shape;
  const gint64 n = shape[1], height = shape[3] * factor, width = shape[4] * factor;
  const gint64 chunk = tpd_autoencoder_kl_get_chunk (vae, height, width);
  const gsize frame_bytes = (gsize)height * width * 3;
  g_autofree guint8 *rgb = allocate_pixels (n * frame_bytes, error);
  g_autofree char *owned_record = record;
  gboolean good = rgb != NULL;

  for (gint64 first = 0; first < n && good; first += chunk)
    {
      const gint64 end = MIN (first + chunk, n);
      TpdTensor *part;

      tpd_context_push_scope (ctx);
      part = tpd_slice (ctx, tpd_slice (ctx, latents, 0, i, i + 1, 1), 1, first, end, 1);
      part = tpd_reshape (ctx, tpd_contiguous (ctx, part),
                          TPD_SHAPE (-1, shape[2], shape[3], shape[4]));
      good = !g_cancellable_set_error_if_cancelled (cancellable, error) &&
             decode_frames (self, projection, part, rgb + first * frame_bytes, error);
      tpd_context_pop_scope (ctx, NULL);
    }
  if (!good)
    return NULL;
  return tpd_clip_new (
      (guint)n, (guint)width, (guint)height, info->fps_n, info->fps_d * frame_stride,
      g_bytes_new_take (g_steal_pointer (&rgb), n * frame_bytes), g_steal_pointer (&owned_record));
}

/* ── sampling ── */

static gboolean
preview_is_due (const Run *run, const TpdSamplerProgress *step)
{
  switch (run->request->preview)
    {
    case TPD_PREVIEW_STEP:
      return TRUE;
    case TPD_PREVIEW_STAGE:
      return step->step == step->stage_steps;
    case TPD_PREVIEW_NONE:
    default:
      return FALSE;
    }
}

static void
on_step (TpdSampler *sampler, const TpdSamplerProgress *step, gpointer data)
{
  Run *run = data;
  TpdPipeline *self = run->pipeline;
  g_autoptr (TpdClip) preview = NULL;
  double share = (double)step->done / step->total;
  TpdProgress progress = {
      .phase = TPD_PHASE_SAMPLE,
      .stage = step->stage,
      .n_stages = tpd_schedule_get_n_stages (tpd_sampler_get_schedule (sampler)),
      .step = step->done,
      .n_steps = step->total,
      .fraction = ENCODE_SHARE + (1 - ENCODE_SHARE - DECODE_SHARE) * share,
  };

  /* A preview that fails is no reason to lose the clip. */
  if (run->progress != NULL && preview_is_due (run, step))
    {
      tpd_context_push_scope (self->ctx);
      preview = decode (self, run->projection, tpd_sampler_estimate (sampler, self->ctx), 0,
                        1u << (step->stage - 1), NULL, NULL, NULL);
      tpd_context_pop_scope (self->ctx, NULL);
    }
  progress.preview = preview;
  report (run, &progress);
}

static guint
n_frames (const Run *run)
{
  guint wanted = tpd_sampler_settings_get_num_frames (run->request->settings);

  return wanted > 0 ? wanted : tpd_model_get_info (run->pipeline->model)->n_frames;
}

/* The clip to start from midway; NULL to start from noise. */
static TpdTensor *
encode_input (Run *run)
{
  TpdPipeline *self = run->pipeline;
  const TpdRequest *request = run->request;

  if (request->input == NULL || request->strength == 1)
    return NULL;
  return tpd_clip_latents (self->model, self->ctx, request->input, n_frames (run));
}

static TpdTensor *
encode_first_frame (Run *run)
{
  TpdPipeline *self = run->pipeline;
  TpdClip *clip = run->request->first_frame;
  g_autoptr (TpdClip) frame = NULL;

  if (clip == NULL)
    return NULL;
  frame = tpd_clip_new (
      1, clip->width, clip->height, clip->fps_n, clip->fps_d,
      g_bytes_new_from_bytes (clip->rgb, 0, 3 * (gsize)clip->width * clip->height), NULL);
  return tpd_clip_latents (self->model, self->ctx, frame, 1);
}

static TpdTensor *
sample (Run *run, TpdSampler *sampler, const TpdConditioning *conditional,
        const TpdConditioning *unconditional, GCancellable *cancellable, GError **error)
{
  TpdPipeline *self = run->pipeline;
  const TpdModelInfo *info = tpd_model_get_info (self->model);
  guint64 seed = tpd_sampler_settings_get_seed (run->request->settings);
  g_autoptr (TpdPhiloxNoise) noise = tpd_philox_noise_new (seed);
  gint64 factor = tpd_autoencoder_kl_get_factor (tpd_model_get_vae (self->model));
  TpdSamplerInput input = {
      .denoiser = run->entry->denoiser,
      .noise = TPD_NOISE_SOURCE (noise),
      .conditional = conditional,
      .unconditional = unconditional,
      .clip = encode_input (run),
      .first_frame = encode_first_frame (run),
      .dtype = TPD_F32,
      .shape = {run->n_prompts, n_frames (run),
                tpd_autoencoder_kl_get_latent_channels (tpd_model_get_vae (self->model)),
                info->height / factor, info->width / factor},
  };

  return tpd_sampler_run (sampler, self->ctx, &input, on_step, run, cancellable, error);
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

/* Without any prompt there is nothing to guide towards. */
static gboolean
is_guided (const Run *run)
{
  for (guint i = 0; i < run->n_prompts; i++)
    if (!is_empty (run->prompts[i]))
      return TRUE;
  return FALSE;
}

/* One member of n conditionings, joined along the batch; NULL if the model has no use for it. */
static TpdTensor *
join (TpdContext *ctx, const TpdConditioning *parts, guint n, gsize member)
{
  g_autofree TpdTensor **tensors = g_new (TpdTensor *, n);

  for (guint i = 0; i < n; i++)
    {
      tensors[i] = G_STRUCT_MEMBER (TpdTensor *, &parts[i], member);
      if (tensors[i] == NULL)
        return NULL;
    }
  return n == 1 ? tensors[0] : tpd_concat (ctx, tensors, (int)n, 0);
}

static TpdConditioning
join_conditionings (TpdContext *ctx, const TpdConditioning *parts, guint n)
{
  return (TpdConditioning){
      .text = join (ctx, parts, n, G_STRUCT_OFFSET (TpdConditioning, text)),
      .mask = join (ctx, parts, n, G_STRUCT_OFFSET (TpdConditioning, mask)),
      .pooled = join (ctx, parts, n, G_STRUCT_OFFSET (TpdConditioning, pooled)),
  };
}

static void
encode_prompts (Run *run, TpdConditioning *conditional, TpdConditioning *unconditional)
{
  TpdPipeline *self = run->pipeline;
  g_autofree TpdConditioning *parts = g_new (TpdConditioning, run->n_prompts);

  for (guint i = 0; i < run->n_prompts; i++)
    parts[i] = tpd_model_encode_text (self->model, run->entry, self->ctx, run->prompts[i]);
  *conditional = join_conditionings (self->ctx, parts, run->n_prompts);
  parts[0] =
      tpd_model_encode_text (self->model, run->entry, self->ctx, run->request->negative_prompt);
  for (guint i = 1; i < run->n_prompts; i++)
    parts[i] = parts[0];
  *unconditional = join_conditionings (self->ctx, parts, run->n_prompts);
}

/* What makes clip `i` again, by itself. */
static char *
make_record (const Run *run, guint i)
{
  g_autoptr (TpdRequest) request = tpd_request_copy (run->request);
  guint64 seed = tpd_sampler_settings_get_seed (request->settings);

  g_free (request->prompt);
  request->prompt = g_strdup (run->prompts[i]);
  if (i > 0)
    g_object_set (request->settings, "seed", (seed + i) & G_MAXINT64, NULL);
  return tpd_request_to_json (request);
}

static GPtrArray *
decode_all (Run *run, TpdTensor *latents, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) clips = g_ptr_array_new_with_free_func ((GDestroyNotify)tpd_clip_unref);

  report_decoding (run);
  for (guint i = 0; i < run->n_prompts; i++)
    {
      TpdClip *clip =
          decode (run->pipeline, NULL, latents, i, 1, make_record (run, i), cancellable, error);

      if (clip == NULL)
        return NULL;
      g_ptr_array_add (clips, clip);
    }
  return g_steal_pointer (&clips);
}

/* Whether this model can do what is asked with the clips that are given. */
static gboolean
check_clips (const TpdRequest *request, GError **error)
{
  if (request->input != NULL && !(request->strength > 0 && request->strength <= 1))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "The strength should be above 0 and at most 1, but is %g", request->strength);
      return FALSE;
    }
  if (request->first_frame != NULL && !request->hold_first_frame)
    {
      g_set_error_literal (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                           "The model was not trained to go on from a given first frame; "
                           "\"hold-first-frame\" lets it try");
      return FALSE;
    }
  return TRUE;
}

static GPtrArray *
generate_in_scope (Run *run, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdSampler) sampler = NULL;
  g_autoptr (TpdTensor) latents = NULL;
  TpdConditioning conditional, unconditional;

  sampler = tpd_sampler_new (run->entry->trained, run->request->settings, error);
  if (sampler == NULL || !check_clips (run->request, error))
    return NULL;
  if (run->request->input != NULL)
    tpd_sampler_start_midway (sampler, run->request->strength);

  report_start (run);
  encode_prompts (run, &conditional, &unconditional);
  if (!tpd_context_sync (run->pipeline->ctx, error))
    return NULL;

  report_sampling (run, sampler);
  latents = sample (run, sampler, is_guided (run) ? &conditional : NULL, &unconditional,
                    cancellable, error);
  return latents != NULL ? decode_all (run, latents, cancellable, error) : NULL;
}

/* Previews with what the request asks for, before anything is computed. */
static gboolean
pick_preview_decoder (Run *run, GError **error)
{
  TpdModel *model = run->pipeline->model;
  TpdPreviewDecoder decoder = run->request->preview_decoder;

  if (run->request->preview == TPD_PREVIEW_NONE || decoder == TPD_PREVIEW_DECODER_VAE ||
      (decoder == TPD_PREVIEW_DECODER_AUTO && !tpd_model_has_preview_projection (model)))
    return TRUE;
  run->projection = tpd_model_get_preview_projection (model, error);
  return run->projection != NULL;
}

TpdClip *
tpd_pipeline_generate (TpdPipeline *self, const TpdRequest *request, TpdProgressFunc progress,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) clips = NULL;

  g_return_val_if_fail (request != NULL, NULL);

  clips = tpd_pipeline_generate_batch (self, request, (const char *const *)&request->prompt, 1,
                                       progress, data, cancellable, error);
  return clips != NULL ? tpd_clip_ref (clips->pdata[0]) : NULL;
}

GPtrArray *
tpd_pipeline_generate_batch (TpdPipeline *self, const TpdRequest *request,
                             const char *const *prompts, guint n_prompts, TpdProgressFunc progress,
                             gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdRequest) complete = NULL;
  TpdSamplerSettings *settings;
  Run run = {
      .pipeline = self,
      .prompts = prompts,
      .n_prompts = n_prompts,
      .progress = progress,
      .data = data,
  };
  GPtrArray *clips;

  g_return_val_if_fail (TPD_IS_PIPELINE (self), NULL);
  g_return_val_if_fail (request != NULL && n_prompts > 0, NULL);

  if (!tpd_request_check_sources (request, error))
    return NULL;
  complete = tpd_request_copy (request);
  settings = complete->settings;
  tpd_sampler_settings_fill_in (settings, tpd_model_get_info (self->model)->defaults);
  run.request = complete;
  run.started = g_get_monotonic_time ();
  run.entry = tpd_model_pick_denoiser (self->model, tpd_sampler_settings_get_stages (settings),
                                       tpd_sampler_settings_get_training_free (settings), error);
  if (run.entry == NULL || !pick_preview_decoder (&run, error))
    return NULL;
  tpd_context_push_scope (self->ctx);
  clips = generate_in_scope (&run, cancellable, error);
  tpd_context_pop_scope (self->ctx, NULL);
  return clips;
}

static void
tpd_pipeline_finalize (GObject *object)
{
  TpdPipeline *self = TPD_PIPELINE (object);

  g_free (self->model_name);
  g_free (self->device_name);
  g_clear_object (&self->model);
  g_clear_object (&self->ctx);
  G_OBJECT_CLASS (tpd_pipeline_parent_class)->finalize (object);
}

static void
tpd_pipeline_class_init (TpdPipelineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_pipeline_finalize;
}

static void
tpd_pipeline_init (TpdPipeline *self)
{
}
