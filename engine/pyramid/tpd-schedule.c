/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-schedule.h"

#include <math.h>

#include "../core/tpd-enum.h"

struct _TpdSchedule
{
  gatomicrefcount ref_count;
  TpdPyramidConfig config;
  TpdChart *chart; /* owned */
  TpdStage stages[TPD_MAX_STAGES];
};

G_DEFINE_BOXED_TYPE (TpdSchedule, tpd_schedule, tpd_schedule_ref, tpd_schedule_unref)

/* s_k */
static double
start_of (const TpdPyramidConfig *config, guint k)
{
  if (k == config->n_stages)
    return 1;
  return config->n_boundaries > 0 ? config->boundaries[k - 1] : (double)k / config->n_stages;
}

/* The end of stage k + 1 and its jump into stage k, which starts at `start`. */
static void
plan_jump (TpdStage *coarse, const TpdChart *chart, double start, double r)
{
  double ratio = tpd_chart_noise_ratio (chart, start) * sqrt (-r / (1 - r));

  coarse->end = tpd_chart_time_of_noise_ratio (chart, ratio);
  coarse->jump_scale = tpd_chart_gamma (chart, start) / tpd_chart_gamma (chart, coarse->end);
  coarse->jump_noise = tpd_chart_sigma (chart, start) / sqrt (1 - r);
}

TpdSchedule *
tpd_schedule_new (const TpdPyramidConfig *config, GError **error)
{
  TpdSchedule *self;

  g_return_val_if_fail (config != NULL, NULL);

  if (!tpd_pyramid_config_validate (config, error))
    return NULL;
  g_assert (config->n_stages <= TPD_MAX_STAGES);
  self = g_new0 (TpdSchedule, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->config = *config;
  self->chart = tpd_chart_new (config->form, &config->betas);
  for (guint k = 1; k <= config->n_stages; k++)
    {
      TpdStage *stage = &self->stages[k - 1];

      stage->index = k;
      stage->frame_stride = 1u << (k - 1);
      stage->start = start_of (config, k);
      if (k == 1)
        stage->end = tpd_chart_last_time (self->chart);
      else
        plan_jump (stage, self->chart, stage[-1].start, config->correlation);
    }
  return self;
}

TpdSchedule *
tpd_schedule_ref (TpdSchedule *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_schedule_unref (TpdSchedule *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  tpd_chart_unref (self->chart);
  g_free (self);
}

const TpdPyramidConfig *
tpd_schedule_get_config (const TpdSchedule *self)
{
  return &self->config;
}

const TpdChart *
tpd_schedule_get_chart (const TpdSchedule *self)
{
  return self->chart;
}

guint
tpd_schedule_get_n_stages (const TpdSchedule *self)
{
  return self->config.n_stages;
}

const TpdStage *
tpd_schedule_get_stage (const TpdSchedule *self, guint k)
{
  g_return_val_if_fail (k >= 1 && k <= self->config.n_stages, NULL);
  return &self->stages[k - 1];
}

/* ── frame counts ── */

guint
tpd_schedule_get_n_frames (const TpdSchedule *self, guint k, guint n_frames)
{
  guint lone = self->config.causal_first_frame ? 1 : 0;

  return lone + (n_frames - lone) / tpd_schedule_get_stage (self, k)->frame_stride;
}

gboolean
tpd_schedule_check_frames (const TpdSchedule *self, guint n_frames, GError **error)
{
  guint lone = self->config.causal_first_frame ? 1 : 0;
  guint unit = 1u << (self->config.n_stages - 1);
  guint least = lone > 0 ? lone : unit;
  guint below, above;

  if (n_frames >= least && (n_frames - lone) % unit == 0)
    return TRUE;
  below = n_frames > least ? n_frames - (n_frames - lone) % unit : least;
  above = n_frames > least ? below + unit : least;
  if (below == above)
    g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                 "A pyramid of %u stages cannot have %u latent frames; the least is %u",
                 self->config.n_stages, n_frames, least);
  else
    g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                 "A pyramid of %u stages cannot have %u latent frames; the nearest valid numbers "
                 "are %u and %u",
                 self->config.n_stages, n_frames, below, above);
  return FALSE;
}

/* ── JSON ── */

static void
add_jump_member (JsonObject *object, const char *key, const TpdStage *stage, double value)
{
  if (stage->index == 1)
    json_object_set_null_member (object, key);
  else
    json_object_set_double_member (object, key, value);
}

JsonNode *
tpd_schedule_to_json (const TpdSchedule *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *stages = json_array_new ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "form", tpd_enum_nick (TPD_TYPE_FORM, self->config.form));
  for (guint k = self->config.n_stages; k >= 1; k--)
    {
      const TpdStage *stage = &self->stages[k - 1];
      JsonObject *member = json_object_new ();

      json_object_set_int_member (member, "stage", stage->index);
      json_object_set_int_member (member, "frame_stride", stage->frame_stride);
      json_object_set_double_member (member, "start", stage->start);
      json_object_set_double_member (member, "end", stage->end);
      add_jump_member (member, "jump_scale", stage, stage->jump_scale);
      add_jump_member (member, "jump_noise", stage, stage->jump_noise);
      json_array_add_object_element (stages, member);
    }
  json_object_set_array_member (object, "stages", stages);
  return node;
}
