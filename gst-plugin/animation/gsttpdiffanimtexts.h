/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a file says about itself, collected from the tags of its stream. */

typedef struct
{
  const char *keyword; /* as PNG has it: Title, Author, Description, Copyright, Software, Comment */
  char *text;          /* UTF-8 */
} GstTpdiffAnimText;

/* Returns: an empty list, to be freed with g_ptr_array_unref(). */
GPtrArray *gst_tpdiff_anim_texts_new (void);

/* Appends the texts of `tags` that are not in the list yet. */
void gst_tpdiff_anim_texts_add (GPtrArray *texts, const GstTagList *tags);

static inline const GstTpdiffAnimText *
gst_tpdiff_anim_texts_get (const GPtrArray *texts, guint i)
{
  return g_ptr_array_index (texts, i);
}

/* Returns: the texts as an XMP packet, which has room for the first one of each keyword; NULL if
 * there are none */
char *gst_tpdiff_anim_texts_to_xmp (const GPtrArray *texts);

G_END_DECLS
