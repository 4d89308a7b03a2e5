/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-job.h"

#include <glib/gi18n.h>

/* How often reports are shown. */
#define REFRESH_MS 60

struct _TpdaJob
{
  GObject parent_instance;

  /* owned */
  TpdRequest *request;
  GListStore *stages;
  TpdaClip *clip;
  GError *error;
  char *warning;
  GstSample *previews[TPD_MAX_STAGES]; /* by position: the latest that is not shown yet */

  /* state */
  TpdaPlan plan;
  TpdaJobState state;
  gboolean sampling; /* between reading the prompt and making the pixels */
  guint step;
  double fraction;
  double left;
  gint64 began; /* monotonic, µs */
  gint64 ended;
  guint refresh; /* source, 0 while everything is shown */
};

G_DEFINE_FINAL_TYPE (TpdaJob, tpda_job, G_TYPE_OBJECT)

static guint changed_signal;

TpdaJob *
tpda_job_new (const TpdRequest *request, const TpdaPlan *plan)
{
  TpdaJob *self = g_object_new (TPDA_TYPE_JOB, NULL);

  self->request = tpd_request_copy (request);
  self->plan = *plan;
  for (guint i = 0; i < plan->n_stages; i++)
    {
      g_autoptr (TpdaStage) stage = tpda_stage_new (
          i, plan->stages[i].n_frames, 1u << (plan->n_stages - 1 - i), plan->stages[i].n_steps);

      g_list_store_append (self->stages, stage);
    }
  return self;
}

/* ── what it is ── */

const TpdRequest *
tpda_job_get_request (TpdaJob *self)
{
  return self->request;
}

const TpdaPlan *
tpda_job_get_plan (TpdaJob *self)
{
  return &self->plan;
}

GListModel *
tpda_job_get_stages (TpdaJob *self)
{
  return G_LIST_MODEL (self->stages);
}

TpdaJobState
tpda_job_get_state (TpdaJob *self)
{
  return self->state;
}

gboolean
tpda_job_has_ended (TpdaJob *self)
{
  return self->state >= TPDA_JOB_DONE;
}

double
tpda_job_get_fraction (TpdaJob *self)
{
  return self->fraction;
}

double
tpda_job_get_left (TpdaJob *self)
{
  return self->left;
}

double
tpda_job_get_elapsed (TpdaJob *self)
{
  if (self->began == 0)
    return 0;
  return (double)((self->ended != 0 ? self->ended : g_get_monotonic_time ()) - self->began) /
         G_USEC_PER_SEC;
}

TpdaClip *
tpda_job_get_clip (TpdaJob *self)
{
  return self->clip;
}

const GError *
tpda_job_get_error (TpdaJob *self)
{
  return self->error;
}

const char *
tpda_job_get_warning (TpdaJob *self)
{
  return self->warning;
}

/* The stage that the next step belongs to, and the steps before it. */
static guint
stage_at (TpdaJob *self, guint step, guint *before)
{
  guint i = 0;

  for (*before = 0; i + 1 < self->plan.n_stages; i++)
    {
      if (step < *before + self->plan.stages[i].n_steps)
        break;
      *before += self->plan.stages[i].n_steps;
    }
  return i;
}

static char *
describe_running (TpdaJob *self)
{
  guint before;

  if (self->sampling)
    return g_strdup_printf (_ ("Stage %u of %u, step %u of %u"),
                            stage_at (self, self->step, &before) + 1, self->plan.n_stages,
                            MIN (self->step + 1, self->plan.n_steps), self->plan.n_steps);
  return g_strdup (self->step == 0 ? _ ("Preparing the model and the prompt")
                                   : _ ("Turning the result into pixels"));
}

char *
tpda_job_describe (TpdaJob *self)
{
  switch (self->state)
    {
    case TPDA_JOB_WAITING:
      return g_strdup (_ ("Waiting"));
    case TPDA_JOB_RUNNING:
      return describe_running (self);
    case TPDA_JOB_DONE:
      return g_strdup_printf (_ ("Done in %.1f s"), tpda_job_get_elapsed (self));
    case TPDA_JOB_FAILED:
      return g_strdup (self->error->message);
    case TPDA_JOB_CANCELLED:
      return g_strdup (_ ("Cancelled"));
    default:
      g_assert_not_reached ();
    }
}

/* ── what the element reports ── */

static void
update_stages (TpdaJob *self, gint64 when)
{
  guint before;
  guint current = stage_at (self, self->step, &before);

  for (guint i = 0; i <= current; i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (G_LIST_MODEL (self->stages), i);

      tpda_stage_set_step (stage, i < current ? self->plan.stages[i].n_steps : self->step - before,
                           when);
    }
}

static void
report_progress (TpdaJob *self, const GstStructure *message)
{
  const char *phase = gst_structure_get_string (message, "phase");
  gint64 when = 0;

  self->sampling = g_strcmp0 (phase, "sample") == 0;
  gst_structure_get_double (message, "fraction", &self->fraction);
  gst_structure_get_double (message, "seconds-left", &self->left);
  if (self->sampling)
    {
      gst_structure_get_uint (message, "step", &self->step);
      gst_structure_get_int64 (message, "monotonic-time", &when);
      update_stages (self, when);
    }
}

static void
report_preview (TpdaJob *self, const GstStructure *message)
{
  const GValue *sample = gst_structure_get_value (message, "sample");
  guint k = 0;

  if (sample != NULL && GST_VALUE_HOLDS_SAMPLE (sample) &&
      gst_structure_get_uint (message, "stage", &k) && k > 0 && k <= self->plan.n_stages)
    gst_mini_object_replace ((GstMiniObject **)&self->previews[self->plan.n_stages - k],
                             GST_MINI_OBJECT (gst_value_get_sample (sample)));
}

/* ── showing it ── */

static void
show_preview (TpdaStage *stage, GstSample *sample)
{
  g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_sample_unref);
  g_autoptr (TpdaClip) clip = NULL;

  g_ptr_array_add (samples, sample);
  clip = tpda_clip_new_from_samples (samples, NULL, NULL);
  if (clip != NULL)
    tpda_stage_set_clip (stage, clip);
}

static void
refresh (TpdaJob *self)
{
  g_clear_handle_id (&self->refresh, g_source_remove);
  for (guint i = 0; i < self->plan.n_stages; i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (G_LIST_MODEL (self->stages), i);

      if (self->previews[i] != NULL)
        show_preview (stage, g_steal_pointer (&self->previews[i]));
      tpda_stage_publish (stage);
    }
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
on_refresh (gpointer data)
{
  TpdaJob *self = data;

  self->refresh = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

void
tpda_job_report (TpdaJob *self, const GstStructure *message)
{
  if (self->state != TPDA_JOB_RUNNING)
    return;
  if (gst_structure_has_name (message, "tpdiff-progress"))
    report_progress (self, message);
  else if (gst_structure_has_name (message, "tpdiff-preview"))
    report_preview (self, message);
  if (self->refresh == 0)
    self->refresh = g_timeout_add (REFRESH_MS, on_refresh, self);
}

/* ── how it begins and ends ── */

void
tpda_job_start (TpdaJob *self)
{
  g_return_if_fail (self->state == TPDA_JOB_WAITING);
  self->state = TPDA_JOB_RUNNING;
  self->began = g_get_monotonic_time ();
  refresh (self);
}

void
tpda_job_warn (TpdaJob *self, const char *warning)
{
  g_free (self->warning);
  self->warning = g_strdup (warning);
  refresh (self);
}

static void
end (TpdaJob *self, TpdaJobState state)
{
  self->state = state;
  self->ended = g_get_monotonic_time ();
  for (guint i = 0; i < self->plan.n_stages; i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (G_LIST_MODEL (self->stages), i);

      tpda_stage_stop (stage);
    }
  refresh (self);
}

void
tpda_job_finish (TpdaJob *self, TpdaClip *clip)
{
  g_return_if_fail (self->state == TPDA_JOB_RUNNING);
  g_set_object (&self->clip, clip);
  self->fraction = 1;
  self->left = 0;
  end (self, TPDA_JOB_DONE);
}

void
tpda_job_fail (TpdaJob *self, const GError *error)
{
  if (tpda_job_has_ended (self))
    return;
  self->error = g_error_copy (error);
  end (self, TPDA_JOB_FAILED);
}

void
tpda_job_cancel (TpdaJob *self)
{
  if (!tpda_job_has_ended (self))
    end (self, TPDA_JOB_CANCELLED);
}

static void
tpda_job_finalize (GObject *object)
{
  TpdaJob *self = TPDA_JOB (object);

  g_clear_handle_id (&self->refresh, g_source_remove);
  for (guint i = 0; i < TPD_MAX_STAGES; i++)
    g_clear_pointer (&self->previews[i], gst_sample_unref);
  g_clear_pointer (&self->request, tpd_request_free);
  g_clear_object (&self->stages);
  g_clear_object (&self->clip);
  g_clear_error (&self->error);
  g_free (self->warning);
  G_OBJECT_CLASS (tpda_job_parent_class)->finalize (object);
}

static void
tpda_job_class_init (TpdaJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_job_finalize;
  changed_signal = g_signal_new ("changed", TPDA_TYPE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
tpda_job_init (TpdaJob *self)
{
  self->stages = g_list_store_new (TPDA_TYPE_STAGE);
  self->left = -1;
}
