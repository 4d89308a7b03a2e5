/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-stage.h"

struct _TpdaStage
{
  GObject parent_instance;

  /* the plan */
  guint position;
  guint n_frames;
  guint stride;
  guint n_steps;

  /* owned */
  TpdaClip *clip;

  /* state */
  TpdaStageState state;
  guint step;
  gint64 began;   /* monotonic, µs */
  gint64 stepped; /* when the last step was done */
  gint64 ended;   /* 0 while running */
  gboolean unpublished;
};

G_DEFINE_FINAL_TYPE (TpdaStage, tpda_stage, G_TYPE_OBJECT)

static guint changed_signal;

TpdaStage *
tpda_stage_new (guint position, guint n_frames, guint stride, guint n_steps)
{
  TpdaStage *self = g_object_new (TPDA_TYPE_STAGE, NULL);

  self->position = position;
  self->n_frames = n_frames;
  self->stride = stride;
  self->n_steps = n_steps;
  return self;
}

void
tpda_stage_publish (TpdaStage *self)
{
  if (!self->unpublished)
    return;
  self->unpublished = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

void
tpda_stage_set_step (TpdaStage *self, guint step, gint64 when)
{
  if (self->state == TPDA_STAGE_DONE || (self->state == TPDA_STAGE_RUNNING && step <= self->step))
    return;
  if (self->state == TPDA_STAGE_WAITING)
    {
      self->state = TPDA_STAGE_RUNNING;
      self->began = when;
    }
  self->step = MIN (step, self->n_steps);
  self->stepped = when;
  if (self->step == self->n_steps)
    {
      self->state = TPDA_STAGE_DONE;
      self->ended = when;
    }
  self->unpublished = TRUE;
}

void
tpda_stage_set_clip (TpdaStage *self, TpdaClip *clip)
{
  if (g_set_object (&self->clip, clip))
    self->unpublished = TRUE;
}

void
tpda_stage_stop (TpdaStage *self)
{
  if (self->state != TPDA_STAGE_RUNNING)
    return;
  self->state = TPDA_STAGE_WAITING;
  self->ended = g_get_monotonic_time ();
  self->unpublished = TRUE;
}

guint
tpda_stage_get_position (TpdaStage *self)
{
  return self->position;
}

guint
tpda_stage_get_n_frames (TpdaStage *self)
{
  return self->n_frames;
}

guint
tpda_stage_get_stride (TpdaStage *self)
{
  return self->stride;
}

guint
tpda_stage_get_n_steps (TpdaStage *self)
{
  return self->n_steps;
}

TpdaStageState
tpda_stage_get_state (TpdaStage *self)
{
  return self->state;
}

guint
tpda_stage_get_step (TpdaStage *self)
{
  return self->step;
}

double
tpda_stage_get_elapsed (TpdaStage *self)
{
  if (self->began == 0)
    return 0;
  return (double)((self->ended != 0 ? self->ended : g_get_monotonic_time ()) - self->began) /
         G_USEC_PER_SEC;
}

double
tpda_stage_get_left (TpdaStage *self)
{
  double seconds;

  if (self->state != TPDA_STAGE_RUNNING || self->step == 0)
    return -1;
  seconds = (double)(self->stepped - self->began) / G_USEC_PER_SEC;
  return seconds / self->step * (self->n_steps - self->step);
}

TpdaClip *
tpda_stage_get_clip (TpdaStage *self)
{
  return self->clip;
}

static void
tpda_stage_dispose (GObject *object)
{
  g_clear_object (&TPDA_STAGE (object)->clip);
  G_OBJECT_CLASS (tpda_stage_parent_class)->dispose (object);
}

static void
tpda_stage_class_init (TpdaStageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_stage_dispose;
  changed_signal = g_signal_new ("changed", TPDA_TYPE_STAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
tpda_stage_init (TpdaStage *self)
{
}
