/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/tpd-error.h"
#include "tpd-progress.h"

G_BEGIN_DECLS

/* What an element tells about a generation. On its pad "preview", if it has one, previews as video
 * (gsttpdiffpreviewpad.h); on its bus PROGRESS messages of code "generate" for
 * people, and element messages for programs:
 *
 *   tpdiff-progress   phase (string) stage stages step steps (uint) fraction seconds-left (double;
 *                     negative while unknown) monotonic-time (int64, µs: when the step was done,
 *                     for who reads it later)
 *   tpdiff-preview    stage stages step steps (uint) sample (GstSample: a list of RGB frames at the
 *                     stage's rate)
 */
void gst_tpdiff_post_start (GstElement *element);
void gst_tpdiff_post_progress (GstElement *element, const TpdProgress *progress);
void gst_tpdiff_post_end (GstElement *element, GstProgressType type, const char *text);

/* Posts a GError of the engine as an error message of the fitting GStreamer domain. */
void gst_tpdiff_post_error (GstElement *element, const GError *error);

G_END_DECLS
