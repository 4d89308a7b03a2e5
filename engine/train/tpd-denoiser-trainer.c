/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-denoiser-trainer.h"

#include <string.h>

#include "../core/tpd-flop-count.h"
#include "../core/tpd-random.h"
#include "../models/tpd-mini-flux.h"
#include "../ops/tpd-op.h"
#include "../pyramid/tpd-align.h"
#include "../pyramid/tpd-draw.h"
#include "../pyramid/tpd-loss.h"
#include "../pyramid/tpd-stage-path.h"
#include "tpd-clip-order.h"
#include "tpd-denoiser-parts.h"
#include "tpd-denoiser-samples.h"
#include "tpd-train-setup.h"

/* Streams of random numbers, see tpd_random_fork(). */
enum
{
  STREAM_ORDER,
  STREAM_CAPTIONS,
  STREAM_METHOD,
};

/* A pool: the clips of one or several passes, with the noise they were aligned to together. */
typedef struct
{
  gint64 number;    /* of the pool, −1 for none */
  guint stage;      /* k */
  TpdTensor *clips; /* owned: x0 [P·B, F, C, H, W] */
  TpdTensor *noise; /* owned: ε at stage k */
  gint32 *tokens;   /* owned: [P·B, L] */
  gint32 *mask;     /* owned: [P·B, L] */
} Pool;

struct _TpdDenoiserTrainer
{
  TpdTrainer parent_instance;

  /* owned */
  TpdDenoiserParts *parts;
  double *stage_weights; /* [K], nullable */
  double *time_spacing;  /* [K], nullable */
  gint32 *no_caption;    /* [L]: tokens of the empty prompt */
  gint32 *no_caption_mask;

  /* state */
  TpdAlignment alignment;
  Pool pool;
};

G_DEFINE_FINAL_TYPE (TpdDenoiserTrainer, tpd_denoiser_trainer, TPD_TYPE_TRAINER)

static void
pool_clear (Pool *pool)
{
  g_clear_pointer (&pool->clips, tpd_tensor_unref);
  g_clear_pointer (&pool->noise, tpd_tensor_unref);
  g_clear_pointer (&pool->tokens, g_free);
  g_clear_pointer (&pool->mask, g_free);
  pool->number = -1;
}

/* ── making one ── */

/* "1,1,2", from stage K down to 1, as K numbers from stage 1 up; NULL for no list. At least one is
 * above 0, all of them are if `positive`. */
static gboolean
parse_stage_numbers (const char *setting, const char *list, gint64 n_stages, gboolean positive,
                     double **numbers, GError **error)
{
  g_auto (GStrv) parts = NULL;
  double sum = 0;
  gboolean valid;

  if (list == NULL)
    return TRUE;
  parts = g_strsplit (list, ",", -1);
  *numbers = g_new0 (double, n_stages);
  valid = g_strv_length (parts) == n_stages;
  for (guint i = 0; valid && i < n_stages; i++)
    {
      char *end;
      double number = g_ascii_strtod (parts[i], &end);

      valid =
          end != parts[i] && *end == '\0' && number < 1e9 && (positive ? number > 0 : number >= 0);
      (*numbers)[n_stages - 1 - i] = number;
      sum += number;
    }
  if (valid && sum > 0)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
               "--%s should be %" G_GINT64_FORMAT
               " numbers with commas between them, %s 0, but is \"%s\"",
               setting, n_stages, positive ? "all above" : "not all", list);
  return FALSE;
}

static gboolean
parse_stage_lists (TpdDenoiserTrainer *self, const TpdTrainConfig *config, GError **error)
{
  return parse_stage_numbers ("stage-weights", config->stage_weights, config->stages, FALSE,
                              &self->stage_weights, error) &&
         parse_stage_numbers ("time-spacing", config->time_spacing, config->stages, TRUE,
                              &self->time_spacing, error);
}

static void
encode_no_caption (TpdDenoiserTrainer *self)
{
  const guint n = self->parts->n_tokens;

  self->no_caption = g_new (gint32, n);
  self->no_caption_mask = g_new (gint32, n);
  tpd_clip_tokenizer_encode (self->parts->tokenizer, "", n, self->no_caption,
                             self->no_caption_mask);
}

TpdTrainer *
tpd_denoiser_trainer_new (TpdTrainConfig *config, TpdContext *ctx, GError **error)
{
  g_autoptr (TpdTrainConfig) settings = config;
  g_autoptr (TpdDenoiserTrainer) self = g_object_new (TPD_TYPE_DENOISER_TRAINER, NULL);
  TpdOptimizerGroup groups[2];
  guint n_groups = 0;

  self->parts = tpd_denoiser_parts_new (settings, ctx, error);
  if (self->parts == NULL || !parse_stage_lists (self, settings, error))
    return NULL;
  encode_no_caption (self);
  self->alignment = g_str_equal (settings->align, "clips")        ? TPD_ALIGNMENT_CLIPS
                    : g_str_equal (settings->align, "deviations") ? TPD_ALIGNMENT_DEVIATIONS
                                                                  : TPD_ALIGNMENT_NONE;
  groups[n_groups++] = (TpdOptimizerGroup){
      .params = tpd_component_get_params (TPD_COMPONENT (self->parts->denoiser)), .rate = 1};
  if (g_str_equal (settings->text_encoder, "joint"))
    groups[n_groups++] =
        (TpdOptimizerGroup){.params = tpd_component_get_params (TPD_COMPONENT (self->parts->text)),
                            .rate = settings->text_rate};
  if (!tpd_trainer_setup (TPD_TRAINER (self), g_steal_pointer (&settings), ctx, groups, n_groups,
                          error))
    return NULL;
  return TPD_TRAINER (g_steal_pointer (&self));
}

/* ── one pass ── */

/* Clips first … first + n − 1 of the training, with captions, some of them left out. */
static gboolean
read_clips (TpdDenoiserTrainer *self, guint64 first, guint n, GError **error)
{
  const TpdTrainConfig *config = tpd_trainer_get_config (TPD_TRAINER (self));
  TpdContext *ctx = tpd_trainer_get_context (TPD_TRAINER (self));
  const guint length = self->parts->n_tokens;
  const gsize row = length * sizeof (gint32);
  g_autofree guint *indices = g_new (guint, n);
  TpdTensor *clips;

  for (guint i = 0; i < n; i++)
    indices[i] =
        tpd_clip_order (tpd_random_fork (config->seed, STREAM_ORDER), config->clips, first + i);
  self->pool.tokens = g_new (gint32, n * length);
  self->pool.mask = g_new (gint32, n * length);
  /* Encoding is not counted: of two trainings on the same clips only the first one does it. */
  tpd_context_count_flops (ctx, FALSE);
  clips = tpd_latent_cache_read (self->parts->cache, ctx, indices, n, self->pool.tokens,
                                 self->pool.mask, error);
  tpd_context_count_flops (ctx, TRUE);
  if (clips == NULL)
    return FALSE;
  self->pool.clips = tpd_tensor_ref (clips);
  for (guint i = 0; i < n; i++)
    if (tpd_random_uniform (tpd_random_fork (config->seed, STREAM_CAPTIONS), first + i) <
        config->caption_dropout)
      {
        memcpy (self->pool.tokens + i * length, self->no_caption, row);
        memcpy (self->pool.mask + i * length, self->no_caption_mask, row);
      }
  return TRUE;
}

/* Draws stage, clips and noise of a pool and aligns them. */
static gboolean
fill_pool (TpdDenoiserTrainer *self, gint64 number, GError **error)
{
  const TpdTrainConfig *config = tpd_trainer_get_config (TPD_TRAINER (self));
  TpdContext *ctx = tpd_trainer_get_context (TPD_TRAINER (self));
  const guint64 seed = tpd_random_fork (config->seed, STREAM_METHOD);
  const guint n = config->batch * config->align_pool;
  TpdStageClips stage_clips;
  TpdTensor *noise;

  pool_clear (&self->pool);
  if (!read_clips (self, number * n, n, error))
    return FALSE;
  self->pool.stage = tpd_draw_stage (self->parts->schedule, self->stage_weights, seed, number);
  stage_clips = tpd_stage_clips (ctx, self->parts->schedule, self->pool.stage, self->pool.clips);
  noise = tpd_draw_noise (ctx, TPD_F32, stage_clips.clip->view.n_dims, stage_clips.clip->view.shape,
                          seed, number);
  noise = tpd_align_noise (ctx, stage_clips.clip, noise, self->alignment);
  self->pool.noise = tpd_tensor_ref (noise);
  self->pool.number = number;
  return TRUE;
}

/* What the denoiser is told of the captions of clips first … first + B − 1 of the pool. */
static TpdConditioning
encode_captions (TpdDenoiserTrainer *self, guint first)
{
  const TpdTrainConfig *config = tpd_trainer_get_config (TPD_TRAINER (self));
  const guint length = self->parts->n_tokens;

  return tpd_denoiser_parts_condition (self->parts, tpd_trainer_get_context (TPD_TRAINER (self)),
                                       self->pool.tokens + first * length,
                                       self->pool.mask + first * length, config->batch);
}

static TpdTensor *
tpd_denoiser_trainer_compute_loss (TpdTrainer *trainer, gint64 step, guint pass, guint *stage,
                                   GError **error)
{
  TpdDenoiserTrainer *self = TPD_DENOISER_TRAINER (trainer);
  const TpdTrainConfig *config = tpd_trainer_get_config (trainer);
  TpdContext *ctx = tpd_trainer_get_context (trainer);
  const TpdSchedule *schedule = self->parts->schedule;
  const gint64 n_before = (step - 1) * config->accumulate + pass;
  const guint first = n_before % config->align_pool * config->batch;
  const guint last = first + config->batch;
  g_autofree double *t = g_new (double, config->batch);
  TpdStageClips clips;
  TpdConditioning conditioning;
  TpdTensor *x, *target;
  guint k;

  if (self->pool.number != n_before / config->align_pool &&
      !fill_pool (self, n_before / config->align_pool, error))
    return NULL;
  k = *stage = self->pool.stage;
  clips = tpd_stage_clips (ctx, schedule, k, tpd_slice (ctx, self->pool.clips, 0, first, last, 1));
  tpd_draw_times (schedule, k, self->time_spacing != NULL ? self->time_spacing[k - 1] : 1,
                  tpd_random_fork (config->seed, STREAM_METHOD), n_before, config->batch, t);
  x = tpd_stage_path (ctx, schedule, k, &clips,
                      tpd_slice (ctx, self->pool.noise, 0, first, last, 1), t, &target);
  for (guint i = 0; i < config->batch; i++)
    t[i] = tpd_chart_timestep (tpd_schedule_get_chart (schedule), t[i]);
  conditioning = encode_captions (self, first);
  return tpd_pyramid_loss (ctx,
                           tpd_denoiser_predict (TPD_DENOISER (self->parts->denoiser), ctx, x, t,
                                                 tpd_schedule_get_stage (schedule, k)->frame_stride,
                                                 &conditioning),
                           target, FALSE);
}

/* ── results ── */

static gboolean
tpd_denoiser_trainer_write_samples (TpdTrainer *trainer, const char *path, GError **error)
{
  return tpd_denoiser_samples_write (TPD_DENOISER_TRAINER (trainer)->parts, path,
                                     tpd_trainer_get_context (trainer),
                                     tpd_trainer_get_config (trainer), error);
}

static gboolean
tpd_denoiser_trainer_write_model (TpdTrainer *trainer, GError **error)
{
  return tpd_denoiser_parts_write_model (TPD_DENOISER_TRAINER (trainer)->parts,
                                         tpd_trainer_get_context (trainer),
                                         tpd_trainer_get_config (trainer), error);
}

static void
tpd_denoiser_trainer_finalize (GObject *object)
{
  TpdDenoiserTrainer *self = TPD_DENOISER_TRAINER (object);

  pool_clear (&self->pool);
  g_clear_pointer (&self->parts, tpd_denoiser_parts_free);
  g_clear_pointer (&self->stage_weights, g_free);
  g_clear_pointer (&self->time_spacing, g_free);
  g_clear_pointer (&self->no_caption, g_free);
  g_clear_pointer (&self->no_caption_mask, g_free);
  G_OBJECT_CLASS (tpd_denoiser_trainer_parent_class)->finalize (object);
}

static void
tpd_denoiser_trainer_class_init (TpdDenoiserTrainerClass *klass)
{
  TpdTrainerClass *trainer_class = TPD_TRAINER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tpd_denoiser_trainer_finalize;
  trainer_class->compute_loss = tpd_denoiser_trainer_compute_loss;
  trainer_class->write_samples = tpd_denoiser_trainer_write_samples;
  trainer_class->write_model = tpd_denoiser_trainer_write_model;
}

static void
tpd_denoiser_trainer_init (TpdDenoiserTrainer *self)
{
  self->pool.number = -1;
}
