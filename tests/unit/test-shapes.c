/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/tpd-shapes.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "text/tpd-clip-tokenizer.h"

#define N_SCENES 2000

/* Of a figure's area in pixels, against the exact one: pixels whose coverage is a straight edge's.
 */
#define AREA_TOLERANCE 0.01

static const TpdClipSize size = {.frames = 16, .height = 64, .width = 64};
static const gsize clip_length = 16 * 64 * 64 * 3;

static float *
read_clip (TpdShapes *shapes, guint64 index, char **caption)
{
  g_autoptr (GError) error = NULL;
  float *rgb = g_new (float, clip_length);

  tpd_dataset_read_clip (TPD_DATASET (shapes), index, rgb, caption, &error);
  g_assert_no_error (error);
  return rgb;
}

/* A clip depends on seed and index alone; another seed or index gives another one. */
static void
test_deterministic (void)
{
  g_autoptr (TpdShapes) one = tpd_shapes_new (TPD_WORLD_FULL, size, 7, TPD_SHAPES_TRAIN);
  g_autoptr (TpdShapes) same = tpd_shapes_new (TPD_WORLD_FULL, size, 7, TPD_SHAPES_TRAIN);
  g_autoptr (TpdShapes) other = tpd_shapes_new (TPD_WORLD_FULL, size, 8, TPD_SHAPES_TRAIN);
  g_autofree char *caption = NULL, *again = NULL;
  g_autofree float *a = read_clip (one, 5, &caption);
  g_autofree float *next = read_clip (one, 6, NULL);
  g_autofree float *b = read_clip (same, 5, &again);
  g_autofree float *c = read_clip (other, 5, NULL);

  g_assert_cmpmem (a, clip_length * sizeof (float), b, clip_length * sizeof (float));
  g_assert_cmpstr (caption, ==, again);
  g_assert_cmpint (memcmp (a, next, clip_length * sizeof (float)), !=, 0);
  g_assert_cmpint (memcmp (a, c, clip_length * sizeof (float)), !=, 0);
}

/* Training never shows a held-out combination, the other split nothing else; both know every
 * figure, colour and motion. */
static void
test_splits (void)
{
  for (TpdShapesSplit split = TPD_SHAPES_TRAIN; split <= TPD_SHAPES_HELD_OUT; split++)
    {
      g_autoptr (TpdShapes) shapes = tpd_shapes_new (TPD_WORLD_FULL, size, 0, split);
      guint figures[TPD_N_FIGURES] = {0}, colors[TPD_N_COLORS] = {0}, motions[TPD_N_MOTIONS] = {0};

      for (guint i = 0; i < N_SCENES; i++)
        {
          TpdScene scene;

          tpd_shapes_get_scene (shapes, i, &scene);
          for (guint j = 0; j < scene.n_objects; j++)
            {
              const TpdTraits *traits = &scene.objects[j].traits;

              g_assert_true (tpd_traits_are_possible (traits));
              g_assert_cmpint (tpd_traits_are_held_out (traits), ==, split == TPD_SHAPES_HELD_OUT);
              figures[traits->figure]++;
              colors[traits->color]++;
              motions[traits->motion]++;
            }
        }
      for (guint i = 0; i < TPD_N_FIGURES; i++)
        g_assert_cmpuint (figures[i], >, N_SCENES / 20);
      for (guint i = 0; i < TPD_N_COLORS; i++)
        g_assert_cmpuint (colors[i], >, N_SCENES / 40);
      for (guint i = 0; i < TPD_N_MOTIONS; i++)
        g_assert_cmpuint (motions[i], >, N_SCENES / 200);
    }
}

/* About one combination in ten is held out. */
static void
test_held_out_share (void)
{
  guint n = 0, held_out = 0;

  for (guint figure = 0; figure < TPD_N_FIGURES; figure++)
    for (guint color = 0; color < TPD_N_COLORS; color++)
      for (guint motion = 0; motion < TPD_N_MOTIONS; motion++, n++)
        held_out += tpd_traits_are_held_out (
            &(TpdTraits){.figure = figure, .color = color, .motion = motion});
  g_assert_cmpuint (held_out, >, n / 14);
  g_assert_cmpuint (held_out, <, n / 7);
}

/* Objects stay inside the frame, two of them apart, in frames of any aspect. */
static void
test_objects_have_room (void)
{
  const TpdClipSize sizes[] = {{16, 64, 64}, {16, 64, 112}, {16, 96, 64}};

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (TpdShapes) shapes = tpd_shapes_new (TPD_WORLD_FULL, sizes[s], 3, TPD_SHAPES_TRAIN);

      for (guint i = 0; i < N_SCENES; i++)
        {
          TpdScene scene;

          tpd_shapes_get_scene (shapes, i, &scene);
          for (guint j = 0; j < scene.n_objects; j++)
            for (double u = 0; u <= 1; u += 0.125)
              {
                const TpdSceneObject *object = &scene.objects[j];
                const TpdPose pose = tpd_scene_object_pose (object, u);
                const double reach =
                    pose.radius * tpd_figure_reach (object->traits.figure,
                                                    object->traits.motion == TPD_MOTION_SPIN);

                g_assert_cmpfloat (pose.x - reach, >, 0);
                g_assert_cmpfloat (pose.y - reach, >, 0);
                g_assert_cmpfloat (pose.x + reach, <, scene.width);
                g_assert_cmpfloat (pose.y + reach, <, scene.height);
              }
          if (scene.n_objects == 2)
            g_assert_cmpfloat (tpd_scene_object_gap (&scene.objects[0], &scene.objects[1]), >, 0);
        }
    }
}

/* Coverage adds up to the area: of a circle it is known. */
static void
test_coverage (void)
{
  const float *color = tpd_color_get_rgb (TPD_COLOR_WHITE);
  TpdScene scene = {.width = 1, .height = 1, .tone = TPD_TONE_BLACK, .n_objects = 1};
  float background[3], unused[3];
  float rgb[64 * 64 * 3];
  double area = 0;

  scene.objects[0] = (TpdSceneObject){
      .traits = {TPD_FIGURE_CIRCLE, TPD_COLOR_WHITE, TPD_FIGURE_SIZE_MEDIUM, TPD_MOTION_STILL},
      .start = {.x = 0.413, .y = 0.527, .radius = 0.151}};
  tpd_tone_get_ends (TPD_TONE_BLACK, FALSE, background, unused);
  tpd_scene_render (&scene, 0, 64, 64, rgb);
  for (guint i = 0; i < 64 * 64; i++)
    area += ((rgb[3 * i] + 1) / 2 - background[0]) / (color[0] - background[0]);
  g_assert_cmpfloat_with_epsilon (area, G_PI * 0.151 * 0.151 * 64 * 64, area * AREA_TOLERANCE);
}

/* Wherever two colours meet there is a background for both: scenes are always found. */
static void
test_every_pair_has_a_background (void)
{
  for (guint a = 0; a < TPD_N_COLORS; a++)
    for (guint b = 0; b < TPD_N_COLORS; b++)
      {
        guint n_fit = 0;

        for (guint tone = 0; tone < TPD_N_TONES; tone++)
          for (guint gradient = 0; gradient < 2; gradient++)
            n_fit +=
                tpd_color_fits_tone (a, tone, gradient) && tpd_color_fits_tone (b, tone, gradient);
        g_assert_cmpuint (n_fit, >, 0);
      }
}

static void
test_caption (void)
{
  TpdScene scene = {.tone = TPD_TONE_DARK_BLUE, .gradient = TRUE, .n_objects = 1};
  g_autofree char *one = NULL, *two = NULL;

  scene.objects[0].traits =
      (TpdTraits){TPD_FIGURE_STAR, TPD_COLOR_RED, TPD_FIGURE_SIZE_LARGE, TPD_MOTION_BOUNCE};
  one = tpd_scene_write_caption (&scene, NULL);
  g_assert_cmpstr (one, ==, "a large red star bouncing on a dark blue gradient");

  scene.objects[1].traits =
      (TpdTraits){TPD_FIGURE_RING, TPD_COLOR_ORANGE, TPD_FIGURE_SIZE_MEDIUM, TPD_MOTION_UP_LEFT};
  scene.n_objects = 2;
  scene.gradient = FALSE;
  two = tpd_scene_write_caption (&scene, NULL);
  g_assert_cmpstr (two, ==,
                   "a large red star bouncing and an orange ring moving up and to the left on dark "
                   "blue");
}

/* Every word of every wording is one token, and the longest caption fits. */
static void
test_vocabulary (void)
{
  static const char *const files[] = {"vocab.json", "merges.txt", "tokenizer_config.json"};
  g_autoptr (TpdShapes) shapes =
      g_object_new (TPD_TYPE_SHAPES, "paraphrase", 1.0, "frames", 1, "height", 8, "width", 8, NULL);
  g_autoptr (TpdClipTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("tpd-shapes-XXXXXX", &error);

  g_assert_no_error (error);
  tpd_shapes_write_vocabulary (dir, &error);
  g_assert_no_error (error);
  tokenizer = tpd_clip_tokenizer_new_from_dir (dir, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_SCENES; i++)
    {
      g_autofree char *caption = NULL;
      g_auto (GStrv) words = NULL;
      float rgb[8 * 8 * 3];
      gint32 ids[64];

      tpd_dataset_read_clip (TPD_DATASET (shapes), i, rgb, &caption, &error);
      g_assert_no_error (error);
      words = g_strsplit (caption, " ", -1);
      g_assert_cmpuint (tpd_clip_tokenizer_encode (tokenizer, caption, 64, ids, NULL), ==,
                        g_strv_length (words) + 2);
      g_assert_cmpuint (g_strv_length (words) + 2, <=, TPD_SHAPES_MAX_TOKENS);
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (dir, files[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

/* A prompt is the plain caption and means what the clip shows. */
static void
test_prompt (void)
{
  g_autoptr (TpdShapes) shapes =
      g_object_new (TPD_TYPE_SHAPES, "split", TPD_SHAPES_HELD_OUT, "objects", 1, NULL);

  for (guint64 i = 0; i < 50; i++)
    {
      TpdTraits traits[TPD_SCENE_MAX_OBJECTS];
      guint n_objects;
      g_autofree char *prompt = tpd_shapes_get_prompt (shapes, i, traits, &n_objects);

      g_assert_cmpuint (n_objects, ==, 1);
      g_assert_true (tpd_traits_are_held_out (&traits[0]));
      g_assert_nonnull (strstr (prompt, tpd_figure_get_word (traits[0].figure)));
      g_assert_nonnull (strstr (prompt, tpd_color_get_word (traits[0].color)));
      g_assert_nonnull (strstr (prompt, tpd_motion_get_words (traits[0].motion)));
    }
}

/* The basic world is a part of the full one: one object, not small, plain background, few of all.
 */
static void
test_basic_world (void)
{
  g_autoptr (TpdShapes) shapes = tpd_shapes_new (TPD_WORLD_BASIC, size, 0, TPD_SHAPES_TRAIN);
  guint motions[TPD_N_MOTIONS] = {0}, figures = 0, colors = 0, tones = 0;

  for (guint i = 0; i < N_SCENES; i++)
    {
      TpdScene scene;

      tpd_shapes_get_scene (shapes, i, &scene);
      figures |= 1u << scene.objects[0].traits.figure;
      colors |= 1u << scene.objects[0].traits.color;
      tones |= 1u << scene.tone;
      g_assert_cmpuint (scene.n_objects, ==, 1);
      g_assert_false (scene.gradient);
      g_assert_cmpint (scene.objects[0].traits.size, !=, TPD_FIGURE_SIZE_SMALL);
      motions[scene.objects[0].traits.motion]++;
    }
  g_assert_cmpint (__builtin_popcount (figures), ==, 4);
  g_assert_cmpint (__builtin_popcount (colors), ==, 6);
  g_assert_cmpint (__builtin_popcount (tones), ==, 3);
  for (guint i = 0; i < TPD_N_MOTIONS; i++)
    {
      const gboolean diagonal = i >= TPD_MOTION_RIGHT && i <= TPD_MOTION_UP_RIGHT && i % 2 == 0;
      const gboolean has_phase = i >= TPD_MOTION_BOUNCE && i <= TPD_MOTION_SPIN;

      if (diagonal || has_phase)
        g_assert_cmpuint (motions[i], ==, 0);
      else
        g_assert_cmpuint (motions[i], >, N_SCENES / 20);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shapes/deterministic", test_deterministic);
  g_test_add_func ("/shapes/splits", test_splits);
  g_test_add_func ("/shapes/held-out-share", test_held_out_share);
  g_test_add_func ("/shapes/objects-have-room", test_objects_have_room);
  g_test_add_func ("/shapes/coverage", test_coverage);
  g_test_add_func ("/shapes/every-pair-has-a-background", test_every_pair_has_a_background);
  g_test_add_func ("/shapes/caption", test_caption);
  g_test_add_func ("/shapes/vocabulary", test_vocabulary);
  g_test_add_func ("/shapes/prompt", test_prompt);
  g_test_add_func ("/shapes/basic-world", test_basic_world);
  return g_test_run ();
}
