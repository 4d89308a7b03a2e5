/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-export-text.h"

#include <glib/gi18n.h>
#include <math.h>

#include "tpd-request.h"

/* Encoders of 4:2:0 want even sizes. */
static guint
even (double size)
{
  return 2 * (guint)MAX (1, llround (size / 2));
}

/* Bytes: file systems stop at 255, with the ending. */
#define MAX_NAME 60

char *
tpda_export_name (const char *prompt)
{
  g_autofree char *name =
      prompt != NULL && *prompt != '\0' ? g_strndup (prompt, MAX_NAME) : g_strdup (_ ("clip"));

  g_strdelimit (name, "/\\:*?\"<>|\n\t", ' ');
  return g_utf8_make_valid (name, -1);
}

char *
tpda_export_tail (guint width, guint height, const TpdaExportOptions *options)
{
  g_autofree char *encoder =
      tpda_format_pipeline (options->format, options->quality, options->loops);
  guint new_width = even (options->width > 0 ? options->width : width);

  return g_strdup_printf ("videoscale method=%s ! videoconvert ! "
                          "video/x-raw,format=%s,width=%u,height=%u,pixel-aspect-ratio=1/1 ! %s",
                          options->pixels ? "nearest-neighbour" : "lanczos",
                          options->format->pixels, new_width,
                          even ((double)new_width * height / width), encoder);
}

/* " name=value" if the setting differs from the element's default. */
static void
append_setting (GString *text, TpdSamplerSettings *settings, GParamSpec *spec)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *serialized = NULL;

  g_object_get_property (G_OBJECT (settings), spec->name, &value);
  if (g_param_value_defaults (spec, &value))
    return;
  if (G_VALUE_HOLDS_STRING (&value))
    serialized = g_shell_quote (g_value_get_string (&value));
  else
    serialized = gst_value_serialize (&value);
  g_string_append_printf (text, " %s=%s", spec->name, serialized);
}

static void
append_text (GString *text, const char *name, const char *value)
{
  g_autofree char *assignment = NULL;
  g_autofree char *quoted = NULL;

  if (value == NULL || *value == '\0')
    return;
  assignment = g_strdup_printf ("%s=%s", name, value);
  quoted = g_shell_quote (assignment);
  g_string_append_printf (text, " %s", quoted);
}

static void
append_request (GString *text, const TpdRequest *request)
{
  guint n;
  g_autofree GParamSpec **specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (request->settings), &n);

  append_text (text, "model", request->model);
  append_text (text, "prompt", request->prompt);
  append_text (text, "negative-prompt", request->negative_prompt);
  for (guint i = 0; i < n; i++)
    append_setting (text, request->settings, specs[i]);
}

char *
tpda_export_command (TpdaClip *clip, const char *path, const TpdaExportOptions *options)
{
  const TpdClip *data = tpda_clip_get_data (clip);
  g_autoptr (TpdRequest) request =
      data->record != NULL ? tpd_request_new_from_json (data->record, NULL) : NULL;
  GString *text = g_string_new ("gst-launch-1.0 tpdiffsrc");
  g_autofree char *tail = tpda_export_tail (data->width, data->height, options);

  if (request != NULL)
    append_request (text, request);
  g_string_append_printf (text, " ! %s", tail);
  g_string_append (text, options->format->extension != NULL ? " ! filesink" : " ! multifilesink");
  append_text (text, "location", path);
  return g_string_free (text, FALSE);
}
