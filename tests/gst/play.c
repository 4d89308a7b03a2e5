/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "play.h"

#include <gio/gio.h>
#include <string.h>

#include "../tree.h"

/* Whoever waits longer than this hangs. */
#define PATIENCE (120 * GST_SECOND)

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Play *self = data;
  GstTagList *tags;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    {
      g_ptr_array_add (self->buffers, gst_buffer_ref (GST_PAD_PROBE_INFO_BUFFER (info)));
      gst_clear_caps (&self->caps);
      self->caps = gst_pad_get_current_caps (pad);
      return GST_PAD_PROBE_OK;
    }
  switch (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)))
    {
    case GST_EVENT_EOS:
      self->n_eos++;
      break;
    case GST_EVENT_TAG:
      gst_event_parse_tag (GST_PAD_PROBE_INFO_EVENT (info), &tags);
      g_clear_pointer (&self->tags, gst_tag_list_unref);
      self->tags = gst_tag_list_ref (tags);
      break;
    default:
      break;
    }
  return GST_PAD_PROBE_OK;
}

Play *
play_new (const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("tpdiffsrc name=src model=\"%s\" %s",
                                           g_getenv ("TPDIFF_TEST_MODEL"), arguments);

  return play_new_line (line);
}

Play *
play_new_line (const char *line)
{
  Play *self = g_new0 (Play, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstElement *element = gst_parse_launch (line, &error);

  g_assert_no_error (error);
  if (GST_IS_PIPELINE (element))
    self->pipeline = gst_object_ref_sink (element);
  else
    {
      self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
      gst_bin_add (GST_BIN (self->pipeline), element);
    }
  self->src = gst_bin_get_by_name (GST_BIN (self->pipeline), "src");
  self->buffers = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_message_unref);
  pad = gst_element_get_static_pad (self->src, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_data,
                     self, NULL);
  return self;
}

/* The next message on the bus, kept if it is of src. */
static GstMessage *
next_message (Play *self, GstClockTime patience)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  GstMessage *message = gst_bus_timed_pop (bus, patience);

  if (message != NULL && GST_MESSAGE_SRC (message) == GST_OBJECT (self->src))
    g_ptr_array_add (self->messages, gst_message_ref (message));
  return message;
}

void
play_wait_for (Play *self, GstMessageType type)
{
  for (;;)
    {
      g_autoptr (GstMessage) message =
          next_message (self, type == GST_MESSAGE_UNKNOWN ? 0 : PATIENCE);

      if (type == GST_MESSAGE_UNKNOWN && message == NULL)
        return;
      g_assert_nonnull (message);
      if (GST_MESSAGE_TYPE (message) == type &&
          (GST_MESSAGE_SRC (message) == GST_OBJECT (self->src) ||
           GST_MESSAGE_SRC (message) == GST_OBJECT (self->pipeline)))
        return;
    }
}

void
play_to_end (Play *self)
{
  GstMessageType type = GST_MESSAGE_UNKNOWN;

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  while (type != GST_MESSAGE_EOS && type != GST_MESSAGE_ERROR)
    {
      g_autoptr (GstMessage) message = next_message (self, PATIENCE);

      g_assert_nonnull (message);
      type = GST_MESSAGE_TYPE (message);
    }
}

Play *
play (const char *arguments)
{
  Play *self = play_new (arguments);

  play_to_end (self);
  return self;
}

void
play_free (Play *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_ptr_array_unref (self->messages);
  g_ptr_array_unref (self->buffers);
  gst_clear_caps (&self->caps);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  gst_object_unref (self->src);
  gst_object_unref (self->pipeline);
  g_free (self);
}

GBytes *
play_bytes (Play *self, guint from, guint to)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = from; i < to; i++)
    {
      GstMapInfo map;

      g_assert_cmpuint (i, <, self->buffers->len);
      g_assert_true (gst_buffer_map (self->buffers->pdata[i], &map, GST_MAP_READ));
      g_byte_array_append (bytes, map.data, (guint)map.size);
      gst_buffer_unmap (self->buffers->pdata[i], &map);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

GstMessage *
play_message (Play *self, GstMessageType type, guint n)
{
  for (guint i = 0; i < self->messages->len; i++)
    if (GST_MESSAGE_TYPE (self->messages->pdata[i]) == type && n-- == 0)
      return self->messages->pdata[i];
  return NULL;
}

const GstStructure *
play_structure (Play *self, const char *name, guint n)
{
  for (guint i = 0; i < self->messages->len; i++)
    if (gst_message_has_name (self->messages->pdata[i], name) && n-- == 0)
      return gst_message_get_structure (self->messages->pdata[i]);
  return NULL;
}

guint
play_count (Play *self, const char *name)
{
  guint n = 0;

  while (play_structure (self, name, n) != NULL)
    n++;
  return n;
}

void
play_assert_error (Play *self, GQuark domain, int code, const char *text)
{
  GstMessage *message = play_message (self, GST_MESSAGE_ERROR, 0);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  /* when src has stopped, it has said all */
  gst_pipeline_set_auto_flush_bus (GST_PIPELINE (self->pipeline), FALSE);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  play_wait_for (self, GST_MESSAGE_UNKNOWN);
  g_assert_null (play_message (self, GST_MESSAGE_ERROR, 1));
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, domain, code);
  if (strstr (error->message, text) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, text);
}

/* ── models ── */

char *
play_model_copy (void)
{
  char *model = g_dir_make_tmp ("tpdiff-XXXXXX", NULL);

  tree_copy (g_getenv ("TPDIFF_TEST_MODEL"), model);
  return model;
}

void
play_model_remove (char *model)
{
  tree_remove (model);
  g_free (model);
}
