/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tpdiffsrc adds to the engine's own time:
 *
 *   bench-element [MODEL [CLIPS]]        (in `meson devenv`)
 *
 * makes the same clips with a TpdWorker and with "tpdiffsrc ! fakesink", each after one that is not
 * counted, in turns, and prints as JSON how long both took, and how much longer the element: by the
 * clock, and in time of the processors, which counts on a machine that others use as well. */

#include <gst/gst.h>
#include <stdlib.h>
#include <time.h>

#include "tpd.h"

#define ROUNDS 3

typedef struct
{
  double wall; /* seconds */
  double cpu;
} Time;

typedef struct
{
  guint per_clip; /* frames */
  guint n;        /* frames seen */
  Time begin;     /* after the first clip */
  Time end;
} Watch;

static Time
now (void)
{
  return (Time){(double)g_get_monotonic_time () / G_USEC_PER_SEC,
                (double)clock () / CLOCKS_PER_SEC};
}

static Time
since (Time begin, Time end)
{
  return (Time){end.wall - begin.wall, end.cpu - begin.cpu};
}

/* The least of several, for what else the machine does only adds. */
static void
keep_least (Time *least, Time time)
{
  least->wall = MIN (least->wall, time.wall);
  least->cpu = MIN (least->cpu, time.cpu);
}

static TpdClip *
make (TpdWorker *worker, const char *model, guint64 seed)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdJob) job = NULL;
  g_autoptr (GError) error = NULL;
  TpdClip *clip;

  request->model = g_strdup (model);
  g_object_set (request->settings, "seed", seed, NULL);
  job = tpd_worker_submit (worker, request, NULL, NULL, NULL);
  clip = tpd_job_wait (job, &error);
  if (clip == NULL)
    g_error ("%s", error->message);
  return clip;
}

/* For the clips after the first one. */
static Time
time_engine (const char *model, guint clips, guint *per_clip)
{
  g_autoptr (TpdWorker) worker = tpd_worker_new ();
  TpdClip *clip = make (worker, model, 0);
  Time begin = now ();

  *per_clip = clip->n_frames;
  tpd_clip_unref (clip);
  for (guint i = 1; i < clips; i++)
    tpd_clip_unref (make (worker, model, i));
  return since (begin, now ());
}

static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Watch *watch = data;

  if (++watch->n == watch->per_clip)
    watch->begin = now ();
  watch->end = now ();
  return GST_PAD_PROBE_OK;
}

static Time
time_element (const char *model, guint clips, guint per_clip)
{
  Watch watch = {.per_clip = per_clip};
  g_autoptr (GstElement) pipeline = gst_parse_launch ("tpdiffsrc name=src ! fakesink", NULL);
  g_autoptr (GstElement) src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (src, "src");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  g_object_set (src, "model", model, "clips", clips, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, &watch, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (
      gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return since (watch.begin, watch.end);
}

static void
print (const char *name, Time time)
{
  g_print ("\"%s\": {\"seconds\": %.4f, \"processor-seconds\": %.4f}, ", name, time.wall, time.cpu);
}

int
main (int argc, char *argv[])
{
  Time engine = {G_MAXDOUBLE, G_MAXDOUBLE}, element = engine;
  const char *model;
  guint clips, per_clip;

  gst_init (&argc, &argv);
  model = argc > 1 ? argv[1] : NULL;
  clips = argc > 2 ? (guint)atoi (argv[2]) : 4;
  for (guint i = 0; i < ROUNDS; i++)
    {
      keep_least (&engine, time_engine (model, clips, &per_clip));
      keep_least (&element, time_element (model, clips, per_clip));
    }
  g_print ("{\"clips\": %u, ", clips - 1);
  print ("engine", engine);
  print ("element", element);
  g_print ("\"overhead-percent\": %.2f, \"processor-overhead-percent\": %.2f}\n",
           100 * (element.wall / engine.wall - 1), 100 * (element.cpu / engine.cpu - 1));
  return 0;
}
