/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-evaluation.h"

#include <string.h>

#include "../core/tpd-parallel.h"
#include "../ops/tpd-op.h"

/* Pixels between the frames of the sheet. */
#define BORDER 1

/* The trials for which clips are made; the rest look at the same clips differently. */
static const TpdTrial made[] = {
    TPD_TRIAL_GENERATED,
    TPD_TRIAL_REAL,
    TPD_TRIAL_DECODED,
    TPD_TRIAL_FROZEN,
};

typedef struct
{
  /* borrowed */
  TpdEvaluation *result;
  TpdPipeline *pipeline;
  const TpdRequest *request;
  const TpdEvaluationPlan *plan;
  GCancellable *cancellable;

  /* owned */
  TpdShapes *shapes;
  char **prompts;                     /* [n_clips] */
  TpdTraits *traits;                  /* [n_clips]: what they ask for */
  TpdVerdict *verdicts[TPD_N_TRIALS]; /* [n_clips], of the trials in `made` */
  guint8 *clips[TPD_N_TRIALS];        /* of the batch under way, [batch, F, H, W, 3] */
  GPtrArray *shown;                   /* rows of the sheet */

  TpdClipSize size;
  gsize clip_bytes;
  guint first; /* of the batch under way */
  guint n;     /* clips of the batch under way */

  /* progress */
  TpdEvaluationFunc progress;
  gpointer data;
  gint64 started; /* monotonic µs */
} Run;

const char *
tpd_trial_get_name (TpdTrial trial)
{
  static const char *const names[TPD_N_TRIALS] = {
      [TPD_TRIAL_GENERATED] = "generated", [TPD_TRIAL_REAL] = "real",
      [TPD_TRIAL_DECODED] = "decoded",     [TPD_TRIAL_SHUFFLED] = "shuffled",
      [TPD_TRIAL_FROZEN] = "frozen",
  };

  return names[trial];
}

void
tpd_evaluation_clear (TpdEvaluation *self)
{
  g_clear_pointer (&self->sheet, tpd_image_free);
}

static void
run_clear (Run *run)
{
  for (guint i = 0; i < TPD_N_TRIALS; i++)
    {
      g_free (run->verdicts[i]);
      g_free (run->clips[i]);
    }
  g_clear_object (&run->shapes);
  g_clear_pointer (&run->shown, g_ptr_array_unref);
  g_free (run->traits);
  g_strfreev (run->prompts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* ── progress ── */

static void
report (Run *run, double done, double seconds_left, char **unknown_words)
{
  const TpdEvaluationProgress progress = {
      .done = done,
      .n_clips = run->plan->n_clips,
      .seconds_left = seconds_left,
      .unknown_words = unknown_words,
  };

  if (run->progress != NULL)
    run->progress (&progress, run->data);
}

static void
report_start (Run *run)
{
  TpdModel *model = tpd_pipeline_get_model (run->pipeline);
  g_autofree char *prompts = g_strjoinv (" ", run->prompts);
  g_autofree char *text = g_strconcat (prompts, " ", run->request->negative_prompt, NULL);
  g_auto (GStrv) words =
      tpd_clip_tokenizer_list_unknown_words (tpd_model_get_tokenizer (model), text);

  report (run, 0, -1, *words != NULL ? words : NULL);
}

static void
on_step (const TpdProgress *step, gpointer data)
{
  Run *run = data;
  const double done = run->first + step->fraction * run->n;
  const double elapsed = (double)(g_get_monotonic_time () - run->started) / G_USEC_PER_SEC;
  const gboolean begun = step->phase != TPD_PHASE_ENCODE || run->first > 0;

  report (run, done, begun ? elapsed * (run->plan->n_clips / done - 1) : -1, NULL);
}

/* ── clips of each kind, for the batch under way ── */

static gboolean
generate (Run *run, GError **error)
{
  g_autoptr (TpdRequest) request = tpd_request_copy (run->request);
  g_autoptr (GPtrArray) clips = NULL;
  const gint64 start = g_get_monotonic_time ();

  g_object_set (request->settings, "seed",
                tpd_sampler_settings_get_seed (run->request->settings) + run->first, NULL);
  clips = tpd_pipeline_generate_batch (run->pipeline, request,
                                       (const char *const *)run->prompts + run->first, run->n,
                                       on_step, run, run->cancellable, error);
  if (clips == NULL)
    return FALSE;
  run->result->seconds += (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  for (guint i = 0; i < run->n; i++)
    memcpy (run->clips[TPD_TRIAL_GENERATED] + i * run->clip_bytes,
            tpd_clip_get_frame (clips->pdata[i], 0), run->clip_bytes);
  return TRUE;
}

/* Through the autoencoder and back, in place. */
static gboolean
reconstruct (Run *run, float *rgb, GError **error)
{
  TpdAutoencoderKl *vae = tpd_model_get_vae (tpd_pipeline_get_model (run->pipeline));
  TpdContext *ctx = tpd_pipeline_get_context (run->pipeline);
  TpdTensor *images;
  gboolean done;

  tpd_context_push_scope (ctx);
  images = tpd_context_own (
      ctx, tpd_tensor_new_from_host (
               ctx, TPD_F32,
               TPD_SHAPE (run->n * run->size.frames, run->size.height, run->size.width, 3), rgb));
  images = tpd_autoencoder_kl_decode_latents (vae, ctx,
                                              tpd_autoencoder_kl_encode_images (vae, ctx, images));
  done = tpd_tensor_to_host (ctx, images, rgb, error);
  tpd_context_pop_scope (ctx, NULL);
  return done;
}

static gboolean
render (Run *run, GError **error)
{
  const gsize frame_bytes = run->clip_bytes / run->size.frames;
  g_autofree guint *indices = g_new (guint, run->n);
  g_autofree float *rgb = g_new (float, run->n * run->clip_bytes);

  for (guint i = 0; i < run->n; i++)
    indices[i] = run->first + i;
  if (!tpd_dataset_read_clips (TPD_DATASET (run->shapes), indices, run->n, rgb, NULL, error))
    return FALSE;
  tpd_rgb8_from_float (rgb, run->n * run->clip_bytes, run->clips[TPD_TRIAL_REAL]);
  for (guint i = 0; i < run->n * run->size.frames; i++)
    memcpy (run->clips[TPD_TRIAL_FROZEN] + i * frame_bytes,
            run->clips[TPD_TRIAL_REAL] + i / run->size.frames * run->clip_bytes, frame_bytes);
  if (!reconstruct (run, rgb, error))
    return FALSE;
  tpd_rgb8_from_float (rgb, run->n * run->clip_bytes, run->clips[TPD_TRIAL_DECODED]);
  return TRUE;
}

/* ── judging ── */

static void
judge_some (gint64 begin, gint64 end, guint thread, gpointer data)
{
  Run *run = data;
  g_autofree float *rgb = g_new (float, run->clip_bytes);

  for (gint64 item = begin; item < end; item++)
    {
      const TpdTrial trial = made[item / run->n];
      const gsize i = item % run->n;
      const guint8 *bytes = run->clips[trial] + i * run->clip_bytes;

      for (gsize j = 0; j < run->clip_bytes; j++)
        rgb[j] = bytes[j] / 127.5f - 1;
      tpd_judge_clip (rgb, run->size, &run->verdicts[trial][run->first + i]);
    }
}

static void
show (Run *run)
{
  for (guint i = 0; i < run->n && run->first + i < run->plan->n_shown; i++)
    {
      const gsize at = i * run->clip_bytes;

      g_ptr_array_add (run->shown,
                       g_memdup2 (run->clips[TPD_TRIAL_GENERATED] + at, run->clip_bytes));
      g_ptr_array_add (run->shown, g_memdup2 (run->clips[TPD_TRIAL_REAL] + at, run->clip_bytes));
    }
}

static void
sum_up (Run *run)
{
  const guint n = run->plan->n_clips;
  TpdEvaluation *result = run->result;

  for (guint i = 0; i < n; i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (made); j++)
        tpd_score_add (&result->scores[made[j]], &run->traits[i], &run->verdicts[made[j]][i]);
      tpd_score_add (&result->scores[TPD_TRIAL_SHUFFLED], &run->traits[(i + 1) % n],
                     &run->verdicts[TPD_TRIAL_GENERATED][i]);
    }
  if (run->shown->len > 0)
    result->sheet =
        tpd_image_new_contact_sheet ((const guint8 *const *)run->shown->pdata, run->shown->len,
                                     run->size.frames, run->size.height, run->size.width, BORDER);
}

/* ── the whole ── */

static TpdClipSize
clip_size (TpdPipeline *pipeline, const TpdRequest *request)
{
  const TpdModelInfo *info = tpd_model_get_info (tpd_pipeline_get_model (pipeline));
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_copy (request->settings);
  guint frames;

  tpd_sampler_settings_fill_in (settings, info->defaults);
  frames = tpd_sampler_settings_get_num_frames (settings);
  return (TpdClipSize){frames > 0 ? frames : info->n_frames, info->height, info->width};
}

static void
prepare (Run *run)
{
  const TpdEvaluationPlan *plan = run->plan;

  run->size = clip_size (run->pipeline, run->request);
  run->clip_bytes = (gsize)run->size.frames * run->size.height * run->size.width * 3;
  run->shapes = g_object_new (TPD_TYPE_SHAPES, "world", plan->world, "frames", run->size.frames,
                              "height", run->size.height, "width", run->size.width, "seed",
                              tpd_sampler_settings_get_seed (run->request->settings), "split",
                              plan->split, "objects", 1u, NULL);
  run->traits = g_new0 (TpdTraits, plan->n_clips);
  run->prompts = g_new0 (char *, plan->n_clips + 1);
  for (guint i = 0; i < plan->n_clips; i++)
    {
      TpdTraits traits[TPD_SCENE_MAX_OBJECTS];
      guint n_objects;

      run->prompts[i] = tpd_shapes_get_prompt (run->shapes, i, traits, &n_objects);
      run->traits[i] = traits[0];
    }
  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    {
      run->verdicts[made[i]] = g_new0 (TpdVerdict, plan->n_clips);
      run->clips[made[i]] = g_malloc (MIN (plan->batch, plan->n_clips) * run->clip_bytes);
    }
  run->shown = g_ptr_array_new_with_free_func (g_free);
  run->started = g_get_monotonic_time ();
}

gboolean
tpd_evaluation_run (TpdEvaluation *self, TpdPipeline *pipeline, const TpdRequest *request,
                    const TpdEvaluationPlan *plan, TpdEvaluationFunc progress, gpointer data,
                    GCancellable *cancellable, GError **error)
{
  g_auto (Run) run = {
      .result = self,
      .pipeline = pipeline,
      .request = request,
      .plan = plan,
      .cancellable = cancellable,
      .progress = progress,
      .data = data,
  };

  g_return_val_if_fail (plan->n_clips >= 2 && plan->batch >= 1, FALSE);

  prepare (&run);
  if (run.size.frames < 3)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "Motion can be judged in clips of 3 frames and more, not of %u",
                   run.size.frames);
      return FALSE;
    }
  report_start (&run);
  for (run.first = 0; run.first < plan->n_clips; run.first += run.n)
    {
      run.n = MIN (plan->batch, plan->n_clips - run.first);
      if (!generate (&run, error) || !render (&run, error))
        return FALSE;
      tpd_parallel_for ((gint64)G_N_ELEMENTS (made) * run.n, 1, judge_some, &run);
      show (&run);
    }
  sum_up (&run);
  return TRUE;
}

/* ── figures ── */

double
tpd_evaluation_get_flicker (const TpdEvaluation *self, TpdTrial trial)
{
  const double real = self->scores[TPD_TRIAL_REAL].flicker;

  return real > 0 ? self->scores[trial].flicker / real : 0;
}

JsonNode *
tpd_evaluation_to_json (const TpdEvaluation *self)
{
  const guint n = self->scores[TPD_TRIAL_GENERATED].n_clips;
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *trials = json_object_new ();

  for (guint i = 0; i < TPD_N_TRIALS; i++)
    {
      JsonNode *score = tpd_score_to_json (&self->scores[i]);

      json_object_set_double_member (json_node_get_object (score), "flicker_ratio",
                                     tpd_evaluation_get_flicker (self, i));
      json_object_set_member (trials, tpd_trial_get_name (i), score);
    }
  json_object_set_int_member (object, "clips", n);
  json_object_set_double_member (object, "seconds_per_clip", self->seconds / MAX (n, 1));
  json_object_set_object_member (object, "trials", trials);
  json_node_set_object (node, object);
  return node;
}
