/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-tpdiffwebpenc
 * @title: tpdiffwebpenc
 * @short_description: writes an animated WebP file
 *
 * Encodes video as an animated WebP file with libwebp. The file's header says how long it is, so
 * nothing is written before the end of the stream; what is kept until then is the compressed file.
 * The stream's title, comment and so on go into the file as XMP.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 tpdiffsrc prompt="a red star" ! tpdiffwebpenc quality=80 ! \
 *     filesink location=star.webp
 * ]|
 */

#include "gsttpdiffwebpenc.h"

#include <webp/encode.h>
#include <webp/mux.h>

enum
{
  PROP_0,
  PROP_LOSSLESS,
  PROP_QUALITY,
  PROP_METHOD,
};

struct _GstTpdiffWebpEnc
{
  GstTpdiffAnimEnc parent_instance;

  /* properties, under the object lock */
  gboolean lossless;
  float quality;
  int method;

  /* state of a file */
  WebPAnimEncoder *encoder;
  WebPConfig config;
  GArray *starts; /* int, of the pictures in milliseconds */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE ("{ RGB, RGBA }")));

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("image/webp"));

G_DEFINE_TYPE (GstTpdiffWebpEnc, gst_tpdiff_webp_enc, GST_TYPE_TPDIFF_ANIM_ENC)
GST_ELEMENT_REGISTER_DEFINE (tpdiffwebpenc, "tpdiffwebpenc", GST_RANK_NONE,
                             GST_TYPE_TPDIFF_WEBP_ENC)

static gboolean
fail (GError **error, const char *what, const char *why)
{
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE, "%s (libwebp: %s)", what, why);
  return FALSE;
}

static gboolean
gst_tpdiff_webp_enc_begin (GstTpdiffAnimEnc *enc, const GstVideoInfo *info, GError **error)
{
  GstTpdiffWebpEnc *self = GST_TPDIFF_WEBP_ENC (enc);
  WebPAnimEncoderOptions options;

  self->starts = g_array_new (FALSE, FALSE, sizeof (int));
  if (!WebPConfigInit (&self->config) || !WebPAnimEncoderOptionsInit (&options))
    return fail (error, "Animated WebP cannot be written", "another version than at build time");
  GST_OBJECT_LOCK (self);
  self->config.lossless = self->lossless;
  self->config.quality = self->quality;
  self->config.method = self->method;
  GST_OBJECT_UNLOCK (self);
  options.anim_params.loop_count = (int)gst_tpdiff_anim_enc_get_loop_count (enc);
  self->encoder = WebPAnimEncoderNew (info->width, info->height, &options);
  if (self->encoder == NULL)
    return fail (error, "Animated WebP cannot be written", "out of memory");
  return TRUE;
}

static void
gst_tpdiff_webp_enc_end (GstTpdiffAnimEnc *enc)
{
  GstTpdiffWebpEnc *self = GST_TPDIFF_WEBP_ENC (enc);

  g_clear_pointer (&self->encoder, WebPAnimEncoderDelete);
  g_clear_pointer (&self->starts, g_array_unref);
}

static gboolean
encode (GstTpdiffWebpEnc *self, const GstVideoFrame *picture, int start, GError **error)
{
  const guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (picture, 0);
  int stride = GST_VIDEO_FRAME_PLANE_STRIDE (picture, 0);
  WebPPicture webp;
  gboolean imported, added;

  if (!WebPPictureInit (&webp))
    return fail (error, "A picture cannot be encoded", "another version than at build time");
  webp.use_argb = 1;
  webp.width = GST_VIDEO_FRAME_WIDTH (picture);
  webp.height = GST_VIDEO_FRAME_HEIGHT (picture);
  imported = GST_VIDEO_FRAME_FORMAT (picture) == GST_VIDEO_FORMAT_RGBA
                 ? WebPPictureImportRGBA (&webp, pixels, stride)
                 : WebPPictureImportRGB (&webp, pixels, stride);
  added = imported && WebPAnimEncoderAdd (self->encoder, &webp, start, &self->config);
  WebPPictureFree (&webp);
  if (!added)
    fail (error, "A picture cannot be encoded",
          imported ? WebPAnimEncoderGetError (self->encoder) : "out of memory");
  return added;
}

/* ── the file ── */

/* The animation, with the texts of the stream. Free with WebPDataClear(). */
static gboolean
assemble (GstTpdiffWebpEnc *self, int end, WebPData *file, GError **error)
{
  g_autofree char *xmp =
      gst_tpdiff_anim_texts_to_xmp (gst_tpdiff_anim_enc_get_texts (GST_TPDIFF_ANIM_ENC (self)));
  WebPData animation = {NULL, 0};
  WebPData chunk = {(const guint8 *)xmp, xmp != NULL ? strlen (xmp) : 0};
  WebPMux *mux;
  gboolean done;

  if (!WebPAnimEncoderAdd (self->encoder, NULL, end, NULL) ||
      !WebPAnimEncoderAssemble (self->encoder, &animation))
    return fail (error, "The animation cannot be put together",
                 WebPAnimEncoderGetError (self->encoder));
  if (xmp == NULL)
    {
      *file = animation;
      return TRUE;
    }
  mux = WebPMuxCreate (&animation, 0);
  done = mux != NULL && WebPMuxSetChunk (mux, "XMP ", &chunk, 0) == WEBP_MUX_OK &&
         WebPMuxAssemble (mux, file) == WEBP_MUX_OK;
  WebPMuxDelete (mux);
  WebPDataClear (&animation);
  return done || fail (error, "The texts of the stream cannot be added", "WebPMuxAssemble");
}

#define RIFF_HEADER  12 /* "RIFF", size, "WEBP" */
#define CHUNK_HEADER 8  /* name, size */

/* A number of n bytes, the lowest one first. */
static gsize
read_number (const guint8 *bytes, guint n)
{
  gsize number = 0;

  while (n > 0)
    number = number << 8 | bytes[--n];
  return number;
}

/* The chunk after the one at `at`, which has even numbers of bytes. */
static gsize
next_chunk (const WebPData *file, gsize at)
{
  gsize size = read_number (file->bytes + at + 4, 4);

  return MIN (at + CHUNK_HEADER + size + (size & 1), file->size);
}

static gboolean
is_picture (const WebPData *file, gsize at)
{
  return at + CHUNK_HEADER + 16 <= file->size && memcmp (file->bytes + at, "ANMF", 4) == 0;
}

/* Milliseconds for which the picture is shown whose chunk is at `at`. */
static int
duration_of (const WebPData *file, gsize at)
{
  return (int)read_number (file->bytes + at + CHUNK_HEADER + 12, 3);
}

/* Hands the file out in as many pieces as there were pictures, so that each keeps its time. libwebp
 * joins pictures that are alike: such a piece is none. What comes before the first picture goes
 * with it, what comes after the last one, too. */
static void
give (GstTpdiffWebpEnc *self, const WebPData *file)
{
  GstTpdiffAnimEnc *enc = GST_TPDIFF_ANIM_ENC (self);
  gsize from = 0;
  gsize at = RIFF_HEADER;
  int time = 0;

  for (guint i = 0; i < self->starts->len; i++)
    {
      int end = i + 1 < self->starts->len ? g_array_index (self->starts, int, i + 1) : G_MAXINT;

      while (at < file->size && !(is_picture (file, at) && time >= end))
        {
          if (is_picture (file, at))
            time += duration_of (file, at);
          at = next_chunk (file, at);
        }
      gst_tpdiff_anim_enc_give (enc,
                                at > from ? g_bytes_new (file->bytes + from, at - from) : NULL);
      from = at;
    }
}

static gboolean
gst_tpdiff_webp_enc_add (GstTpdiffAnimEnc *enc, const GstVideoFrame *picture,
                         const GstTpdiffAnimTime *time, GError **error)
{
  GstTpdiffWebpEnc *self = GST_TPDIFF_WEBP_ENC (enc);
  guint64 end = time->start + time->duration;
  int start = (int)time->start;
  WebPData file;

  if (end > G_MAXINT)
    return fail (error, "The animation is too long for WebP", "24 days");
  if (!encode (self, picture, start, error))
    return FALSE;
  g_array_append_val (self->starts, start);
  if (!time->is_last)
    return TRUE;
  if (!assemble (self, (int)end, &file, error))
    return FALSE;
  give (self, &file);
  WebPDataClear (&file);
  return TRUE;
}

/* ── properties ── */

static void
gst_tpdiff_webp_enc_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstTpdiffWebpEnc *self = GST_TPDIFF_WEBP_ENC (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_LOSSLESS)
    self->lossless = g_value_get_boolean (value);
  else if (id == PROP_QUALITY)
    self->quality = g_value_get_float (value);
  else
    self->method = g_value_get_int (value);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tpdiff_webp_enc_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstTpdiffWebpEnc *self = GST_TPDIFF_WEBP_ENC (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_LOSSLESS)
    g_value_set_boolean (value, self->lossless);
  else if (id == PROP_QUALITY)
    g_value_set_float (value, self->quality);
  else
    g_value_set_int (value, self->method);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tpdiff_webp_enc_class_init (GstTpdiffWebpEncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstTpdiffAnimEncClass *enc_class = GST_TPDIFF_ANIM_ENC_CLASS (klass);

  object_class->set_property = gst_tpdiff_webp_enc_set_property;
  object_class->get_property = gst_tpdiff_webp_enc_get_property;
  g_object_class_install_property (
      object_class, PROP_LOSSLESS,
      g_param_spec_boolean ("lossless", "Lossless", "Keep every pixel as it is", FALSE,
                            GST_TPDIFF_ANIM_SETTING | G_PARAM_CONSTRUCT));
  g_object_class_install_property (
      object_class, PROP_QUALITY,
      g_param_spec_float ("quality", "Quality",
                          "How good the pictures are; with lossless, how hard to try to make the "
                          "file small",
                          0, 100, 85, GST_TPDIFF_ANIM_SETTING | G_PARAM_CONSTRUCT));
  g_object_class_install_property (
      object_class, PROP_METHOD,
      g_param_spec_int ("method", "Method",
                        "Time for quality: 0 is the fastest, 6 makes the best of a size", 0, 6, 4,
                        GST_TPDIFF_ANIM_SETTING | G_PARAM_CONSTRUCT));

  gst_element_class_set_static_metadata (
      element_class, "Animated WebP encoder", "Codec/Encoder/Video",
      "Encodes video as an animated WebP file", "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);

  enc_class->format = "WebP";
  enc_class->max_size = WEBP_MAX_DIMENSION;
  enc_class->ticks = 1000;
  enc_class->min_ticks = 1;
  enc_class->begin = gst_tpdiff_webp_enc_begin;
  enc_class->add = gst_tpdiff_webp_enc_add;
  enc_class->end = gst_tpdiff_webp_enc_end;
}

static void
gst_tpdiff_webp_enc_init (GstTpdiffWebpEnc *self)
{
}
