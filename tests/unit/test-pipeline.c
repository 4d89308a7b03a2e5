/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-pipeline.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* Levels of 255: sums of a batch may be taken in another order. */
#define TOLERANCE 1

#define SEED 11

static TpdPipeline *
open_pipeline (void)
{
  g_autoptr (GError) error = NULL;
  TpdPipeline *pipeline = tpd_pipeline_new (g_getenv ("TPDIFF_TEST_MODEL"), "cpu", &error);

  g_assert_no_error (error);
  return pipeline;
}

static void
assert_same_clip (const TpdClip *a, const TpdClip *b)
{
  gsize n, m;
  const guint8 *x = g_bytes_get_data (a->rgb, &n), *y = g_bytes_get_data (b->rgb, &m);

  g_assert_cmpuint (n, ==, m);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpint (ABS ((int)x[i] - (int)y[i]), <=, TOLERANCE);
  g_assert_cmpstr (a->record, ==, b->record);
}

/* A clip of a batch is the one that its record makes by itself. */
static void
test_batch (void)
{
  const char *const prompts[] = {"a red circle", NULL, "a large blue star moving left"};
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (GPtrArray) clips = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (request->settings, "seed", (guint64)SEED, NULL);
  clips = tpd_pipeline_generate_batch (pipeline, request, prompts, G_N_ELEMENTS (prompts), NULL,
                                       NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (clips->len, ==, G_N_ELEMENTS (prompts));
  for (guint i = 0; i < clips->len; i++)
    {
      const TpdClip *clip = clips->pdata[i];
      g_autoptr (TpdRequest) own = tpd_request_new_from_json (clip->record, &error);
      g_autoptr (TpdClip) alone = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (own->prompt, ==, prompts[i]);
      g_assert_cmpuint (tpd_sampler_settings_get_seed (own->settings), ==, SEED + i);
      alone = tpd_pipeline_generate (pipeline, own, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      assert_same_clip (clip, alone);
    }
}

static void
on_progress (const TpdProgress *progress, gpointer data)
{
  TpdProgress *last = data;

  g_assert_cmpint (progress->phase, >=, last->phase);
  g_assert_cmpfloat (progress->fraction, >=, last->fraction);
  if (progress->phase == TPD_PHASE_SAMPLE && last->phase == TPD_PHASE_ENCODE)
    g_assert_cmpuint (progress->step, ==, 0);
  else if (progress->phase == TPD_PHASE_SAMPLE)
    g_assert_cmpuint (progress->step, ==, last->step + 1);
  *last = *progress;
}

static void
test_progress (void)
{
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdClip) clip = NULL;
  g_autoptr (GError) error = NULL;
  TpdProgress last = {.phase = TPD_PHASE_ENCODE};

  clip = tpd_pipeline_generate (pipeline, request, on_progress, &last, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (last.phase, ==, TPD_PHASE_DECODE);
}

static void
cancel (const TpdProgress *progress, gpointer cancellable)
{
  /* Nothing is done after the step in which it was cancelled. */
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  if (progress->step == 2)
    g_cancellable_cancel (cancellable);
}

static void
test_cancel (void)
{
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TpdClip) clip = NULL;
  g_autoptr (GError) error = NULL;

  clip = tpd_pipeline_generate (pipeline, request, cancel, cancellable, cancellable, &error);
  g_assert_null (clip);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
cancel_decoding (const TpdProgress *progress, gpointer cancellable)
{
  if (progress->phase == TPD_PHASE_DECODE)
    g_cancellable_cancel (cancellable);
}

static void
test_cancel_decoding (void)
{
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TpdClip) clip = NULL;
  g_autoptr (GError) error = NULL;

  clip =
      tpd_pipeline_generate (pipeline, request, cancel_decoding, cancellable, cancellable, &error);
  g_assert_null (clip);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The same bytes, however many of the 8 frames are decoded at a time. */
static void
test_decode_in_chunks (void)
{
  static const guint chunks[] = {0, 1, 3, 8};
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdRequest) request = tpd_request_new ();
  TpdAutoencoderKl *vae = tpd_model_get_vae (tpd_pipeline_get_model (pipeline));
  g_autoptr (TpdClip) whole = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TpdClip) clip = NULL;

      g_object_set (vae, "images-per-chunk", chunks[i], NULL);
      clip = tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (clip->n_frames, ==, 8);
      if (whole == NULL)
        whole = tpd_clip_ref (clip);
      g_assert_true (g_bytes_equal (clip->rgb, whole->rgb));
    }
}

/* ── previews ── */

static void
keep_preview (const TpdProgress *progress, gpointer data)
{
  TpdClip **last = data;

  if (progress->preview == NULL)
    return;
  g_clear_pointer (last, tpd_clip_unref);
  *last = tpd_clip_ref (progress->preview);
}

/* The last preview of a clip. */
static TpdClip *
make_preview (const char *model, TpdPreviewDecoder decoder, GError **error)
{
  g_autoptr (TpdPipeline) pipeline = tpd_pipeline_new (model, "cpu", NULL);
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdClip) clip = NULL;
  TpdClip *preview = NULL;

  request->preview = TPD_PREVIEW_STAGE;
  request->preview_decoder = decoder;
  clip = tpd_pipeline_generate (pipeline, request, keep_preview, &preview, NULL, error);
  g_assert_true ((clip != NULL) == (preview != NULL));
  if (clip != NULL)
    g_assert_cmpuint (g_bytes_get_size (preview->rgb), ==, g_bytes_get_size (clip->rgb));
  return preview;
}

/* The autoencoder and the projection make pictures of the same size, and not the same ones. */
static void
test_preview_decoders (void)
{
  const char *model = g_getenv ("TPDIFF_TEST_MODEL");
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClip) vae = make_preview (model, TPD_PREVIEW_DECODER_VAE, &error);
  g_autoptr (TpdClip) projection = make_preview (model, TPD_PREVIEW_DECODER_PROJECTION, &error);
  g_autoptr (TpdClip) automatic = make_preview (model, TPD_PREVIEW_DECODER_AUTO, &error);

  g_assert_no_error (error);
  g_assert_false (g_bytes_equal (vae->rgb, projection->rgb));
  g_assert_true (g_bytes_equal (automatic->rgb, projection->rgb));
}

/* A copy of the tiny model with something else as its projection, or none. */
static char *
copy_model (const char *projection)
{
  char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *from = g_build_filename (g_getenv ("TPDIFF_TEST_MODEL"), ".", NULL);
  g_autofree char *file = g_build_filename (folder, "vae", "preview.safetensors", NULL);
  const char *const argv[] = {"cp", "-R", from, folder, NULL};

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_assert_cmpint (g_remove (file), ==, 0);
  if (projection != NULL)
    g_assert_true (g_file_set_contents (file, projection, -1, NULL));
  return folder;
}

static void
remove_model (char *folder)
{
  const char *const argv[] = {"rm", "-r", folder, NULL};

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (folder);
}

static void
test_no_projection (void)
{
  char *model = copy_model (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClip) automatic = make_preview (model, TPD_PREVIEW_DECODER_AUTO, &error);
  g_autoptr (TpdClip) projection = NULL;

  g_assert_no_error (error);
  projection = make_preview (model, TPD_PREVIEW_DECODER_PROJECTION, &error);
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "preview.safetensors"));
  remove_model (model);
}

/* A file that is there and cannot be read is an error, not a slow preview. */
static void
test_broken_projection (void)
{
  char *model = copy_model ("no tensors");
  g_autoptr (GError) error = NULL;

  g_assert_null (make_preview (model, TPD_PREVIEW_DECODER_AUTO, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, "preview.safetensors"));
  remove_model (model);
}

/* ── clips from clips ── */

/* Grey frames of 32 × 16, each brighter than the one before. */
static TpdClip *
make_input (guint n_frames)
{
  const gsize size = 32 * 16 * 3;
  guint8 *rgb = g_malloc (n_frames * size);

  for (guint i = 0; i < n_frames; i++)
    memset (rgb + i * size, (int)(40 + 160 * i / n_frames), size);
  return tpd_clip_new (n_frames, 32, 16, 25, 1, g_bytes_new_take (rgb, n_frames * size), NULL);
}

static TpdClip *
generate_from (TpdPipeline *pipeline, TpdClip *input, double strength)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (GError) error = NULL;
  TpdClip *clip;

  request->prompt = g_strdup ("a red circle");
  request->input = input != NULL ? tpd_clip_ref (input) : NULL;
  request->strength = strength;
  clip = tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return clip;
}

/* Mean absolute difference, in levels of 255 */
static double
difference (const TpdClip *a, const TpdClip *b)
{
  gsize n, m;
  const guint8 *x = g_bytes_get_data (a->rgb, &n), *y = g_bytes_get_data (b->rgb, &m);
  double sum = 0;

  g_assert_cmpuint (n, ==, m);
  for (gsize i = 0; i < n; i++)
    sum += ABS ((int)x[i] - (int)y[i]);
  return sum / (double)n;
}

/* With next to no strength the clip is what the autoencoder makes of the input; with more it
 * departs from that; with all of it the input does not matter. */
static void
test_strength (void)
{
  static const double strengths[] = {0.02, 0.3, 0.6, 0.95};
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdClip) input = make_input (8);
  g_autoptr (TpdClip) kept = generate_from (pipeline, input, 1e-6);
  g_autoptr (TpdClip) plain = generate_from (pipeline, NULL, 1);
  g_autoptr (TpdClip) full = generate_from (pipeline, input, 1);
  double last = 0;

  for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
    {
      g_autoptr (TpdClip) clip = generate_from (pipeline, input, strengths[i]);
      double changed = difference (clip, kept);

      g_test_message ("strength %g: %g levels", strengths[i], changed);
      g_assert_cmpfloat (changed, >, last);
      last = changed;
    }
  g_assert_true (g_bytes_equal (full->rgb, plain->rgb));
}

/* All of the input is seen, whatever its length and size: twice every frame is the same. */
static void
test_input_is_fitted (void)
{
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdClip) input = make_input (8);
  const gsize size = 32 * 16 * 3;
  guint8 *rgb = g_malloc (16 * size);
  g_autoptr (TpdClip) twice =
      tpd_clip_new (16, 32, 16, 50, 1, g_bytes_new_take (rgb, 16 * size), NULL);
  g_autoptr (TpdClip) from_input = generate_from (pipeline, input, 0.5);
  g_autoptr (TpdClip) from_twice = NULL;

  for (guint i = 0; i < 16; i++)
    memcpy (rgb + i * size, tpd_clip_get_frame (input, i / 2), size);
  from_twice = generate_from (pipeline, twice, 0.5);
  g_assert_true (g_bytes_equal (from_input->rgb, from_twice->rgb));
  g_assert_cmpstr (from_input->record, !=, from_twice->record);
}

/* Frame 0 of the clip is what the autoencoder makes of the given one, whatever the prompt. */
static void
test_first_frame (void)
{
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();
  g_autoptr (TpdClip) input = make_input (8);
  g_autoptr (TpdClip) kept = generate_from (pipeline, input, 1e-6);
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdClip) clip = NULL;
  g_autoptr (GError) error = NULL;
  const gsize size = 16 * 16 * 3;
  const guint8 *expected = tpd_clip_get_frame (kept, 0), *got;
  gboolean others = FALSE;

  request->first_frame = tpd_clip_ref (input);
  g_assert_null (tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  request->hold_first_frame = TRUE;
  clip = tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  got = tpd_clip_get_frame (clip, 0);
  for (gsize i = 0; i < size; i++)
    {
      g_assert_cmpint (ABS ((int)got[i] - (int)expected[i]), <=, TOLERANCE);
      others |= got[size + i] != got[i];
    }
  g_assert_true (others);
}

static void
test_bad_strength (void)
{
  static const double strengths[] = {0, -1, 1.01, NAN};
  g_autoptr (TpdPipeline) pipeline = open_pipeline ();

  for (guint i = 0; i < G_N_ELEMENTS (strengths); i++)
    {
      g_autoptr (TpdRequest) request = tpd_request_new ();
      g_autoptr (GError) error = NULL;

      request->input = make_input (1);
      request->strength = strengths[i];
      g_assert_null (tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error));
      g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipeline/batch", test_batch);
  g_test_add_func ("/pipeline/progress", test_progress);
  g_test_add_func ("/pipeline/cancel", test_cancel);
  g_test_add_func ("/pipeline/cancel-decoding", test_cancel_decoding);
  g_test_add_func ("/pipeline/decode-in-chunks", test_decode_in_chunks);
  g_test_add_func ("/pipeline/preview/decoders", test_preview_decoders);
  g_test_add_func ("/pipeline/preview/no-projection", test_no_projection);
  g_test_add_func ("/pipeline/preview/broken-projection", test_broken_projection);
  g_test_add_func ("/pipeline/strength", test_strength);
  g_test_add_func ("/pipeline/input-is-fitted", test_input_is_fitted);
  g_test_add_func ("/pipeline/first-frame", test_first_frame);
  g_test_add_func ("/pipeline/bad-strength", test_bad_strength);
  return g_test_run ();
}
