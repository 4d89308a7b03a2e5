/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The text of a cue as a prompt: one line, white space squeezed, tags stripped and entities
 * resolved where it is markup. What is no valid UTF-8 is replaced, markup that does not parse is
 * taken as it stands.
 *
 * Returns NULL if nothing is left: the cue is empty. */
char *gst_tpdiff_cue_text (GstBuffer *buffer, gboolean markup);

G_END_DECLS
