/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "tpda-model-list.h"

G_BEGIN_DECLS

/* A model of the list: name and summary, or what is wrong with it; unfolded, all that is known.
 * With buttons to use it and, if the user added it, to take it off the list. */
#define TPDA_TYPE_MODEL_ROW (tpda_model_row_get_type ())
G_DECLARE_FINAL_TYPE (TpdaModelRow, tpda_model_row, TPDA, MODEL_ROW, AdwExpanderRow)

GtkWidget *tpda_model_row_new (TpdaModelList *list, TpdaModel *model);

TpdaModel *tpda_model_row_get_model (TpdaModelRow *self);

G_END_DECLS
