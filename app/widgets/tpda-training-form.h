/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-model-list.h"
#include "tpda-training-list.h"

G_BEGIN_DECLS

/* Everything that a new training needs: a name, a model to start from, settings.
 *
 * Emits `created` (TpdaTraining) after Start. */
#define TPDA_TYPE_TRAINING_FORM (tpda_training_form_get_type ())
G_DECLARE_FINAL_TYPE (TpdaTrainingForm, tpda_training_form, TPDA, TRAINING_FORM, AdwBin)

void tpda_training_form_set_up (TpdaTrainingForm *self, TpdaModelList *models,
                                TpdaTrainingList *trainings);

/* Suggests a name that is free by now: before the form is shown. */
void tpda_training_form_refresh (TpdaTrainingForm *self);

G_END_DECLS
