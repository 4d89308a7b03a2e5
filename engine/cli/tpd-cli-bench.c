/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/resource.h>

#include "core/tpd-enum.h"
#include "pyramid/tpd-sampler.h"
#include "tpd-cli-settings.h"
#include "tpd-pipeline.h"

/* Asks for nothing unusual, and makes guidance take its second evaluation. */
#define DEFAULT_PROMPT "a red circle moving right"

/* ── one clip, timed ── */

/* Seconds that a clip took, and its parts. */
typedef struct
{
  double clip;
  double text;
  double vae;
  double step[TPD_MAX_STAGES]; /* of stage k at k − 1: mean of its steps, jump before included */
} Timing;

typedef struct
{
  Timing *timing;
  guint steps[TPD_MAX_STAGES];
  gint64 last; /* monotonic µs of the report before */
} Watch;

static double
lap (Watch *watch)
{
  gint64 now = g_get_monotonic_time ();
  double seconds = (double)(now - watch->last) / G_USEC_PER_SEC;

  watch->last = now;
  return seconds;
}

static void
on_progress (const TpdProgress *progress, gpointer data)
{
  Watch *watch = data;
  double seconds = lap (watch);

  if (progress->phase != TPD_PHASE_SAMPLE)
    return;
  if (progress->step == 0)
    watch->timing->text = seconds;
  else
    {
      watch->timing->step[progress->stage - 1] += seconds;
      watch->steps[progress->stage - 1]++;
    }
}

static gboolean
time_clip (TpdPipeline *pipeline, const TpdRequest *request, Timing *timing,
           GCancellable *cancellable, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  Watch watch = {.timing = timing, .last = start};
  g_autoptr (TpdClip) clip = NULL;

  *timing = (Timing){0};
  clip = tpd_pipeline_generate (pipeline, request, on_progress, &watch, cancellable, error);
  if (clip == NULL)
    return FALSE;
  timing->vae = lap (&watch);
  timing->clip = (double)(watch.last - start) / G_USEC_PER_SEC;
  for (guint k = 0; k < TPD_MAX_STAGES; k++)
    timing->step[k] /= MAX (watch.steps[k], 1);
  return TRUE;
}

/* ── the two contestants ── */

typedef struct
{
  const char *name;
  TpdRequest *request; /* owned */
  guint n_stages;
  guint steps[TPD_MAX_STAGES];
  guint frames[TPD_MAX_STAGES];
  Timing *timings; /* owned, [repeat] */
} Contestant;

static void
contestant_clear (Contestant *self)
{
  g_clear_pointer (&self->request, tpd_request_free);
  g_free (self->timings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Contestant, contestant_clear)

/* Settles what the model will run for the request. */
static TpdSampler *
plan (TpdPipeline *pipeline, TpdRequest *request, GError **error)
{
  TpdModel *model = tpd_pipeline_get_model (pipeline);
  TpdSamplerSettings *settings = request->settings;
  const TpdDenoiserEntry *entry;

  tpd_sampler_settings_fill_in (settings, tpd_model_get_info (model)->defaults);
  entry = tpd_model_pick_denoiser (model, tpd_sampler_settings_get_stages (settings),
                                   tpd_sampler_settings_get_training_free (settings), error);
  return entry != NULL ? tpd_sampler_new (entry->trained, settings, error) : NULL;
}

static gboolean
enter (Contestant *self, TpdPipeline *pipeline, guint repeat, GError **error)
{
  g_autoptr (TpdSampler) sampler = plan (pipeline, self->request, error);
  guint frames = tpd_sampler_settings_get_num_frames (self->request->settings);
  TpdSchedule *schedule;

  if (sampler == NULL)
    return FALSE;
  if (frames == 0)
    frames = tpd_model_get_info (tpd_pipeline_get_model (pipeline))->n_frames;
  schedule = tpd_sampler_get_schedule (sampler);
  self->n_stages = tpd_schedule_get_n_stages (schedule);
  for (guint k = 1; k <= self->n_stages; k++)
    {
      self->steps[k - 1] = tpd_sampler_get_stage_steps (sampler, k);
      self->frames[k - 1] = tpd_schedule_get_n_frames (schedule, k, frames);
    }
  self->timings = g_new0 (Timing, repeat);
  return TRUE;
}

static guint
count_steps (const Contestant *self)
{
  guint total = 0;

  for (guint k = 0; k < self->n_stages; k++)
    total += self->steps[k];
  return total;
}

/* The same number of steps, guidance, solver and seed for both: only the stages differ. */
static gboolean
enter_both (Contestant *pyramid, Contestant *vanilla, TpdPipeline *pipeline,
            const TpdRequest *request, guint repeat, GError **error)
{
  pyramid->request = tpd_request_copy (request);
  if (pyramid->request->prompt == NULL)
    pyramid->request->prompt = g_strdup (DEFAULT_PROMPT);
  if (!enter (pyramid, pipeline, repeat, error))
    return FALSE;
  if (pyramid->n_stages == 1)
    {
      g_set_error_literal (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                           _ ("There is nothing to compare: the pyramid has one stage; choose "
                              "another with --stages"));
      return FALSE;
    }
  vanilla->request = tpd_request_copy (pyramid->request);
  g_object_set (vanilla->request->settings, "stages", 1u, "training-free", FALSE, "steps",
                count_steps (pyramid), "stage-steps", "", NULL);
  return enter (vanilla, pipeline, repeat, error);
}

/* ── results ── */

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Median over the repeats of one member of the timings. */
static double
median (const Contestant *self, guint repeat, gsize member)
{
  g_autofree double *values = g_new (double, repeat);

  for (guint i = 0; i < repeat; i++)
    values[i] = G_STRUCT_MEMBER (double, &self->timings[i], member);
  qsort (values, repeat, sizeof *values, compare);
  return (values[(repeat - 1) / 2] + values[repeat / 2]) / 2;
}

#define MEDIAN(self, repeat, member) median (self, repeat, G_STRUCT_OFFSET (Timing, member))

static double
median_step (const Contestant *self, guint repeat, guint k)
{
  return median (self, repeat, G_STRUCT_OFFSET (Timing, step) + (k - 1) * sizeof (double));
}

static double
speedup (const Contestant *pyramid, const Contestant *vanilla, guint repeat)
{
  return MEDIAN (vanilla, repeat, clip) / MEDIAN (pyramid, repeat, clip);
}

static gint64
peak_rss (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss * G_GINT64_CONSTANT (1024);
}

static JsonObject *
contestant_to_json (const Contestant *self, guint repeat)
{
  JsonObject *object = json_object_new ();
  JsonArray *clips = json_array_new ();
  JsonArray *stages = json_array_new ();

  for (guint i = 0; i < repeat; i++)
    json_array_add_double_element (clips, self->timings[i].clip);
  for (guint k = self->n_stages; k >= 1; k--)
    {
      JsonObject *stage = json_object_new ();

      json_object_set_int_member (stage, "stage", k);
      json_object_set_int_member (stage, "frames", self->frames[k - 1]);
      json_object_set_int_member (stage, "steps", self->steps[k - 1]);
      json_object_set_double_member (stage, "step_seconds", median_step (self, repeat, k));
      json_array_add_object_element (stages, stage);
    }
  json_object_set_double_member (object, "clip_seconds", MEDIAN (self, repeat, clip));
  json_object_set_array_member (object, "clip_seconds_each", clips);
  json_object_set_double_member (object, "text_seconds", MEDIAN (self, repeat, text));
  json_object_set_double_member (object, "vae_seconds", MEDIAN (self, repeat, vae));
  json_object_set_array_member (object, "stages", stages);
  return object;
}

static JsonNode *
to_json (TpdPipeline *pipeline, const Contestant *pyramid, const Contestant *vanilla, guint repeat)
{
  TpdModel *model = tpd_pipeline_get_model (pipeline);
  const TpdModelInfo *info = tpd_model_get_info (model);
  TpdSamplerSettings *settings = pyramid->request->settings;
  g_autofree char *device = tpd_device_describe (tpd_model_get_device (model));
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "model", info->name);
  json_object_set_string_member (object, "device", device);
  json_object_set_int_member (object, "frames", pyramid->frames[0]);
  json_object_set_int_member (object, "width", info->width);
  json_object_set_int_member (object, "height", info->height);
  json_object_set_int_member (object, "steps", count_steps (pyramid));
  json_object_set_double_member (object, "guidance_scale",
                                 tpd_sampler_settings_get_guidance_scale (settings));
  json_object_set_string_member (
      object, "sampler",
      tpd_enum_nick (TPD_TYPE_SOLVER_KIND, tpd_sampler_settings_get_sampler (settings)));
  json_object_set_int_member (object, "repeat", repeat);
  json_object_set_object_member (object, pyramid->name, contestant_to_json (pyramid, repeat));
  json_object_set_object_member (object, vanilla->name, contestant_to_json (vanilla, repeat));
  json_object_set_double_member (object, "speedup", speedup (pyramid, vanilla, repeat));
  json_object_set_int_member (object, "peak_tensor_bytes",
                              (gint64)tpd_device_get_peak_bytes (tpd_model_get_device (model)));
  json_object_set_int_member (object, "peak_rss_bytes", peak_rss ());
  json_node_set_object (node, object);
  return node;
}

static void
print_contestant (const Contestant *self, guint repeat)
{
  printf (_ ("%-8s %8.3f s a clip: text %.3f s, autoencoder %.3f s\n"), self->name,
          MEDIAN (self, repeat, clip), MEDIAN (self, repeat, text), MEDIAN (self, repeat, vae));
  for (guint k = self->n_stages; k >= 1; k--)
    printf (_ ("  stage %u: %3u steps of %3u frames, %.4f s a step\n"), k, self->steps[k - 1],
            self->frames[k - 1], median_step (self, repeat, k));
}

static void
print_table (TpdPipeline *pipeline, const Contestant *pyramid, const Contestant *vanilla,
             guint repeat)
{
  TpdDevice *device = tpd_model_get_device (tpd_pipeline_get_model (pipeline));
  g_autofree char *description = tpd_device_describe (device);

  printf (_ ("%s; medians of %u\n"), description, repeat);
  print_contestant (pyramid, repeat);
  print_contestant (vanilla, repeat);
  printf (
      _ ("The pyramid is %.2f times as fast. Peak memory: %.1f MB in tensors, %.1f MB in all\n"),
      speedup (pyramid, vanilla, repeat), tpd_device_get_peak_bytes (device) * 1e-6,
      peak_rss () * 1e-6);
}

/* ── the command ── */

static gboolean
parse (int argc, char **argv, TpdRequest *request, int *repeat, gboolean *json, GError **error)
{
  const GOptionEntry entries[] = {
      {"repeat", 0, 0, G_OPTION_ARG_INT, repeat, N_ ("Clips to time of each kind (default 3)"),
       "N"},
      {"json", 0, 0, G_OPTION_ARG_NONE, json, N_ ("Print JSON"), NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group = tpd_cli_request_options (request);

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_description (
      context,
      _ ("Times the pyramid against vanilla diffusion, clip by clip in turn, with the same "
         "number of steps, guidance, solver and seed. One clip of each goes before and is "
         "not counted."));
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1 || *repeat < 1 || *repeat > 1000)
    {
      if (argc > 1)
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     _ ("Unexpected argument \"%s\""), argv[1]);
      else
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     _ ("--repeat is %d, expected 1 to 1000"), *repeat);
      return FALSE;
    }
  return TRUE;
}

static gboolean
race (TpdPipeline *pipeline, Contestant *contestants[2], guint repeat, GCancellable *cancellable,
      GError **error)
{
  Timing warm_up;

  for (guint i = 0; i <= repeat; i++)
    for (guint j = 0; j < 2; j++)
      {
        tpd_cli_progress (_ ("clip %u of %u"), 2 * i + j + 1, 2 * (repeat + 1));
        if (!time_clip (pipeline, contestants[j]->request,
                        i == 0 ? &warm_up : &contestants[j]->timings[i - 1], cancellable, error))
          return FALSE;
      }
  return TRUE;
}

gboolean
tpd_cli_bench (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdPipeline) pipeline = NULL;
  g_auto (Contestant) pyramid = {.name = "pyramid"};
  g_auto (Contestant) vanilla = {.name = "vanilla"};
  gboolean json = FALSE;
  int repeat = 3;

  if (!parse (argc, argv, request, &repeat, &json, error))
    return FALSE;
  pipeline = tpd_pipeline_new (request->model, request->device, error);
  if (pipeline == NULL ||
      !enter_both (&pyramid, &vanilla, pipeline, request, (guint)repeat, error) ||
      !race (pipeline, (Contestant *[]){&pyramid, &vanilla}, (guint)repeat, cancellable, error))
    return FALSE;
  tpd_cli_progress_end ();
  if (json)
    tpd_cli_print_json (to_json (pipeline, &pyramid, &vanilla, (guint)repeat));
  else
    print_table (pipeline, &pyramid, &vanilla, (guint)repeat);
  return TRUE;
}
