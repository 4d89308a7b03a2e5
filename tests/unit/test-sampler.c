/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-sampler.h"

#include "pyramid-fixture.h"

/* What a run does around the mathematics, which tests/oracle covers: calls, guidance, progress,
 * estimates, cancelling, errors. */

#define SINGLE 1e-5 /* f32, a few steps */

/* A network for clips of one colour: the optimal one knows x0 and says ε − x0 = (x − x0)/t. It
 * tells colours apart by the conditioning: `text` holds the colour. It notes what it is asked. */
#define TEST_TYPE_DENOISER (test_denoiser_get_type ())
G_DECLARE_FINAL_TYPE (TestDenoiser, test_denoiser, TEST, DENOISER, GObject)

struct _TestDenoiser
{
  GObject parent_instance;

  GString *log; /* "BxF@stride " a call; owned */
};

static TpdTensor *
test_denoiser_predict (TpdDenoiser *denoiser, TpdContext *ctx, TpdTensor *x,
                       const double *timesteps, guint frame_stride,
                       const TpdConditioning *conditioning)
{
  TestDenoiser *self = TEST_DENOISER (denoiser);
  TpdTensor *colour =
      conditioning != NULL ? conditioning->text : tpd_zeros (ctx, TPD_F32, TPD_SHAPE (1, 1, 1));
  double t = timesteps[0] / 1000;

  g_string_append_printf (self->log, "%dx%d@%u ", (int)x->view.shape[0], (int)x->view.shape[1],
                          frame_stride);
  colour = tpd_reshape (ctx, colour, TPD_SHAPE (colour->view.shape[0], 1, 1, 1, 1));
  colour = tpd_expand (ctx, colour, 5, x->view.shape);
  return tpd_lincomb (ctx, 1 / t, x, -1 / t, colour);
}

static void
test_denoiser_iface_init (TpdDenoiserInterface *iface)
{
  iface->predict = test_denoiser_predict;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestDenoiser, test_denoiser, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_DENOISER, test_denoiser_iface_init))

static void
test_denoiser_finalize (GObject *object)
{
  g_string_free (TEST_DENOISER (object)->log, TRUE);
  G_OBJECT_CLASS (test_denoiser_parent_class)->finalize (object);
}

static void
test_denoiser_class_init (TestDenoiserClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_denoiser_finalize;
}

static void
test_denoiser_init (TestDenoiser *self)
{
  self->log = g_string_new (NULL);
}

/* ── running it ── */

typedef struct
{
  TestDenoiser *denoiser;
  TpdPhiloxNoise *noise;
  TpdSampler *sampler;
  TpdSamplerInput input;
} Run;

static void
run_clear (Run *run)
{
  g_clear_object (&run->denoiser);
  g_clear_object (&run->noise);
  g_clear_object (&run->sampler);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static Run
run_new (guint n_stages, TpdSamplerSettings *settings)
{
  Run run = {.denoiser = g_object_new (TEST_TYPE_DENOISER, NULL),
             .noise = tpd_philox_noise_new (4)};
  TpdPyramidConfig config;
  GError *error = NULL;

  tpd_pyramid_config_init (&config, TPD_FORM_FLOW, n_stages);
  run.sampler = tpd_sampler_new (&config, settings, &error);
  g_assert_no_error (error);
  run.input = (TpdSamplerInput){.denoiser = TPD_DENOISER (run.denoiser),
                                .noise = TPD_NOISE_SOURCE (run.noise),
                                .dtype = TPD_F32,
                                .shape = {1, 8, 1, 2, 2}};
  return run;
}

static void
assert_colour (TpdContext *ctx, TpdTensor *clip, double colour)
{
  g_autofree double *x = elements (ctx, clip);

  for (gint64 i = 0; i < tpd_tensor_n_elements (clip); i++)
    g_assert_cmpfloat_with_epsilon (x[i], colour, SINGLE);
}

static TpdConditioning
colour (TpdContext *ctx, float value)
{
  return (TpdConditioning){
      .text = tpd_context_own (
          ctx, tpd_tensor_new_from_host (ctx, TPD_F32, TPD_SHAPE (1, 1, 1), &value))};
}

/* One evaluation of two clips with guidance, of one without. */
static void
test_guidance (Fixture *f, gconstpointer data)
{
  static const struct
  {
    double scale, expected;
    gboolean prompt;
    const char *log;
  } cases[] = {
      {1, 0.8, TRUE, "1x8@1 1x8@1 "},
      {0, 0.2, TRUE, "1x8@1 1x8@1 "},
      {2.5, 0.2 + 2.5 * 0.6, TRUE, "2x8@1 2x8@1 "},
      {2.5, 0.2, FALSE, "1x8@1 1x8@1 "},
  };
  TpdConditioning prompt = colour (f->ctx, 0.8f), empty = colour (f->ctx, 0.2f);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TpdSamplerSettings) settings =
          g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", 2, "sampler", TPD_SOLVER_EULER,
                        "guidance-scale", cases[i].scale, NULL);
      g_auto (Run) run = run_new (1, settings);
      g_autoptr (TpdTensor) clip = NULL;

      run.input.conditional = cases[i].prompt ? &prompt : NULL;
      run.input.unconditional = &empty;
      clip = tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, NULL);
      g_assert_nonnull (clip);
      assert_colour (f->ctx, clip, cases[i].expected);
      g_assert_cmpstr (run.denoiser->log->str, ==, cases[i].log);
    }
}

/* Prompts that do not fit together are an error, not a crash. */
static void
test_guidance_mismatch (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_new ();
  g_auto (Run) run = run_new (1, settings);
  TpdConditioning prompt = colour (f->ctx, 0.8f), empty = {NULL, NULL, NULL};
  g_autoptr (GError) error = NULL;

  run.input.conditional = &prompt;
  run.input.unconditional = &empty;
  g_assert_null (tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_MISMATCH);
}

typedef struct
{
  Fixture *fixture;
  GString *log;
  GCancellable *cancellable;
} Watch;

static void
watch (TpdSampler *sampler, const TpdSamplerProgress *progress, gpointer data)
{
  Watch *self = data;
  TpdContext *ctx = self->fixture->ctx;
  TpdTensor *estimate;

  tpd_context_push_scope (ctx);
  estimate = tpd_sampler_estimate (sampler, ctx);
  g_assert_cmpint (estimate->view.shape[1], ==, 8 >> (progress->stage - 1));
  g_string_append_printf (self->log, "%u:%u/%u:%u/%u ", progress->stage, progress->step,
                          progress->stage_steps, progress->done, progress->total);
  tpd_context_pop_scope (ctx, NULL);
  if (self->cancellable != NULL && progress->done == 2)
    g_cancellable_cancel (self->cancellable);
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "stage-steps", "1,2,1", NULL);
  g_auto (Run) run = run_new (3, settings);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (TpdTensor) clip = NULL;
  Watch state = {.fixture = f, .log = log};

  clip = tpd_sampler_run (run.sampler, f->ctx, &run.input, watch, &state, NULL, NULL);
  g_assert_nonnull (clip);
  g_assert_cmpint (clip->view.shape[1], ==, 8);
  g_assert_cmpstr (log->str, ==, "3:1/1:1/4 2:1/2:2/4 2:2/2:3/4 1:1/1:4/4 ");
  g_assert_cmpstr (run.denoiser->log->str, ==, "1x2@4 1x4@2 1x4@2 1x8@1 ");
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_new ();
  g_auto (Run) run = run_new (3, settings);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Watch state = {f, log, cancellable};

  g_assert_null (
      tpd_sampler_run (run.sampler, f->ctx, &run.input, watch, &state, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (run.denoiser->log->str, ==, "1x2@4 1x2@4 ");
}

/* Same seed and settings, same bytes, whatever ran before. */
static void
test_repeats (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", 5, NULL);
  g_auto (Run) run = run_new (3, settings);
  g_autoptr (TpdTensor) first = NULL, second = NULL;
  g_autofree double *a = NULL, *b = NULL;

  first = tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, NULL);
  second = tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, NULL);
  a = elements (f->ctx, first);
  b = elements (f->ctx, second);
  g_assert_cmpmem (a, 32 * sizeof *a, b, 32 * sizeof *b);
}

/* From a clip: stages above the strength are left out, the one it lies in has fewer steps. */
static void
test_midway (Fixture *f, gconstpointer data)
{
  static const struct
  {
    double strength;
    guint first_stage;
    const char *log;
  } cases[] = {
      {1, 3,
       "3:1/2:1/9 3:2/2:2/9 2:1/3:3/9 2:2/3:4/9 2:3/3:5/9 1:1/4:6/9 1:2/4:7/9 1:3/4:8/9 "
       "1:4/4:9/9 "},
      {0.5, 2, "2:1/2:1/6 2:2/2:2/6 1:1/4:3/6 1:2/4:4/6 1:3/4:5/6 1:4/4:6/6 "},
      {0.25, 1, "1:1/3:1/3 1:2/3:2/3 1:3/3:3/3 "},
      {0.001, 1, "1:1/1:1/1 "},
  };
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "stage-steps", "2,3,4", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Run) run = run_new (3, settings);
      g_autoptr (GString) log = g_string_new (NULL);
      g_autoptr (TpdTensor) clip = NULL;
      Watch state = {.fixture = f, .log = log};

      run.input.clip = tpd_zeros (f->ctx, TPD_F32, 5, run.input.shape);
      tpd_sampler_start_midway (run.sampler, cases[i].strength);
      g_assert_cmpuint (tpd_sampler_get_first_stage (run.sampler), ==, cases[i].first_stage);
      clip = tpd_sampler_run (run.sampler, f->ctx, &run.input, watch, &state, NULL, NULL);
      g_assert_nonnull (clip);
      g_assert_cmpstr (log->str, ==, cases[i].log);
    }
}

static TpdTensor *
threes (TpdContext *ctx, int n_dims, const gint64 *shape)
{
  TpdTensor *x = tpd_zeros (ctx, TPD_F32, n_dims, shape);

  tpd_fill (ctx, x, 3);
  return x;
}

/* Full strength is plain sampling, to the bit; less is another clip. */
static void
test_full_strength (Fixture *f, gconstpointer data)
{
  static const double strengths[] = {1, 0.9};
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", 5, NULL);
  g_auto (Run) plain = run_new (3, settings);
  g_autoptr (TpdTensor) expected =
      tpd_sampler_run (plain.sampler, f->ctx, &plain.input, NULL, NULL, NULL, NULL);
  g_autofree double *a = elements (f->ctx, expected);

  for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
    {
      g_auto (Run) run = run_new (3, settings);
      g_autoptr (TpdTensor) clip = NULL;
      g_autofree double *b = NULL;

      run.input.clip = threes (f->ctx, 5, run.input.shape);
      tpd_sampler_start_midway (run.sampler, strengths[i]);
      clip = tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, NULL);
      b = elements (f->ctx, clip);
      g_assert_cmpint (memcmp (a, b, 32 * sizeof *a) == 0, ==, strengths[i] == 1);
    }
}

/* One frame for all clips of a batch, whatever the network says; the others are the network's. */
static void
test_first_frame (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", 6, NULL);

  for (guint n_stages = 1; n_stages <= 4; n_stages++)
    for (int midway = 0; midway <= 1; midway++)
      {
        g_auto (Run) run = run_new (n_stages, settings);
        g_autoptr (TpdTensor) clip = NULL;
        g_autofree double *x = NULL;

        run.input.shape[0] = 2;
        run.input.clip = tpd_zeros (f->ctx, TPD_F32, TPD_SHAPE (1, 8, 1, 2, 2));
        run.input.first_frame = threes (f->ctx, TPD_SHAPE (1, 1, 1, 2, 2));
        if (midway)
          tpd_sampler_start_midway (run.sampler, 0.6);
        clip = tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, NULL);
        x = elements (f->ctx, clip);
        for (guint i = 0; i < 2 * 32; i++)
          g_assert_cmpfloat_with_epsilon (x[i], i % 32 < 4 ? 3 : 0, SINGLE);
      }
}

/* Where coarse stages show means of frames, none of them is the first one. */
static void
test_first_frame_of_means (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_new ();
  g_auto (Run) run = run_new (3, settings);
  g_autoptr (GError) error = NULL;
  TpdPyramidConfig config;

  tpd_pyramid_config_init (&config, TPD_FORM_FLOW, 3);
  config.downsampling = TPD_DOWNSAMPLING_MEAN;
  g_set_object (&run.sampler, tpd_sampler_new (&config, settings, NULL));
  g_object_unref (run.sampler); /* run holds it */
  run.input.first_frame = tpd_zeros (f->ctx, TPD_F32, TPD_SHAPE (1, 1, 1, 2, 2));
  g_assert_null (tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED);
}

static void
test_frames (Fixture *f, gconstpointer data)
{
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_new ();
  g_auto (Run) run = run_new (3, settings);
  g_autoptr (GError) error = NULL;

  run.input.shape[1] = 10;
  g_assert_null (tpd_sampler_run (run.sampler, f->ctx, &run.input, NULL, NULL, NULL, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "8 and 12"));
}

/* Settings that this network cannot follow. */
static void
test_refused (void)
{
  static const struct
  {
    guint trained, stages, steps;
    gboolean training_free;
    double correlation;
    int code; /* −1: fine */
  } cases[] = {
      {3, 0, 30, FALSE, 0, -1},
      {3, 3, 30, FALSE, -1, -1},
      {3, 1, 30, FALSE, 0, TPD_ERROR_UNSUPPORTED},
      {3, 2, 30, TRUE, 0, TPD_ERROR_UNSUPPORTED},
      {3, 0, 2, FALSE, 0, TPD_ERROR_INVALID_ARGUMENT},
      {3, 0, 30, FALSE, -0.5, TPD_ERROR_UNSUPPORTED},
      {1, 3, 30, FALSE, 0, TPD_ERROR_UNSUPPORTED},
      {1, 3, 30, TRUE, -0.5, -1},
      {1, 1, 1, FALSE, 0, -1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TpdSamplerSettings) settings = g_object_new (
          TPD_TYPE_SAMPLER_SETTINGS, "stages", cases[i].stages, "steps", cases[i].steps,
          "training-free", cases[i].training_free, "correlation", cases[i].correlation, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (TpdSampler) sampler = NULL;
      TpdPyramidConfig config;

      tpd_pyramid_config_init (&config, TPD_FORM_FLOW, cases[i].trained);
      sampler = tpd_sampler_new (&config, settings, &error);
      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, TPD_ERROR, cases[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/sampler/guidance", test_guidance);
  fixture_add ("/sampler/guidance-mismatch", test_guidance_mismatch);
  fixture_add ("/sampler/progress", test_progress);
  fixture_add ("/sampler/cancel", test_cancel);
  fixture_add ("/sampler/repeats", test_repeats);
  fixture_add ("/sampler/midway", test_midway);
  fixture_add ("/sampler/full-strength", test_full_strength);
  fixture_add ("/sampler/first-frame", test_first_frame);
  fixture_add ("/sampler/first-frame-of-means", test_first_frame_of_means);
  fixture_add ("/sampler/frames", test_frames);
  g_test_add_func ("/sampler/refused", test_refused);
  return g_test_run ();
}
