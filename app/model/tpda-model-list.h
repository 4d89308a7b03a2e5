/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-model.h"

G_BEGIN_DECLS

/* The models that there are: installed ones (tpd_model_list()), then folders that the user added,
 * which GSettings keep. A GListModel of TpdaModel; the engine looks at each in a thread.
 *
 * Property `current`: the id of the model that clips are made with. */
#define TPDA_TYPE_MODEL_LIST (tpda_model_list_get_type ())
G_DECLARE_FINAL_TYPE (TpdaModelList, tpda_model_list, TPDA, MODEL_LIST, GObject)

TpdaModelList *tpda_model_list_new (GSettings *settings);

/* Looks for models that came or went, and looks into all of them again. */
void tpda_model_list_refresh (TpdaModelList *self);

/* Adds a folder, or does nothing if it is there already. What is wrong with it, its entry says. */
void tpda_model_list_add (TpdaModelList *self, const char *folder);

/* Takes a folder that was added off the list. Its files stay. */
void tpda_model_list_remove (TpdaModelList *self, TpdaModel *model);

/* NULL if there is none of this id. Borrowed. */
TpdaModel *tpda_model_list_find (TpdaModelList *self, const char *id);

/* Borrowed. The id may be of a model that is not in the list. */
const char *tpda_model_list_get_current (TpdaModelList *self);
void tpda_model_list_set_current (TpdaModelList *self, const char *id);

G_END_DECLS
