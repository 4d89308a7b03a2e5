/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpda-plan.h"
#include "tpda-stage.h"

G_BEGIN_DECLS

typedef enum
{
  TPDA_JOB_WAITING,
  TPDA_JOB_RUNNING,
  TPDA_JOB_DONE,
  TPDA_JOB_FAILED,
  TPDA_JOB_CANCELLED,
} TpdaJobState;

/* One clip that somebody wants: the request, its plan, how far it is, and what came of it. Emits
 * `changed` when any of this does, though not more often than a person can follow; its stages have
 * a signal of their own. A TpdaGenerator runs it. */
#define TPDA_TYPE_JOB (tpda_job_get_type ())
G_DECLARE_FINAL_TYPE (TpdaJob, tpda_job, TPDA, JOB, GObject)

/* Copies both. */
TpdaJob *tpda_job_new (const TpdRequest *request, const TpdaPlan *plan);

const TpdRequest *tpda_job_get_request (TpdaJob *self);
const TpdaPlan *tpda_job_get_plan (TpdaJob *self);

/* TpdaStage, in the order in which they run. Borrowed. */
GListModel *tpda_job_get_stages (TpdaJob *self);

TpdaJobState tpda_job_get_state (TpdaJob *self);
gboolean tpda_job_has_ended (TpdaJob *self);

/* 0 to 1. */
double tpda_job_get_fraction (TpdaJob *self);

/* Seconds; negative while unknown. */
double tpda_job_get_left (TpdaJob *self);

/* Seconds since it began, or that it took. */
double tpda_job_get_elapsed (TpdaJob *self);

/* A few words: "Stage 2 of 3, step 14 of 30", "Done in 4.2 s", or what went wrong. */
char *tpda_job_describe (TpdaJob *self);

/* When done. Borrowed. */
TpdaClip *tpda_job_get_clip (TpdaJob *self);

/* When failed. */
const GError *tpda_job_get_error (TpdaJob *self);

/* What the element warned of, NULL if nothing. */
const char *tpda_job_get_warning (TpdaJob *self);

/* ── for who runs it ── */

void tpda_job_start (TpdaJob *self);

/* Takes in a tpdiff-progress or tpdiff-preview message of the element (gsttpdiffmessages.h). */
void tpda_job_report (TpdaJob *self, const GstStructure *message);
void tpda_job_warn (TpdaJob *self, const char *warning);

/* How it ends. */
void tpda_job_finish (TpdaJob *self, TpdaClip *clip);
void tpda_job_fail (TpdaJob *self, const GError *error);
void tpda_job_cancel (TpdaJob *self);

G_END_DECLS
