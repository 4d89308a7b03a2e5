/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text/tpd-clip-vocabulary.h"

#include <glib/gstdio.h>

#include "text/tpd-clip-tokenizer.h"

static const char *const captions[] = {
    "A large red star, bouncing on a dark blue gradient.",
    "two small Stars: 3 are dark-red, one is großer 한국어 no-one's",
    "banana bandana",
    NULL,
};

static const char *const files[] = {"vocab.json", "merges.txt", "tokenizer_config.json"};

static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("tpd-vocabulary-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

static void
remove_folder (const char *dir)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (dir, files[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

static void
write (const char *dir, const char *const *texts)
{
  g_autoptr (GError) error = NULL;

  tpd_clip_vocabulary_write (dir, texts, 32, &error);
  g_assert_no_error (error);
}

/* Every word of the captions is one token, and no other word is. */
static void
test_words (void)
{
  g_autofree char *dir = make_folder ();
  g_autoptr (TpdClipTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;
  gint32 ids[32];

  write (dir, captions);
  tokenizer = tpd_clip_tokenizer_new_from_dir (dir, &error);
  g_assert_no_error (error);
  for (guint i = 0; captions[i] != NULL; i++)
    {
      g_auto (GStrv) unknown = tpd_clip_tokenizer_list_unknown_words (tokenizer, captions[i]);

      g_assert_cmpstrv (unknown, ((const char *[]){NULL}));
    }
  g_assert_cmpuint (tpd_clip_tokenizer_encode (tokenizer, captions[0], 32, ids, NULL), ==, 2 + 12);
  g_assert_cmpint (ids[1], ==, ids[8]); /* "A", "a" */
  g_assert_cmpuint (tpd_clip_tokenizer_get_max_length (tokenizer), ==, 32);
  g_assert_cmpint (tpd_clip_tokenizer_get_eos_id (tokenizer), ==,
                   tpd_clip_tokenizer_get_vocab_size (tokenizer) - 1);

  g_auto (GStrv) unknown =
      tpd_clip_tokenizer_list_unknown_words (tokenizer, "a starred star, ban, zebra 4");

  g_assert_cmpstrv (unknown, ((const char *[]){"starred", "ban", "zebra", "4", NULL}));
  remove_folder (dir);
}

static void
test_order_of_texts (void)
{
  const char *const reversed[] = {captions[2], captions[1], captions[0], NULL};
  g_autofree char *a = make_folder ();
  g_autofree char *b = make_folder ();

  write (a, captions);
  write (b, reversed);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path_a = g_build_filename (a, files[i], NULL);
      g_autofree char *path_b = g_build_filename (b, files[i], NULL);
      g_autofree char *text_a = NULL;
      g_autofree char *text_b = NULL;

      g_assert_true (g_file_get_contents (path_a, &text_a, NULL, NULL));
      g_assert_true (g_file_get_contents (path_b, &text_b, NULL, NULL));
      g_assert_cmpstr (text_a, ==, text_b);
    }
  remove_folder (a);
  remove_folder (b);
}

static void
test_unwritable (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (tpd_clip_vocabulary_write ("/dev/null/folder", captions, 32, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/dev/null/folder"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clip-vocabulary/words", test_words);
  g_test_add_func ("/clip-vocabulary/order-of-texts", test_order_of_texts);
  g_test_add_func ("/clip-vocabulary/unwritable", test_unwritable);
  return g_test_run ();
}
