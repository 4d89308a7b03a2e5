/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gen.h"

#include <string.h>

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_clear_pointer (&shown->bytes, g_bytes_unref);
  g_free (shown);
}

Gen *
gen_new (const char *properties, const char *sink_caps)
{
  Gen *self = g_new0 (Gen, 1);
  g_autofree char *line =
      g_strdup_printf ("tpdiffgen model=\"%s\" %s", g_getenv ("TPDIFF_TEST_MODEL"), properties);
  g_autoptr (GError) error = NULL;

  self->element = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  gst_object_ref_sink (self->element);
  self->text = gst_harness_new_with_element (self->element, "text", "src");
  gst_harness_set_src_caps_str (self->text, "text/x-raw, format=utf8");
  if (sink_caps != NULL)
    gst_harness_set_sink_caps_str (self->text, sink_caps);
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->element, self->bus);
  self->shown = g_ptr_array_new_with_free_func (shown_free);
  return self;
}

void
gen_free (Gen *self)
{
  g_clear_pointer (&self->video, gst_harness_teardown);
  g_clear_pointer (&self->image, gst_harness_teardown);
  gst_element_set_bus (self->element, NULL);
  gst_harness_teardown (self->text);
  gst_object_unref (self->bus);
  gst_object_unref (self->element);
  g_ptr_array_unref (self->shown);
  g_free (self);
}

static GstHarness *
link_frames (Gen *self, const char *pad, int width, int height)
{
  GstHarness *harness = gst_harness_new_with_element (self->element, pad, NULL);
  g_autofree char *caps = g_strdup_printf ("video/x-raw, format=RGB, width=%d, height=%d, "
                                           "framerate=25/1",
                                           width, height);

  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

void
gen_link_video (Gen *self, int width, int height)
{
  self->video = link_frames (self, "video", width, height);
}

void
gen_link_image (Gen *self, int width, int height)
{
  self->image = link_frames (self, "image", width, height);
}

GstFlowReturn
gen_cue (Gen *self, const char *text, GstClockTime pts, GstClockTime duration)
{
  GstBuffer *buffer =
      *text != '\0' ? gst_buffer_new_memdup (text, strlen (text)) : gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return gst_harness_push (self->text, buffer);
}

GstFlowReturn
gen_frame (GstHarness *pad, GstClockTime pts, GstClockTime duration, guint8 grey)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad->srcpad);
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_from_caps (&info, caps);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, grey, info.size);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return gst_harness_push (pad, buffer);
}

/* ── what came out ── */

static GBytes *
bytes_of (GstBuffer *buffer)
{
  gpointer data;
  gsize n;

  gst_buffer_extract_dup (buffer, 0, gst_buffer_get_size (buffer), &data, &n);
  return g_bytes_new_take (data, n);
}

static void
add (Gen *self, GstClockTime pts, GstClockTime duration, GBytes *bytes)
{
  g_ptr_array_add (self->shown,
                   g_memdup2 (&(Shown){bytes == NULL, pts, duration, bytes}, sizeof (Shown)));
}

/* The harness keeps buffers and events apart; times put them in order again. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const Shown *x = *(Shown *const *)a, *y = *(Shown *const *)b;

  return x->pts < y->pts ? -1 : x->pts > y->pts;
}

void
gen_collect (Gen *self)
{
  GstBuffer *buffer;
  GstEvent *event;

  while ((buffer = gst_harness_try_pull (self->text)) != NULL)
    {
      add (self, GST_BUFFER_PTS (buffer), GST_BUFFER_DURATION (buffer), bytes_of (buffer));
      gst_buffer_unref (buffer);
    }
  while ((event = gst_harness_try_pull_event (self->text)) != NULL)
    {
      GstClockTime pts, duration;

      if (GST_EVENT_TYPE (event) == GST_EVENT_GAP)
        {
          gst_event_parse_gap (event, &pts, &duration);
          add (self, pts, duration, NULL);
        }
      self->n_eos += GST_EVENT_TYPE (event) == GST_EVENT_EOS;
      gst_event_unref (event);
    }
  g_ptr_array_sort (self->shown, compare);
}

const Shown *
gen_shown (Gen *self, guint n)
{
  gen_collect (self);
  g_assert_cmpuint (n, <, self->shown->len);
  return self->shown->pdata[n];
}

void
gen_assert_shown (Gen *self, guint n, gboolean gap, GstClockTime begin, GstClockTime end)
{
  const Shown *shown = gen_shown (self, n);

  g_assert_cmpint (shown->gap, ==, gap);
  g_assert_cmpuint (shown->pts, ==, begin);
  g_assert_cmpuint (shown->duration, ==, end - begin);
}

char *
gen_record (Gen *self)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (self->text->sinkpad, GST_EVENT_TAG, 0);
  GstTagList *tags;
  char *record = NULL;

  g_assert_nonnull (event);
  gst_event_parse_tag (event, &tags);
  g_assert_true (gst_tag_list_get_string (tags, GST_TAG_COMMENT, &record));
  return record;
}

TpdRequest *
gen_request (Gen *self)
{
  g_autofree char *record = gen_record (self);
  g_autoptr (GError) error = NULL;
  TpdRequest *request = tpd_request_new_from_json (record, &error);

  g_assert_no_error (error);
  return request;
}

/* ── messages ── */

GstMessage *
gen_message (Gen *self, GstMessageType type)
{
  GstMessage *message = gst_bus_pop_filtered (self->bus, type);

  g_assert_nonnull (message);
  return message;
}

void
gen_assert_error (Gen *self, GQuark domain, int code, const char *text)
{
  g_autoptr (GstMessage) message = gen_message (self, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, domain, code);
  if (strstr (error->message, text) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, text);
}
