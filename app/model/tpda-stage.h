/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-clip.h"

G_BEGIN_DECLS

typedef enum
{
  TPDA_STAGE_WAITING,
  TPDA_STAGE_RUNNING,
  TPDA_STAGE_DONE,
} TpdaStageState;

/* One stage of a job: what it will do, how far it is, and the clip as it looks so far. Emits
 * `changed` when told to publish what has. */
#define TPDA_TYPE_STAGE (tpda_stage_get_type ())
G_DECLARE_FINAL_TYPE (TpdaStage, tpda_stage, TPDA, STAGE, GObject)

/* position: from 0 in the order in which stages run. stride: frames of the final clip for one of
 * this stage's. */
TpdaStage *tpda_stage_new (guint position, guint n_frames, guint stride, guint n_steps);

/* ── what the job reports ── */

/* Steps of this stage that were done at a monotonic time (µs); more than before. Starts and ends
 * the stage's clock. */
void tpda_stage_set_step (TpdaStage *self, guint step, gint64 when);
void tpda_stage_set_clip (TpdaStage *self, TpdaClip *clip);

/* The job ended here: the clock stops. */
void tpda_stage_stop (TpdaStage *self);

/* Emits `changed` if any of these has done something since the last time: small models take
 * thousands of steps a second, and nobody wants to see each. */
void tpda_stage_publish (TpdaStage *self);

/* ── what it is ── */

guint tpda_stage_get_position (TpdaStage *self);
guint tpda_stage_get_n_frames (TpdaStage *self);
guint tpda_stage_get_stride (TpdaStage *self);
guint tpda_stage_get_n_steps (TpdaStage *self);

/* ── how far it is ── */

TpdaStageState tpda_stage_get_state (TpdaStage *self);
guint tpda_stage_get_step (TpdaStage *self);

/* Seconds since it began, or that it took. */
double tpda_stage_get_elapsed (TpdaStage *self);

/* Seconds; negative while unknown. */
double tpda_stage_get_left (TpdaStage *self);

/* The latest estimate, NULL before the first. Borrowed. */
TpdaClip *tpda_stage_get_clip (TpdaStage *self);

G_END_DECLS
