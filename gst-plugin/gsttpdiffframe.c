/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffframe.h"

#include <string.h>

#include "gsttpdiffcaps.h"
#include "io/tpd-yuv.h"

GstCaps *
gst_tpdiff_clip_caps (const TpdClip *clip)
{
  return gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT,
                              (int)clip->width, "height", G_TYPE_INT, (int)clip->height,
                              "framerate", GST_TYPE_FRACTION, (int)clip->fps_n, (int)clip->fps_d,
                              "colorimetry", G_TYPE_STRING, GST_TPDIFF_RGB_COLORIMETRY, NULL);
}

static void
fill_rgb (const guint8 *rgb, GstVideoFrame *frame)
{
  gsize row = (gsize)GST_VIDEO_FRAME_WIDTH (frame) * 3;
  guint8 *out = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);

  for (int y = 0; y < GST_VIDEO_FRAME_HEIGHT (frame); y++)
    memcpy (out + (gsize)y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), rgb + (gsize)y * row, row);
}

static void
fill_i420 (const guint8 *rgb, GstVideoFrame *frame)
{
  TpdI420 planes;

  for (guint i = 0; i < 3; i++)
    {
      planes.plane[i] = GST_VIDEO_FRAME_PLANE_DATA (frame, i);
      planes.stride[i] = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (frame, i);
    }
  tpd_rgb_to_i420 (rgb, (guint)GST_VIDEO_FRAME_WIDTH (frame), (guint)GST_VIDEO_FRAME_HEIGHT (frame),
                   &planes);
}

gboolean
gst_tpdiff_fill_buffer (const TpdClip *clip, guint i, const GstVideoInfo *info, GstBuffer *buffer)
{
  const guint8 *rgb = tpd_clip_get_frame (clip, i);
  GstVideoFrame frame;

  if ((guint)GST_VIDEO_INFO_WIDTH (info) != clip->width ||
      (guint)GST_VIDEO_INFO_HEIGHT (info) != clip->height ||
      !gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE))
    return FALSE;
  if (GST_VIDEO_FRAME_FORMAT (&frame) == GST_VIDEO_FORMAT_I420)
    fill_i420 (rgb, &frame);
  else
    fill_rgb (rgb, &frame);
  gst_video_frame_unmap (&frame);
  return TRUE;
}

GstBuffer *
gst_tpdiff_frame_buffer (const TpdClip *clip, guint i, const GstVideoInfo *info)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (info), NULL);

  gst_tpdiff_fill_buffer (clip, i, info, buffer);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (i, clip->fps_d * GST_SECOND, clip->fps_n);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (i + 1, clip->fps_d * GST_SECOND, clip->fps_n) -
      GST_BUFFER_PTS (buffer);
  return buffer;
}

GstSample *
gst_tpdiff_clip_sample (const TpdClip *clip)
{
  g_autoptr (GstCaps) caps = gst_tpdiff_clip_caps (clip);
  GstBufferList *list = gst_buffer_list_new_sized (clip->n_frames);
  GstVideoInfo info;
  GstSample *sample;

  gst_video_info_from_caps (&info, caps);
  for (guint i = 0; i < clip->n_frames; i++)
    gst_buffer_list_add (list, gst_tpdiff_frame_buffer (clip, i, &info));
  sample = gst_sample_new (gst_buffer_list_get (list, 0), caps, NULL, NULL);
  gst_sample_set_buffer_list (sample, list);
  gst_buffer_list_unref (list);
  return sample;
}
