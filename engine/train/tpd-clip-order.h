/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The clip that a training on n clips sees i-th. Epochs: in every n consecutive ones each clip
 * comes once. The first epoch keeps the dataset's own order, later ones each have a random one, a
 * function of the seed and the epoch alone: nothing to store, any i at once. */
guint tpd_clip_order (guint64 seed, guint n, guint64 i);

G_END_DECLS
