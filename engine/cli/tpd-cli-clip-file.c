/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli-clip-file.h"

#include <stdio.h>

#include "core/tpd-error.h"
#include "io/tpd-record-file.h"
#include "io/tpd-record-series.h"

#ifdef TPD_HAVE_MEDIA
#include "tpd-media-info.h"
#endif

/* A file may say that it has any number of clips; so many are listed. */
#define MAX_LISTED 1000

/* ── what is in the file ── */

static void
set_text (JsonObject *report, const char *name, const char *text)
{
  if (text != NULL && *text != '\0')
    json_object_set_string_member (report, name, text);
}

/* Few containers keep the application; the record always does. */
static void
set_application (JsonObject *report)
{
  const char *record = json_object_get_string_member_with_default (report, "record", "");
  g_autoptr (JsonNode) node = json_from_string (record, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node) ||
      json_object_has_member (report, "application"))
    return;
  set_text (report, "application",
            json_object_get_string_member_with_default (json_node_get_object (node), "application",
                                                        NULL));
}

#ifdef TPD_HAVE_MEDIA
static void
set_rate (JsonObject *report, const TpdMediaInfo *info)
{
  double seconds = (double)info->duration * 1e-9;
  double rate = (double)info->fps_n / MAX (info->fps_d, 1);

  if (seconds > 0)
    json_object_set_double_member (report, "seconds", seconds);
  if (rate > 0)
    json_object_set_double_member (report, "fps", rate);
  if (seconds > 0 && rate > 0)
    json_object_set_int_member (report, "frames", (gint64)(seconds * rate + 0.5));
}

static gboolean
describe_video (JsonObject *report, const char *path, GStrv *records, GError **error)
{
  g_autoptr (TpdMediaInfo) info = tpd_media_info_read (path, error);

  if (info == NULL)
    return FALSE;
  set_text (report, "container", info->container);
  set_text (report, "codec", info->codec);
  json_object_set_int_member (report, "width", info->width);
  json_object_set_int_member (report, "height", info->height);
  set_rate (report, info);
  set_text (report, "title", info->title);
  set_text (report, "application", info->application);
  *records = g_steal_pointer (&info->records);
  return TRUE;
}
#else
static gboolean
describe_video (JsonObject *report, const char *path, GStrv *records, GError **error)
{
  g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
               _ ("%s: no picture and no settings record; this tpdiff was built without "
                  "GStreamer, which reads videos"),
               path);
  return FALSE;
}
#endif

/* Its records, and what else the file says of itself. */
static TpdRecordSeries *
read_file (JsonObject *report, const char *path, GError **error)
{
  g_auto (GStrv) records = NULL;
  g_autoptr (GError) reason = NULL;

  if (!tpd_record_file_read (path, &records, &reason))
    {
      if (!g_error_matches (reason, TPD_ERROR, TPD_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      if (!describe_video (report, path, &records, error))
        return NULL;
    }
  return tpd_record_series_new ((const char *const *)records);
}

/* Each clip of several. */
static void
set_clips (JsonObject *report, const TpdRecordSeries *series)
{
  const gint64 first = tpd_record_series_get_first (series);
  const gint64 last = tpd_record_series_get_last (series);
  JsonArray *clips;

  if (last <= 1)
    return;
  clips = json_array_new ();
  for (gint64 i = 0; i < MAX_LISTED && i <= last - first; i++)
    {
      g_autofree char *record = tpd_record_series_dup_record (series, first + i);
      JsonObject *clip;

      if (record == NULL)
        continue;
      clip = json_object_new ();
      json_object_set_int_member (clip, "clip", first + i);
      json_object_set_string_member (clip, "record", record);
      json_array_add_object_element (clips, clip);
    }
  json_object_set_int_member (report, "last_clip", last);
  json_object_set_array_member (report, "clips", clips);
}

JsonObject *
tpd_cli_clip_file_describe (const char *path, GError **error)
{
  g_autoptr (JsonObject) report = json_object_new ();
  g_autoptr (TpdRecordSeries) series = NULL;
  g_autofree char *record = NULL;

  json_object_set_string_member (report, "path", path);
  series = read_file (report, path, error);
  if (series == NULL)
    return NULL;
  record = tpd_record_series_dup_record (series, tpd_record_series_get_first (series));
  set_text (report, "record", record);
  set_application (report);
  set_clips (report, series);
  return g_steal_pointer (&report);
}

/* ── for people ── */

static void
print_text (const char *label, const char *text)
{
  if (text != NULL && *text != '\0')
    printf ("  %s: %s\n", label, text);
}

static void
print_video (JsonObject *report)
{
  if (!json_object_has_member (report, "width"))
    return;
  print_text (_ ("container"),
              json_object_get_string_member_with_default (report, "container", NULL));
  print_text (_ ("codec"), json_object_get_string_member_with_default (report, "codec", NULL));
  printf (_ ("  video: %d × %d pixels"), (int)json_object_get_int_member (report, "width"),
          (int)json_object_get_int_member (report, "height"));
  if (json_object_has_member (report, "frames"))
    printf (_ (", %d frames, %g a second"), (int)json_object_get_int_member (report, "frames"),
            json_object_get_double_member (report, "fps"));
  putchar ('\n');
}

static void
print_settings (TpdSamplerSettings *settings)
{
  g_autoptr (JsonObject) json = tpd_sampler_settings_to_json (settings);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_remove_member (json, "version");
  json_object_iter_init_ordered (&iter, json);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *value = json_to_string (node, FALSE);

      printf ("    %s: %s\n", name, value);
    }
}

static void
print_clip (JsonObject *clip)
{
  g_autoptr (TpdRequest) request =
      tpd_request_new_from_json (json_object_get_string_member (clip, "record"), NULL);

  printf ("    %lld: ", (long long)json_object_get_int_member (clip, "clip"));
  if (request == NULL)
    puts (_ ("its record cannot be used"));
  else
    printf (_ ("seed %llu, %s\n"),
            (unsigned long long)tpd_sampler_settings_get_seed (request->settings),
            request->prompt != NULL ? request->prompt : _ ("no prompt"));
}

static void
print_clips (JsonObject *report)
{
  JsonArray *clips;

  if (!json_object_has_member (report, "clips"))
    return;
  puts (_ ("  clips, each of which tpdiff generate --from FILE --clip N makes again:"));
  clips = json_object_get_array_member (report, "clips");
  for (guint i = 0; i < json_array_get_length (clips); i++)
    print_clip (json_array_get_object_element (clips, i));
  if (json_array_get_length (clips) == MAX_LISTED)
    printf (_ ("    and so on, up to %lld\n"),
            (long long)json_object_get_int_member (report, "last_clip"));
}

/* By its name; without one by the checksum of its pixels. */
static void
print_source (const char *label, const char *digest, const char *name)
{
  print_text (label, digest != NULL && name != NULL ? name : digest);
}

gboolean
tpd_cli_clip_file_print (JsonObject *report, GError **error)
{
  const char *path = json_object_get_string_member (report, "path");
  const char *record = json_object_get_string_member_with_default (report, "record", NULL);
  g_autoptr (TpdRequest) request = NULL;

  puts (path);
  print_video (report);
  print_text (_ ("title"), json_object_get_string_member_with_default (report, "title", NULL));
  print_text (_ ("application"),
              json_object_get_string_member_with_default (report, "application", NULL));
  if (record == NULL)
    {
      puts (_ ("  no settings record"));
      return TRUE;
    }
  request = tpd_request_new_from_json (record, error);
  if (request == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  print_text (_ ("model"), request->model != NULL ? request->model : _ ("the bundled one"));
  print_text (_ ("prompt"), request->prompt);
  print_text (_ ("negative prompt"), request->negative_prompt);
  print_source (_ ("made from the video"), request->input_digest, request->input_name);
  print_source (_ ("begins with"), request->first_frame_digest, request->first_frame_name);
  puts (_ ("  settings:"));
  print_settings (request->settings);
  print_clips (report);
  return TRUE;
}

/* ── to make it again ── */

static void
set_no_clip_error (const TpdRecordSeries *series, const char *path, gint64 clip, GError **error)
{
  if (tpd_record_series_get_last (series) == 0)
    g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                 _ ("%s: has no settings record to make it again from"), path);
  else
    g_set_error (
        error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
        _ ("%s: expected one of the clips %lld … %lld that it says something of, got %lld"), path,
        (long long)tpd_record_series_get_first (series),
        (long long)tpd_record_series_get_last (series), (long long)clip);
}

TpdRequest *
tpd_cli_clip_file_read_request (const char *path, gint64 clip, GError **error)
{
  g_autoptr (JsonObject) report = json_object_new ();
  g_autoptr (TpdRecordSeries) series = read_file (report, path, error);
  g_autofree char *record = NULL;
  TpdRequest *request;

  if (series == NULL)
    return NULL;
  record =
      tpd_record_series_dup_record (series, clip > 0 ? clip : tpd_record_series_get_first (series));
  if (record == NULL)
    {
      set_no_clip_error (series, path, clip, error);
      return NULL;
    }
  request = tpd_request_new_from_json (record, error);
  if (request == NULL)
    g_prefix_error (error, "%s: ", path);
  return request;
}
