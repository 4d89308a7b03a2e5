/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "text/tpd-clip-tokenizer.h"

/* Against transformers' CLIPTokenizerFast: every id of every text, see make-clip-tokenizer.py. */

#define LENGTH 77

static JsonNode *
load_golden (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GInputStream) raw = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GConverter) gunzip =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));

  raw = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  g_assert_no_error (error);
  stream = g_converter_input_stream_new (raw, gunzip);
  json_parser_load_from_stream (parser, stream, NULL, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

/* The ids, then padding up to LENGTH; a text that needed more was cut to it. */
static gboolean
encodes_to (TpdClipTokenizer *tokenizer, const char *text, JsonArray *expected)
{
  guint n_expected = json_array_get_length (expected);
  gint32 ids[LENGTH], mask[LENGTH];
  guint needed = tpd_clip_tokenizer_encode (tokenizer, text, LENGTH, ids, mask);

  if (MIN (needed, LENGTH) != n_expected)
    return FALSE;
  for (guint i = 0; i < LENGTH; i++)
    {
      gint64 id = i < n_expected ? json_array_get_int_element (expected, i)
                                 : tpd_clip_tokenizer_get_pad_id (tokenizer);

      if (ids[i] != id || mask[i] != (i < n_expected))
        return FALSE;
    }
  return TRUE;
}

static void
check_all (const char *dir, const char *golden_path, guint n_texts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClipTokenizer) tokenizer = tpd_clip_tokenizer_new_from_dir (dir, &error);
  g_autoptr (JsonNode) golden = NULL;
  JsonArray *items;

  g_assert_no_error (error);
  golden = load_golden (golden_path);
  items = json_node_get_array (golden);
  g_assert_cmpuint (json_array_get_length (items), ==, n_texts);
  for (guint i = 0; i < n_texts; i++)
    {
      JsonArray *item = json_array_get_array_element (items, i);
      const char *text = json_array_get_string_element (item, 0);

      if (!encodes_to (tokenizer, text, json_array_get_array_element (item, 1)))
        {
          g_autofree char *escaped = g_strescape (text, NULL);

          g_test_message ("text %u: \"%s\"", i, escaped);
          g_test_fail ();
        }
    }
}

static void
test_real_vocabulary (void)
{
  const char *assets = g_getenv ("TPDIFF_TEST_ASSETS");
  g_autofree char *dir = NULL;

  if (assets == NULL)
    {
      g_test_skip ("TPDIFF_TEST_ASSETS, the folder with the real vocabulary, is not set");
      return;
    }
  dir = g_build_filename (assets, "tokenizers", "clip", NULL);
  check_all (dir, g_test_get_filename (G_TEST_DIST, "data", "clip-tokenizer.json.gz", NULL), 10000);
}

static void
test_tiny_vocabulary (void)
{
  check_all (g_test_get_filename (G_TEST_DIST, "data", "clip-tiny", NULL),
             g_test_get_filename (G_TEST_DIST, "data", "clip-tiny", "golden.json.gz", NULL), 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/golden/clip-tokenizer/tiny-vocabulary", test_tiny_vocabulary);
  g_test_add_func ("/golden/clip-tokenizer/real-vocabulary", test_real_vocabulary);
  return g_test_run ();
}
