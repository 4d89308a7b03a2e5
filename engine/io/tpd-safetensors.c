/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-safetensors.h"

#include <string.h>

#include "../core/tpd-file.h"
#include "../core/tpd-json.h"
#include "tpd-safetensors-header.h"

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* the format's; tensors are used in place */

struct _TpdSafetensors
{
  GObject parent_instance;

  /* owned */
  char *path;
  GPtrArray *blocks;    /* GBytes that the tensors lie in: files, and copies for alignment */
  GPtrArray *names;     /* NULL-terminated once open */
  GHashTable *tensors;  /* name → TpdHostTensor */
  GHashTable *metadata; /* string → string */

  guint64 n_bytes;
};

G_DEFINE_FINAL_TYPE (TpdSafetensors, tpd_safetensors, G_TYPE_OBJECT)

static void
tpd_safetensors_finalize (GObject *object)
{
  TpdSafetensors *self = TPD_SAFETENSORS (object);

  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->tensors, g_hash_table_unref);
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  g_clear_pointer (&self->blocks, g_ptr_array_unref);
  G_OBJECT_CLASS (tpd_safetensors_parent_class)->finalize (object);
}

static void
tpd_safetensors_class_init (TpdSafetensorsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_safetensors_finalize;
}

static void
tpd_safetensors_init (TpdSafetensors *self)
{
  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/* Where an entry's numbers lie. Old writers did not pad the header, so a tensor may lie at an odd
 * address: then it is copied. */
static gconstpointer
locate (TpdSafetensors *self, const TpdSafetensorsEntry *entry, const guint8 *data)
{
  const guint8 *first = data + entry->begin;
  gsize size = (gsize)(entry->end - entry->begin);

  if ((guintptr)first % tpd_dtype_size (entry->dtype) != 0)
    {
      GBytes *copy = g_bytes_new (first, size);

      g_ptr_array_add (self->blocks, copy);
      return g_bytes_get_data (copy, NULL);
    }
  return first;
}

static void
add_tensor (TpdSafetensors *self, TpdSafetensorsEntry *entry, const guint8 *data)
{
  TpdHostTensor *tensor = g_new0 (TpdHostTensor, 1);
  char *name = g_steal_pointer (&entry->name);

  tensor->dtype = entry->dtype;
  tensor->n_dims = entry->n_dims;
  memcpy (tensor->shape, entry->shape, sizeof tensor->shape);
  tensor->data = locate (self, entry, data);
  self->n_bytes += entry->end - entry->begin;
  g_ptr_array_add (self->names, name);
  g_hash_table_insert (self->tensors, name, tensor);
}

/* Adds the tensors of one file; of a shard (`weight_map` and `shard` given) those that the index
 * places in it. */
static gboolean
add_file (TpdSafetensors *self, GBytes *bytes, const char *where, JsonObject *weight_map,
          const char *shard, GError **error)
{
  gsize n_bytes;
  const guint8 *file = g_bytes_get_data (bytes, &n_bytes);
  g_autoptr (TpdSafetensorsHeader) header =
      tpd_safetensors_header_parse (file, n_bytes, where, error);
  GHashTableIter iter;
  gpointer key, value;

  if (header == NULL)
    return FALSE;
  g_ptr_array_add (self->blocks, g_bytes_ref (bytes));
  for (guint i = 0; i < header->entries->len; i++)
    {
      TpdSafetensorsEntry *entry = g_ptr_array_index (header->entries, i);

      if (weight_map == NULL ||
          g_strcmp0 (json_object_get_string_member_with_default (weight_map, entry->name, NULL),
                     shard) == 0)
        add_tensor (self, entry, file + header->data_offset);
    }
  g_hash_table_iter_init (&iter, header->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_hash_table_iter_steal (&iter);
      g_hash_table_insert (self->metadata, key, value);
    }
  return TRUE;
}

/* ── several files ── */

/* File names of the index, each once, in order. They must lie beside the index: an index cannot
 * point elsewhere. */
static GPtrArray *
list_shards (JsonObject *weight_map, const char *where, GError **error)
{
  g_autoptr (GPtrArray) shards = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, weight_map);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const char *shard = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (shard == NULL || !g_str_has_suffix (shard, ".safetensors") || strchr (shard, '/') != NULL)
        {
          tpd_error_set (
              error, TPD_ERROR_INVALID_DATA,
              "%s: tensor \"%.200s\" should be in a .safetensors file of the same folder", where,
              name);
          return NULL;
        }
      if (g_hash_table_add (seen, (gpointer)shard))
        g_ptr_array_add (shards, (gpointer)shard);
    }
  return g_steal_pointer (&shards);
}

static gboolean
check_index (TpdSafetensors *self, JsonObject *weight_map, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, weight_map);
  while (json_object_iter_next (&iter, &name, &node))
    if (!g_hash_table_contains (self->tensors, name))
      {
        tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                       "%s: tensor \"%.200s\" should be in %.200s, but is not", self->path, name,
                       json_node_get_string (node));
        return FALSE;
      }
  return TRUE;
}

static gboolean
open_index (TpdSafetensors *self, GError **error)
{
  g_autoptr (JsonObject) index = tpd_json_read_file (self->path, error);
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GPtrArray) shards = NULL;
  JsonObject *weight_map;
  JsonNode *node;

  if (index == NULL)
    return FALSE;
  node = json_object_get_member (index, "weight_map");
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                     "%s: should have a \"weight_map\" object, but has none", self->path);
      return FALSE;
    }
  weight_map = json_node_get_object (node);
  shards = list_shards (weight_map, self->path, error);
  if (shards == NULL)
    return FALSE;
  for (guint i = 0; i < shards->len; i++)
    {
      const char *shard = g_ptr_array_index (shards, i);
      g_autofree char *path = g_build_filename (folder, shard, NULL);
      g_autoptr (GBytes) bytes = tpd_file_map (path, error);

      if (bytes == NULL || !add_file (self, bytes, path, weight_map, shard, error))
        return FALSE;
    }
  return check_index (self, weight_map, error);
}

/* ── public ── */

TpdSafetensors *
tpd_safetensors_new_from_bytes (GBytes *bytes, const char *where, GError **error)
{
  g_autoptr (TpdSafetensors) self = NULL;

  g_return_val_if_fail (bytes != NULL && where != NULL, NULL);
  self = g_object_new (TPD_TYPE_SAFETENSORS, NULL);
  self->path = g_strdup (where);
  if (!add_file (self, bytes, where, NULL, NULL, error))
    return NULL;
  g_ptr_array_add (self->names, NULL);
  return g_steal_pointer (&self);
}

TpdSafetensors *
tpd_safetensors_open (const char *path, GError **error)
{
  g_autoptr (TpdSafetensors) self = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  if (!g_str_has_suffix (path, ".json"))
    {
      bytes = tpd_file_map (path, error);
      return bytes != NULL ? tpd_safetensors_new_from_bytes (bytes, path, error) : NULL;
    }
  self = g_object_new (TPD_TYPE_SAFETENSORS, NULL);
  self->path = g_strdup (path);
  if (!open_index (self, error))
    return NULL;
  g_ptr_array_add (self->names, NULL);
  return g_steal_pointer (&self);
}

const char *
tpd_safetensors_get_path (TpdSafetensors *self)
{
  g_return_val_if_fail (TPD_IS_SAFETENSORS (self), NULL);
  return self->path;
}

const char *const *
tpd_safetensors_get_names (TpdSafetensors *self)
{
  g_return_val_if_fail (TPD_IS_SAFETENSORS (self), NULL);
  return (const char *const *)self->names->pdata;
}

guint64
tpd_safetensors_get_n_bytes (TpdSafetensors *self)
{
  g_return_val_if_fail (TPD_IS_SAFETENSORS (self), 0);
  return self->n_bytes;
}

const char *
tpd_safetensors_get_metadata (TpdSafetensors *self, const char *key)
{
  g_return_val_if_fail (TPD_IS_SAFETENSORS (self) && key != NULL, NULL);
  return g_hash_table_lookup (self->metadata, key);
}

gboolean
tpd_safetensors_lookup (TpdSafetensors *self, const char *name, TpdHostTensor *tensor)
{
  const TpdHostTensor *found;

  g_return_val_if_fail (TPD_IS_SAFETENSORS (self) && name != NULL && tensor != NULL, FALSE);
  found = g_hash_table_lookup (self->tensors, name);
  if (found != NULL)
    *tensor = *found;
  return found != NULL;
}

gboolean
tpd_safetensors_require (TpdSafetensors *self, const char *name, TpdHostTensor *tensor,
                         GError **error)
{
  if (tpd_safetensors_lookup (self, name, tensor))
    return TRUE;
  tpd_error_set (error, TPD_ERROR_NOT_FOUND, "%s: there is no tensor \"%s\"", self->path, name);
  return FALSE;
}

gboolean
tpd_safetensors_lookup_func (const char *name, TpdHostTensor *tensor, gpointer self)
{
  return tpd_safetensors_lookup (TPD_SAFETENSORS (self), name, tensor);
}
