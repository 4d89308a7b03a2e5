/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-vocabulary.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "../core/tpd-json.h"
#include "tpd-bpe.h"
#include "tpd-clip-words.h"

/* A vocabulary while it is trained. */
typedef struct
{
  GHashTable *words;  /* owned: the set of words (owned) as they are written */
  GPtrArray *symbols; /* owned: for each word the GPtrArray of its tokens so far (owned strings) */
  GPtrArray *tokens;  /* owned: tokens (owned) in the order of their ids */
  GString *merges;    /* owned: merges.txt */
} Vocabulary;

/* ── words ── */

static void
add_word (const char *word, gsize n_bytes, gpointer data)
{
  Vocabulary *self = data;

  g_hash_table_add (self->words, g_strndup (word, n_bytes));
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A word as its bytes' symbols, the last one marked. */
static GPtrArray *
spell (const char *word)
{
  GPtrArray *symbols = g_ptr_array_new_with_free_func (g_free);

  for (const char *p = word; *p != '\0'; p++)
    {
      char symbol[7] = "";

      g_unichar_to_utf8 (tpd_bpe_byte_symbol ((guint8)*p), symbol);
      g_ptr_array_add (symbols,
                       g_strconcat (symbol, p[1] == '\0' ? TPD_BPE_END_OF_WORD : NULL, NULL));
    }
  return symbols;
}

/* The words in alphabetical order, spelled, and their symbols as the first tokens. */
static void
spell_words (Vocabulary *self)
{
  g_autoptr (GList) words = g_list_sort (g_hash_table_get_keys (self->words), (GCompareFunc)strcmp);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (GList *word = words; word != NULL; word = word->next)
    {
      GPtrArray *symbols = spell (word->data);

      g_ptr_array_add (self->symbols, symbols);
      for (guint j = 0; j < symbols->len; j++)
        if (g_hash_table_add (seen, g_ptr_array_index (symbols, j)))
          g_ptr_array_add (self->tokens, g_strdup (g_ptr_array_index (symbols, j)));
    }
  g_ptr_array_sort (self->tokens, compare_strings);
}

/* ── merging ── */

/* The pair of neighbours that occurs most, "left right"; the first in the alphabet of equals; NULL
 * when every word is one token. */
static char *
find_best_pair (Vocabulary *self)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer pair, count;
  const char *best = NULL;
  guint best_count = 0;

  for (guint i = 0; i < self->symbols->len; i++)
    {
      GPtrArray *symbols = g_ptr_array_index (self->symbols, i);

      for (guint j = 0; j + 1 < symbols->len; j++)
        {
          char *neighbours = g_strjoin (" ", (char *)g_ptr_array_index (symbols, j),
                                        (char *)g_ptr_array_index (symbols, j + 1), NULL);
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, neighbours)) + 1;

          g_hash_table_insert (counts, neighbours, GUINT_TO_POINTER (n));
        }
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &pair, &count))
    if (GPOINTER_TO_UINT (count) > best_count ||
        (GPOINTER_TO_UINT (count) == best_count && strcmp (pair, best) < 0))
      {
        best = pair;
        best_count = GPOINTER_TO_UINT (count);
      }
  return g_strdup (best);
}

static void
merge_in_word (GPtrArray *symbols, const char *left, const char *right, const char *whole)
{
  for (guint j = 0; j + 1 < symbols->len; j++)
    if (g_str_equal (g_ptr_array_index (symbols, j), left) &&
        g_str_equal (g_ptr_array_index (symbols, j + 1), right))
      {
        g_free (g_ptr_array_index (symbols, j));
        g_ptr_array_index (symbols, j) = g_strdup (whole);
        g_ptr_array_remove_index (symbols, j + 1);
      }
}

static void
merge_all (Vocabulary *self)
{
  g_autofree char *pair = NULL;

  for (pair = find_best_pair (self); pair != NULL; g_free (pair), pair = find_best_pair (self))
    {
      g_auto (GStrv) parts = g_strsplit (pair, " ", 2);
      g_autofree char *whole = g_strconcat (parts[0], parts[1], NULL);

      g_string_append_printf (self->merges, "%s\n", pair);
      for (guint i = 0; i < self->symbols->len; i++)
        merge_in_word (g_ptr_array_index (self->symbols, i), parts[0], parts[1], whole);
      /* "a bc" and "ab c" make the same token. */
      if (!g_ptr_array_find_with_equal_func (self->tokens, whole, g_str_equal, NULL))
        g_ptr_array_add (self->tokens, g_steal_pointer (&whole));
    }
}

/* ── files ── */

static gboolean
write_file (const char *dir, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return g_file_set_contents (path, text, -1, error);
}

static gboolean
write_vocab (Vocabulary *self, const char *dir, GError **error)
{
  g_autoptr (JsonObject) json = json_object_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->tokens->len; i++)
    json_object_set_int_member (json, g_ptr_array_index (self->tokens, i), i);
  text = tpd_json_format (json);
  return write_file (dir, "vocab.json", text, error);
}

static gboolean
write_config (const char *dir, guint max_length, GError **error)
{
  g_autoptr (JsonObject) json = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_string_member (json, "tokenizer_class", "CLIPTokenizer");
  json_object_set_int_member (json, "model_max_length", max_length);
  json_object_set_string_member (json, "bos_token", "<|startoftext|>");
  json_object_set_string_member (json, "eos_token", "<|endoftext|>");
  json_object_set_string_member (json, "pad_token", "<|endoftext|>");
  json_object_set_string_member (json, "unk_token", "<|unk|>");
  text = tpd_json_format (json);
  return write_file (dir, "tokenizer_config.json", text, error);
}

static void
vocabulary_clear (Vocabulary *self)
{
  g_hash_table_unref (self->words);
  g_ptr_array_unref (self->symbols);
  g_ptr_array_unref (self->tokens);
  g_string_free (self->merges, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Vocabulary, vocabulary_clear)

gboolean
tpd_clip_vocabulary_write (const char *dir, const char *const *texts, guint max_length,
                           GError **error)
{
  static const char *const specials[] = {"<|unk|>", "<|startoftext|>", "<|endoftext|>"};
  g_auto (Vocabulary) self = {
      .words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
      .symbols = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref),
      .tokens = g_ptr_array_new_with_free_func (g_free),
      .merges = g_string_new ("#version: 0.2\n"),
  };

  g_return_val_if_fail (dir != NULL && texts != NULL && max_length >= 2, FALSE);

  for (; *texts != NULL; texts++)
    {
      g_autofree char *valid = g_utf8_make_valid (*texts, -1);
      g_autofree char *text = tpd_clip_normalize (valid, -1);

      tpd_clip_split_words (text, strlen (text), add_word, &self);
    }
  spell_words (&self);
  merge_all (&self);
  for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
    g_ptr_array_add (self.tokens, g_strdup (specials[i]));

  if (g_mkdir_with_parents (dir, 0777) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", dir,
                   g_strerror (errno));
      return FALSE;
    }
  return write_vocab (&self, dir, error) &&
         write_file (dir, "merges.txt", self.merges->str, error) &&
         write_config (dir, max_length, error);
}
