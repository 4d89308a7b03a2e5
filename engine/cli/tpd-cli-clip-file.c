/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli-clip-file.h"

#include <stdio.h>

#include "core/tpd-error.h"
#include "io/tpd-record-file.h"

#ifdef TPD_HAVE_MEDIA
#include "tpd-media-info.h"
#endif

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
describe_video (JsonObject *report, const char *path, GError **error)
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
  set_text (report, "record", info->record);
  return TRUE;
}
#else
static gboolean
describe_video (JsonObject *report, const char *path, GError **error)
{
  g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
               _ ("%s: no picture and no settings record; this tpdiff was built without "
                  "GStreamer, which reads videos"),
               path);
  return FALSE;
}
#endif

JsonObject *
tpd_cli_clip_file_describe (const char *path, GError **error)
{
  g_autoptr (JsonObject) report = json_object_new ();
  g_autofree char *record = NULL;
  g_autoptr (GError) reason = NULL;

  json_object_set_string_member (report, "path", path);
  if (tpd_record_file_read (path, &record, &reason))
    set_text (report, "record", record);
  else if (!g_error_matches (reason, TPD_ERROR, TPD_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  else if (!describe_video (report, path, error))
    return NULL;
  set_application (report);
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
  puts (_ ("  settings:"));
  print_settings (request->settings);
  return TRUE;
}

/* ── to make it again ── */

TpdRequest *
tpd_cli_clip_file_read_request (const char *path, GError **error)
{
  g_autoptr (JsonObject) report = tpd_cli_clip_file_describe (path, error);
  const char *record;
  TpdRequest *request;

  if (report == NULL)
    return NULL;
  record = json_object_get_string_member_with_default (report, "record", NULL);
  if (record == NULL)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                   _ ("%s: has no settings record to make it again from"), path);
      return NULL;
    }
  request = tpd_request_new_from_json (record, error);
  if (request == NULL)
    g_prefix_error (error, "%s: ", path);
  return request;
}
