/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-json.h"

#include <string.h>

#include "tpd-file.h"

/* Deeper than any config; shallow enough for the stack of a worker thread. */
#define MAX_DEPTH 64

/* The four hexadecimal digits of \uXXXX at `text`, or -1. */
static int
escaped_unit (const char *text, const char *end)
{
  int unit = 0;

  if (end - text < 6 || text[0] != '\\' || text[1] != 'u')
    return -1;
  for (int i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (text[i]))
        return -1;
      unit = unit << 4 | g_ascii_xdigit_value (text[i]);
    }
  return unit;
}

/* Length of the escape sequence at `text`, or 0 when it stands for no character, or for NUL. */
static gsize
escape_length (const char *text, const char *end)
{
  int unit = escaped_unit (text, end);

  if (end - text >= 2 && strchr ("\"\\/bfnrt", text[1]) != NULL)
    return 2;
  if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return 0;
  if (unit < 0xd800 || unit > 0xdfff)
    return 6;
  unit = escaped_unit (text + 6, end);
  return unit >= 0xdc00 && unit <= 0xdfff ? 12 : 0;
}

/* json-glib descends recursively without a limit, knows comments and other extensions, and makes
 * invalid UTF-8 of octal escapes and of half a surrogate pair. Before it sees the text: outside of
 * strings there are only characters that JSON uses there, brackets nest no deeper than MAX_DEPTH,
 * and escapes in strings are sound. */
static gboolean
is_plain_and_shallow (const char *text, gsize length)
{
  const char *end = text + length;
  gboolean in_string = FALSE;
  int depth = 0;

  for (const char *p = text; p < end; p++)
    if (in_string && *p == '\\')
      {
        gsize n = escape_length (p, end);

        if (n == 0)
          return FALSE;
        p += n - 1;
      }
    else if (*p == '"')
      in_string = !in_string;
    else if (in_string)
      continue;
    else if (*p == '{' || *p == '[')
      {
        if (++depth > MAX_DEPTH)
          return FALSE;
      }
    else if (*p == '}' || *p == ']')
      depth--;
    else if (!g_ascii_isalnum (*p) && strchr (" \t\r\n,:+-.", *p) == NULL)
      return FALSE;
  return !in_string;
}

JsonObject *
tpd_json_parse (const char *text, gsize length, const char *where, GError **error)
{
  /* Not the immutable parser: json-glib 1.10's aborts on some texts that hold no object. */
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  JsonNode *root;

  if (length == 0 || !g_utf8_validate_len (text, length, NULL) ||
      !is_plain_and_shallow (text, length))
    {
      tpd_error_set (
          error, TPD_ERROR_INVALID_DATA,
          "%s: not valid JSON: empty, cut off, nested too deeply, or with characters that "
          "cannot be",
          where);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize)length, &local))
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: not valid JSON: %s", where,
                     local->message);
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: should hold a JSON object, but does not",
                     where);
      return NULL;
    }
  json_node_seal (root);
  return json_object_ref (json_node_get_object (root));
}

JsonObject *
tpd_json_read_file (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = tpd_file_map (path, error);
  const char *text;
  gsize length;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  if (length > TPD_JSON_MAX_BYTES)
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                     "%s: %" G_GSIZE_FORMAT " bytes are too many for a JSON file; at most %d", path,
                     length, TPD_JSON_MAX_BYTES);
      return NULL;
    }
  return tpd_json_parse (text, length, path, error);
}

char *
tpd_json_format (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (node, object);
  text = json_to_string (node, TRUE);
  return g_strconcat (text, "\n", NULL);
}
