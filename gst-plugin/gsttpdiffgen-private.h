/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdifffeed.h"
#include "gsttpdiffgen.h"
#include "gsttpdiffgenerator.h"
#include "gsttpdiffoutput.h"
#include "gsttpdiffplan.h"

G_BEGIN_DECLS

/* The parts of tpdiffgen: gsttpdiffgen.c is the element with its properties and life cycle;
 * gsttpdiffgencue.c makes a clip of every cue and shows it; gsttpdiffgentext.c is the stream that
 * the cues come in, gsttpdiffgenfeed.c the request pads. */

GST_DEBUG_CATEGORY_EXTERN (tpdiffgen_debug);

/* What comes between cues. */
typedef enum
{
  GST_TPDIFF_GAP_EVENT,
  GST_TPDIFF_GAP_HOLD,
} GstTpdiffGap;

struct _GstTpdiffGen
{
  GstElement parent_instance;

  /* properties, under the object lock */
  TpdRequest *request; /* its prompt goes in front of every cue's */
  GstTpdiffFit fit;
  GstTpdiffGap gap;
  gboolean fixed_seed;

  /* owned */
  GstTpdiffGenerator *generator;

  /* state, under the object lock */
  TpdModelInfo *model;  /* from its first use until READY */
  GstTpdiffFeed *image; /* owned, nullable: of the request pads */
  GstTpdiffFeed *video;

  /* state of the text pad's streaming thread */
  GstTpdiffOutput output;
  gboolean markup;
  GstClockTime position; /* up to where something has been shown, or is known to be a gap */
  GstClockTime last_end; /* of the last cue */
  TpdClip *last_clip;    /* owned, nullable */
  guint last_frame;      /* shown of it */
  guint n_done;          /* clips */
  GPtrArray *records;    /* owned: of clips 1 to 1000 at most */
};

/* gsttpdiffgen.c */

/* What the model is, read when first asked for. NULL if it cannot be; that has been posted. */
const TpdModelInfo *gst_tpdiff_gen_get_model (GstTpdiffGen *self);

/* gsttpdiffgencue.c */

/* A cue: the text pad's chain function. */
GstFlowReturn gst_tpdiff_gen_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer);

/* Reads the model and negotiates, where that has not been done. */
GstFlowReturn gst_tpdiff_gen_prepare (GstTpdiffGen *self);

/* The last word of a stream: of a film of several clips, how each of them was made. */
void gst_tpdiff_gen_tag_film (GstTpdiffGen *self);

/* There is nothing new to show up to that time. */
GstFlowReturn gst_tpdiff_gen_fill_gap (GstTpdiffGen *self, GstClockTime end);

/* gsttpdiffgentext.c */

gboolean gst_tpdiff_gen_text_event (GstPad *pad, GstObject *parent, GstEvent *event);
gboolean gst_tpdiff_gen_activate_text (GstPad *pad, GstObject *parent, GstPadMode mode,
                                       gboolean active);

/* What comes next has nothing to do with what came before. */
void gst_tpdiff_gen_forget_stream (GstTpdiffGen *self);

/* gsttpdiffgenfeed.c */

GstPad *gst_tpdiff_gen_request_new_pad (GstElement *element, GstPadTemplate *template,
                                        const char *name, const GstCaps *caps);
void gst_tpdiff_gen_release_pad (GstElement *element, GstPad *pad);

/* The feed of a request pad; NULL if there is no such pad. */
GstTpdiffFeed *gst_tpdiff_gen_ref_feed (GstTpdiffGen *self, GstTpdiffFeed **member);

void gst_tpdiff_gen_for_each_feed (GstTpdiffGen *self,
                                   void (*set) (GstTpdiffFeed *feed, gboolean flag), gboolean flag);

G_END_DECLS
