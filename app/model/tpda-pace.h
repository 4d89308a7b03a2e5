/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpda-job.h"

G_BEGIN_DECLS

/* How fast clips were made before, remembered in the key `pace` (a{sd}) for each model and device:
 * seconds for a unit of a plan's work. */

/* 0 if none was made with this model and device. */
double tpda_pace_get (GSettings *settings, const TpdRequest *request);

/* Learns from a job that is done. */
void tpda_pace_learn (GSettings *settings, TpdaJob *job);

G_END_DECLS
