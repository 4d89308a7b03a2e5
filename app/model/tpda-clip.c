/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-clip.h"

#include <gst/video/video.h>

struct _TpdaClip
{
  GObject parent_instance;

  /* owned */
  TpdClip *data;
  GPtrArray *textures; /* by frame, NULL until asked for */
  GPtrArray *pixels;   /* likewise, of one factor */

  /* state */
  guint factor; /* of pixels */
};

G_DEFINE_FINAL_TYPE (TpdaClip, tpda_clip, G_TYPE_OBJECT)

static void
clear_texture (gpointer texture)
{
  if (texture != NULL)
    g_object_unref (texture);
}

static GPtrArray *
new_textures (guint n)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (clear_texture);

  g_ptr_array_set_size (array, (int)n);
  return array;
}

TpdaClip *
tpda_clip_new (TpdClip *clip)
{
  TpdaClip *self = g_object_new (TPDA_TYPE_CLIP, NULL);

  self->data = clip;
  self->textures = new_textures (clip->n_frames);
  self->pixels = new_textures (clip->n_frames);
  return self;
}

/* ── from GStreamer ── */

/* Appends the frame's rows without their padding. */
static gboolean
append_frame (GByteArray *rgb, GstBuffer *buffer, const GstVideoInfo *info)
{
  GstVideoFrame frame;

  if (!gst_video_frame_map (&frame, info, buffer, GST_MAP_READ))
    return FALSE;
  for (int y = 0; y < GST_VIDEO_FRAME_HEIGHT (&frame); y++)
    g_byte_array_append (rgb,
                         (const guint8 *)GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) +
                             (gsize)y * (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
                         (guint)GST_VIDEO_FRAME_WIDTH (&frame) * 3);
  gst_video_frame_unmap (&frame);
  return TRUE;
}

/* Appends a sample's frames and counts them; FALSE if they are not as `info` says. */
static gboolean
append_sample (GByteArray *rgb, guint *n_frames, GstSample *sample, const GstVideoInfo *info)
{
  GstBufferList *list = gst_sample_get_buffer_list (sample);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstVideoInfo own;

  if (gst_sample_get_caps (sample) == NULL ||
      !gst_video_info_from_caps (&own, gst_sample_get_caps (sample)) ||
      GST_VIDEO_INFO_FORMAT (&own) != GST_VIDEO_FORMAT_RGB || own.width != info->width ||
      own.height != info->height)
    return FALSE;
  if (list == NULL)
    {
      ++*n_frames;
      return buffer != NULL && append_frame (rgb, buffer, &own);
    }
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    if (!append_frame (rgb, gst_buffer_list_get (list, i), &own))
      return FALSE;
  *n_frames += gst_buffer_list_length (list);
  return TRUE;
}

TpdaClip *
tpda_clip_new_from_samples (GPtrArray *samples, char *record, GError **error)
{
  g_autofree char *owned_record = record;
  g_autoptr (GByteArray) rgb = g_byte_array_new ();
  GstCaps *caps = samples->len > 0 ? gst_sample_get_caps (samples->pdata[0]) : NULL;
  GstVideoInfo info;
  guint n_frames = 0;

  if (caps != NULL && gst_video_info_from_caps (&info, caps))
    for (guint i = 0; i < samples->len; i++)
      if (!append_sample (rgb, &n_frames, samples->pdata[i], &info))
        {
          n_frames = 0;
          break;
        }
  if (n_frames == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "The pipeline gave %u samples, expected RGB frames of one size", samples->len);
      return NULL;
    }
  return tpda_clip_new (tpd_clip_new (n_frames, (guint)info.width, (guint)info.height,
                                      (guint)MAX (info.fps_n, 1), (guint)MAX (info.fps_d, 1),
                                      g_byte_array_free_to_bytes (g_steal_pointer (&rgb)),
                                      g_steal_pointer (&owned_record)));
}

/* ── looking at it ── */

const TpdClip *
tpda_clip_get_data (TpdaClip *self)
{
  return self->data;
}

guint
tpda_clip_get_n_frames (TpdaClip *self)
{
  return self->data->n_frames;
}

double
tpda_clip_get_duration (TpdaClip *self)
{
  return (double)self->data->n_frames * self->data->fps_d / self->data->fps_n;
}

guint
tpda_clip_get_frame_at (TpdaClip *self, double seconds)
{
  double frame = seconds * self->data->fps_n / self->data->fps_d;

  return (guint)CLAMP (frame, 0, self->data->n_frames - 1);
}

static GdkTexture *
new_texture (GBytes *rgb, guint width, guint height)
{
  return gdk_memory_texture_new ((int)width, (int)height, GDK_MEMORY_R8G8B8, rgb, (gsize)width * 3);
}

GdkTexture *
tpda_clip_get_texture (TpdaClip *self, guint frame)
{
  const TpdClip *clip = self->data;

  g_return_val_if_fail (frame < clip->n_frames, NULL);
  if (self->textures->pdata[frame] == NULL)
    {
      gsize size = (gsize)clip->width * clip->height * 3;
      g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (clip->rgb, frame * size, size);

      self->textures->pdata[frame] = new_texture (bytes, clip->width, clip->height);
    }
  return self->textures->pdata[frame];
}

/* Every pixel becomes a square. */
static GBytes *
enlarge (const guint8 *rgb, guint width, guint height, guint factor)
{
  gsize row = (gsize)width * factor * 3;
  guint8 *big = g_malloc (row * height * factor);

  for (guint y = 0; y < height; y++)
    {
      guint8 *first = big + (gsize)y * factor * row;
      guint8 *out = first;

      for (guint x = 0; x < width; x++, rgb += 3)
        for (guint i = 0; i < factor; i++, out += 3)
          memcpy (out, rgb, 3);
      for (guint i = 1; i < factor; i++)
        memcpy (first + i * row, first, row);
    }
  return g_bytes_new_take (big, row * height * factor);
}

GdkTexture *
tpda_clip_get_pixels (TpdaClip *self, guint frame, guint factor)
{
  const TpdClip *clip = self->data;

  g_return_val_if_fail (frame < clip->n_frames && factor > 0, NULL);
  if (factor == 1)
    return tpda_clip_get_texture (self, frame);
  if (factor != self->factor)
    {
      g_ptr_array_unref (self->pixels);
      self->pixels = new_textures (clip->n_frames);
      self->factor = factor;
    }
  if (self->pixels->pdata[frame] == NULL)
    {
      g_autoptr (GBytes) bytes =
          enlarge (tpd_clip_get_frame (clip, frame), clip->width, clip->height, factor);

      self->pixels->pdata[frame] = new_texture (bytes, clip->width * factor, clip->height * factor);
    }
  return self->pixels->pdata[frame];
}

static void
tpda_clip_finalize (GObject *object)
{
  TpdaClip *self = TPDA_CLIP (object);

  g_clear_pointer (&self->data, tpd_clip_unref);
  g_clear_pointer (&self->textures, g_ptr_array_unref);
  g_clear_pointer (&self->pixels, g_ptr_array_unref);
  G_OBJECT_CLASS (tpda_clip_parent_class)->finalize (object);
}

static void
tpda_clip_class_init (TpdaClipClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_clip_finalize;
}

static void
tpda_clip_init (TpdaClip *self)
{
}
