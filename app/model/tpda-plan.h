/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "io/tpd-model-info.h"
#include "tpd-request.h"

G_BEGIN_DECLS

/* One stage of a plan. */
typedef struct
{
  guint n_frames;
  guint n_steps;
} TpdaPlanStage;

/* What a request means for a model, worked out by the engine before anything runs. */
typedef struct
{
  TpdForm form;
  guint n_stages;                       /* K */
  TpdaPlanStage stages[TPD_MAX_STAGES]; /* [0] runs first: the lowest frame rate */
  guint n_steps;                        /* of all stages */
  guint n_frames;
  guint width;
  guint height;
  double fps;
  double work; /* frames that pass through the network, guidance and the solver's order counted */
  double vanilla; /* the same if all steps ran at the full frame rate */
} TpdaPlan;

/* Fills in a plan. What the model's defaults say and the request's settings do not is taken from
 * the former. Errors are the engine's: settings that contradict each other or the model. */
gboolean tpda_plan_init (TpdaPlan *self, const TpdRequest *request, const TpdModelInfo *model,
                         GError **error);

/* A sentence for people: "16 frames of 64 × 64 pixels: 2.0 s at 8 frames a second. …". */
char *tpda_plan_describe (const TpdaPlan *self);

/* How long it takes, given the seconds that a unit of work has taken before; 0 if unknown. */
char *tpda_plan_describe_time (const TpdaPlan *self, double seconds_per_work);

/* "3 s", "2 min 5 s", "1 h 10 min". */
char *tpda_format_seconds (double seconds);

G_END_DECLS
