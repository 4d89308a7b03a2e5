/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/gstvideoencoder.h>
#include <gst/video/video.h>

#include "gsttpdiffanimtexts.h"

G_BEGIN_DECLS

/* What the encoders of animated pictures have in common. Their output is a file: its bytes, in
 * order, for a filesink.
 *
 * Pictures have whole numbers of ticks to be shown: hundredths of a second in GIF, milliseconds in
 * WebP. The base class rounds the times at which pictures begin, never their durations, so that
 * rounding does not add up and the whole takes as long as the stream. For that it holds each frame
 * until the next one says when it ends. */

#define GST_TYPE_TPDIFF_ANIM_ENC (gst_tpdiff_anim_enc_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstTpdiffAnimEnc, gst_tpdiff_anim_enc, GST, TPDIFF_ANIM_ENC,
                          GstVideoEncoder)

/* When a picture is shown, in ticks since the first one. */
typedef struct
{
  guint64 start;
  guint64 duration; /* at least 1 */
  guint ticks;      /* a second has */
  gboolean is_last; /* of the file */
} GstTpdiffAnimTime;

/**
 * GstTpdiffAnimEncClass:
 * @format: the format's name in messages
 * @max_size: the greatest width and height that it can store
 * @ticks: how many a second has; 0 for as many as make the durations of the stream's frame rate
 *   exact, between 1000 and 65535
 * @min_ticks: shorter pictures are left out: viewers would show them for far too long
 * @begin: begins a file of pictures like @info
 * @add: takes the next picture. For every picture it has taken, in order, the subclass calls
 *   gst_tpdiff_anim_enc_give() once, sooner or later; the last @add does so for all that remain
 * @end: forgets the file, finished or not
 *
 * @begin and @add set errors of %GST_RESOURCE_ERROR, %GST_STREAM_ERROR or %GST_LIBRARY_ERROR.
 */
struct _GstTpdiffAnimEncClass
{
  GstVideoEncoderClass parent_class;

  const char *format;
  guint max_size;
  guint ticks;
  guint min_ticks;
  gboolean (*begin) (GstTpdiffAnimEnc *self, const GstVideoInfo *info, GError **error);
  gboolean (*add) (GstTpdiffAnimEnc *self, const GstVideoFrame *picture,
                   const GstTpdiffAnimTime *time, GError **error);
  void (*end) (GstTpdiffAnimEnc *self);
};

/* Pushes the bytes that the next picture adds to the file (transfer full). NULL: none, because the
 * picture was joined with the one before it. */
void gst_tpdiff_anim_enc_give (GstTpdiffAnimEnc *self, GBytes *bytes);

/* The property loop-count: how often the animation is to be shown, 0 for ever. */
guint gst_tpdiff_anim_enc_get_loop_count (GstTpdiffAnimEnc *self);

/* Returns: (transfer none): GstTpdiffAnimText that the stream's tags have had so far */
const GPtrArray *gst_tpdiff_anim_enc_get_texts (GstTpdiffAnimEnc *self);

/* The property's flags of a setting of a file: it applies to the next one. */
#define GST_TPDIFF_ANIM_SETTING                                                                    \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

G_END_DECLS
