/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffjob.h"

G_BEGIN_DECLS

/* What an element generates with: a worker of the engine, the jobs it was given, and the clips that
 * were made last. While it is flushing, as elements are when they go down, seek or are told to end,
 * it takes no jobs and cancels those it has. Thread-safe. */
typedef struct _GstTpdiffGenerator GstTpdiffGenerator;

/* The element gets the messages; it is borrowed, and frees the generator before it goes. */
GstTpdiffGenerator *gst_tpdiff_generator_new (GstElement *element);

/* Waits until the worker, whose jobs are cancelled, has stopped, which takes a step at most. */
void gst_tpdiff_generator_free (GstTpdiffGenerator *self);

/* Between TRUE and FALSE nothing is generated, and whoever waits returns at once. */
void gst_tpdiff_generator_set_flushing (GstTpdiffGenerator *self, gboolean flushing);

/* How many of the clips that gst_tpdiff_generator_make() made are kept; 0 to begin with. */
void gst_tpdiff_generator_set_kept (GstTpdiffGenerator *self, guint n_clips);

/* Keeps none of them any longer. */
void gst_tpdiff_generator_forget_clips (GstTpdiffGenerator *self);

/* Makes a clip, or takes the kept one of the same request; blocks the calling thread until it is
 * there: GST_FLOW_OK; GST_FLOW_FLUSHING; or GST_FLOW_ERROR, and then the reason has been posted. */
GstFlowReturn gst_tpdiff_generator_make (GstTpdiffGenerator *self, const TpdRequest *request,
                                         TpdClip **clip);

/* The same in two halves, for those who make clips ahead. Jobs are done in the order in which they
 * were begun; look at them in that order, too. NULL while flushing. */
GstTpdiffJob *gst_tpdiff_generator_begin (GstTpdiffGenerator *self, const TpdRequest *request);

/* What comes of a job, which is over then, and taken: as gst_tpdiff_generator_make(). */
GstFlowReturn gst_tpdiff_generator_wait (GstTpdiffGenerator *self, GstTpdiffJob *job,
                                         TpdClip **clip);

/* What has come of it; GST_TPDIFF_FLOW_NOT_YET, and the job goes on. */
#define GST_TPDIFF_FLOW_NOT_YET GST_FLOW_CUSTOM_SUCCESS
GstFlowReturn gst_tpdiff_generator_look (GstTpdiffGenerator *self, GstTpdiffJob *job,
                                         TpdClip **clip);

/* Gives it up. Takes it. */
void gst_tpdiff_generator_abandon (GstTpdiffGenerator *self, GstTpdiffJob *job);

G_END_DECLS
