/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-generator.h"
#include "tpda-library.h"
#include "tpda-model-list.h"
#include "tpda-training-list.h"

G_BEGIN_DECLS

#define TPDA_APPLICATION_ID "org.tpdiff.Studio"

/* What lives as long as the process: the generator, the library that keeps its clips, the models
 * and trainings, the user's settings, and actions such as "About". */
#define TPDA_TYPE_APPLICATION (tpda_application_get_type ())
G_DECLARE_FINAL_TYPE (TpdaApplication, tpda_application, TPDA, APPLICATION, AdwApplication)

TpdaApplication *tpda_application_new (void);

/* NULL, and why in *error, if tpdiffsrc is missing. Borrowed. */
TpdaGenerator *tpda_application_get_generator (TpdaApplication *self, const GError **error);

/* Borrowed. */
TpdaLibrary *tpda_application_get_library (TpdaApplication *self);

/* Borrowed. */
GSettings *tpda_application_get_settings (TpdaApplication *self);

/* Borrowed. */
TpdaModelList *tpda_application_get_models (TpdaApplication *self);

/* Borrowed. */
TpdaTrainingList *tpda_application_get_trainings (TpdaApplication *self);

G_END_DECLS
