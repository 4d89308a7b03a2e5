/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An animated picture as other people's decoders read it: giflib, libwebp's WebPAnimDecoder, libpng
 * (one animation frame at a time). Whatever is wrong with the file fails the test. */
typedef struct
{
  guint width, height;
  guint n;
  GByteArray *rgba; /* [n, height, width, 4], as shown */
  GArray *ticks; /* guint, for how long each is shown: GIF 1/100 s, WebP 1/1000 s, PNG 1/100000 s */
  guint area;    /* pixels that are stored, of all pictures (not of WebP) */
  guint n_palettes; /* of GIF */
  int plays;        /* 0 for ever */
  char *text;       /* everything that the file says, one a line; XMP as it is */
} Animation;

Animation *animation_decode_gif (GBytes *file);
Animation *animation_decode_webp (GBytes *file);
Animation *animation_decode_png (GBytes *file);
void animation_free (Animation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Animation, animation_free)

static inline const guint8 *
animation_get (const Animation *self, guint i)
{
  return self->rgba->data + (gsize)i * self->width * self->height * 4;
}

static inline guint
animation_get_ticks (const Animation *self, guint i)
{
  return g_array_index (self->ticks, guint, i);
}

/* The picture that is shown at a time; a decoder may have joined pictures that are alike. */
const guint8 *animation_at (const Animation *self, double seconds, guint ticks_per_second);

guint animation_total_ticks (const Animation *self);

G_END_DECLS
