/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "io/tpd-model-info.h"
#include "tpd-request.h"

G_BEGIN_DECLS

/* What determines a clip, as properties of an element: model, device, prompt, negative-prompt,
 * preview, preview-decoder, and the sampler's settings. */

/* Installs them with ids from first_id up; the prompt is each element's own to describe. */
void gst_tpdiff_request_install (GObjectClass *klass, guint first_id, const char *prompt_blurb);

/* The value of one of them, named by spec, into or from a request. The caller holds the lock that
 * guards the request. */
void gst_tpdiff_request_set_property (TpdRequest *self, const GValue *value, GParamSpec *spec);
void gst_tpdiff_request_get_property (const TpdRequest *self, GValue *value, GParamSpec *spec);

/* Frames of a clip of this model with the request's settings. */
guint gst_tpdiff_request_get_n_frames (const TpdRequest *self, const TpdModelInfo *model);

G_END_DECLS
