/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-export.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/app/gstappsrc.h>
#include <math.h>
#include <unistd.h>

#include "tpda-export-text.h"
#include "tpda-temporary.h"

/* Bytes of raw video that may wait for the encoder. */
#define MAX_WAITING (8 * 1024 * 1024)

/* How often a wait for the encoder looks whether the export was cancelled. */
#define POLL (100 * GST_MSECOND)

typedef struct
{
  /* owned */
  TpdClip *clip;
  char *path;
  TpdaExportOptions options;
  GArray *order; /* of frames */
  GMainContext *context;
  char *temporary; /* file or folder, until it takes the target's place */

  TpdaExportProgress progress;
  gpointer progress_data;
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  tpd_clip_unref (self->clip);
  g_free (self->path);
  g_array_unref (self->order);
  g_main_context_unref (self->context);
  g_free (self->temporary);
  g_free (self);
}

GArray *
tpda_export_order (guint n_frames, const TpdaExportOptions *options)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  guint times = options->format->loops != NULL ? 1 : MAX (options->loops, 1);

  for (guint loop = 0; loop < times; loop++)
    {
      for (guint i = 0; i < n_frames; i++)
        g_array_append_val (order, i);
      /* The way back leaves out both ends: they would be shown twice. */
      for (guint i = n_frames - 1; options->ping_pong && i-- > 1;)
        g_array_append_val (order, i);
    }
  return order;
}

/* ── progress, in the main thread ── */

typedef struct
{
  TpdaExportProgress function;
  gpointer data;
  double fraction;
} Report;

static gboolean
tell_progress (gpointer data)
{
  Report *report = data;

  report->function (report->fraction, report->data);
  return G_SOURCE_REMOVE;
}

static void
report_progress (Export *self, double fraction)
{
  Report *report;

  if (self->progress == NULL)
    return;
  report = g_new (Report, 1);
  *report = (Report){self->progress, self->progress_data, fraction};
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, tell_progress, report, g_free);
}

/* ── the pipeline, in the export's thread ── */

static GstCaps *
clip_caps (Export *self)
{
  int fps_n, fps_d;

  if (self->options.fps > 0)
    gst_util_double_to_fraction (self->options.fps, &fps_n, &fps_d);
  else
    {
      fps_n = (int)self->clip->fps_n;
      fps_d = (int)self->clip->fps_d;
    }
  return gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT,
                              (int)self->clip->width, "height", G_TYPE_INT, (int)self->clip->height,
                              "framerate", GST_TYPE_FRACTION, fps_n, fps_d, "colorimetry",
                              G_TYPE_STRING, "1:1:5:1", NULL);
}

static GstElement *
new_pipeline (Export *self, GError **error)
{
  g_autofree char *tail = tpda_export_tail (self->clip->width, self->clip->height, &self->options);
  g_autofree char *text = g_strdup_printf (
      "appsrc name=source format=time block=true max-bytes=%u ! %s ! %s name=sink", MAX_WAITING,
      tail, self->options.format->extension != NULL ? "filesink" : "multifilesink");
  GstElement *pipeline = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstCaps) caps = clip_caps (self);
  g_autofree char *location = NULL;

  if (pipeline == NULL)
    return NULL;
  gst_object_ref_sink (pipeline);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  location = self->options.format->extension != NULL
                 ? g_strdup (self->temporary)
                 : g_build_filename (self->temporary, TPDA_FORMAT_PICTURE, NULL);
  g_object_set (source, "caps", caps, NULL);
  g_object_set (sink, "location", location, NULL);
  return pipeline;
}

/* RGB rows are padded to multiples of four bytes. */
static GstBuffer *
new_buffer (Export *self, guint frame)
{
  const guint8 *rgb = tpd_clip_get_frame (self->clip, frame);
  gsize row = (gsize)self->clip->width * 3;
  gsize stride = (row + 3) & ~(gsize)3;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, stride * self->clip->height, NULL);

  for (gsize y = 0; y < self->clip->height; y++)
    gst_buffer_fill (buffer, y * stride, rgb + y * row, row);
  return buffer;
}

static void
stamp (Export *self, GstBuffer *buffer, guint i)
{
  double fps =
      self->options.fps > 0 ? self->options.fps : (double)self->clip->fps_n / self->clip->fps_d;
  GstClockTime end = (GstClockTime)llround ((i + 1) * GST_SECOND / fps);

  GST_BUFFER_PTS (buffer) = (GstClockTime)llround (i * GST_SECOND / fps);
  GST_BUFFER_DURATION (buffer) = end - GST_BUFFER_PTS (buffer);
}

static void
send_record (Export *self, GstAppSrc *source)
{
  if (self->clip->record != NULL)
    gst_element_send_event (GST_ELEMENT (source), gst_event_new_tag (gst_tag_list_new (
                                                      GST_TAG_APPLICATION_NAME, "TPDiff",
                                                      GST_TAG_COMMENT, self->clip->record, NULL)));
}

/* FALSE if the pipeline takes no more: the bus says why. */
static gboolean
push_frames (Export *self, GstElement *pipeline, GCancellable *cancellable)
{
  g_autoptr (GstAppSrc) source = GST_APP_SRC (gst_bin_get_by_name (GST_BIN (pipeline), "source"));

  send_record (self, source);
  for (guint i = 0; i < self->order->len; i++)
    {
      GstBuffer *buffer = new_buffer (self, g_array_index (self->order, guint, i));

      stamp (self, buffer, i);
      if (g_cancellable_is_cancelled (cancellable) ||
          gst_app_src_push_buffer (source, buffer) != GST_FLOW_OK)
        return FALSE;
      report_progress (self, (double)(i + 1) / (self->order->len + 1));
    }
  return gst_app_src_end_of_stream (source) == GST_FLOW_OK;
}

/* Until the end of the stream, an error, or a cancellation. */
static gboolean
wait_for_end (GstElement *pipeline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  while (message == NULL)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      message = gst_bus_timed_pop_filtered (bus, POLL, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  gst_message_parse_error (message, error, NULL);
  return FALSE;
}

static gboolean
encode (Export *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstElement) pipeline = new_pipeline (self, error);
  gboolean done;

  if (pipeline == NULL)
    return FALSE;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_frames (self, pipeline, cancellable);
  done = wait_for_end (pipeline, cancellable, error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return done;
}

/* ── the target ── */

static gboolean
fail (const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
  return FALSE;
}

/* A file on the disk before it gets its name: a crash leaves either the old one or the new one. */
static gboolean
sync_file (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY, 0);
  gboolean good = fd >= 0 && fsync (fd) == 0;

  if (!good)
    fail (path, error);
  if (fd >= 0)
    close (fd);
  return good;
}

static gboolean
make_temporary (Export *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *name = g_path_get_basename (self->path);

  self->temporary = g_strdup_printf ("%s/.%s.%08x", folder, name, g_random_int ());
  if (self->options.format->extension == NULL && g_mkdir (self->temporary, 0777) != 0)
    return fail (self->temporary, error);
  return TRUE;
}

static gboolean
put_in_place (Export *self, GError **error)
{
  if (self->options.format->extension != NULL && !sync_file (self->temporary, error))
    return FALSE;
  return g_rename (self->temporary, self->path) == 0 || fail (self->path, error);
}

static void
export_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Export *self = data;
  GError *error = NULL;

  if (make_temporary (self, &error) && encode (self, cancellable, &error) &&
      put_in_place (self, &error))
    {
      report_progress (self, 1);
      g_task_return_boolean (task, TRUE);
      return;
    }
  tpda_temporary_remove (self->temporary);
  g_task_return_error (task, error);
}

void
tpda_export_async (TpdaClip *clip, const char *path, const TpdaExportOptions *options,
                   TpdaExportProgress progress, gpointer progress_data, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (clip, cancellable, callback, data);
  Export *self = g_new0 (Export, 1);

  self->clip = tpd_clip_ref ((TpdClip *)tpda_clip_get_data (clip));
  self->path = g_strdup (path);
  self->options = *options;
  self->order = tpda_export_order (self->clip->n_frames, options);
  self->context = g_main_context_ref_thread_default ();
  self->progress = progress;
  self->progress_data = progress_data;
  g_task_set_task_data (task, self, export_free);
  g_task_run_in_thread (task, export_in_thread);
}

gboolean
tpda_export_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
