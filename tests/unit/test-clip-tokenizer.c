/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "text/tpd-clip-tokenizer.h"

/* Ids are compared with transformers in tests/golden/test-clip-tokenizer.c; here: settings, unknown
 * words and broken files. */

#define VOCAB                                                                                      \
  "{\"a\": 0, \"r\": 1, \"e\": 2, \"d\": 3, \"a</w>\": 4, \"d</w>\": 5, \"re\": 6, "               \
  "\"red</w>\": 7, \"<|unk|>\": 8, \"<|startoftext|>\": 9, \"<|endoftext|>\": 10}"
#define MERGES "#version: 0.2\nr e\nre d</w>\n"
#define CONFIG "{\"unk_token\": {\"content\": \"<|unk|>\"}, \"model_max_length\": 6}"

typedef struct
{
  char *dir; /* owned */
} Fixture;

static void
write_file (Fixture *fixture, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("tpd-clip-XXXXXX", &error);
  g_assert_no_error (error);
  write_file (fixture, "vocab.json", VOCAB);
  write_file (fixture, "merges.txt", MERGES);
  write_file (fixture, "tokenizer_config.json", CONFIG);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {"vocab.json", "merges.txt", "tokenizer_config.json"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
}

static TpdClipTokenizer *
load (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  TpdClipTokenizer *tokenizer = tpd_clip_tokenizer_new_from_dir (fixture->dir, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static void
test_settings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TpdClipTokenizer) tokenizer = load (fixture);

  g_assert_cmpuint (tpd_clip_tokenizer_get_vocab_size (tokenizer), ==, 11);
  g_assert_cmpuint (tpd_clip_tokenizer_get_max_length (tokenizer), ==, 6);
  g_assert_cmpint (tpd_clip_tokenizer_get_bos_id (tokenizer), ==, 9);
  g_assert_cmpint (tpd_clip_tokenizer_get_eos_id (tokenizer), ==, 10);
  g_assert_cmpint (tpd_clip_tokenizer_get_pad_id (tokenizer), ==, 10);
}

static void
test_lengths (Fixture *fixture, gconstpointer data)
{
  static const gint32 padded[] = {9, 7, 10, 10}, whole[] = {9, 7, 4, 10}, cut[] = {9, 7, 10};
  g_autoptr (TpdClipTokenizer) tokenizer = load (fixture);
  gint32 ids[4];

  g_assert_cmpuint (tpd_clip_tokenizer_encode (tokenizer, " Red\n", 4, ids, NULL), ==, 3);
  g_assert_cmpmem (ids, sizeof padded, padded, sizeof padded);
  g_assert_cmpuint (tpd_clip_tokenizer_encode (tokenizer, "red a", 4, ids, NULL), ==, 4);
  g_assert_cmpmem (ids, sizeof whole, whole, sizeof whole);
  g_assert_cmpuint (tpd_clip_tokenizer_encode (tokenizer, "red a red", 3, ids, NULL), ==, 5);
  g_assert_cmpmem (ids, sizeof cut, cut, sizeof cut);
}

static void
test_unknown_words (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TpdClipTokenizer) tokenizer = load (fixture);
  g_auto (GStrv) none = tpd_clip_tokenizer_list_unknown_words (tokenizer, "a RED, red!");
  g_auto (GStrv) some =
      tpd_clip_tokenizer_list_unknown_words (tokenizer, "a Zebra dared 3 zebra \xff");

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_cmpuint (g_strv_length (some), ==, 3);
  g_assert_cmpstr (some[0], ==, "zebra");
  g_assert_cmpstr (some[1], ==, "dared");
  g_assert_cmpstr (some[2], ==, "3");
}

/* Each broken file gives an error that names it, in one line that can be shown. */
static void
check_broken (Fixture *fixture, const char *name, const char *content, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClipTokenizer) tokenizer = NULL;

  write_file (fixture, name, content);
  tokenizer = tpd_clip_tokenizer_new_from_dir (fixture->dir, &error);
  g_assert_null (tokenizer);
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, message));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_broken_vocab (Fixture *fixture, gconstpointer data)
{
  check_broken (fixture, "vocab.json", "", "JSON");
  check_broken (fixture, "vocab.json", "{\"a\": -1}", "\"a\"");
  check_broken (fixture, "vocab.json", "{\"a\": 4000000000}", "\"a\"");
  check_broken (fixture, "vocab.json", "{\"a\": \"b\"}", "\"a\"");
  check_broken (fixture, "vocab.json", "{\"a\\nb\": -1}", "\"a b\"");
}

static void
test_missing_special (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "merges.txt", "");
  check_broken (fixture, "vocab.json", "{\"<|unk|>\": 0, \"<|endoftext|>\": 1}", "<|startoftext|>");
}

static void
test_broken_merges (Fixture *fixture, gconstpointer data)
{
  check_broken (fixture, "merges.txt", "r e\nred\n", ":2: \"red\"");
  check_broken (fixture, "merges.txt", "r e d</w>\n", ":1:");
  check_broken (fixture, "merges.txt", "r a\n", ":1:");
  check_broken (fixture, "merges.txt", "r \xff\x1b\n", ":1: \"r ");
}

static void
test_broken_config (Fixture *fixture, gconstpointer data)
{
  check_broken (fixture, "tokenizer_config.json", "{\"bos_token\": 5}", "bos_token");
  check_broken (fixture, "tokenizer_config.json", "{\"bos_token\": {\"content\": 5}}", "content");
  check_broken (fixture, "tokenizer_config.json", "{\"pad_token\": \"\"}", "pad_token");
}

static void
test_missing_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClipTokenizer) tokenizer = tpd_clip_tokenizer_new_from_dir ("/nonexistent", &error);

  g_assert_null (tokenizer);
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
}

#define ADD(name, func) g_test_add ("/clip-tokenizer/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("settings", test_settings);
  ADD ("lengths", test_lengths);
  ADD ("unknown-words", test_unknown_words);
  ADD ("broken-vocab", test_broken_vocab);
  ADD ("missing-special", test_missing_special);
  ADD ("broken-merges", test_broken_merges);
  ADD ("broken-config", test_broken_config);
  g_test_add_func ("/clip-tokenizer/missing-folder", test_missing_folder);
  return g_test_run ();
}
