/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffcue.h"

#include <string.h>

static void
on_text (GMarkupParseContext *context, const char *text, gsize n_bytes, gpointer plain,
         GError **error)
{
  g_string_append_len (plain, text, (gssize)n_bytes);
}

/* NULL if it is not well-formed. */
static char *
strip_markup (const char *text)
{
  static const GMarkupParser parser = {.text = on_text};
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autofree char *document = g_strdup_printf ("<cue>%s</cue>", text);
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, (GMarkupParseFlags)0, plain, NULL);

  if (!g_markup_parse_context_parse (context, document, -1, NULL) ||
      !g_markup_parse_context_end_parse (context, NULL))
    return NULL;
  return g_strdup (plain->str);
}

/* Words with one space between them; NULL if there are none. */
static char *
squeeze (const char *text)
{
  GString *line = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isspace (g_utf8_get_char (c)))
      g_string_append_unichar (line, g_utf8_get_char (c));
    else if (line->len > 0 && line->str[line->len - 1] != ' ')
      g_string_append_c (line, ' ');
  if (line->len > 0 && line->str[line->len - 1] == ' ')
    g_string_truncate (line, line->len - 1);
  return g_string_free (line, line->len == 0);
}

char *
gst_tpdiff_cue_text (GstBuffer *buffer, gboolean markup)
{
  g_autofree char *text = NULL;
  g_autofree char *plain = NULL;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return NULL;
  if (map.size > 0) /* some parsers count the terminating zero */
    text = g_utf8_make_valid ((const char *)map.data,
                              (gssize)strnlen ((const char *)map.data, map.size));
  gst_buffer_unmap (buffer, &map);
  if (text == NULL)
    return NULL;
  if (markup)
    plain = strip_markup (text);
  return squeeze (plain != NULL ? plain : text);
}
