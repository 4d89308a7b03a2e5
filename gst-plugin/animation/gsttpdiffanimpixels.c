/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffanimpixels.h"

#include <string.h>

void
gst_tpdiff_anim_pack (const GstVideoFrame *picture, guint8 *pixels)
{
  const guint8 *plane = GST_VIDEO_FRAME_PLANE_DATA (picture, 0);
  gsize stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (picture, 0);
  gsize row =
      (gsize)GST_VIDEO_FRAME_WIDTH (picture) * (gsize)GST_VIDEO_FRAME_COMP_PSTRIDE (picture, 0);

  for (gsize y = 0; y < (gsize)GST_VIDEO_FRAME_HEIGHT (picture); y++)
    memcpy (pixels + y * row, plane + y * stride, row);
}

GstTpdiffAnimRect
gst_tpdiff_anim_difference (const guint8 *a, const guint8 *b, guint width, guint height,
                            guint pixel_size)
{
  gsize row = (gsize)width * pixel_size;
  gsize left = row, right = 0; /* bytes of a row, right excluded */
  guint top = 0, bottom = height;

  while (top < bottom && memcmp (a + top * row, b + top * row, row) == 0)
    top++;
  if (top == bottom)
    return (GstTpdiffAnimRect){0, 0, 1, 1};
  while (memcmp (a + (bottom - 1) * row, b + (bottom - 1) * row, row) == 0)
    bottom--;
  for (gsize y = top; y < bottom; y++)
    {
      gsize x = 0;

      while (x < left && a[y * row + x] == b[y * row + x])
        x++;
      left = x;
      for (x = row; x > right && a[y * row + x - 1] == b[y * row + x - 1];)
        x--;
      right = x;
    }
  left /= pixel_size;
  right = (right + pixel_size - 1) / pixel_size;
  return (GstTpdiffAnimRect){(guint)left, top, (guint)(right - left), bottom - top};
}
