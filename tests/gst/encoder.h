/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "animation.h"

G_BEGIN_DECLS

/* Encoders of animations in a harness, and pictures for them. */

typedef struct
{
  const char *element;
  const char *lossless; /* … with these settings, for pictures of few colours */
  Animation *(*decode) (GBytes *file);
  guint ticks;                  /* per second, as decoded */
  const char *other_formats[3]; /* of pixels, besides RGB; ends with NULL */
} Format;

extern const Format format_gif, format_webp, format_apng;

typedef struct
{
  GstHarness *harness;
  GstBus *bus;
  GstVideoInfo info; /* of the caps that were set */
} Encoder;

/* launch: the element, with properties */
Encoder *encoder_new (const char *launch);
void encoder_free (Encoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Encoder, encoder_free)

void encoder_set_caps (Encoder *self, const char *format, int width, int height, int fps_n,
                       int fps_d);

/* Pushes a picture whose rows have no padding. */
GstFlowReturn encoder_push_at (Encoder *self, const guint8 *pixels, GstClockTime pts,
                               GstClockTime duration);

/* Pushes the n-th picture of the frame rate. */
GstFlowReturn encoder_push (Encoder *self, const guint8 *pixels, guint n);

/* Returns: (transfer full): what has come out since the last time */
GBytes *encoder_pull (Encoder *self);

/* Ends the stream. Returns: (transfer full): what has come out since the last time */
GBytes *encoder_finish (Encoder *self);

/* Encodes pictures [n, height, width, channels] at 10 frames a second, and decodes them. */
Animation *round_trip (const Format *format, const char *launch, const char *pixel_format,
                       guint width, guint height, guint n, const guint8 *pixels);

/* Pixels of at most 60 colours, of which a random rectangle changes from picture to picture; now
 * and then nothing does. [n, height, width, channels] Free with g_free(). */
guint8 *make_few_colours (GRand *rand, guint width, guint height, guint channels, guint n);

/* A gradient of many colours that moves. [n, height, width, 3] Free with g_free(). */
guint8 *make_gradient (guint width, guint height, guint n);

G_END_DECLS
