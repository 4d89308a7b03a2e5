/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffjob.h"

G_BEGIN_DECLS

/* What an element generates with: a worker of the engine, and the jobs it was given. While it is
 * flushing, as elements are when they go down, seek or are told to end, it takes no jobs and
 * cancels those it has. Thread-safe. */
typedef struct _GstTpdiffGenerator GstTpdiffGenerator;

/* The element gets the messages; it is borrowed, and frees the generator before it goes. */
GstTpdiffGenerator *gst_tpdiff_generator_new (GstElement *element);

/* Waits until the worker, whose jobs are cancelled, has stopped, which takes a step at most. */
void gst_tpdiff_generator_free (GstTpdiffGenerator *self);

/* Makes a clip, blocking the calling thread until it is there: GST_FLOW_OK; GST_FLOW_FLUSHING;
 * or GST_FLOW_ERROR, and then the reason has been posted. */
GstFlowReturn gst_tpdiff_generator_make (GstTpdiffGenerator *self, const TpdRequest *request,
                                         TpdClip **clip);

/* Between TRUE and FALSE nothing is generated, and whoever waits returns at once. */
void gst_tpdiff_generator_set_flushing (GstTpdiffGenerator *self, gboolean flushing);

G_END_DECLS
