/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "tpd-worker.h"

G_BEGIN_DECLS

/* A job of the engine's worker as an element sees it: its streaming thread waits for the clip and
 * meanwhile posts what the worker reports. Posting there rather than in the worker's thread means
 * that no report comes after the message that says how the job ended, that the worker never waits
 * for the bus, and that it needs no reference to the element. */
typedef struct _GstTpdiffJob GstTpdiffJob;

/* Gives the worker a copy of the request. */
GstTpdiffJob *gst_tpdiff_job_new (TpdWorker *worker, const TpdRequest *request);

/* Posts the messages of gsttpdiffmessages.h, start and end included, until the job has ended.
 * Returns the clip. Without one, *error says why: G_IO_ERROR_CANCELLED, or what has been posted as
 * an error message too. */
TpdClip *gst_tpdiff_job_wait (GstTpdiffJob *self, GstElement *element, GError **error);

/* The same without waiting: posts what has been reported by now. Whether the job has ended; then it
 * is not to be asked again, and *clip and *error are set as above. */
gboolean gst_tpdiff_job_poll (GstTpdiffJob *self, GstElement *element, TpdClip **clip,
                              GError **error);

/* From any thread: lets gst_tpdiff_job_wait() return at once. The worker stops within a step. */
void gst_tpdiff_job_cancel (GstTpdiffJob *self);

GstTpdiffJob *gst_tpdiff_job_ref (GstTpdiffJob *self);
void gst_tpdiff_job_unref (GstTpdiffJob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstTpdiffJob, gst_tpdiff_job_unref)

G_END_DECLS
