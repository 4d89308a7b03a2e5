/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-record-series.h"

#include <string.h>

#include "../core/tpd-config.h"
#include "../core/tpd-json.h"
#include "tpd-record-file.h"

#define WHERE "The settings record"

typedef struct
{
  char *record;
  gint64 clip, first, last;
} Entry;

struct _TpdRecordSeries
{
  GArray *entries; /* Entry */
};

/* ── one record ── */

static JsonObject *
parse (const char *record)
{
  return tpd_json_parse (record, strlen (record), WHERE, NULL);
}

static char *
format (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

static void
set_series (JsonObject *object, gint64 clip, gint64 first, gint64 last)
{
  JsonObject *series = json_object_new ();

  json_object_set_int_member (series, "clip", clip);
  json_object_set_int_member (series, "first", first);
  json_object_set_int_member (series, "last", last);
  json_object_set_object_member (object, "series", series);
}

char *
tpd_record_set_series (const char *record, gint64 clip, gint64 first, gint64 last)
{
  g_autoptr (JsonObject) object = parse (record);

  g_assert (1 <= first && first <= clip && clip <= last);
  if (object == NULL)
    return g_strdup (record);
  set_series (object, clip, first, last);
  return format (object);
}

/* FALSE if it says nothing of a series, or nonsense. */
static gboolean
read_series (JsonObject *object, Entry *entry)
{
  JsonObject *series = NULL;

  return tpd_config_get_object (object, WHERE, "series", &series, NULL) && series != NULL &&
         tpd_config_get_int (series, WHERE, "clip", 1, G_MAXINT64, &entry->clip, NULL) &&
         tpd_config_get_int (series, WHERE, "first", 1, entry->clip, &entry->first, NULL) &&
         tpd_config_get_int (series, WHERE, "last", entry->clip, G_MAXINT64, &entry->last, NULL) &&
         entry->first >= 1 && entry->last >= entry->clip;
}

char *
tpd_record_join (const char *const *records)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *film = json_array_new ();

  json_object_set_int_member (object, "tpdiff", TPD_RECORD_VERSION);
  for (guint i = 0; records[i] != NULL; i++)
    {
      JsonObject *record = parse (records[i]);

      if (record != NULL)
        json_array_add_object_element (film, record);
    }
  json_object_set_array_member (object, "film", film);
  return format (object);
}

/* The same clip, with a seed so many further on. */
static char *
shift_seed (const Entry *entry, gint64 clip)
{
  g_autoptr (JsonObject) object = parse (entry->record);
  JsonObject *settings = NULL;
  gint64 seed = 0;

  if (!tpd_config_get_object (object, WHERE, "settings", &settings, NULL) || settings == NULL ||
      !tpd_config_get_int (settings, WHERE, "seed", 0, G_MAXINT64, &seed, NULL))
    return NULL;
  seed = (gint64)(((guint64)seed + (guint64)(clip - entry->clip)) & G_MAXINT64);
  json_object_set_int_member (settings, "seed", seed);
  set_series (object, clip, entry->first, entry->last);
  return format (object);
}

/* ── all of them ── */

static void
clear_entry (gpointer entry)
{
  g_free (((Entry *)entry)->record);
}

/* Takes the text. Without a word about a series clips are counted. */
static void
add_entry (TpdRecordSeries *self, char *record, JsonObject *object)
{
  Entry entry = {.record = record};

  if (object == NULL || !read_series (object, &entry))
    entry.clip = entry.first = entry.last = self->entries->len + 1;
  g_array_append_val (self->entries, entry);
}

/* The clips of a film: those that are objects. FALSE if the record is of no film. */
static gboolean
add_film (TpdRecordSeries *self, JsonObject *object)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, "film") : NULL;
  JsonArray *film;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  film = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (film); i++)
    {
      JsonNode *record = json_array_get_element (film, i);

      if (JSON_NODE_HOLDS_OBJECT (record))
        add_entry (self, json_to_string (record, FALSE), json_node_get_object (record));
    }
  return TRUE;
}

TpdRecordSeries *
tpd_record_series_new (const char *const *records)
{
  TpdRecordSeries *self = g_new0 (TpdRecordSeries, 1);

  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (self->entries, clear_entry);
  for (guint i = 0; records[i] != NULL; i++)
    {
      g_autoptr (JsonObject) object = parse (records[i]);

      if (!add_film (self, object))
        add_entry (self, g_strdup (records[i]), object);
    }
  return self;
}

void
tpd_record_series_free (TpdRecordSeries *self)
{
  g_array_unref (self->entries);
  g_free (self);
}

static const Entry *
get_entry (const TpdRecordSeries *self, guint i)
{
  return &g_array_index (self->entries, Entry, i);
}

gint64
tpd_record_series_get_first (const TpdRecordSeries *self)
{
  gint64 first = 0;

  for (guint i = 0; i < self->entries->len; i++)
    first = i == 0 ? get_entry (self, i)->first : MIN (first, get_entry (self, i)->first);
  return first;
}

gint64
tpd_record_series_get_last (const TpdRecordSeries *self)
{
  gint64 last = 0;

  for (guint i = 0; i < self->entries->len; i++)
    last = MAX (last, get_entry (self, i)->last);
  return last;
}

char *
tpd_record_series_dup_record (const TpdRecordSeries *self, gint64 clip)
{
  const Entry *similar = NULL;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = get_entry (self, i);

      if (entry->clip == clip)
        return g_strdup (entry->record);
      if (entry->first <= clip && clip <= entry->last)
        similar = entry;
    }
  return similar != NULL ? shift_seed (similar, clip) : NULL;
}
