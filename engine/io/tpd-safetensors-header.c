/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-safetensors-header.h"

#include <string.h>

#include "../core/tpd-shape.h"

/* ── dtypes and shapes ── */

static const struct
{
  const char *name;
  TpdDtype dtype;
} dtypes[] = {
    {"F32", TPD_F32}, {"F64", TPD_F64}, {"F16", TPD_F16}, {"BF16", TPD_BF16},
    {"I32", TPD_I32}, {"I64", TPD_I64}, {"U8", TPD_U8},   {"BOOL", TPD_U8},
};

const char *
tpd_safetensors_dtype_name (TpdDtype dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].dtype == dtype)
      return dtypes[i].name;
  g_assert_not_reached ();
}

gboolean
tpd_safetensors_count_bytes (TpdDtype dtype, int n_dims, const gint64 *shape, guint64 *n_bytes)
{
  *n_bytes = tpd_dtype_size (dtype);
  for (int i = 0; i < n_dims; i++)
    if (!g_uint64_checked_mul (n_bytes, *n_bytes, (guint64)shape[i]) || *n_bytes > G_MAXINT64)
      return FALSE;
  return TRUE;
}

/* ── the JSON: tokens ── */

typedef struct
{
  const char *start;
  const char *p;
  const char *end;
  const char *where;
} Cursor;

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (const Cursor *c, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: %s", c->where, what);
  return FALSE;
}

static gboolean
refuse_here (const Cursor *c, GError **error, const char *expected)
{
  return refuse (c, error, "the header is not valid: expected %s at byte %" G_GSIZE_FORMAT,
                 expected, (gsize)(c->p - c->start) + 8);
}

static void
skip_space (Cursor *c)
{
  while (c->p < c->end && strchr (" \t\r\n", *c->p) != NULL)
    c->p++;
}

/* Takes the character if it comes next. */
static gboolean
take (Cursor *c, char wanted)
{
  skip_space (c);
  if (c->p >= c->end || *c->p != wanted)
    return FALSE;
  c->p++;
  return TRUE;
}

static gboolean
expect (Cursor *c, char wanted, GError **error)
{
  const char expected[] = {'\'', wanted, '\'', 0};

  return take (c, wanted) || refuse_here (c, error, expected);
}

/* Between the members of an object or the elements of an array: ',' goes on, the closing character
 * ends. */
static gboolean
take_separator (Cursor *c, char closing, gboolean *more, GError **error)
{
  *more = take (c, ',');
  return *more || expect (c, closing, error);
}

static gboolean
parse_hex4 (Cursor *c, gunichar *value)
{
  *value = 0;
  if (c->end - c->p < 4)
    return FALSE;
  for (int i = 0; i < 4; i++, c->p++)
    {
      if (!g_ascii_isxdigit (*c->p))
        return FALSE;
      *value = *value << 4 | (gunichar)g_ascii_xdigit_value (*c->p);
    }
  return TRUE;
}

/* What follows a backslash. NUL is refused: names are C strings from here on. */
static gboolean
parse_escape (Cursor *c, GString *text)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char *found;
  gunichar high, low;

  if (c->p >= c->end || *c->p == 0)
    return FALSE;
  found = strchr (from, *c->p);
  if (found != NULL)
    {
      c->p++;
      g_string_append_c (text, to[found - from]);
      return TRUE;
    }
  if (*c->p++ != 'u' || !parse_hex4 (c, &high) || high == 0)
    return FALSE;
  if (high >= 0xd800 && high < 0xdc00)
    {
      if (c->end - c->p < 2 || *c->p++ != '\\' || *c->p++ != 'u' || !parse_hex4 (c, &low) ||
          low < 0xdc00 || low > 0xdfff)
        return FALSE;
      high = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
    }
  else if (high >= 0xdc00 && high <= 0xdfff)
    return FALSE;
  g_string_append_unichar (text, high);
  return TRUE;
}

static char *
parse_string (Cursor *c, GError **error)
{
  GString *text;

  if (!take (c, '"'))
    {
      refuse_here (c, error, "a string");
      return NULL;
    }
  text = g_string_new (NULL);
  while (c->p < c->end && *c->p != '"' && (guchar)*c->p >= 0x20)
    {
      if (*c->p != '\\')
        g_string_append_c (text, *c->p++);
      else if (c->p++, !parse_escape (c, text))
        {
          refuse_here (c, error, "an escape sequence");
          return g_string_free (text, TRUE);
        }
    }
  if (c->p >= c->end || *c->p != '"')
    {
      refuse_here (c, error, "the end of a string");
      return g_string_free (text, TRUE);
    }
  c->p++;
  return g_string_free (text, FALSE);
}

/* A non-negative integer below 2^63. */
static gboolean
parse_size (Cursor *c, guint64 *value, GError **error)
{
  const char *first;

  skip_space (c);
  first = c->p;
  *value = 0;
  for (; c->p < c->end && g_ascii_isdigit (*c->p); c->p++)
    if (!g_uint64_checked_mul (value, *value, 10) ||
        !g_uint64_checked_add (value, *value, (guint64)(*c->p - '0')) || *value > G_MAXINT64)
      return refuse_here (c, error, "a number below 2^63");
  return c->p > first || refuse_here (c, error, "a non-negative integer");
}

/* ── the JSON: what a header holds ── */

void
tpd_safetensors_entry_free (gpointer entry)
{
  TpdSafetensorsEntry *self = entry;

  g_free (self->name);
  g_free (self);
}

static gboolean
parse_dtype (Cursor *c, TpdSafetensorsEntry *entry, GError **error)
{
  g_autofree char *name = parse_string (c, error);

  if (name == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (name, dtypes[i].name))
      {
        entry->dtype = dtypes[i].dtype;
        return TRUE;
      }
  refuse (c, error,
          "a tensor has dtype \"%.40s\", but this program reads F64, F32, F16, BF16, I64, I32, U8 "
          "and BOOL: \"%s\"",
          name, entry->name);
  return FALSE;
}

static gboolean
parse_shape (Cursor *c, TpdSafetensorsEntry *entry, GError **error)
{
  gboolean more;

  if (!expect (c, '[', error))
    return FALSE;
  entry->n_dims = 0;
  if (take (c, ']'))
    return TRUE;
  do
    {
      guint64 size;

      if (!parse_size (c, &size, error))
        return FALSE;
      if (entry->n_dims == TPD_MAX_DIMS)
        return refuse (c, error, "tensor \"%s\" has more than %d dimensions", entry->name,
                       TPD_MAX_DIMS);
      entry->shape[entry->n_dims++] = (gint64)size;
      if (!take_separator (c, ']', &more, error))
        return FALSE;
    }
  while (more);
  return TRUE;
}

static gboolean
parse_offsets (Cursor *c, TpdSafetensorsEntry *entry, GError **error)
{
  return expect (c, '[', error) && parse_size (c, &entry->begin, error) && expect (c, ',', error) &&
         parse_size (c, &entry->end, error) && expect (c, ']', error);
}

static gboolean
parse_entry (Cursor *c, TpdSafetensorsEntry *entry, GError **error)
{
  static const struct
  {
    const char *key;
    gboolean (*parse) (Cursor *c, TpdSafetensorsEntry *entry, GError **error);
  } members[] = {{"dtype", parse_dtype}, {"shape", parse_shape}, {"data_offsets", parse_offsets}};
  gboolean seen[G_N_ELEMENTS (members)] = {FALSE};
  gboolean more = TRUE;

  if (!expect (c, '{', error))
    return FALSE;
  while (more)
    {
      g_autofree char *key = parse_string (c, error);
      guint i = 0;

      if (key == NULL || !expect (c, ':', error))
        return FALSE;
      while (i < G_N_ELEMENTS (members) && !g_str_equal (key, members[i].key))
        i++;
      if (i == G_N_ELEMENTS (members) || seen[i])
        return refuse (c, error, "%s \"%.40s\" in tensor \"%s\"",
                       i < G_N_ELEMENTS (members) ? "a second" : "unknown property", key,
                       entry->name);
      seen[i] = TRUE;
      if (!members[i].parse (c, entry, error) || !take_separator (c, '}', &more, error))
        return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (!seen[i])
      return refuse (c, error, "tensor \"%s\" has no \"%s\"", entry->name, members[i].key);
  return TRUE;
}

static gboolean
parse_metadata (Cursor *c, GHashTable *metadata, GError **error)
{
  gboolean more = TRUE;

  if (!expect (c, '{', error))
    return FALSE;
  if (take (c, '}'))
    return TRUE;
  while (more)
    {
      g_autofree char *key = parse_string (c, error);
      char *value;

      if (key == NULL || !expect (c, ':', error) || (value = parse_string (c, error)) == NULL)
        return FALSE;
      g_hash_table_insert (metadata, g_steal_pointer (&key), value);
      if (!take_separator (c, '}', &more, error))
        return FALSE;
    }
  return TRUE;
}

/* One "name": {…}. `seen` holds the names so far. */
static gboolean
parse_member (Cursor *c, TpdSafetensorsHeader *self, GHashTable *seen, GError **error)
{
  g_autofree char *name = parse_string (c, error);
  TpdSafetensorsEntry *entry;

  if (name == NULL || !expect (c, ':', error))
    return FALSE;
  if (!g_hash_table_add (seen, g_strdup (name)))
    return refuse (c, error, "the header holds \"%s\" twice", name);
  if (g_str_equal (name, "__metadata__"))
    return parse_metadata (c, self->metadata, error);
  entry = g_new0 (TpdSafetensorsEntry, 1);
  entry->name = g_steal_pointer (&name);
  g_ptr_array_add (self->entries, entry);
  return parse_entry (c, entry, error);
}

static gboolean
parse_json (Cursor *c, TpdSafetensorsHeader *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean more = TRUE;

  if (!g_utf8_validate_len (c->p, (gsize)(c->end - c->p), NULL))
    return refuse (c, error, "the header is not UTF-8 text");
  if (!expect (c, '{', error))
    return FALSE;
  if (take (c, '}'))
    more = FALSE;
  while (more)
    if (!parse_member (c, self, seen, error) || !take_separator (c, '}', &more, error))
      return FALSE;
  skip_space (c);
  return c->p == c->end || refuse_here (c, error, "nothing more");
}

/* ── do the tensors fit the file? ── */

static gint
compare_begin (gconstpointer a, gconstpointer b)
{
  const TpdSafetensorsEntry *x = *(TpdSafetensorsEntry *const *)a;
  const TpdSafetensorsEntry *y = *(TpdSafetensorsEntry *const *)b;

  return x->begin != y->begin ? (x->begin > y->begin) - (x->begin < y->begin)
                              : (x->end > y->end) - (x->end < y->end);
}

static gboolean
check_entry (const Cursor *c, const TpdSafetensorsEntry *entry, guint64 expected_begin,
             guint64 n_data, GError **error)
{
  g_autofree char *shape = tpd_shape_string (entry->n_dims, entry->shape);
  guint64 n_bytes;

  if (!tpd_safetensors_count_bytes (entry->dtype, entry->n_dims, entry->shape, &n_bytes))
    return refuse (c, error, "tensor \"%s\" of shape %s has more bytes than can be counted",
                   entry->name, shape);
  if (entry->begin > entry->end || entry->end - entry->begin != n_bytes)
    return refuse (c, error,
                   "tensor \"%s\", %s %s, needs %" G_GUINT64_FORMAT
                   " bytes, but its data_offsets are [%" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
                   "]",
                   entry->name, tpd_safetensors_dtype_name (entry->dtype), shape, n_bytes,
                   entry->begin, entry->end);
  if (entry->end > n_data)
    return refuse (c, error,
                   "tensor \"%s\" ends at byte %" G_GUINT64_FORMAT
                   " of the data, but the file holds only %" G_GUINT64_FORMAT
                   "; it may be truncated",
                   entry->name, entry->end, n_data);
  if (entry->begin != expected_begin)
    return refuse (c, error,
                   "tensor \"%s\" begins at byte %" G_GUINT64_FORMAT
                   " of the data, but the one before it ends at %" G_GUINT64_FORMAT,
                   entry->name, entry->begin, expected_begin);
  return TRUE;
}

static gboolean
check_entries (const Cursor *c, TpdSafetensorsHeader *self, guint64 n_data, GError **error)
{
  guint64 end = 0;

  g_ptr_array_sort (self->entries, compare_begin);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const TpdSafetensorsEntry *entry = g_ptr_array_index (self->entries, i);

      if (!check_entry (c, entry, end, n_data, error))
        return FALSE;
      end = entry->end;
    }
  if (end != n_data)
    return refuse (c, error,
                   "the tensors end at byte %" G_GUINT64_FORMAT
                   " of the data, but the file holds %" G_GUINT64_FORMAT,
                   end, n_data);
  return TRUE;
}

TpdSafetensorsHeader *
tpd_safetensors_header_parse (const guint8 *file, gsize n_bytes, const char *where, GError **error)
{
  g_autoptr (TpdSafetensorsHeader) self = g_new0 (TpdSafetensorsHeader, 1);
  Cursor c = {.where = where};
  guint64 n_header;

  self->entries = g_ptr_array_new_with_free_func (tpd_safetensors_entry_free);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (n_bytes < 8)
    {
      refuse (&c, error, "%" G_GSIZE_FORMAT " bytes are too few for a safetensors file", n_bytes);
      return NULL;
    }
  memcpy (&n_header, file, 8);
  n_header = GUINT64_FROM_LE (n_header);
  if (n_header > TPD_SAFETENSORS_MAX_HEADER || n_header > n_bytes - 8)
    {
      refuse (&c, error,
              "the header should be %" G_GUINT64_FORMAT
              " bytes long, but the file has %" G_GSIZE_FORMAT
              ": truncated, or not a safetensors file",
              n_header, n_bytes);
      return NULL;
    }
  self->data_offset = 8 + (gsize)n_header;
  c.start = c.p = (const char *)file + 8;
  c.end = c.start + n_header;
  if (!parse_json (&c, self, error) ||
      !check_entries (&c, self, n_bytes - self->data_offset, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tpd_safetensors_header_free (TpdSafetensorsHeader *self)
{
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  g_free (self);
}
