/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-training-list.h"

G_BEGIN_DECLS

/* A training: how far it is, its losses, its samples, what went wrong; with buttons to pause,
 * resume and use it.
 *
 * Emits `use` when its result is to be used, `remove` when it is to go. */
#define TPDA_TYPE_TRAINING_VIEW (tpda_training_view_get_type ())
G_DECLARE_FINAL_TYPE (TpdaTrainingView, tpda_training_view, TPDA, TRAINING_VIEW, AdwBin)

/* The list has the trainings that one can be compared with. */
void tpda_training_view_set_up (TpdaTrainingView *self, TpdaTrainingList *trainings);

/* NULL for none. */
void tpda_training_view_set_training (TpdaTrainingView *self, TpdaTraining *training);

/* NULL if it shows none. Borrowed. */
TpdaTraining *tpda_training_view_get_training (TpdaTrainingView *self);

G_END_DECLS
