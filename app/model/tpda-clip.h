/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>
#include <gst/gst.h>

#include "tpd-clip.h"

G_BEGIN_DECLS

/* A clip that can be shown: the engine's TpdClip, and textures of its frames, made when they are
 * first asked for. Belongs to the main thread, except for the TpdClip in it, which is immutable. */
#define TPDA_TYPE_CLIP (tpda_clip_get_type ())
G_DECLARE_FINAL_TYPE (TpdaClip, tpda_clip, TPDA, CLIP, GObject)

/* Takes the engine's clip over. */
TpdaClip *tpda_clip_new (TpdClip *clip);

/* From samples of RGB video, the frames of each in its buffer list, or else in its buffer. The
 * frame rate is that of the first one's caps. Takes over the settings record, which may be NULL.
 * G_IO_ERROR_INVALID_DATA if there is no frame, or frames differ in size. */
TpdaClip *tpda_clip_new_from_samples (GPtrArray *samples, char *record, GError **error);

const TpdClip *tpda_clip_get_data (TpdaClip *self);

guint tpda_clip_get_n_frames (TpdaClip *self);

/* Seconds. */
double tpda_clip_get_duration (TpdaClip *self);

/* The frame that is shown at a time in seconds from the clip's start; times outside are clamped. */
guint tpda_clip_get_frame_at (TpdaClip *self, double seconds);

/* Borrowed. */
GdkTexture *tpda_clip_get_texture (TpdaClip *self, guint frame);

/* The frame with every pixel a square of factor × factor: GTK 4.8 scales smoothly only. Borrowed;
 * textures of one factor at a time are kept. */
GdkTexture *tpda_clip_get_pixels (TpdaClip *self, guint frame, guint factor);

G_END_DECLS
