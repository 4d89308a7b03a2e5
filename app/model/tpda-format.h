/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A kind of file that clips can be exported to, and the GStreamer elements that write it. */
typedef struct
{
  const char *id;        /* in settings */
  const char *name;      /* for people; translate it */
  const char *extension; /* without the dot; NULL for a folder of pictures */
  const char *pixels;    /* the format that the encoder is given, for GStreamer's caps */
  const char *encoder;   /* a bit of pipeline; each %u in it is the quality's number */
  const char *writer;    /* what follows, up to the sink; may be empty */
  guint worst;           /* the encoder's number for quality 0 */
  guint best;            /* and for 100 */
  double worst_bits;     /* for a pixel at quality 0, by order of magnitude */
  double best_bits;      /* and at 100 */
  const char *loops; /* property of the encoder that counts repetitions; NULL repeats the frames */
} TpdaFormat;

/* Those whose elements are installed, the most useful first. */
const TpdaFormat *const *tpda_format_list (guint *n);

/* NULL if it is not in the list. */
const TpdaFormat *tpda_format_find (const char *id);

gboolean tpda_format_has_quality (const TpdaFormat *self);

/* From raw video to what the sink takes, for gst_parse_launch(). quality is 0 to 100; loops counts
 * for formats that repeat by themselves, 0 being for ever. */
char *tpda_format_pipeline (const TpdaFormat *self, guint quality, guint loops);

/* The name of the sink's file in a folder of pictures. */
#define TPDA_FORMAT_PICTURE "frame-%05d.png"

G_END_DECLS
