/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-model-list.h"

G_BEGIN_DECLS

/* Where models are looked into and chosen, and folders of models added. */
#define TPDA_TYPE_MODELS_PAGE (tpda_models_page_get_type ())
G_DECLARE_FINAL_TYPE (TpdaModelsPage, tpda_models_page, TPDA, MODELS_PAGE, AdwBin)

void tpda_models_page_set_up (TpdaModelsPage *self, TpdaModelList *list);

G_END_DECLS
