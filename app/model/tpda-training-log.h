/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many stages a log can speak of: k = 1 …, and 0 for what has none. */
#define TPDA_TRAINING_LOG_STAGES 9

/* The most bytes that one call reads: a fraction of a millisecond's work each few kilobytes, so
 * that the main loop can do it. */
#define TPDA_TRAINING_LOG_CHUNK ((gsize)256 * 1024)

/* A point of a curve. */
typedef struct
{
  gint64 step; /* updates done */
  float loss;
  float smooth; /* exponential average of the stage's losses up to here */
  double flops; /* computed up to here, in all stages */
} TpdaLossPoint;

/* The log.jsonl of a training (engine/train/tpd-train-log.h), read while it is being written. */
typedef struct _TpdaTrainingLog TpdaTrainingLog;

TpdaTrainingLog *tpda_training_log_new (const char *path);
void tpda_training_log_free (TpdaTrainingLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdaTrainingLog, tpda_training_log_free)

/* Reads on. A last line that is not complete yet is left for the next time; a line that makes no
 * sense is passed over; a log that was replaced, as going on from a checkpoint does, is read anew.
 * There may be more if it took TPDA_TRAINING_LOG_CHUNK / 2 or more.
 *
 * Returns: bytes taken in; 0 if there is nothing new, or no log */
gsize tpda_training_log_read (TpdaTrainingLog *self);

/* (element-type TpdaLossPoint): the losses of stage k < TPDA_TRAINING_LOG_STAGES. Borrowed. */
const GArray *tpda_training_log_get_points (const TpdaTrainingLog *self, guint k);

/* Of the last line; 0 before the first. */
gint64 tpda_training_log_get_step (const TpdaTrainingLog *self);
gint64 tpda_training_log_get_clips (const TpdaTrainingLog *self);
double tpda_training_log_get_flops (const TpdaTrainingLog *self);

/* That all updates took together. */
double tpda_training_log_get_seconds (const TpdaTrainingLog *self);

G_END_DECLS
