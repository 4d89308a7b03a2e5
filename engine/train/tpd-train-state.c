/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-train-state.h"

#include <string.h>

#include "../core/tpd-config.h"
#include "../core/tpd-json.h"
#include "../io/tpd-safetensors-writer.h"
#include "../io/tpd-safetensors.h"

/* One of the tensors of a checkpoint. */
typedef struct
{
  char *name;        /* owned */
  TpdTensor *tensor; /* borrowed */
} Entry;

static void
entry_clear (gpointer data)
{
  g_free (((Entry *)data)->name);
}

static void
add_entry (GArray *entries, const char *kind, guint i, TpdTensor *tensor)
{
  Entry entry = {g_strdup_printf ("%s.%u", kind, i), tensor};

  g_array_append_val (entries, entry);
}

/* Everything that is to be saved, under its name in the file. */
static GArray *
list_entries (TpdOptimizer *optimizer, TpdEma *ema)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));

  g_array_set_clear_func (entries, entry_clear);
  for (guint i = 0; i < tpd_optimizer_get_n (optimizer); i++)
    {
      add_entry (entries, "param", i, tpd_optimizer_get_param (optimizer, i));
      add_entry (entries, "first", i, tpd_optimizer_get_first_moment (optimizer, i));
      add_entry (entries, "second", i, tpd_optimizer_get_second_moment (optimizer, i));
      if (ema != NULL)
        add_entry (entries, "ema", i, tpd_ema_get_shadow (ema, i));
    }
  return entries;
}

char *
tpd_train_state_path (const char *out)
{
  return g_build_filename (out, "checkpoint.safetensors", NULL);
}

/* ── saving ── */

static char *
counters_to_json (const TpdTrainCounters *counters)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *smooth = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (counters->smooth_loss); i++)
    json_array_add_double_element (smooth, counters->smooth_loss[i]);
  json_object_set_int_member (object, "step", counters->step);
  json_object_set_int_member (object, "clips", counters->clips);
  json_object_set_double_member (object, "flops", counters->flops);
  json_object_set_double_member (object, "seconds", counters->seconds);
  json_object_set_array_member (object, "smooth_loss", smooth);
  return tpd_json_format (object);
}

static gboolean
write_entry (TpdSafetensorsWriter *writer, TpdContext *ctx, const Entry *entry, GError **error)
{
  const TpdView *view = &entry->tensor->view;
  g_autofree gpointer data =
      g_malloc (tpd_tensor_n_elements (entry->tensor) * tpd_dtype_size (view->dtype));
  TpdHostTensor host = {.dtype = view->dtype, .n_dims = view->n_dims, .data = data};

  memcpy (host.shape, view->shape, sizeof host.shape);
  return tpd_tensor_to_host (ctx, entry->tensor, data, error) &&
         tpd_safetensors_writer_write (writer, entry->name, &host, error);
}

gboolean
tpd_train_state_save (const char *path, TpdContext *ctx, const TpdTrainConfig *config,
                      const TpdTrainCounters *counters, TpdOptimizer *optimizer, TpdEma *ema,
                      GError **error)
{
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();
  g_autoptr (GArray) entries = list_entries (optimizer, ema);
  g_autoptr (JsonObject) settings = tpd_train_config_to_json (config);
  g_autofree char *settings_text = tpd_json_format (settings);
  g_autofree char *counters_text = counters_to_json (counters);

  tpd_safetensors_writer_set_metadata (writer, "settings", settings_text);
  tpd_safetensors_writer_set_metadata (writer, "counters", counters_text);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      const TpdView *view = &entry->tensor->view;

      tpd_safetensors_writer_declare (writer, entry->name, view->dtype, view->n_dims, view->shape);
    }
  if (!tpd_safetensors_writer_open (writer, path, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    if (!write_entry (writer, ctx, &g_array_index (entries, Entry, i), error))
      return FALSE;
  return tpd_safetensors_writer_commit (writer, error);
}

/* ── loading ── */

/* A JSON object that the file's metadata holds under `key`. */
static JsonObject *
metadata_object (TpdSafetensors *file, const char *path, const char *key, GError **error)
{
  const char *text = tpd_safetensors_get_metadata (file, key);

  if (text != NULL)
    return tpd_json_parse (text, strlen (text), path, error);
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
               "%s: is no checkpoint of a training: it has no \"%s\"", path, key);
  return NULL;
}

static gboolean
load_counters (JsonObject *object, const char *path, TpdTrainCounters *counters, GError **error)
{
  guint n = G_N_ELEMENTS (counters->smooth_loss);

  return tpd_config_get_int (object, path, "step", 0, G_MAXINT64, &counters->step, error) &&
         tpd_config_get_int (object, path, "clips", 0, G_MAXINT64, &counters->clips, error) &&
         tpd_config_get_double (object, path, "flops", &counters->flops, error) &&
         tpd_config_get_double (object, path, "seconds", &counters->seconds, error) &&
         tpd_config_get_doubles (object, path, "smooth_loss", counters->smooth_loss, &n, error);
}

static gboolean
check_entry (TpdSafetensors *file, const Entry *entry, TpdHostTensor *host, GError **error)
{
  const TpdView *view = &entry->tensor->view;

  if (!tpd_safetensors_require (file, entry->name, host, error))
    return FALSE;
  if (host->dtype == view->dtype && host->n_dims == view->n_dims &&
      memcmp (host->shape, view->shape, view->n_dims * sizeof *view->shape) == 0)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
               "%s: \"%s\" has another shape than the model to train; the checkpoint is of another "
               "model",
               tpd_safetensors_get_path (file), entry->name);
  return FALSE;
}

gboolean
tpd_train_state_load (const char *path, TpdContext *ctx, const TpdTrainConfig *config,
                      TpdTrainCounters *counters, TpdOptimizer *optimizer, TpdEma *ema,
                      GError **error)
{
  g_autoptr (TpdSafetensors) file = tpd_safetensors_open (path, error);
  g_autoptr (GArray) entries = list_entries (optimizer, ema);
  g_autoptr (JsonObject) settings = NULL;
  g_autoptr (JsonObject) counted = NULL;
  TpdHostTensor host;

  if (file == NULL)
    return FALSE;
  settings = metadata_object (file, path, "settings", error);
  if (settings == NULL || !tpd_train_config_check_resume (config, settings, error))
    return FALSE;
  counted = metadata_object (file, path, "counters", error);
  if (counted == NULL)
    return FALSE;
  /* All or nothing: look at every tensor before the first is overwritten. */
  for (guint i = 0; i < entries->len; i++)
    if (!check_entry (file, &g_array_index (entries, Entry, i), &host, error))
      return FALSE;
  if (!load_counters (counted, path, counters, error))
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      tpd_safetensors_lookup (file, entry->name, &host);
      tpd_tensor_upload (ctx, entry->tensor, host.data);
    }
  tpd_optimizer_set_step (optimizer, counters->step);
  return tpd_context_sync (ctx, error);
}
