/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-media-info.h"

#include <gst/gst.h>
#include <gst/pbutils/pbutils.h>

#include "core/tpd-error.h"
#include "io/tpd-record-file.h"

/* Reading a header takes milliseconds; a file that takes longer than this never ends. */
#define PATIENCE (20 * GST_SECOND)

void
tpd_media_info_free (TpdMediaInfo *self)
{
  g_free (self->container);
  g_free (self->codec);
  g_free (self->title);
  g_free (self->application);
  g_strfreev (self->records);
  g_free (self);
}

/* ── tags ── */

/* The first value that a tag has anywhere. */
static void
take_tag (const GstTagList *tags, const char *tag, char **text)
{
  if (*text == NULL)
    gst_tag_list_get_string_index (tags, tag, 0, text);
}

static void
add_records (const GstTagList *tags, const char *tag, GStrvBuilder *records)
{
  const char *text;

  for (guint i = 0; gst_tag_list_peek_string_index (tags, tag, i, &text); i++)
    if (tpd_record_is_one (text))
      g_strv_builder_add (records, text);
}

/* Of clips, and of a film. A file's tags may come more than once, and then all of them do. */
static void
take_records (const GstTagList *tags, TpdMediaInfo *self)
{
  g_autoptr (GStrvBuilder) records = g_strv_builder_new ();

  if (*self->records != NULL)
    return;
  add_records (tags, GST_TAG_COMMENT, records);
  add_records (tags, GST_TAG_DESCRIPTION, records);
  g_strfreev (self->records);
  self->records = g_strv_builder_end (records);
}

static void
take_tags (TpdMediaInfo *self, const GstTagList *tags)
{
  if (tags == NULL)
    return;
  take_tag (tags, GST_TAG_CONTAINER_FORMAT, &self->container);
  take_tag (tags, GST_TAG_VIDEO_CODEC, &self->codec);
  take_tag (tags, GST_TAG_TITLE, &self->title);
  take_tag (tags, GST_TAG_APPLICATION_NAME, &self->application);
  take_records (tags, self);
}

/* ── the pipeline: a container is opened, nothing is decoded ── */

static gboolean
is_video (const GstCaps *caps)
{
  const char *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  return g_str_has_prefix (name, "video/") || g_str_has_prefix (name, "image/");
}

static gboolean
is_stream (const GstCaps *caps)
{
  const char *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  return !g_str_has_prefix (name, "application/") &&
         !(gst_pb_utils_get_caps_description_flags (caps) &
           GST_PBUTILS_CAPS_DESCRIPTION_FLAG_CONTAINER);
}

/* Streams in a container are good as they are: their codecs need not be installed. */
static gboolean
on_autoplug_continue (GstElement *decoder, GstPad *pad, GstCaps *caps, gpointer unused)
{
  return !is_stream (caps);
}

static void
on_pad_added (GstElement *decoder, GstPad *pad, gpointer pipeline)
{
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstPad) end = NULL;
  GstElement *sink;

  if (!is_video (caps))
    return;
  sink = gst_element_factory_make ("fakesink", NULL);
  gst_bin_add (pipeline, sink);
  end = gst_element_get_static_pad (sink, "sink");
  gst_pad_link (pad, end);
  gst_element_sync_state_with_parent (sink);
}

static GstElement *
make_pipeline (const char *path, GError **error)
{
  GstElement *pipeline = gst_parse_launch_full ("filesrc name=file ! decodebin name=decoder", NULL,
                                                GST_PARSE_FLAG_FATAL_ERRORS, error);
  g_autoptr (GstElement) file = NULL;
  g_autoptr (GstElement) decoder = NULL;

  if (pipeline == NULL)
    return NULL;
  file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  decoder = gst_bin_get_by_name (GST_BIN (pipeline), "decoder");
  g_object_set (file, "location", path, NULL);
  g_signal_connect (decoder, "autoplug-continue", G_CALLBACK (on_autoplug_continue), NULL);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_pad_added), pipeline);
  return pipeline;
}

/* Until the streams are there. Tags come before them. */
static gboolean
wait (TpdMediaInfo *self, GstElement *pipeline, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (;;)
    {
      g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
          bus, PATIENCE, GST_MESSAGE_TAG | GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
      g_autoptr (GstTagList) tags = NULL;

      if (message == NULL)
        g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "it takes too long to begin");
      else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
        gst_message_parse_error (message, error, NULL);
      else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ASYNC_DONE)
        return TRUE;
      else
        gst_message_parse_tag (message, &tags);
      if (tags == NULL)
        return FALSE;
      take_tags (self, tags);
    }
}

/* ── streams ── */

static void
describe_video (TpdMediaInfo *self, const GstCaps *caps)
{
  const GstStructure *video = gst_caps_get_structure (caps, 0);
  int width = 0, height = 0, fps_n = 0, fps_d = 1;

  gst_structure_get (video, "width", G_TYPE_INT, &width, "height", G_TYPE_INT, &height, NULL);
  gst_structure_get_fraction (video, "framerate", &fps_n, &fps_d);
  self->width = (guint)MAX (width, 0);
  self->height = (guint)MAX (height, 0);
  self->fps_n = (guint)MAX (fps_n, 0);
  self->fps_d = (guint)MAX (fps_d, 1);
  if (self->codec == NULL)
    self->codec = gst_pb_utils_get_codec_description (caps);
}

/* FALSE if there is no video. */
static gboolean
describe_first_video (TpdMediaInfo *self, GstElement *pipeline)
{
  g_autoptr (GstIterator) sinks = gst_bin_iterate_sinks (GST_BIN (pipeline));
  g_auto (GValue) sink = G_VALUE_INIT;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstCaps) caps = NULL;
  gint64 duration;

  if (gst_iterator_next (sinks, &sink) != GST_ITERATOR_OK)
    return FALSE;
  pad = gst_element_get_static_pad (g_value_get_object (&sink), "sink");
  caps = pad != NULL ? gst_pad_get_current_caps (pad) : NULL;
  if (caps == NULL)
    return FALSE;
  describe_video (self, caps);
  if (gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration) && duration > 0)
    self->duration = (guint64)duration;
  return TRUE;
}

static gboolean
read_file (TpdMediaInfo *self, const char *path, GError **error)
{
  g_autoptr (GstElement) pipeline = make_pipeline (path, error);
  gboolean done;

  if (pipeline == NULL)
    return FALSE;
  done = wait (self, pipeline, error);
  if (done && !describe_first_video (self, pipeline))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "it has no pictures");
      done = FALSE;
    }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return done;
}

TpdMediaInfo *
tpd_media_info_read (const char *path, GError **error)
{
  g_autoptr (TpdMediaInfo) self = g_new0 (TpdMediaInfo, 1);
  g_autoptr (GError) reason = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND, "%s: there is no such file", path);
      return NULL;
    }
  if (!gst_init_check (NULL, NULL, error))
    return NULL;
  self->records = g_new0 (char *, 1);
  if (read_file (self, path, &reason))
    return g_steal_pointer (&self);
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "%s: cannot be read as a video: %s", path,
               reason->message);
  return NULL;
}
