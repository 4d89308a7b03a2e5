/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-training.h"

G_BEGIN_DECLS

/* The trainings in a folder, the newest first: a GListModel of TpdaTraining. */
#define TPDA_TYPE_TRAINING_LIST (tpda_training_list_get_type ())
G_DECLARE_FINAL_TYPE (TpdaTrainingList, tpda_training_list, TPDA, TRAINING_LIST, GObject)

/* folder is NULL for `tpdiff/runs` of the user's data. */
TpdaTrainingList *tpda_training_list_new (const char *folder);

/* A name for a training that neither one of the list nor a model has: stem, stem-2, … */
char *tpda_training_list_suggest (TpdaTrainingList *self, const char *stem);

/* Makes a training of this name, whose result will be a model of this name, and puts it into the
 * list; see tpda_training_new(). Borrowed. G_IO_ERROR_EXISTS, G_IO_ERROR_INVALID_FILENAME. */
TpdaTraining *tpda_training_list_create (TpdaTrainingList *self, const char *name, JsonObject *base,
                                         gboolean from_new, TpdTrainConfig *config, GError **error);

/* The training of this name; NULL if there is none. (transfer full) */
TpdaTraining *tpda_training_list_find (TpdaTrainingList *self, const char *name);

/* Moves the training's folder to the trash; its result stays. Not while it runs. */
gboolean tpda_training_list_remove (TpdaTrainingList *self, TpdaTraining *training, GError **error);

/* Whether one of them computes. */
gboolean tpda_training_list_is_busy (TpdaTrainingList *self);

G_END_DECLS
