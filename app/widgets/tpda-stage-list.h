/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-job.h"
#include "tpda-player.h"

G_BEGIN_DECLS

/* The stages of a job as rows in a box, and what the player shows of them: while the job runs the
 * latest estimate, afterwards the clip or the stage that the user picks, alone or beside the
 * clip. */
#define TPDA_TYPE_STAGE_LIST (tpda_stage_list_get_type ())
G_DECLARE_FINAL_TYPE (TpdaStageList, tpda_stage_list, TPDA, STAGE_LIST, GObject)

/* Fills the box, and steers the player; both must outlive it. */
TpdaStageList *tpda_stage_list_new (GtkBox *box, TpdaPlayer *player);

/* NULL for none. */
void tpda_stage_list_set_job (TpdaStageList *self, TpdaJob *job);

/* The job's stages or clip have changed. */
void tpda_stage_list_update (TpdaStageList *self);

/* Whether the picked stage is shown beside the final clip; picks the first one if none is. */
void tpda_stage_list_set_comparing (TpdaStageList *self, gboolean comparing);

/* Whether there is a stage to compare: one is picked, and the clip is done. */
gboolean tpda_stage_list_can_compare (TpdaStageList *self);

G_END_DECLS
