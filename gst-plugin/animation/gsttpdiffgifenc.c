/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-tpdiffgifenc
 * @title: tpdiffgifenc
 * @short_description: writes an animated GIF file
 *
 * Encodes video as an animated GIF file. With `palette=frame` each picture has colours of its own
 * and is written as soon as it is known how long it is shown. With `palette=clip`, the default, all
 * pictures share their colours, which flickers less: pictures are kept until the end of the stream,
 * or until they take as much memory as `lookahead` allows; later ones use the same palette.
 *
 * GIF counts hundredths of a second. Pictures shorter than two of them are left out, because
 * viewers would show them for ten. The stream's title, comment and so on go into the file as
 * comments.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 tpdiffsrc prompt="a red star" ! tpdiffgifenc dither=none ! \
 *     filesink location=star.gif
 * ]|
 */

#include "gsttpdiffgifenc.h"

#include <gif_lib.h>
#include <string.h>

#include "gsttpdiffanimpixels.h"
#include "gsttpdiffdither.h"
#include "gsttpdiffpalette.h"

enum
{
  PROP_0,
  PROP_PALETTE,
  PROP_COLORS,
  PROP_DITHER,
  PROP_TRANSPARENCY,
  PROP_LOOKAHEAD,
};

/* Whose colours a palette has. */
typedef enum
{
  GST_TPDIFF_GIF_PALETTE_CLIP,
  GST_TPDIFF_GIF_PALETTE_FRAME,
} GstTpdiffGifPalette;

#define MIB (1024 * 1024)

typedef struct
{
  GstTpdiffGifPalette palette;
  guint colors;
  GstTpdiffDither dither;
  gboolean transparency;
  guint lookahead; /* MiB */
} Settings;

/* A picture that waits for the clip's palette. */
typedef struct
{
  guint8 *rgb;
  GstTpdiffAnimTime time;
} Waiting;

struct _GstTpdiffGifEnc
{
  GstTpdiffAnimEnc parent_instance;

  /* properties, under the object lock */
  Settings settings;

  /* state of a file */
  Settings in_use;
  guint width, height;
  GifFileType *gif;           /* writes to out */
  GByteArray *out;            /* what has not been given yet */
  guint n_pictures;           /* that are written */
  guint n_texts;              /* likewise */
  GstTpdiffColours *colours;  /* of the pictures that wait */
  GstTpdiffPalette *palette;  /* of the clip, when it has one */
  GArray *waiting;            /* Waiting */
  guint8 *source;             /* [height, width, 3], the last picture */
  guint8 *shown, *next_shown; /* likewise, as viewers show the last one, and the next one */
  guint8 *skip;               /* [height, width], where nothing changed */
  guint8 *indices;            /* likewise, of colours */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE ("RGB")));

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("image/gif"));

G_DEFINE_TYPE (GstTpdiffGifEnc, gst_tpdiff_gif_enc, GST_TYPE_TPDIFF_ANIM_ENC)
GST_ELEMENT_REGISTER_DEFINE (tpdiffgifenc, "tpdiffgifenc", GST_RANK_NONE, GST_TYPE_TPDIFF_GIF_ENC)

#define TYPE_GIF_PALETTE (gif_palette_get_type ())
static GType
gif_palette_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {GST_TPDIFF_GIF_PALETTE_CLIP, "One for all pictures, which flickers less", "clip"},
      {GST_TPDIFF_GIF_PALETTE_FRAME, "One for each picture, written as it comes", "frame"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstTpdiffGifPalette", values));
  return type;
}

static gboolean
fail (GError **error, int code)
{
  const char *why = GifErrorString (code);

  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE,
               "A picture cannot be encoded (giflib: %s)", why != NULL ? why : "unknown error");
  return FALSE;
}

static gboolean
set_no_memory (GError **error)
{
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
               "There is no memory for a picture");
  return FALSE;
}

/* ── begin and end ── */

static int
write_bytes (GifFileType *gif, const GifByteType *bytes, int n)
{
  g_byte_array_append (gif->UserData, bytes, (guint)n);
  return n;
}

static void
waiting_clear (Waiting *waiting)
{
  g_free (waiting->rgb);
}

static gboolean
gst_tpdiff_gif_enc_begin (GstTpdiffAnimEnc *enc, const GstVideoInfo *info, GError **error)
{
  GstTpdiffGifEnc *self = GST_TPDIFF_GIF_ENC (enc);
  gsize n_pixels = (gsize)info->width * (gsize)info->height;
  int code;

  GST_OBJECT_LOCK (self);
  self->in_use = self->settings;
  GST_OBJECT_UNLOCK (self);
  self->width = (guint)info->width;
  self->height = (guint)info->height;
  self->n_pictures = self->n_texts = 0;
  self->out = g_byte_array_new ();
  self->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  g_array_set_clear_func (self->waiting, (GDestroyNotify)waiting_clear);
  if (self->in_use.palette == GST_TPDIFF_GIF_PALETTE_CLIP)
    self->colours = gst_tpdiff_colours_new ();
  self->source = g_try_malloc_n (n_pixels, 3);
  self->shown = g_try_malloc_n (n_pixels, 3);
  self->next_shown = g_try_malloc_n (n_pixels, 3);
  self->skip = g_try_malloc0 (n_pixels);
  self->indices = g_try_malloc (n_pixels);
  if (self->source == NULL || self->shown == NULL || self->next_shown == NULL ||
      self->skip == NULL || self->indices == NULL)
    return set_no_memory (error);
  self->gif = EGifOpen (self->out, write_bytes, &code);
  return self->gif != NULL || fail (error, code);
}

static void
gst_tpdiff_gif_enc_end (GstTpdiffAnimEnc *enc)
{
  GstTpdiffGifEnc *self = GST_TPDIFF_GIF_ENC (enc);

  if (self->gif != NULL)
    EGifCloseFile (self->gif, NULL);
  self->gif = NULL;
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_clear_pointer (&self->colours, gst_tpdiff_colours_free);
  g_clear_pointer (&self->palette, gst_tpdiff_palette_free);
  g_clear_pointer (&self->waiting, g_array_unref);
  g_clear_pointer (&self->source, g_free);
  g_clear_pointer (&self->shown, g_free);
  g_clear_pointer (&self->next_shown, g_free);
  g_clear_pointer (&self->skip, g_free);
  g_clear_pointer (&self->indices, g_free);
}

/* ── writing ── */

/* The index that leaves a pixel as it was is the first one that no colour has. */
static ColorMapObject *
make_map (GstTpdiffGifEnc *self, const GstTpdiffPalette *palette)
{
  guint n = palette->n + (self->in_use.transparency ? 1 : 0);
  ColorMapObject *map = GifMakeMapObject (1 << GifBitSize ((int)MAX (n, 2)), NULL);

  for (guint i = 0; map != NULL && i < palette->n; i++)
    map->Colors[i] = (GifColorType){palette->rgb[i][0], palette->rgb[i][1], palette->rgb[i][2]};
  return map;
}

/* The extension of Netscape 2.0: how often the animation is shown again after the first time, 0 for
 * ever. */
static gboolean
write_loop_count (GstTpdiffGifEnc *self)
{
  guint count = gst_tpdiff_anim_enc_get_loop_count (GST_TPDIFF_ANIM_ENC (self));
  guint again = count > 0 ? count - 1 : 0;
  const guint8 block[] = {1, (guint8)again, (guint8)(again >> 8)};

  if (count == 1)
    return TRUE;
  return EGifPutExtensionLeader (self->gif, APPLICATION_EXT_FUNC_CODE) &&
         EGifPutExtensionBlock (self->gif, 11, "NETSCAPE2.0") &&
         EGifPutExtensionBlock (self->gif, sizeof block, block) &&
         EGifPutExtensionTrailer (self->gif);
}

static gboolean
write_header (GstTpdiffGifEnc *self, const ColorMapObject *map)
{
  EGifSetGifVersion (self->gif, true);
  return EGifPutScreenDesc (self->gif, (int)self->width, (int)self->height, 8, 0, map) &&
         write_loop_count (self);
}

static gboolean
write_texts (GstTpdiffGifEnc *self)
{
  const GPtrArray *texts = gst_tpdiff_anim_enc_get_texts (GST_TPDIFF_ANIM_ENC (self));

  for (; self->n_texts < texts->len; self->n_texts++)
    if (!EGifPutComment (self->gif, gst_tpdiff_anim_texts_get (texts, self->n_texts)->text))
      return FALSE;
  return TRUE;
}

static gboolean
write_rect (GstTpdiffGifEnc *self, const GstTpdiffAnimRect *rect, const ColorMapObject *map,
            int transparent, const GstTpdiffAnimTime *time)
{
  GraphicsControlBlock control = {.DisposalMode = DISPOSE_DO_NOT,
                                  .DelayTime = (int)MIN (time->duration, G_MAXUINT16),
                                  .TransparentColor = transparent};
  GifByteType extension[4];

  EGifGCBToExtension (&control, extension);
  if (!EGifPutExtension (self->gif, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension) ||
      !EGifPutImageDesc (self->gif, (int)rect->x, (int)rect->y, (int)rect->width, (int)rect->height,
                         false, map))
    return FALSE;
  for (guint y = rect->y; y < rect->y + rect->height; y++)
    if (!EGifPutLine (self->gif, self->indices + (gsize)y * self->width + rect->x,
                      (int)rect->width))
      return FALSE;
  return TRUE;
}

/* The last bytes of a file are those that closing it writes. */
static gboolean
give (GstTpdiffGifEnc *self, gboolean is_last, GError **error)
{
  GByteArray *out = g_byte_array_ref (self->out);
  int code;

  if (is_last && !EGifCloseFile (g_steal_pointer (&self->gif), &code))
    {
      g_byte_array_unref (out);
      return fail (error, code);
    }
  gst_tpdiff_anim_enc_give (GST_TPDIFF_ANIM_ENC (self), g_byte_array_free_to_bytes (out));
  return TRUE;
}

/* ── pictures ── */

/* Marks the pixels that are as in the last picture. */
static void
find_unchanged (GstTpdiffGifEnc *self, const guint8 *rgb)
{
  gsize n = (gsize)self->width * self->height;

  for (gsize i = 0; i < n; i++)
    self->skip[i] = memcmp (rgb + 3 * i, self->source + 3 * i, 3) == 0;
}

/* What viewers will show; pixels that stay as they are become transparent.
 * has_last: there is something that can stay */
static void
show (GstTpdiffGifEnc *self, const GstTpdiffPalette *palette, gboolean has_last)
{
  gsize n = (gsize)self->width * self->height;

  for (gsize i = 0; i < n; i++)
    {
      const guint8 *was = self->shown + 3 * i;
      const guint8 *is = self->skip[i] ? was : palette->rgb[self->indices[i]];

      if (has_last && memcmp (was, is, 3) == 0)
        self->indices[i] = (guint8)palette->n;
      memcpy (self->next_shown + 3 * i, is, 3);
    }
}

/* Writes a picture in colours of a palette; self->skip names the pixels that stay. */
static gboolean
write_picture (GstTpdiffGifEnc *self, const guint8 *rgb, GstTpdiffPalette *palette,
               const GstTpdiffAnimTime *time, GError **error)
{
  gboolean is_first = self->n_pictures++ == 0;
  gboolean has_last = self->in_use.transparency && !is_first;
  GstTpdiffAnimRect rect = {0, 0, self->width, self->height};
  gboolean own_palette = self->palette == NULL;
  ColorMapObject *map = make_map (self, palette);
  guint8 *shown = self->next_shown;
  gboolean written;

  gst_tpdiff_dither (self->in_use.dither, palette, rgb, self->skip, self->width, self->height,
                     self->indices);
  show (self, palette, has_last);
  if (has_last)
    rect = gst_tpdiff_anim_difference (self->shown, self->next_shown, self->width, self->height, 3);
  written =
      map != NULL && (!is_first || write_header (self, own_palette ? NULL : map)) &&
      write_texts (self) &&
      write_rect (self, &rect, own_palette ? map : NULL, has_last ? (int)palette->n : -1, time);
  GifFreeMapObject (map);
  if (!written)
    return fail (error, self->gif->Error);
  self->next_shown = self->shown;
  self->shown = shown;
  memcpy (self->source, rgb, (gsize)3 * self->width * self->height);
  return give (self, time->is_last, error);
}

/* With the palette of the clip if there is one, otherwise with one of its own. */
static gboolean
encode (GstTpdiffGifEnc *self, const guint8 *rgb, const GstTpdiffAnimTime *time, GError **error)
{
  g_autoptr (GstTpdiffPalette) own = NULL;

  if (self->in_use.transparency && self->n_pictures > 0)
    find_unchanged (self, rgb);
  if (self->palette == NULL)
    {
      g_autoptr (GstTpdiffColours) colours = gst_tpdiff_colours_new ();

      gst_tpdiff_colours_add (colours, rgb, self->skip, (gsize)self->width * self->height);
      own = gst_tpdiff_palette_new (colours,
                                    self->in_use.colors - (self->in_use.transparency ? 1 : 0));
    }
  return write_picture (self, rgb, own != NULL ? own : self->palette, time, error);
}

static gboolean
encode_waiting (GstTpdiffGifEnc *self, GError **error)
{
  self->palette = gst_tpdiff_palette_new (self->colours, self->in_use.colors -
                                                             (self->in_use.transparency ? 1 : 0));
  g_clear_pointer (&self->colours, gst_tpdiff_colours_free);
  for (guint i = 0; i < self->waiting->len; i++)
    {
      Waiting *waiting = &g_array_index (self->waiting, Waiting, i);

      if (!encode (self, waiting->rgb, &waiting->time, error))
        return FALSE;
      g_clear_pointer (&waiting->rgb, g_free);
    }
  g_array_set_size (self->waiting, 0);
  return TRUE;
}

static gboolean
gst_tpdiff_gif_enc_add (GstTpdiffAnimEnc *enc, const GstVideoFrame *picture,
                        const GstTpdiffAnimTime *time, GError **error)
{
  GstTpdiffGifEnc *self = GST_TPDIFF_GIF_ENC (enc);
  gsize n_pixels = (gsize)self->width * self->height;
  g_autofree guint8 *rgb = g_try_malloc_n (n_pixels, 3);
  Waiting waiting = {.time = *time};

  if (rgb == NULL)
    return set_no_memory (error);
  gst_tpdiff_anim_pack (picture, rgb);
  if (self->colours == NULL)
    return encode (self, rgb, time, error);

  gst_tpdiff_colours_add (self->colours, rgb, NULL, n_pixels);
  waiting.rgb = g_steal_pointer (&rgb);
  g_array_append_val (self->waiting, waiting);
  if (time->is_last || 3 * n_pixels * self->waiting->len >= (gsize)self->in_use.lookahead * MIB)
    return encode_waiting (self, error);
  return TRUE;
}

/* ── properties ── */

static void
gst_tpdiff_gif_enc_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  Settings *settings = &GST_TPDIFF_GIF_ENC (object)->settings;

  GST_OBJECT_LOCK (object);
  if (id == PROP_PALETTE)
    settings->palette = (GstTpdiffGifPalette)g_value_get_enum (value);
  else if (id == PROP_COLORS)
    settings->colors = g_value_get_uint (value);
  else if (id == PROP_DITHER)
    settings->dither = (GstTpdiffDither)g_value_get_enum (value);
  else if (id == PROP_TRANSPARENCY)
    settings->transparency = g_value_get_boolean (value);
  else
    settings->lookahead = g_value_get_uint (value);
  GST_OBJECT_UNLOCK (object);
}

static void
gst_tpdiff_gif_enc_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  const Settings *settings = &GST_TPDIFF_GIF_ENC (object)->settings;

  GST_OBJECT_LOCK (object);
  if (id == PROP_PALETTE)
    g_value_set_enum (value, (int)settings->palette);
  else if (id == PROP_COLORS)
    g_value_set_uint (value, settings->colors);
  else if (id == PROP_DITHER)
    g_value_set_enum (value, (int)settings->dither);
  else if (id == PROP_TRANSPARENCY)
    g_value_set_boolean (value, settings->transparency);
  else
    g_value_set_uint (value, settings->lookahead);
  GST_OBJECT_UNLOCK (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = GST_TPDIFF_ANIM_SETTING | G_PARAM_CONSTRUCT;

  g_object_class_install_property (
      klass, PROP_PALETTE,
      g_param_spec_enum ("palette", "Palette", "Which pictures share their colours",
                         TYPE_GIF_PALETTE, GST_TPDIFF_GIF_PALETTE_CLIP, flags));
  g_object_class_install_property (
      klass, PROP_COLORS,
      g_param_spec_uint ("colors", "Colors",
                         "The most colours of a palette; fewer make a smaller file", 2,
                         GST_TPDIFF_PALETTE_MAX, GST_TPDIFF_PALETTE_MAX, flags));
  g_object_class_install_property (
      klass, PROP_DITHER,
      g_param_spec_enum ("dither", "Dither", "How colours are mixed that the palette lacks",
                         GST_TYPE_TPDIFF_DITHER, GST_TPDIFF_DITHER_ORDERED, flags));
  g_object_class_install_property (
      klass, PROP_TRANSPARENCY,
      g_param_spec_boolean ("transparency", "Transparency",
                            "Write only the pixels that have changed, which makes smaller files",
                            TRUE, flags));
  g_object_class_install_property (
      klass, PROP_LOOKAHEAD,
      g_param_spec_uint ("lookahead", "Lookahead",
                         "With palette=clip: the most memory for pictures that the palette is made "
                         "of, in MiB; later pictures use it as well",
                         1, 16384, 256, flags));
  gst_type_mark_as_plugin_api (TYPE_GIF_PALETTE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TPDIFF_DITHER, 0);
}

static void
gst_tpdiff_gif_enc_class_init (GstTpdiffGifEncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstTpdiffAnimEncClass *enc_class = GST_TPDIFF_ANIM_ENC_CLASS (klass);

  object_class->set_property = gst_tpdiff_gif_enc_set_property;
  object_class->get_property = gst_tpdiff_gif_enc_get_property;
  install_properties (object_class);

  gst_element_class_set_static_metadata (
      element_class, "Animated GIF encoder", "Codec/Encoder/Video",
      "Encodes video as an animated GIF file", "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);

  enc_class->format = "GIF";
  enc_class->max_size = G_MAXUINT16;
  enc_class->ticks = 100;
  enc_class->min_ticks = 2;
  enc_class->begin = gst_tpdiff_gif_enc_begin;
  enc_class->add = gst_tpdiff_gif_enc_add;
  enc_class->end = gst_tpdiff_gif_enc_end;
}

static void
gst_tpdiff_gif_enc_init (GstTpdiffGifEnc *self)
{
}
