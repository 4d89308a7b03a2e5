/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-json.h"

#include <string.h>

#include "tpd-file.h"

/* Deeper than any config; shallow enough for the stack of a worker thread. */
#define MAX_DEPTH 64

/* json-glib descends recursively without a limit and knows comments and other extensions. Before it
 * sees the text: outside of strings there are only characters that JSON uses there, and brackets
 * nest no deeper than MAX_DEPTH. */
static gboolean
is_plain_and_shallow (const char *text, gsize length)
{
  gboolean in_string = FALSE;
  int depth = 0;

  for (gsize i = 0; i < length; i++)
    if (in_string && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      in_string = !in_string;
    else if (in_string)
      continue;
    else if (text[i] == '{' || text[i] == '[')
      {
        if (++depth > MAX_DEPTH)
          return FALSE;
      }
    else if (text[i] == '}' || text[i] == ']')
      depth--;
    else if (!g_ascii_isalnum (text[i]) && strchr (" \t\r\n,:+-.", text[i]) == NULL)
      return FALSE;
  return !in_string;
}

JsonObject *
tpd_json_parse (const char *text, gsize length, const char *where, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local = NULL;
  JsonNode *root;

  if (length == 0 || !g_utf8_validate_len (text, length, NULL) ||
      !is_plain_and_shallow (text, length))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
                   "%s: not valid JSON: empty, not UTF-8, cut off, or nested too deeply", where);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize)length, &local))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "%s: not valid JSON: %s", where,
                   local->message);
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
                   "%s: should hold a JSON object, but does not", where);
      return NULL;
    }
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
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
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
