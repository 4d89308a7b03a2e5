/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-safetensors-writer.h"

#include "../core/tpd-file.h"
#include "../core/tpd-shape.h"
#include "../cpu/tpd-cpu-view.h"
#include "tpd-safetensors-header.h"

#include <string.h>

/* Elements converted at a time. */
#define CHUNK 16384

struct _TpdSafetensorsWriter
{
  /* owned */
  GPtrArray *entries;   /* TpdSafetensorsEntry */
  GHashTable *by_name;  /* borrowed name → borrowed entry, of those still to be written */
  GHashTable *metadata; /* string → string */
  TpdFileWriter *file;

  guint64 data_offset;
};

TpdSafetensorsWriter *
tpd_safetensors_writer_new (void)
{
  TpdSafetensorsWriter *self = g_new0 (TpdSafetensorsWriter, 1);

  self->entries = g_ptr_array_new_with_free_func (tpd_safetensors_entry_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
tpd_safetensors_writer_free (TpdSafetensorsWriter *self)
{
  g_clear_pointer (&self->file, tpd_file_writer_free);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  g_free (self);
}

void
tpd_safetensors_writer_declare (TpdSafetensorsWriter *self, const char *name, TpdDtype dtype,
                                int n_dims, const gint64 *shape)
{
  TpdSafetensorsEntry *entry;

  g_return_if_fail (self != NULL && self->file == NULL);
  g_return_if_fail (n_dims >= 0 && n_dims <= TPD_MAX_DIMS);
  g_return_if_fail (g_utf8_validate (name, -1, NULL) && !g_str_equal (name, "__metadata__"));
  g_return_if_fail (!g_hash_table_contains (self->by_name, name));

  entry = g_new0 (TpdSafetensorsEntry, 1);
  entry->name = g_strdup (name);
  entry->dtype = dtype;
  entry->n_dims = n_dims;
  for (int i = 0; i < n_dims; i++)
    entry->shape[i] = shape[i];
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_name, entry->name, entry);
}

void
tpd_safetensors_writer_set_metadata (TpdSafetensorsWriter *self, const char *key, const char *value)
{
  g_return_if_fail (self != NULL && self->file == NULL);
  g_return_if_fail (g_utf8_validate (key, -1, NULL) && g_utf8_validate (value, -1, NULL));
  g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
}

/* ── the header ── */

/* Places the tensors one after another, wide dtypes first. */
static void
lay_out (TpdSafetensorsWriter *self)
{
  guint64 end = 0;

  for (gsize size = 8; size >= 1; size /= 2)
    for (guint i = 0; i < self->entries->len; i++)
      {
        TpdSafetensorsEntry *entry = g_ptr_array_index (self->entries, i);
        gboolean countable;
        guint64 n_bytes;

        if (tpd_dtype_size (entry->dtype) != size)
          continue;
        countable =
            tpd_safetensors_count_bytes (entry->dtype, entry->n_dims, entry->shape, &n_bytes);
        g_assert (countable);
        entry->begin = end;
        entry->end = end += n_bytes;
      }
}

static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != 0; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (json, "\\%c", *p);
    else if ((guchar)*p < 0x20)
      g_string_append_printf (json, "\\u%04x", *p);
    else
      g_string_append_c (json, *p);
  g_string_append_c (json, '"');
}

static void
append_metadata (GString *json, GHashTable *metadata)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (metadata), (GCompareFunc)g_strcmp0);

  append_string (json, "__metadata__");
  g_string_append (json, ":{");
  for (GList *key = keys; key != NULL; key = key->next)
    {
      append_string (json, key->data);
      g_string_append_c (json, ':');
      append_string (json, g_hash_table_lookup (metadata, key->data));
      g_string_append_c (json, key->next != NULL ? ',' : '}');
    }
}

static void
append_entry (GString *json, const TpdSafetensorsEntry *entry)
{
  g_autofree char *shape = tpd_shape_string (entry->n_dims, entry->shape);

  append_string (json, entry->name);
  g_string_append_printf (json,
                          ":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%" G_GUINT64_FORMAT
                          ",%" G_GUINT64_FORMAT "]}",
                          tpd_safetensors_dtype_name (entry->dtype), shape, entry->begin,
                          entry->end);
}

/* The JSON, padded so that the data begins at a multiple of 8. */
static char *
format_header (TpdSafetensorsWriter *self)
{
  GString *json = g_string_new ("{");

  if (g_hash_table_size (self->metadata) > 0)
    append_metadata (json, self->metadata);
  for (guint i = 0; i < self->entries->len; i++)
    {
      if (json->len > 1)
        g_string_append_c (json, ',');
      append_entry (json, g_ptr_array_index (self->entries, i));
    }
  g_string_append_c (json, '}');
  while (json->len % 8 != 0)
    g_string_append_c (json, ' ');
  return g_string_free (json, FALSE);
}

gboolean
tpd_safetensors_writer_open (TpdSafetensorsWriter *self, const char *path, GError **error)
{
  g_autofree char *header = NULL;
  guint64 length;

  g_return_val_if_fail (self != NULL && self->file == NULL, FALSE);

  lay_out (self);
  header = format_header (self);
  length = GUINT64_TO_LE ((guint64)strlen (header));
  self->data_offset = 8 + strlen (header);
  self->file = tpd_file_writer_open (path, error);
  return self->file != NULL && tpd_file_writer_write (self->file, &length, 8, error) &&
         tpd_file_writer_write (self->file, header, strlen (header), error);
}

/* ── the tensors ── */

static gboolean
write_converted (TpdFileWriter *file, TpdDtype dtype, const TpdHostTensor *tensor, gint64 n,
                 GError **error)
{
  g_autofree gpointer chunk = g_malloc (CHUNK * tpd_dtype_size (dtype));
  const TpdView from = {.data = (gpointer)tensor->data, .dtype = tensor->dtype};
  const TpdView to = {.data = chunk, .dtype = dtype};

  for (gint64 i = 0; i < n; i += CHUNK)
    {
      gint64 m = MIN (n - i, CHUNK);

      for (gint64 j = 0; j < m; j++)
        tpd_cpu_store (&to, j, tpd_cpu_load (&from, i + j));
      if (!tpd_file_writer_write (file, chunk, (gsize)m * tpd_dtype_size (dtype), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
tpd_safetensors_writer_write (TpdSafetensorsWriter *self, const char *name,
                              const TpdHostTensor *tensor, GError **error)
{
  TpdSafetensorsEntry *entry;
  guint64 n_bytes;

  g_return_val_if_fail (self != NULL && self->file != NULL, FALSE);
  entry = g_hash_table_lookup (self->by_name, name);
  g_return_val_if_fail (entry != NULL && tensor->n_dims == entry->n_dims, FALSE);
  g_return_val_if_fail (
      memcmp (tensor->shape, entry->shape, sizeof (gint64) * (gsize)entry->n_dims) == 0, FALSE);

  g_hash_table_remove (self->by_name, name);
  n_bytes = entry->end - entry->begin;
  if (!tpd_file_writer_seek (self->file, self->data_offset + entry->begin, error))
    return FALSE;
  if (tensor->dtype == entry->dtype)
    return tpd_file_writer_write (self->file, tensor->data, n_bytes, error);
  return write_converted (self->file, entry->dtype, tensor,
                          (gint64)(n_bytes / tpd_dtype_size (entry->dtype)), error);
}

gboolean
tpd_safetensors_writer_commit (TpdSafetensorsWriter *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->file != NULL, FALSE);
  g_return_val_if_fail (g_hash_table_size (self->by_name) == 0, FALSE);
  return tpd_file_writer_commit (self->file, error);
}
