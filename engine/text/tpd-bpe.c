/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-bpe.h"

#include <string.h>

#include "../core/tpd-json.h"

/* A pair of neighbours and what it becomes. */
typedef struct
{
  gint64 pair; /* left id · 2³² + right id; the key, hence first */
  guint rank;  /* place in merges.txt; small is important */
  gint32 id;
} Merge;

struct _TpdBpe
{
  GHashTable *ids;      /* owned: token (owned) → id */
  GArray *merges;       /* owned: Merge */
  GHashTable *by_pair;  /* owned: &Merge.pair → Merge, both inside `merges` */
  gint32 inner_id[256]; /* of a byte */
  gint32 final_id[256]; /* of a byte that ends a word */
  guint size;
};

/* One token of a word while its pairs merge: a node of a doubly linked list. */
typedef struct
{
  gint32 id; /* −1: has become part of its left neighbour */
  int previous;
  int next;
} Symbol;

/* ids are rows of an embedding: anything near this limit is a broken file */
#define MAX_ID ((1 << 24) - 1)

static gint64
pair_of (gint32 left, gint32 right)
{
  return (gint64)left << 32 | right;
}

gunichar
tpd_bpe_byte_symbol (guint8 byte)
{
  guint n_unprintable = 0;

  for (guint b = 0; b <= byte; b++)
    {
      gboolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;

      if (b == byte && printable)
        return b;
      n_unprintable += !printable;
    }
  return 0x100 + n_unprintable - 1;
}

/* ── loading ── */

static gboolean
read_vocab (TpdBpe *self, const char *path, GError **error)
{
  g_autoptr (JsonObject) vocab = tpd_json_read_file (path, error);
  JsonObjectIter iter;
  const char *token;
  JsonNode *node;

  if (vocab == NULL)
    return FALSE;
  json_object_iter_init (&iter, vocab);
  while (json_object_iter_next (&iter, &token, &node))
    {
      gint64 id = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
                      ? json_node_get_int (node)
                      : -1;

      if (id < 0 || id > MAX_ID)
        {
          tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                         "%s: the id of \"%.40s\" should be an integer from 0 to %d", path, token,
                         MAX_ID);
          return FALSE;
        }
      g_hash_table_insert (self->ids, g_strdup (token), GINT_TO_POINTER ((int)id));
      self->size = MAX (self->size, (guint)id + 1);
    }
  return TRUE;
}

/* One line: "left right". */
static gboolean
parse_merge (TpdBpe *self, const char *line, Merge *merge)
{
  const char *space = strchr (line, ' ');
  g_autofree char *left = NULL;
  g_autofree char *whole = NULL;
  gint32 left_id, right_id;

  if (space == NULL || strchr (space + 1, ' ') != NULL)
    return FALSE;
  left = g_strndup (line, space - line);
  whole = g_strconcat (left, space + 1, NULL);
  left_id = tpd_bpe_find (self, left);
  right_id = tpd_bpe_find (self, space + 1);
  merge->id = tpd_bpe_find (self, whole);
  if (left_id < 0 || right_id < 0 || merge->id < 0)
    return FALSE;
  merge->pair = pair_of (left_id, right_id);
  return TRUE;
}

static gboolean
read_merges (TpdBpe *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      Merge merge = {.rank = self->merges->len};

      g_strchomp (lines[i]);
      if (*lines[i] == '\0' || (i == 0 && g_str_has_prefix (lines[i], "#version")))
        continue;
      if (!parse_merge (self, lines[i], &merge))
        {
          tpd_error_set (
              error, TPD_ERROR_INVALID_DATA,
              "%s:%u: \"%.80s\" should be two tokens of the vocabulary that make a third", path,
              i + 1, lines[i]);
          return FALSE;
        }
      g_array_append_val (self->merges, merge);
    }
  /* Only now does the array stay where it is. */
  for (guint i = 0; i < self->merges->len; i++)
    {
      Merge *merge = &g_array_index (self->merges, Merge, i);

      g_hash_table_replace (self->by_pair, &merge->pair, merge);
    }
  return TRUE;
}

static void
find_bytes (TpdBpe *self, gint32 unknown_id)
{
  for (guint b = 0; b < 256; b++)
    {
      char symbol[6 + sizeof TPD_BPE_END_OF_WORD] = "";

      g_unichar_to_utf8 (tpd_bpe_byte_symbol ((guint8)b), symbol);
      self->inner_id[b] = tpd_bpe_find (self, symbol);
      strcat (symbol, TPD_BPE_END_OF_WORD);
      self->final_id[b] = tpd_bpe_find (self, symbol);
      if (self->inner_id[b] < 0)
        self->inner_id[b] = unknown_id;
      if (self->final_id[b] < 0)
        self->final_id[b] = unknown_id;
    }
}

TpdBpe *
tpd_bpe_load (const char *vocab_path, const char *merges_path, const char *unknown, GError **error)
{
  g_autoptr (TpdBpe) self = g_new0 (TpdBpe, 1);
  gint32 unknown_id;

  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->merges = g_array_new (FALSE, FALSE, sizeof (Merge));
  self->by_pair = g_hash_table_new (g_int64_hash, g_int64_equal);
  if (!read_vocab (self, vocab_path, error) || !read_merges (self, merges_path, error))
    return NULL;
  unknown_id = tpd_bpe_find (self, unknown);
  if (unknown_id < 0)
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: token \"%.80s\" is missing", vocab_path,
                     unknown);
      return NULL;
    }
  find_bytes (self, unknown_id);
  return g_steal_pointer (&self);
}

void
tpd_bpe_free (TpdBpe *self)
{
  g_hash_table_unref (self->by_pair);
  g_array_unref (self->merges);
  g_hash_table_unref (self->ids);
  g_free (self);
}

guint
tpd_bpe_get_size (TpdBpe *self)
{
  return self->size;
}

gint32
tpd_bpe_find (TpdBpe *self, const char *token)
{
  gpointer id;

  return g_hash_table_lookup_extended (self->ids, token, NULL, &id) ? GPOINTER_TO_INT (id) : -1;
}

/* ── encoding ── */

/* Candidates wait in a binary heap of rank · 2³² + position: the smallest is the most important,
 * the leftmost of equals. A candidate whose symbols have merged elsewhere meanwhile is stale. */
static void
heap_push (GArray *heap, guint64 key)
{
  guint i = heap->len;
  guint64 *keys;

  g_array_append_val (heap, key);
  keys = (guint64 *)heap->data;
  for (; i > 0 && keys[(i - 1) / 2] > key; i = (i - 1) / 2)
    keys[i] = keys[(i - 1) / 2];
  keys[i] = key;
}

static guint64
heap_pop (GArray *heap)
{
  guint64 *keys = (guint64 *)heap->data;
  guint64 smallest = keys[0];
  guint64 last = keys[heap->len - 1];
  guint i = 0;

  g_array_set_size (heap, heap->len - 1);
  for (guint child = 1; child < heap->len; child = 2 * i + 1)
    {
      if (child + 1 < heap->len && keys[child + 1] < keys[child])
        child++;
      if (keys[child] >= last)
        break;
      keys[i] = keys[child];
      i = child;
    }
  if (heap->len > 0)
    keys[i] = last;
  return smallest;
}

/* The merge of the symbol at `position` with its right neighbour, or NULL. */
static const Merge *
merge_at (TpdBpe *self, const Symbol *symbols, int position)
{
  gint64 pair;

  if (position < 0 || symbols[position].id < 0 || symbols[position].next < 0)
    return NULL;
  pair = pair_of (symbols[position].id, symbols[symbols[position].next].id);
  return g_hash_table_lookup (self->by_pair, &pair);
}

static void
offer (TpdBpe *self, const Symbol *symbols, int position, GArray *heap)
{
  const Merge *merge = merge_at (self, symbols, position);

  if (merge != NULL)
    heap_push (heap, (guint64)merge->rank << 32 | (guint)position);
}

static void
join_with_next (Symbol *symbols, int position, gint32 id)
{
  int gone = symbols[position].next;

  symbols[position].id = id;
  symbols[position].next = symbols[gone].next;
  if (symbols[gone].next >= 0)
    symbols[symbols[gone].next].previous = position;
  symbols[gone].id = -1;
}

void
tpd_bpe_encode (TpdBpe *self, const char *word, gsize n_bytes, GArray *ids)
{
  g_autofree Symbol *symbols = g_new (Symbol, n_bytes);
  g_autoptr (GArray) heap = g_array_new (FALSE, FALSE, sizeof (guint64));
  int last = (int)n_bytes - 1;

  g_assert (n_bytes >= 1 && n_bytes <= G_MAXINT);
  for (int i = 0; i <= last; i++)
    symbols[i] = (Symbol){
        .id = (i < last ? self->inner_id : self->final_id)[(guint8)word[i]],
        .previous = i - 1,
        .next = i < last ? i + 1 : -1,
    };
  for (int i = 0; i < last; i++)
    offer (self, symbols, i, heap);

  while (heap->len > 0)
    {
      guint64 key = heap_pop (heap);
      int position = (int)(key & G_MAXUINT32);
      const Merge *merge = merge_at (self, symbols, position);

      if (merge == NULL || merge->rank != key >> 32)
        continue;
      join_with_next (symbols, position, merge->id);
      offer (self, symbols, symbols[position].previous, heap);
      offer (self, symbols, position, heap);
    }
  for (int i = 0; i >= 0; i = symbols[i].next)
    g_array_append_val (ids, symbols[i].id);
}
