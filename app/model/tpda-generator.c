/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-generator.h"

#include <gst/app/gstappsink.h>

struct _TpdaGenerator
{
  GObject parent_instance;

  /* owned */
  GListStore *waiting;
  TpdaJob *current;
  GstElement *pipeline;
  GstElement *source;
  GstElement *sink;
  char *record;         /* settings of the clip that is coming */
  GThreadPool *changer; /* one thread that sets the pipeline's state, in the order asked for */

  /* state */
  guint bus_watch;
  gboolean settling; /* on its way back to READY */
};

G_DEFINE_FINAL_TYPE (TpdaGenerator, tpda_generator, G_TYPE_OBJECT)

enum
{
  CHANGED,
  ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void run_next (TpdaGenerator *self);

/* ── the pipeline's state, between jobs READY ── */

static gboolean
on_ready (gpointer data)
{
  TpdaGenerator *self = data;

  self->settling = FALSE;
  run_next (self);
  return G_SOURCE_REMOVE;
}

/* In the changer's thread. The idle comes after all that the bus still has of the last job. */
static void
change_state (gpointer state, gpointer data)
{
  TpdaGenerator *self = data;

  gst_element_set_state (self->pipeline, GPOINTER_TO_INT (state));
  if (GPOINTER_TO_INT (state) == GST_STATE_READY)
    g_idle_add_full (G_PRIORITY_LOW, on_ready, g_object_ref (self), g_object_unref);
}

/* The job has ended: lets go of it, and gets ready for the next. */
static void
settle (TpdaGenerator *self)
{
  g_autoptr (TpdaJob) job = g_steal_pointer (&self->current);

  self->settling = TRUE;
  g_thread_pool_push (self->changer, GINT_TO_POINTER (GST_STATE_READY), NULL);
  g_signal_emit (self, signals[ENDED], 0, job);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ── what the bus says ── */

static GPtrArray *
take_samples (TpdaGenerator *self)
{
  GPtrArray *samples = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_sample_unref);
  GstSample *sample;

  while ((sample = gst_app_sink_try_pull_sample (GST_APP_SINK (self->sink), 0)) != NULL)
    g_ptr_array_add (samples, sample);
  return samples;
}

static void
on_end_of_stream (TpdaGenerator *self)
{
  g_autoptr (GPtrArray) samples = take_samples (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdaClip) clip =
      tpda_clip_new_from_samples (samples, g_steal_pointer (&self->record), &error);

  if (clip != NULL)
    tpda_job_finish (self->current, clip);
  else
    tpda_job_fail (self->current, error);
  settle (self);
}

static void
on_error (TpdaGenerator *self, GstMessage *message)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  tpda_job_fail (self->current, error);
  settle (self);
}

static void
on_warning (TpdaGenerator *self, GstMessage *message)
{
  g_autoptr (GError) warning = NULL;

  gst_message_parse_warning (message, &warning, NULL);
  tpda_job_warn (self->current, warning->message);
}

static void
on_tags (TpdaGenerator *self, GstMessage *message)
{
  g_autoptr (GstTagList) tags = NULL;
  char *record;

  gst_message_parse_tag (message, &tags);
  if (gst_tag_list_get_string (tags, GST_TAG_COMMENT, &record))
    {
      g_free (self->record);
      self->record = record;
    }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  TpdaGenerator *self = data;

  if (self->current == NULL) /* what is left of a job that has ended */
    return G_SOURCE_CONTINUE;
  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ELEMENT:
      tpda_job_report (self->current, gst_message_get_structure (message));
      break;
    case GST_MESSAGE_TAG:
      on_tags (self, message);
      break;
    case GST_MESSAGE_WARNING:
      on_warning (self, message);
      break;
    case GST_MESSAGE_EOS:
      on_end_of_stream (self);
      break;
    case GST_MESSAGE_ERROR:
      on_error (self, message);
      break;
    default:
      break;
    }
  return G_SOURCE_CONTINUE;
}

/* ── the queue ── */

/* The element has the sampler's settings as properties of the same names. */
static void
apply_request (GstElement *source, const TpdRequest *request)
{
  guint n;
  g_autofree GParamSpec **specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (request->settings), &n);

  g_object_set (source, "model", request->model, "device", request->device, "prompt",
                request->prompt, "negative-prompt", request->negative_prompt, "preview",
                request->preview, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (request->settings), specs[i]->name, &value);
      g_object_set_property (G_OBJECT (source), specs[i]->name, &value);
    }
}

static void
run_next (TpdaGenerator *self)
{
  if (self->settling || self->current != NULL || self->waiting == NULL ||
      g_list_model_get_n_items (G_LIST_MODEL (self->waiting)) == 0)
    return;
  self->current = g_list_model_get_item (G_LIST_MODEL (self->waiting), 0);
  g_list_store_remove (self->waiting, 0);
  g_clear_pointer (&self->record, g_free);
  apply_request (self->source, tpda_job_get_request (self->current));
  tpda_job_start (self->current);
  g_thread_pool_push (self->changer, GINT_TO_POINTER (GST_STATE_PLAYING), NULL);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
tpda_generator_add (TpdaGenerator *self, TpdaJob *job)
{
  g_return_if_fail (tpda_job_get_state (job) == TPDA_JOB_WAITING);
  g_list_store_append (self->waiting, job);
  g_signal_emit (self, signals[CHANGED], 0);
  run_next (self);
}

void
tpda_generator_cancel (TpdaGenerator *self, TpdaJob *job)
{
  guint position;

  if (job == self->current)
    {
      tpda_job_cancel (job);
      settle (self);
    }
  else if (g_list_store_find (self->waiting, job, &position))
    {
      tpda_job_cancel (job);
      g_list_store_remove (self->waiting, position);
      g_signal_emit (self, signals[CHANGED], 0);
    }
}

TpdaJob *
tpda_generator_get_current (TpdaGenerator *self)
{
  return self->current;
}

GListModel *
tpda_generator_get_waiting (TpdaGenerator *self)
{
  return G_LIST_MODEL (self->waiting);
}

void
tpda_generator_move (TpdaGenerator *self, guint from, guint to)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->waiting));
  g_autoptr (TpdaJob) job = NULL;

  g_return_if_fail (from < n);
  to = MIN (to, n - 1);
  if (from == to)
    return;
  job = g_list_model_get_item (G_LIST_MODEL (self->waiting), from);
  g_list_store_remove (self->waiting, from);
  g_list_store_insert (self->waiting, to, job);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ── life cycle ── */

static gboolean
build_pipeline (TpdaGenerator *self, GError **error)
{
  g_autoptr (GstBus) bus = NULL;

  self->pipeline = gst_parse_launch_full ("tpdiffsrc name=source ! video/x-raw,format=RGB"
                                          " ! appsink name=sink sync=false wait-on-eos=false",
                                          NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (self->pipeline == NULL)
    return FALSE;
  gst_object_ref_sink (self->pipeline);
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "source");
  self->sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  bus = gst_element_get_bus (self->pipeline);
  /* After redrawing: a small model reports faster than a window can be drawn. */
  self->bus_watch = gst_bus_add_watch_full (bus, G_PRIORITY_DEFAULT_IDLE, on_message, self, NULL);
  return TRUE;
}

TpdaGenerator *
tpda_generator_new (GError **error)
{
  g_autoptr (TpdaGenerator) self = g_object_new (TPDA_TYPE_GENERATOR, NULL);

  return build_pipeline (self, error) ? g_steal_pointer (&self) : NULL;
}

/* Waits for the current step to end: only when the application does. */
static void
tpda_generator_dispose (GObject *object)
{
  TpdaGenerator *self = TPDA_GENERATOR (object);

  g_clear_handle_id (&self->bus_watch, g_source_remove);
  if (self->changer != NULL)
    g_thread_pool_free (g_steal_pointer (&self->changer), FALSE, TRUE);
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->current);
  g_clear_object (&self->waiting);
  g_clear_object (&self->source);
  g_clear_object (&self->sink);
  g_clear_object (&self->pipeline);
  g_clear_pointer (&self->record, g_free);
  G_OBJECT_CLASS (tpda_generator_parent_class)->dispose (object);
}

static void
tpda_generator_class_init (TpdaGeneratorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_generator_dispose;
  signals[CHANGED] = g_signal_new ("changed", TPDA_TYPE_GENERATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", TPDA_TYPE_GENERATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, TPDA_TYPE_JOB);
}

static void
tpda_generator_init (TpdaGenerator *self)
{
  self->waiting = g_list_store_new (TPDA_TYPE_JOB);
  self->changer = g_thread_pool_new (change_state, self, 1, FALSE, NULL);
}
