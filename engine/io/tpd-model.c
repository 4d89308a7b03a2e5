/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-model.h"

#include <stdlib.h>

#include "tpd-component-class.h"
#include "tpd-component-file.h"
#include "tpd-model-check.h"

struct _TpdModel
{
  GObject parent_instance;

  /* owned */
  TpdModelInfo *info;
  TpdDevice *device;
  TpdClipTokenizer *tokenizer;
  GHashTable *components;    /* folder → TpdComponent */
  TpdDenoiserEntry *entries; /* one for each of the info's denoisers */

  /* state */
  GMutex lock;                      /* for what follows */
  GHashTable *loaded;               /* set of the components that have their weights */
  TpdPreviewProjection *projection; /* owned; NULL until asked for */
};

G_DEFINE_FINAL_TYPE (TpdModel, tpd_model, G_TYPE_OBJECT)

static void
tpd_model_finalize (GObject *object)
{
  TpdModel *self = TPD_MODEL (object);

  g_clear_pointer (&self->info, tpd_model_info_free);
  g_clear_pointer (&self->entries, g_free);
  g_clear_pointer (&self->loaded, g_hash_table_unref);
  g_clear_pointer (&self->components, g_hash_table_unref);
  g_clear_object (&self->projection);
  g_clear_object (&self->tokenizer);
  g_clear_object (&self->device);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (tpd_model_parent_class)->finalize (object);
}

static void
tpd_model_class_init (TpdModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_model_finalize;
}

static void
tpd_model_init (TpdModel *self)
{
  g_mutex_init (&self->lock);
  self->components = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->loaded = g_hash_table_new (NULL, NULL);
}

/* ── opening ── */

/* The part in that folder; several denoisers may share a text encoder. */
static gpointer
read_component (TpdModel *self, const char *folder, GType type, GError **error)
{
  g_autofree char *path = g_build_filename (self->info->path, folder, NULL);
  TpdComponent *component = g_hash_table_lookup (self->components, folder);

  if (component != NULL && g_type_is_a (G_OBJECT_TYPE (component), type))
    return component;
  if (component != NULL || !g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND, "Model %s has no %s: %s %s",
                   self->info->name, folder,
                   component != NULL ? "something else is in" : "there is no folder", path);
      return NULL;
    }
  component = tpd_component_class_read (path, type, error);
  if (component != NULL)
    g_hash_table_insert (self->components, g_strdup (folder), component);
  return component;
}

static gboolean
read_tokenizer (TpdModel *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->info->path, "tokenizer", NULL);

  self->tokenizer = tpd_clip_tokenizer_new_from_dir (path, error);
  return self->tokenizer != NULL;
}

static gboolean
read_denoisers (TpdModel *self, GError **error)
{
  self->entries = g_new0 (TpdDenoiserEntry, self->info->n_denoisers);
  for (guint i = 0; i < self->info->n_denoisers; i++)
    {
      const TpdDenoiserInfo *info = &self->info->denoisers[i];
      TpdDenoiserEntry *entry = &self->entries[i];

      entry->trained = &info->pyramid;
      entry->denoiser = read_component (self, info->folder, TPD_TYPE_DENOISER, error);
      if (entry->denoiser == NULL)
        return FALSE;
      entry->text_encoder = read_component (self, info->text_encoder, TPD_TYPE_CLIP_TEXT, error);
      if (entry->text_encoder == NULL)
        return FALSE;
    }
  return TRUE;
}

static TpdModel *
read_model (const char *path, TpdDevice *device, GError **error)
{
  g_autoptr (TpdModel) self = g_object_new (TPD_TYPE_MODEL, NULL);

  self->device = g_object_ref (device);
  self->info = tpd_model_info_read (path, error);
  if (self->info == NULL || !read_tokenizer (self, error) ||
      read_component (self, "vae", TPD_TYPE_AUTOENCODER_KL, error) == NULL ||
      !read_denoisers (self, error) ||
      !tpd_model_check (self->info, self->tokenizer, self->components, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* "FOLDER\nDEVICE", whatever way the folder was named. */
static char *
cache_key (const char *path, TpdDevice *device)
{
  char *resolved = realpath (path, NULL);
  char *key =
      g_strconcat (resolved != NULL ? resolved : path, "\n", tpd_device_get_name (device), NULL);

  free (resolved);
  return key;
}

TpdModel *
tpd_model_open (const char *name, TpdDevice *device, GError **error)
{
  static GMutex mutex;
  static GHashTable *cache; /* key → GWeakRef */
  g_autofree char *path = tpd_model_find (name, error);
  g_autofree char *key = NULL;
  g_autoptr (GMutexLocker) locker = NULL;
  TpdModel *self = NULL;
  GWeakRef *entry;

  g_return_val_if_fail (TPD_IS_DEVICE (device), NULL);
  if (path == NULL)
    return NULL;
  key = cache_key (path, device);
  locker = g_mutex_locker_new (&mutex);
  if (cache == NULL)
    cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  entry = g_hash_table_lookup (cache, key);
  if (entry != NULL && (self = g_weak_ref_get (entry)) != NULL)
    return self;
  self = read_model (path, device, error);
  if (self == NULL)
    return NULL;
  if (entry == NULL)
    {
      entry = g_new0 (GWeakRef, 1);
      g_hash_table_insert (cache, g_steal_pointer (&key), entry);
    }
  g_weak_ref_set (entry, self);
  return self;
}

/* ── its parts ── */

const TpdModelInfo *
tpd_model_get_info (TpdModel *self)
{
  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  return self->info;
}

TpdDevice *
tpd_model_get_device (TpdModel *self)
{
  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  return self->device;
}

TpdClipTokenizer *
tpd_model_get_tokenizer (TpdModel *self)
{
  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  return self->tokenizer;
}

TpdAutoencoderKl *
tpd_model_get_vae (TpdModel *self)
{
  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  return g_hash_table_lookup (self->components, "vae");
}

static void
set_no_component (TpdModel *self, const char *folder, GError **error)
{
  g_autoptr (GList) keys =
      g_list_sort (g_hash_table_get_keys (self->components), (GCompareFunc)g_strcmp0);
  g_autoptr (GString) names = g_string_new (NULL);

  for (GList *key = keys; key != NULL; key = key->next)
    g_string_append_printf (names, "%s%s", key != keys ? ", " : "", (char *)key->data);
  g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND, "Model %s has no \"%s\"; it has %s",
               self->info->name, folder, names->str);
}

static gboolean
load (TpdModel *self, TpdComponent *component, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (self->info->path, folder, NULL);
  g_autoptr (TpdContext) ctx = tpd_context_new (self->device, error);

  return ctx != NULL && tpd_component_file_load (component, ctx, path, error);
}

TpdComponent *
tpd_model_get_component (TpdModel *self, const char *folder, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  TpdComponent *component;

  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  component = g_hash_table_lookup (self->components, folder);
  if (component == NULL)
    {
      set_no_component (self, folder, error);
      return NULL;
    }
  locker = g_mutex_locker_new (&self->lock);
  if (!g_hash_table_contains (self->loaded, component))
    {
      if (!load (self, component, folder, error))
        return NULL;
      g_hash_table_add (self->loaded, component);
    }
  return component;
}

static char *
projection_path (TpdModel *self)
{
  return g_build_filename (self->info->path, "vae", TPD_PREVIEW_PROJECTION_FILE, NULL);
}

gboolean
tpd_model_has_preview_projection (TpdModel *self)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (TPD_IS_MODEL (self), FALSE);
  path = projection_path (self);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static TpdPreviewProjection *
load_projection (TpdModel *self, GError **error)
{
  TpdAutoencoderKl *vae = tpd_model_get_vae (self);
  g_autofree char *path = projection_path (self);
  g_autoptr (TpdContext) ctx = tpd_context_new (self->device, error);
  g_autoptr (TpdPreviewProjection) projection = tpd_preview_projection_new (
      tpd_autoencoder_kl_get_latent_channels (vae), tpd_autoencoder_kl_get_factor (vae));

  return ctx != NULL && tpd_component_file_load_weights (
                            tpd_preview_projection_get_params (projection), ctx, path, error)
             ? g_steal_pointer (&projection)
             : NULL;
}

TpdPreviewProjection *
tpd_model_get_preview_projection (TpdModel *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  if (!tpd_model_has_preview_projection (self))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                   "Model %s has no vae/" TPD_PREVIEW_PROJECTION_FILE
                   " to decode previews with; \"tpdiff train preview\" makes one",
                   self->info->name);
      return NULL;
    }
  locker = g_mutex_locker_new (&self->lock);
  if (self->projection == NULL)
    self->projection = load_projection (self, error);
  return self->projection;
}

const TpdDenoiserEntry *
tpd_model_pick_denoiser (TpdModel *self, guint stages, gboolean training_free, GError **error)
{
  const TpdDenoiserInfo *info;

  g_return_val_if_fail (TPD_IS_MODEL (self), NULL);
  info = tpd_model_info_pick_denoiser (self->info, stages, training_free, error);
  /* All that sampling needs, so that nothing can fail to load once it is under way. */
  if (info == NULL || tpd_model_get_component (self, info->folder, error) == NULL ||
      tpd_model_get_component (self, info->text_encoder, error) == NULL ||
      tpd_model_get_component (self, "vae", error) == NULL)
    return NULL;
  return &self->entries[info - self->info->denoisers];
}

TpdConditioning
tpd_model_encode_text (TpdModel *self, const TpdDenoiserEntry *entry, TpdContext *ctx,
                       const char *text)
{
  guint length = (guint)MIN (tpd_clip_tokenizer_get_max_length (self->tokenizer),
                             tpd_clip_text_get_max_length (entry->text_encoder));
  g_autofree gint32 *ids = g_new (gint32, length);
  g_autofree gint32 *mask = g_new (gint32, length);
  TpdConditioning result = {NULL};

  tpd_clip_tokenizer_encode (self->tokenizer, text != NULL ? text : "", length, ids, mask);
  tpd_clip_text_encode (entry->text_encoder, ctx, ids, 1, length, &result.text, &result.pooled);
  result.mask =
      tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_I32, TPD_SHAPE (1, length), mask));
  return result;
}
