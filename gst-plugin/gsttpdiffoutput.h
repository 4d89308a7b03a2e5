/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "io/tpd-model-info.h"
#include "tpd-clip.h"

G_BEGIN_DECLS

/* A source pad that clips leave through, of an element that is no GstBaseSrc: caps, segment,
 * buffers of downstream's pool. Used by the streaming thread, except where it says otherwise. */
typedef struct
{
  GstElement *element; /* borrowed */
  GstPad *pad;         /* borrowed */

  GstVideoInfo info;       /* of the stream, once prepared */
  GstSegment segment;      /* of the stream */
  GstEvent *segment_event; /* owned, nullable: still to be sent */
  GstBufferPool *pool;     /* owned, nullable; under the element's object lock */
  gboolean discont;        /* the next buffer is one */
  guint64 n_pushed;
} GstTpdiffOutput;

void gst_tpdiff_output_init (GstTpdiffOutput *self, GstElement *element, GstPad *pad);

/* Forgets the stream. */
void gst_tpdiff_output_clear (GstTpdiffOutput *self);

/* What follows belongs to another segment, in time format. */
void gst_tpdiff_output_set_segment (GstTpdiffOutput *self, const GstSegment *segment,
                                    guint32 seqnum);

/* Negotiates, if that has not been done or downstream asks for it, and sends what has to come
 * before data. Errors are posted. */
GstFlowReturn gst_tpdiff_output_prepare (GstTpdiffOutput *self, const TpdModelInfo *model);

/* Shows frame i of a clip during [begin, end); what lies outside of the segment is left out. */
GstFlowReturn gst_tpdiff_output_push (GstTpdiffOutput *self, const TpdClip *clip, guint i,
                                      GstClockTime begin, GstClockTime end);

/* From any thread: nobody waits for a buffer while flushing. */
void gst_tpdiff_output_set_flushing (GstTpdiffOutput *self, gboolean flushing);

G_END_DECLS
