/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-job.h"

G_BEGIN_DECLS

/* Runs jobs one after the other through one `tpdiffsrc ! appsink`, whose worker keeps the model
 * loaded between them. Nothing here waits: state changes happen in threads, reports come over the
 * bus, and the finished frames are taken from the appsink when the stream has ended.
 *
 * Emits `changed` when the queue does, `ended` (TpdaJob) after each job. */
#define TPDA_TYPE_GENERATOR (tpda_generator_get_type ())
G_DECLARE_FINAL_TYPE (TpdaGenerator, tpda_generator, TPDA, GENERATOR, GObject)

/* NULL with GST_CORE_ERROR_MISSING_PLUGIN if there is no tpdiffsrc. */
TpdaGenerator *tpda_generator_new (GError **error);

/* Queues a job that waits. */
void tpda_generator_add (TpdaGenerator *self, TpdaJob *job);

/* Cancels a job that waits or runs. */
void tpda_generator_cancel (TpdaGenerator *self, TpdaJob *job);

/* The job that runs, NULL if none does. Borrowed. */
TpdaJob *tpda_generator_get_current (TpdaGenerator *self);

/* Jobs that wait, next first. Borrowed. */
GListModel *tpda_generator_get_waiting (TpdaGenerator *self);

/* Moves a waiting job to another place in the queue; one past its end is the end. */
void tpda_generator_move (TpdaGenerator *self, guint from, guint to);

G_END_DECLS
