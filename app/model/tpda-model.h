/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "io/tpd-model-info.h"

G_BEGIN_DECLS

/* A model directory: what it is called at once, what is in it once the engine has looked.
 *
 * Emits `changed` when the latter becomes known. */
#define TPDA_TYPE_MODEL (tpda_model_get_type ())
G_DECLARE_FINAL_TYPE (TpdaModel, tpda_model, TPDA, MODEL, GObject)

/* id is what finds it: the name of an installed model, or a folder that the user added. */
TpdaModel *tpda_model_new (const char *id, gboolean is_added);

const char *tpda_model_get_id (TpdaModel *self);
gboolean tpda_model_is_added (TpdaModel *self);

/* That of its folder, by which it is found. */
const char *tpda_model_get_name (TpdaModel *self);

/* What tpd_model_report() said; takes both. One of them is NULL. */
void tpda_model_set_report (TpdaModel *self, JsonObject *report, GError *error);

/* Forgets the report: the model is to be looked at again. */
void tpda_model_forget_report (TpdaModel *self);

/* NULL before anyone looked, and for a folder that is no model. Borrowed. */
JsonObject *tpda_model_get_report (TpdaModel *self);

/* Whether someone looked. */
gboolean tpda_model_is_known (TpdaModel *self);

/* Whether someone looked and found nothing wrong. */
gboolean tpda_model_works (TpdaModel *self);

/* NULL if nothing is wrong or nobody looked. The first thing that is: a sentence that names the
 * part, for people. */
char *tpda_model_diagnose (TpdaModel *self);

/* All that is wrong, in the engine's words; empty if nothing is. */
GStrv tpda_model_get_problems (TpdaModel *self);

/* "Pyramid of 3 stages, vanilla · 16 frames of 64 × 64": one line. NULL without a report. */
char *tpda_model_summarize (TpdaModel *self);

/* A property of the model for a list of them. */
typedef struct
{
  char *title; /* "Memory" */
  char *text;  /* "62 MB while making a clip, …" */
} TpdaModelFact;

/* (element-type TpdaModelFact): all that is known; empty without a report. */
GPtrArray *tpda_model_list_facts (TpdaModel *self);

G_END_DECLS
