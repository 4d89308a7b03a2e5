/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-format.h"

#include <glib/gi18n.h>

/* I420 because from RGB encoders would negotiate 4:4:4, which most players cannot show. */
static const TpdaFormat formats[] = {
    {"mp4-h264", N_ ("MP4 video (H.264)"), "mp4", "I420", "x264enc pass=quant quantizer=%u",
     "h264parse ! mp4mux faststart=true", 40, 12, 0.1, 2, NULL},
    {"webm-vp9", N_ ("WebM video (VP9)"), "webm", "I420",
     "vp9enc end-usage=cq target-bitrate=0 deadline=1 cpu-used=4 cq-level=%u", "webmmux", 50, 8,
     0.1, 2, NULL},
    {"mp4-av1", N_ ("MP4 video (AV1)"), "mp4", "I420",
     "av1enc end-usage=q cpu-used=8 min-quantizer=%u max-quantizer=%u", "av1parse ! mp4mux", 50, 8,
     0.1, 2, NULL},
    {"gif", N_ ("Animated GIF"), "gif", "RGB", "tpdiffgifenc", "", 0, 0, 6, 6, "loop-count"},
    {"webp", N_ ("Animated WebP"), "webp", "RGB", "tpdiffwebpenc quality=%u", "", 20, 100, 0.3, 4,
     "loop-count"},
    {"apng", N_ ("Animated PNG"), "png", "RGB", "tpdiffapngenc", "", 0, 0, 12, 12, "loop-count"},
    {"ffv1", N_ ("Lossless video (FFV1)"), "mkv", "BGRx", "avenc_ffv1", "matroskamux", 0, 0, 12, 12,
     NULL},
    {"png", N_ ("Folder of PNG pictures"), NULL, "RGB", "pngenc", "", 0, 0, 12, 12, NULL},
};

/* The elements of a pipeline are the words at its start and after each "!". */
static gboolean
has_elements (const char *pipeline)
{
  g_auto (GStrv) parts = g_strsplit (pipeline, "!", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      g_auto (GStrv) words = g_strsplit (g_strstrip (*part), " ", 2);
      g_autoptr (GstElementFactory) factory =
          words[0] != NULL ? gst_element_factory_find (words[0]) : NULL;

      if (words[0] != NULL && *words[0] != '\0' && factory == NULL)
        return FALSE;
    }
  return TRUE;
}

const TpdaFormat *const *
tpda_format_list (guint *n)
{
  static const TpdaFormat *list[G_N_ELEMENTS (formats)];
  static guint n_listed;
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
        if (has_elements (formats[i].encoder) && has_elements (formats[i].writer))
          list[n_listed++] = &formats[i];
      g_once_init_leave (&ready, 1);
    }
  *n = n_listed;
  return list;
}

const TpdaFormat *
tpda_format_find (const char *id)
{
  guint n;
  const TpdaFormat *const *list = tpda_format_list (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (list[i]->id, id))
      return list[i];
  return NULL;
}

gboolean
tpda_format_has_quality (const TpdaFormat *self)
{
  return self->worst != self->best;
}

static GString *
encoder_with_quality (const TpdaFormat *self, guint quality)
{
  double number = self->worst + ((double)self->best - self->worst) * MIN (quality, 100) / 100;
  g_autofree char *text = g_strdup_printf ("%.0f", number);
  GString *encoder = g_string_new (self->encoder);

  g_string_replace (encoder, "%u", text, 0);
  return encoder;
}

char *
tpda_format_pipeline (const TpdaFormat *self, guint quality, guint loops)
{
  GString *text = encoder_with_quality (self, quality);

  if (self->loops != NULL)
    g_string_append_printf (text, " %s=%u", self->loops, loops);
  if (*self->writer != '\0')
    g_string_append_printf (text, " ! %s", self->writer);
  return g_string_free (text, FALSE);
}
