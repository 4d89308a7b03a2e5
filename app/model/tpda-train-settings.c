/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-train-settings.h"

#include <glib/gi18n.h>

const TpdTrainSetting *
tpda_train_setting_find (const char *name)
{
  guint n;
  const TpdTrainSetting *settings = tpd_train_settings (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (settings[i].name, name))
      return &settings[i];
  return NULL;
}

static char *
node_to_text (JsonNode *node)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.10g", json_node_get_double (node)));
}

char *
tpda_train_setting_get (const TpdTrainConfig *config, const char *name)
{
  g_autoptr (JsonObject) json = tpd_train_config_to_json (config);

  return node_to_text (json_object_get_member (json, name));
}

gboolean
tpda_train_settings_load (TpdTrainConfig *config, JsonObject *json, GError **error)
{
  guint n;
  const TpdTrainSetting *settings = tpd_train_settings (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = node_to_text (json_object_get_member (json, settings[i].name));

      if (text != NULL && !tpd_train_config_set (config, settings[i].name, text, error))
        return FALSE;
    }
  return TRUE;
}

GStrv
tpda_train_settings_to_argv (const TpdTrainConfig *config)
{
  g_autoptr (JsonObject) json = tpd_train_config_to_json (config);
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, json);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *option = g_strconcat ("--", name, NULL);
      g_autofree char *text = node_to_text (node);

      if (text != NULL)
        g_strv_builder_add_many (argv, option, text, NULL);
    }
  return g_strv_builder_end (argv);
}

const char *
tpda_train_setting_title (const TpdTrainSetting *setting)
{
  static const struct
  {
    const char *name, *title;
  } titles[] = {
      {"accumulate", N_ ("Passes an update")},
      {"align", N_ ("Alignment")},
      {"align-pool", N_ ("Batches aligned together")},
      {"batch", N_ ("Batch")},
      {"beta2", N_ ("Second moment decay")},
      {"caption-dropout", N_ ("Captions left out")},
      {"checkpoint-minutes", N_ ("Minutes between checkpoints")},
      {"clip", N_ ("Largest gradient")},
      {"clips", N_ ("Clips")},
      {"data-seed", N_ ("Seed of the data")},
      {"dataset", N_ ("Data")},
      {"device", N_ ("Device")},
      {"downsample", N_ ("Dropping frames")},
      {"dtype", N_ ("Number type")},
      {"ema", N_ ("Averaging of weights")},
      {"form", N_ ("Form")},
      {"lr", N_ ("Learning rate")},
      {"lr-schedule", N_ ("Course of the learning rate")},
      {"minutes", N_ ("Minutes")},
      {"sample-every", N_ ("Updates between samples")},
      {"sample-guidance", N_ ("Guidance of samples")},
      {"sample-steps", N_ ("Steps of samples")},
      {"seed", N_ ("Seed")},
      {"stage-weights", N_ ("Share of each stage")},
      {"stages", N_ ("Stages")},
      {"steps", N_ ("Updates")},
      {"teraflop", N_ ("Teraflop")},
      {"text-encoder", N_ ("Text encoder")},
      {"threads", N_ ("Threads")},
      {"velocity-unit", N_ ("Velocity unit")},
      {"warmup", N_ ("Warm-up")},
      {"weight-decay", N_ ("Weight decay")},
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].name, setting->name))
      return _ (titles[i].title);
  return setting->name; /* newer than this table */
}
