/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Chooses where frames lie, given an ALLOCATION query that downstream has answered: its own pool
 * if it offers one that will do, else one of ours with its allocator and alignment; with
 * GstVideoMeta, and so any strides, where downstream knows it. Afterwards the query's first pool,
 * configured but not active, and its first allocator are the ones to use. */
void gst_tpdiff_decide_allocation (GstQuery *query);

G_END_DECLS
