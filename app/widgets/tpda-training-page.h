/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-model-list.h"
#include "tpda-training-list.h"

G_BEGIN_DECLS

/* Where models are trained: the trainings that there are, one of them, or the form for a new one.
 *
 * Emits `use` (the id of a model) when a result is to be used. */
#define TPDA_TYPE_TRAINING_PAGE (tpda_training_page_get_type ())
G_DECLARE_FINAL_TYPE (TpdaTrainingPage, tpda_training_page, TPDA, TRAINING_PAGE, AdwBin)

void tpda_training_page_set_up (TpdaTrainingPage *self, TpdaModelList *models,
                                TpdaTrainingList *trainings);

G_END_DECLS
