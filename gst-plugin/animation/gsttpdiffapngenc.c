/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-tpdiffapngenc
 * @title: tpdiffapngenc
 * @short_description: writes an animated PNG file
 *
 * Encodes video, without loss, as an animated PNG file. The number of pictures comes before the
 * first one, so nothing is written before the end of the stream; what is kept until then is the
 * compressed file. Viewers without animations show the first picture. The stream's title, comment
 * and so on go into the file as texts.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 tpdiffsrc prompt="a red star" ! tpdiffapngenc loop-count=3 ! \
 *     filesink location=star.png
 * ]|
 */

#include "gsttpdiffapngenc.h"

#include "gsttpdiffanimpixels.h"
#include "gsttpdiffpng.h"

enum
{
  PROP_0,
  PROP_COMPRESSION_LEVEL,
};

/* of a picture, in fcTL */
#define DISPOSE_NONE 0
#define BLEND_SOURCE 0

struct _GstTpdiffApngEnc
{
  GstTpdiffAnimEnc parent_instance;

  /* properties, under the object lock */
  int level;

  /* state of a file */
  GPtrArray *parts; /* GByteArray with the chunks of each picture */
  guint8 *last;     /* the last picture, packed */
  guint8 *pixels;   /* the next one, likewise */
  guint32 sequence; /* of the next fcTL or fdAT */
  GstVideoInfo info;
};

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                             GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE ("{ RGB, RGBA, GRAY8 }")));

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("image/apng"));

G_DEFINE_TYPE (GstTpdiffApngEnc, gst_tpdiff_apng_enc, GST_TYPE_TPDIFF_ANIM_ENC)
GST_ELEMENT_REGISTER_DEFINE (tpdiffapngenc, "tpdiffapngenc", GST_RANK_NONE,
                             GST_TYPE_TPDIFF_APNG_ENC)

static gboolean
set_no_memory (GError **error)
{
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
               "There is no memory for a picture");
  return FALSE;
}

static gsize
pixel_size (GstTpdiffApngEnc *self)
{
  return (gsize)GST_VIDEO_INFO_COMP_PSTRIDE (&self->info, 0);
}

static gboolean
gst_tpdiff_apng_enc_begin (GstTpdiffAnimEnc *enc, const GstVideoInfo *info, GError **error)
{
  GstTpdiffApngEnc *self = GST_TPDIFF_APNG_ENC (enc);
  gsize n_pixels = (gsize)info->width * (gsize)info->height;

  self->info = *info;
  self->sequence = 0;
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_byte_array_unref);
  self->last = g_try_malloc_n (n_pixels, pixel_size (self));
  self->pixels = g_try_malloc_n (n_pixels, pixel_size (self));
  return (self->last != NULL && self->pixels != NULL) || set_no_memory (error);
}

static void
gst_tpdiff_apng_enc_end (GstTpdiffAnimEnc *enc)
{
  GstTpdiffApngEnc *self = GST_TPDIFF_APNG_ENC (enc);

  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_pointer (&self->last, g_free);
  g_clear_pointer (&self->pixels, g_free);
}

/* ── pictures ── */

/* A duration as a fraction of a second whose terms have 16 bits: exact if it can be, at most 18 h.
 */
static void
write_delay (guint8 *fields, const GstTpdiffAnimTime *time)
{
  guint64 ticks = MIN (time->duration, (guint64)G_MAXUINT16 * time->ticks);
  guint64 divisor = (guint64)gst_util_greatest_common_divisor_int64 ((gint64)ticks, time->ticks);
  guint64 n = ticks / divisor;
  guint64 d = time->ticks / divisor;

  if (n > G_MAXUINT16) /* the closest fraction with the greatest numerator */
    {
      d = MAX (1, gst_util_uint64_scale_round (d, G_MAXUINT16, n));
      n = MIN (G_MAXUINT16, gst_util_uint64_scale_round (d, ticks, time->ticks));
    }
  gst_tpdiff_png_write (fields, 2, (guint)n);
  gst_tpdiff_png_write (fields + 2, 2, (guint)d);
}

static void
write_control (GstTpdiffApngEnc *self, GByteArray *file, const GstTpdiffAnimRect *rect,
               const GstTpdiffAnimTime *time)
{
  guint8 control[26];

  gst_tpdiff_png_write (control, 4, self->sequence++);
  gst_tpdiff_png_write (control + 4, 4, rect->width);
  gst_tpdiff_png_write (control + 8, 4, rect->height);
  gst_tpdiff_png_write (control + 12, 4, rect->x);
  gst_tpdiff_png_write (control + 16, 4, rect->y);
  write_delay (control + 20, time);
  control[24] = DISPOSE_NONE;
  control[25] = BLEND_SOURCE;
  gst_tpdiff_png_chunk (file, "fcTL", control, sizeof control);
}

/* Encodes the rectangle of self->pixels that is not as in the last picture. */
static GByteArray *
encode (GstTpdiffApngEnc *self, const GstTpdiffAnimTime *time)
{
  GByteArray *chunks = g_byte_array_new ();
  guint width = (guint)self->info.width, height = (guint)self->info.height;
  gboolean is_first = self->parts->len == 0;
  GstTpdiffAnimRect rect = {0, 0, width, height};
  gsize stride = width * pixel_size (self);
  GstTpdiffPngPart part;
  int level;

  if (!is_first)
    rect = gst_tpdiff_anim_difference (self->last, self->pixels, width, height,
                                       (guint)pixel_size (self));
  write_control (self, chunks, &rect, time);
  part = (GstTpdiffPngPart){self->pixels + rect.y * stride + rect.x * pixel_size (self), stride,
                            rect.width, rect.height, (guint)pixel_size (self)};
  GST_OBJECT_LOCK (self);
  level = self->level;
  GST_OBJECT_UNLOCK (self);
  if (!gst_tpdiff_png_pixels (chunks, &part, level, is_first ? NULL : &self->sequence))
    g_clear_pointer (&chunks, g_byte_array_unref);
  return chunks;
}

/* ── the file ── */

/* What comes before the first picture. */
static GByteArray *
make_head (GstTpdiffApngEnc *self)
{
  const GPtrArray *texts = gst_tpdiff_anim_enc_get_texts (GST_TPDIFF_ANIM_ENC (self));
  GByteArray *head = g_byte_array_new ();
  GstVideoFormat format = GST_VIDEO_INFO_FORMAT (&self->info);
  guint8 header[13] = {[8] = 8, [9] = 2}; /* 8 bits a sample; red, green, blue */
  guint8 control[8];

  if (format == GST_VIDEO_FORMAT_RGBA)
    header[9] = 6;
  else if (format == GST_VIDEO_FORMAT_GRAY8)
    header[9] = 0;
  g_byte_array_append (head, (const guint8 *)GST_TPDIFF_PNG_SIGNATURE, 8);
  gst_tpdiff_png_write (header, 4, (guint32)self->info.width);
  gst_tpdiff_png_write (header + 4, 4, (guint32)self->info.height);
  gst_tpdiff_png_chunk (head, "IHDR", header, sizeof header);
  gst_tpdiff_png_chunk (head, "sRGB", "", 1); /* the rendering intent: perceptual, 0 */
  gst_tpdiff_png_write (control, 4, self->parts->len);
  gst_tpdiff_png_write (control + 4, 4,
                        gst_tpdiff_anim_enc_get_loop_count (GST_TPDIFF_ANIM_ENC (self)));
  gst_tpdiff_png_chunk (head, "acTL", control, sizeof control);
  for (guint i = 0; i < texts->len; i++)
    gst_tpdiff_png_text (head, gst_tpdiff_anim_texts_get (texts, i)->keyword,
                         gst_tpdiff_anim_texts_get (texts, i)->text);
  return head;
}

static void
give_all (GstTpdiffApngEnc *self)
{
  g_autoptr (GByteArray) head = make_head (self);
  guint n = self->parts->len;

  g_byte_array_prepend (g_ptr_array_index (self->parts, 0), head->data, head->len);
  gst_tpdiff_png_chunk (g_ptr_array_index (self->parts, n - 1), "IEND", NULL, 0);
  for (guint i = 0; i < n; i++)
    {
      GByteArray *part = g_byte_array_ref (g_ptr_array_index (self->parts, i));

      gst_tpdiff_anim_enc_give (GST_TPDIFF_ANIM_ENC (self), g_byte_array_free_to_bytes (part));
    }
}

static gboolean
gst_tpdiff_apng_enc_add (GstTpdiffAnimEnc *enc, const GstVideoFrame *picture,
                         const GstTpdiffAnimTime *time, GError **error)
{
  GstTpdiffApngEnc *self = GST_TPDIFF_APNG_ENC (enc);
  GByteArray *part;
  guint8 *last = self->last;

  gst_tpdiff_anim_pack (picture, self->pixels);
  part = encode (self, time);
  if (part == NULL)
    return set_no_memory (error);
  g_ptr_array_add (self->parts, part);
  self->last = self->pixels;
  self->pixels = last;
  if (time->is_last)
    give_all (self);
  return TRUE;
}

/* ── properties ── */

static void
gst_tpdiff_apng_enc_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GST_OBJECT_LOCK (object);
  GST_TPDIFF_APNG_ENC (object)->level = g_value_get_int (value);
  GST_OBJECT_UNLOCK (object);
}

static void
gst_tpdiff_apng_enc_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GST_OBJECT_LOCK (object);
  g_value_set_int (value, GST_TPDIFF_APNG_ENC (object)->level);
  GST_OBJECT_UNLOCK (object);
}

static void
gst_tpdiff_apng_enc_class_init (GstTpdiffApngEncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstTpdiffAnimEncClass *enc_class = GST_TPDIFF_ANIM_ENC_CLASS (klass);

  object_class->set_property = gst_tpdiff_apng_enc_set_property;
  object_class->get_property = gst_tpdiff_apng_enc_get_property;
  g_object_class_install_property (
      object_class, PROP_COMPRESSION_LEVEL,
      g_param_spec_int ("compression-level", "Compression level",
                        "How hard zlib tries: 0 does not compress, 9 makes the smallest file", 0, 9,
                        6, GST_TPDIFF_ANIM_SETTING | G_PARAM_CONSTRUCT));

  gst_element_class_set_static_metadata (
      element_class, "Animated PNG encoder", "Codec/Encoder/Video",
      "Encodes video as an animated PNG file, without loss", "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);

  enc_class->format = "PNG";
  enc_class->max_size = G_MAXINT; /* 2³¹ - 1, says the standard */
  enc_class->ticks = 0;
  enc_class->min_ticks = 1;
  enc_class->begin = gst_tpdiff_apng_enc_begin;
  enc_class->add = gst_tpdiff_apng_enc_add;
  enc_class->end = gst_tpdiff_apng_enc_end;
}

static void
gst_tpdiff_apng_enc_init (GstTpdiffApngEnc *self)
{
}
