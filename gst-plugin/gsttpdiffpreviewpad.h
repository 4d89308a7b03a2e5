/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "tpd-progress.h"

G_BEGIN_DECLS

/* The pad "preview" of an element that generates: the estimates of the clip that the worker decodes
 * on the way, as video. It is a sometimes pad: it comes when the stream of the element's main pad,
 * "src", starts, and goes when the element stops. (Not a request pad, for GstBaseSrc starts its
 * stream only in an element with no other source pad.)
 *
 * Each estimate is a run of frames at its stage's own frame rate,
 * over the length of the clip: with three stages 4 frames at a quarter of the rate, 8 at half of
 * it, 16.
 *
 * It never holds up who generates. Estimates wait in a queue for the pad's own task, which pushes
 * them. Of one stage only the newest waits, and the first estimate of a clip drops those of the
 * clip before, so that at most one for each stage waits. One that is being shown is shown to its
 * end. When the main pad has data before there was any estimate, a GAP event goes out, so that
 * sinks need not wait for one in order to preroll. At the end of the main stream what waits is
 * still shown, then this stream ends too. Nobody needs to link the pad.
 *
 * Timestamps: an estimate begins when the one before it ends, or now, if that is later: running
 * time of its arrival plus GST_TPDIFF_PREVIEW_LEAD. So they never go back, and sinks that
 * synchronise show what they get at once, at its own pace. A pipeline that is not live plays only
 * once the main stream prerolls, that is, after the first clip: until then a sink shows the first
 * frame of the first estimate. is-live=true, or async=false at all sinks, shows all of it as it
 * comes. */
#define GST_TPDIFF_PREVIEW_LEAD (40 * GST_MSECOND)

#define GST_TYPE_TPDIFF_PREVIEW_PAD (gst_tpdiff_preview_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstTpdiffPreviewPad, gst_tpdiff_preview_pad, GST, TPDIFF_PREVIEW_PAD, GstPad)

/* Three calls give it to an element with a pad "src": the template, in class_init … */
void gst_tpdiff_preview_pad_install (GstElementClass *klass);

/* … watching "src", once it is there … */
void gst_tpdiff_preview_pad_attach (GstElement *element);

/* … and taking it away, when "src" has been deactivated. */
void gst_tpdiff_preview_pad_remove (GstElement *element);

/* Shows a report's preview, if it has one, on the element's preview pad, if it has one. From any
 * thread; never blocks. */
void gst_tpdiff_preview_pad_offer (GstElement *element, const TpdProgress *progress);

G_END_DECLS
