/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-tokenizer.h"

#include <string.h>

#include "../core/tpd-config.h"
#include "../core/tpd-json.h"
#include "tpd-bpe.h"
#include "tpd-clip-words.h"

/* A token that the text may contain as such, and that no word is made of. */
typedef struct
{
  char *content; /* owned; NULL: the same as an earlier one */
  gint32 id;
  gboolean normalized; /* looked for in the normalised text, not in the original */
} Special;

enum
{
  BOS,
  EOS,
  UNKNOWN,
  PAD,
  N_SPECIALS
};

static const struct
{
  const char *key;
  const char *content;
} defaults[N_SPECIALS] = {
    [BOS] = {"bos_token", "<|startoftext|>"},
    [EOS] = {"eos_token", "<|endoftext|>"},
    [UNKNOWN] = {"unk_token", "<|endoftext|>"},
    [PAD] = {"pad_token", "<|endoftext|>"},
};

#define DEFAULT_MAX_LENGTH 77
/* transformers writes 10³⁰ for "no limit" */
#define LARGEST_MAX_LENGTH (1 << 20)
/* Below this a vocabulary is a list of words (see tpd_clip_tokenizer_list_unknown_words()). */
#define SMALL_VOCABULARY 4096

struct _TpdClipTokenizer
{
  GObject parent_instance;

  /* owned */
  TpdBpe *bpe;
  Special specials[N_SPECIALS];

  guint max_length;
};

G_DEFINE_FINAL_TYPE (TpdClipTokenizer, tpd_clip_tokenizer, G_TYPE_OBJECT)

static void
tpd_clip_tokenizer_init (TpdClipTokenizer *self)
{
  self->max_length = DEFAULT_MAX_LENGTH;
}

static void
tpd_clip_tokenizer_finalize (GObject *object)
{
  TpdClipTokenizer *self = TPD_CLIP_TOKENIZER (object);

  g_clear_pointer (&self->bpe, tpd_bpe_free);
  for (int i = 0; i < N_SPECIALS; i++)
    g_free (self->specials[i].content);
  G_OBJECT_CLASS (tpd_clip_tokenizer_parent_class)->finalize (object);
}

static void
tpd_clip_tokenizer_class_init (TpdClipTokenizerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_clip_tokenizer_finalize;
}

/* ── loading ── */

/* A special token is a string, or an object with "content" and "normalized". */
static gboolean
read_special (JsonObject *config, const char *path, int which, Special *special, GError **error)
{
  const char *key = defaults[which].key;
  const char *content = defaults[which].content;
  JsonNode *node = json_object_get_member (config, key);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *token = json_node_get_object (node);

      if (!tpd_config_get_string (token, path, "content", NULL, &content, error) ||
          !tpd_config_get_bool (token, path, "normalized", &special->normalized, error))
        return FALSE;
    }
  else if (!tpd_config_get_string (config, path, key, NULL, &content, error))
    return FALSE;

  if (*content == '\0' || !g_utf8_validate (content, -1, NULL))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "%s: \"%s\" is empty", path, key);
      return FALSE;
    }
  special->content = g_strdup (content);
  return TRUE;
}

/* Gives the special tokens their ids; of two with the same content the later one says whether the
 * text is normalised first. */
static gboolean
resolve_specials (TpdClipTokenizer *self, const char *vocab_path, GError **error)
{
  for (int i = 0; i < N_SPECIALS; i++)
    {
      Special *special = &self->specials[i];

      special->id = tpd_bpe_find (self->bpe, special->content);
      if (special->id < 0)
        {
          tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: token \"%.80s\" is missing",
                         vocab_path, special->content);
          return FALSE;
        }
      for (int j = 0; j < i; j++)
        if (self->specials[j].id == special->id)
          g_clear_pointer (&self->specials[j].content, g_free);
    }
  for (int i = 0; i < N_SPECIALS; i++)
    if (self->specials[i].content != NULL && self->specials[i].normalized)
      {
        g_autofree char *content = self->specials[i].content;

        self->specials[i].content = tpd_clip_normalize (content, -1);
      }
  return TRUE;
}

TpdClipTokenizer *
tpd_clip_tokenizer_new_from_dir (const char *dir, GError **error)
{
  g_autoptr (TpdClipTokenizer) self = NULL;
  g_autofree char *vocab_path = NULL;
  g_autofree char *merges_path = NULL;
  g_autofree char *config_path = NULL;
  g_autoptr (JsonObject) config = NULL;
  double max_length = DEFAULT_MAX_LENGTH;

  g_return_val_if_fail (dir != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_object_new (TPD_TYPE_CLIP_TOKENIZER, NULL);
  vocab_path = g_build_filename (dir, "vocab.json", NULL);
  merges_path = g_build_filename (dir, "merges.txt", NULL);
  config_path = g_build_filename (dir, "tokenizer_config.json", NULL);
  config = g_file_test (config_path, G_FILE_TEST_EXISTS) ? tpd_json_read_file (config_path, error)
                                                         : json_object_new ();
  if (config == NULL)
    return NULL;
  for (int i = 0; i < N_SPECIALS; i++)
    if (!read_special (config, config_path, i, &self->specials[i], error))
      return NULL;
  if (!tpd_config_get_double (config, config_path, "model_max_length", &max_length, error))
    return NULL;
  if (max_length >= 2 && max_length <= LARGEST_MAX_LENGTH)
    self->max_length = (guint)max_length;

  self->bpe = tpd_bpe_load (vocab_path, merges_path, self->specials[UNKNOWN].content, error);
  if (self->bpe == NULL || !resolve_specials (self, vocab_path, error))
    return NULL;
  return g_steal_pointer (&self);
}

guint
tpd_clip_tokenizer_get_vocab_size (TpdClipTokenizer *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), 0);
  return tpd_bpe_get_size (self->bpe);
}

guint
tpd_clip_tokenizer_get_max_length (TpdClipTokenizer *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), 0);
  return self->max_length;
}

gint32
tpd_clip_tokenizer_get_bos_id (TpdClipTokenizer *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), -1);
  return self->specials[BOS].id;
}

gint32
tpd_clip_tokenizer_get_eos_id (TpdClipTokenizer *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), -1);
  return self->specials[EOS].id;
}

gint32
tpd_clip_tokenizer_get_pad_id (TpdClipTokenizer *self)
{
  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), -1);
  return self->specials[PAD].id;
}

/* ── encoding ── */

/* What the walk over a text collects. */
typedef struct
{
  TpdClipTokenizer *self; /* borrowed */
  GArray *ids;            /* owned: gint32 */
  GPtrArray *unknown;     /* borrowed, nullable: char* */
} Walk;

static gboolean
is_unknown (TpdClipTokenizer *self, const gint32 *ids, guint n)
{
  for (guint i = 0; i < n; i++)
    if (ids[i] == self->specials[UNKNOWN].id)
      return TRUE;
  return n > 1 && tpd_bpe_get_size (self->bpe) < SMALL_VOCABULARY;
}

static void
encode_word (const char *word, gsize n_bytes, gpointer data)
{
  Walk *walk = data;
  guint start = walk->ids->len;

  tpd_bpe_encode (walk->self->bpe, word, n_bytes, walk->ids);
  if (walk->unknown != NULL && tpd_clip_is_lexical (word) &&
      is_unknown (walk->self, &g_array_index (walk->ids, gint32, start), walk->ids->len - start))
    {
      g_autofree char *copy = g_strndup (word, n_bytes);

      if (!g_ptr_array_find_with_equal_func (walk->unknown, copy, g_str_equal, NULL))
        g_ptr_array_add (walk->unknown, g_steal_pointer (&copy));
    }
}

/* The special token that text starts with (the longest of them), or NULL. */
static const Special *
match_special (TpdClipTokenizer *self, const char *text, gboolean normalized)
{
  const Special *best = NULL;

  for (int i = 0; i < N_SPECIALS; i++)
    {
      const Special *special = &self->specials[i];

      if (special->content != NULL && special->normalized == normalized &&
          g_str_has_prefix (text, special->content) &&
          (best == NULL || strlen (special->content) > strlen (best->content)))
        best = special;
    }
  return best;
}

/* Special tokens part the text into segments. Twice: those looked for in the original part it, then
 * each segment is normalised and those looked for after that part it again, into words. */
static void
encode_text (Walk *walk, const char *text, gboolean normalized)
{
  while (*text != '\0')
    {
      const Special *special = NULL;
      const char *end = text;

      while (*end != '\0' && (special = match_special (walk->self, end, normalized)) == NULL)
        end = g_utf8_next_char (end);
      if (normalized)
        tpd_clip_split_words (text, end - text, encode_word, walk);
      else
        {
          g_autofree char *segment = tpd_clip_normalize (text, end - text);

          encode_text (walk, segment, TRUE);
        }
      if (special == NULL)
        return;
      g_array_append_val (walk->ids, special->id);
      text = end + strlen (special->content);
    }
}

/* Returns: (transfer full): the ids of a text, without start and end. */
static GArray *
walk_text (TpdClipTokenizer *self, const char *text, GPtrArray *unknown)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  Walk walk = {self, g_array_new (FALSE, FALSE, sizeof (gint32)), unknown};

  encode_text (&walk, valid, FALSE);
  return walk.ids;
}

guint
tpd_clip_tokenizer_encode (TpdClipTokenizer *self, const char *text, guint length, gint32 *ids,
                           gint32 *mask)
{
  g_autoptr (GArray) found = NULL;
  guint n;

  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), 0);
  g_return_val_if_fail (text != NULL && length >= 2 && ids != NULL, 0);

  found = walk_text (self, text, NULL);
  n = MIN (found->len, length - 2);
  ids[0] = self->specials[BOS].id;
  if (n > 0)
    memcpy (ids + 1, found->data, n * sizeof (gint32));
  ids[n + 1] = self->specials[EOS].id;
  for (guint i = n + 2; i < length; i++)
    ids[i] = self->specials[PAD].id;
  if (mask != NULL)
    for (guint i = 0; i < length; i++)
      mask[i] = i < n + 2;
  return found->len + 2;
}

char **
tpd_clip_tokenizer_list_unknown_words (TpdClipTokenizer *self, const char *text)
{
  g_autoptr (GPtrArray) unknown = NULL;
  g_autoptr (GArray) ids = NULL;

  g_return_val_if_fail (TPD_IS_CLIP_TOKENIZER (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);

  unknown = g_ptr_array_new_with_free_func (g_free);
  ids = walk_text (self, text, unknown);
  g_ptr_array_add (unknown, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&unknown), FALSE);
}
