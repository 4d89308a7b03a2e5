/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip.h"

G_DEFINE_BOXED_TYPE (TpdClip, tpd_clip, tpd_clip_ref, tpd_clip_unref)

TpdClip *
tpd_clip_new (guint n_frames, guint width, guint height, guint fps_n, guint fps_d, GBytes *rgb,
              char *record)
{
  TpdClip *self = g_new (TpdClip, 1);

  g_assert (g_bytes_get_size (rgb) == (gsize)n_frames * height * width * 3);
  *self = (TpdClip){n_frames, width, height, fps_n, fps_d, rgb, record};
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

TpdClip *
tpd_clip_ref (TpdClip *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_clip_unref (TpdClip *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_bytes_unref (self->rgb);
  g_free (self->record);
  g_free (self);
}

const guint8 *
tpd_clip_get_frame (const TpdClip *self, guint i)
{
  const guint8 *pixels = g_bytes_get_data (self->rgb, NULL);

  g_assert (i < self->n_frames);
  return pixels + (gsize)i * self->height * self->width * 3;
}
