/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffahead.h"
#include "gsttpdiffgenerator.h"
#include "gsttpdiffseries.h"
#include "gsttpdiffsrc.h"
#include "gsttpdifftimeline.h"
#include "io/tpd-model-info.h"

G_BEGIN_DECLS

/* The parts of tpdiffsrc: gsttpdiffsrc.c is the element with its properties and caps;
 * gsttpdiffsrcstream.c decides which frame comes next, gsttpdiffsrclive.c does so for live sources;
 * gsttpdiffsrcquery.c answers queries. */

/**
 * GstTpdiffUnderrun:
 * @GST_TPDIFF_UNDERRUN_HOLD: the last frame of the clip before
 * @GST_TPDIFF_UNDERRUN_REPEAT: the clip before, once more
 *
 * What a live source shows while the next clip is not made yet.
 */
typedef enum
{
  GST_TPDIFF_UNDERRUN_HOLD,
  GST_TPDIFF_UNDERRUN_REPEAT,
} GstTpdiffUnderrun;

/* What has come out since READY, and, of a live source, what should not have. */
typedef struct
{
  guint64 clips;    /* that have begun to be shown */
  guint64 frames;   /* pushed */
  guint64 repeated; /* of these, the ones shown again because the next clip was not made yet */
  guint64 dropped;  /* not pushed: their time had passed */
} GstTpdiffStats;

struct _GstTpdiffSrc
{
  GstPushSrc parent_instance;

  /* properties, under the object lock */
  TpdRequest *request;
  guint n_clips; /* 0 for ever */
  guint n_kept;
  guint n_ahead;
  GstTpdiffUnderrun underrun;

  /* owned */
  GstTpdiffGenerator *generator;

  /* state, under the object lock: other threads look at it */
  TpdModelInfo *model;          /* once negotiated; written by the streaming thread */
  GstVideoInfo info;            /* likewise */
  GstTpdiffTimeline timeline;   /* likewise */
  GstTpdiffStats stats;         /* likewise */
  gboolean failed;              /* an error has been posted */
  gboolean clock_moved;         /* the next live frame is shown at once, whatever its time */
  GstClockTimeDiff live_offset; /* from the time line to running time */

  /* state of the streaming thread */
  TpdClip *clip;     /* being shown */
  GstTagList *tags;  /* of it */
  gboolean untagged; /* they are still to be sent */
  GstTpdiffSeries series;
  gint64 index; /* of that clip, or the next one */
  guint frame;  /* the next one of it; G_MAXUINT is its last */
  gint64 n;     /* its number on the time line */
  gboolean reverse;
  gboolean sought; /* to the segment's position, which is still to be found on the time line */

  /* likewise, of a live source */
  GstTpdiffAhead ahead;
  gint64 n_begun; /* clips */
  gboolean again; /* the clip has been shown once */
  gboolean gap;   /* frames before the next one were dropped */
};

/* gsttpdiffsrcstream.c */

void gst_tpdiff_src_rewind (GstTpdiffSrc *self);
gboolean gst_tpdiff_src_do_seek (GstBaseSrc *src, GstSegment *segment);
GstFlowReturn gst_tpdiff_src_fill (GstPushSrc *src, GstBuffer *buffer);

/* The request for a clip: the properties, those under control as they are when it begins, with the
 * seed counted up from the first clip's. */
TpdRequest *gst_tpdiff_src_make_request (GstTpdiffSrc *self, gint64 index);

/* Whether there is no clip of that number. */
gboolean gst_tpdiff_src_is_end (GstTpdiffSrc *self, gint64 index);

/* Shows the clip of that number from now on. Takes it. */
GstFlowReturn gst_tpdiff_src_show (GstTpdiffSrc *self, TpdClip *clip, const TpdRequest *request,
                                   gint64 index);

/* gsttpdiffsrclive.c */

/* Chooses the frame that is due. */
GstFlowReturn gst_tpdiff_src_next_live_frame (GstTpdiffSrc *self);

/* Goes on to the frame after it. */
void gst_tpdiff_src_step_live (GstTpdiffSrc *self);

/* After a flush, which has cancelled the clips ahead: they are begun again. */
void gst_tpdiff_src_restart_live (GstTpdiffSrc *self);

void gst_tpdiff_src_get_times (GstBaseSrc *src, GstBuffer *buffer, GstClockTime *start,
                               GstClockTime *end);

/* gsttpdiffsrcquery.c */

/* Answers a query, if it is one that the base class knows less about. */
gboolean gst_tpdiff_src_answer (GstTpdiffSrc *self, GstQuery *query);

/* When the stream ends; GST_CLOCK_TIME_NONE while unknown, and if it never does. Called with the
 * object lock. */
GstClockTime gst_tpdiff_src_get_duration (GstTpdiffSrc *self);

G_END_DECLS
