/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/tpd-macros.h"

G_BEGIN_DECLS

#define TPD_TYPE_CLIP (tpd_clip_get_type ())
TPD_API GType tpd_clip_get_type (void);

/**
 * TpdClip: (ref-func tpd_clip_ref) (unref-func tpd_clip_unref)
 * @n_frames: number of frames, at least 1
 * @width: width in pixels
 * @height: height in pixels
 * @fps_n: numerator of the frame rate
 * @fps_d: denominator of the frame rate
 * @rgb: the pixels, 8-bit sRGB, [frame][row][column][3], no padding
 * @record: (nullable): the settings that made it, JSON (see [method@Tpd.Request.to_json]); %NULL
 * for previews
 *
 * A finished clip, or the current estimate of one. Immutable and reference-counted.
 */
typedef struct
{
  guint n_frames;
  guint width;
  guint height;
  guint fps_n;
  guint fps_d;
  GBytes *rgb;
  char *record;

  /*< private >*/
  gatomicrefcount ref_count;
} TpdClip;

/**
 * tpd_clip_new:
 * @rgb: (transfer full): the pixels
 * @record: (transfer full) (nullable): the settings record
 *
 * Returns: (transfer full): a clip
 */
TPD_API TpdClip *tpd_clip_new (guint n_frames, guint width, guint height, guint fps_n, guint fps_d,
                               GBytes *rgb, char *record);
TPD_API TpdClip *tpd_clip_ref (TpdClip *self);
TPD_API void tpd_clip_unref (TpdClip *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdClip, tpd_clip_unref)

/**
 * tpd_clip_get_frame: (skip)
 *
 * Returns: (transfer none): the pixels of frame @i, [row][column][3]
 */
TPD_API const guint8 *tpd_clip_get_frame (const TpdClip *self, guint i);

G_END_DECLS
