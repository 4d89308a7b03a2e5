/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/tpd-judge.h"

#include <math.h>
#include <string.h>

#include "core/tpd-random.h"
#include "train/tpd-shapes.h"

#define N_CLIPS 96
#define N_FEW   32 /* where each clip must pass */

/* What the judge must get right of real clips, sharp or as an autoencoder leaves them. */
#define MIN_SHARE 0.98
/* What chance allows: one figure in 6, one colour in 8, and motions by how often they are drawn;
 * and four standard deviations of the share in N_CLIPS clips. */
#define MAX_CHANCE_FIGURE (1 / 6.0 + 4 * 0.038)
#define MAX_CHANCE_COLOR  (1 / 8.0 + 4 * 0.034)
#define MAX_CHANCE_MOTION (0.08 + 4 * 0.028)

static const TpdClipSize size = {.frames = 16, .height = 64, .width = 64};

static gsize
clip_length (void)
{
  return (gsize)size.frames * size.height * size.width * 3;
}

/* Real clips with one object, held-out combinations and others by turns. */
static void
read_clip (guint i, float *rgb, TpdTraits *traits)
{
  g_autoptr (TpdShapes) shapes =
      g_object_new (TPD_TYPE_SHAPES, "objects", 1, "seed", (guint64)11, "split",
                    i % 2 ? TPD_SHAPES_HELD_OUT : TPD_SHAPES_TRAIN, NULL);
  g_autoptr (GError) error = NULL;
  TpdTraits all[TPD_SCENE_MAX_OBJECTS];
  guint n_objects;
  g_autofree char *prompt = tpd_shapes_get_prompt (shapes, i, all, &n_objects);

  g_assert_cmpuint (n_objects, ==, 1);
  *traits = all[0];
  tpd_dataset_read_clip (TPD_DATASET (shapes), i, rgb, NULL, &error);
  g_assert_no_error (error);
}

/* 1/4, 1/2, 1/4 along both axes, `times` times: variance times/2 pixels². */
static void
blur (float *rgb, guint times)
{
  const guint h = size.height, w = size.width;
  g_autofree float *row = g_new (float, (gsize)h *w * 3);

  for (guint f = 0; f < size.frames; f++)
    {
      float *x = rgb + (gsize)f * h * w * 3;

      for (guint t = 0; t < times; t++)
        {
          for (guint i = 0; i < h; i++)
            for (guint j = 0; j < w; j++)
              for (guint c = 0; c < 3; c++)
                row[(i * w + j) * 3 + c] = 0.5f * x[(i * w + j) * 3 + c] +
                                           0.25f * x[(i * w + (j > 0 ? j - 1 : 0)) * 3 + c] +
                                           0.25f * x[(i * w + MIN (j + 1, w - 1)) * 3 + c];
          for (guint i = 0; i < h; i++)
            for (guint j = 0; j < w; j++)
              for (guint c = 0; c < 3; c++)
                x[(i * w + j) * 3 + c] = 0.5f * row[(i * w + j) * 3 + c] +
                                         0.25f * row[((i > 0 ? i - 1 : 0) * w + j) * 3 + c] +
                                         0.25f * row[(MIN (i + 1, h - 1) * w + j) * 3 + c];
        }
    }
}

static void
add_noise (float *rgb, guint64 seed, float deviation)
{
  for (gsize i = 0; i < clip_length (); i += 4)
    {
      float noise[4];

      tpd_random_normal4 (seed, i / 4, noise);
      for (guint k = 0; k < 4; k++)
        rgb[i + k] += deviation * noise[k];
    }
}

typedef void (*Damage) (float *rgb, guint64 seed);

static void
damage_nothing (float *rgb, guint64 seed)
{
}

static void
damage_softly (float *rgb, guint64 seed)
{
  blur (rgb, 2);
}

static void
damage_with_noise (float *rgb, guint64 seed)
{
  add_noise (rgb, seed, 0.12f);
}

/* Soft, noisy, and of too little contrast */
static void
damage_in_all_ways (float *rgb, guint64 seed)
{
  for (gsize i = 0; i < clip_length (); i++)
    rgb[i] *= 0.93f;
  blur (rgb, 2);
  add_noise (rgb, seed, 0.08f);
}

static void
judge_real_clips (Damage damage, TpdScore *score)
{
  g_autofree float *rgb = g_new (float, clip_length ());

  *score = (TpdScore){0};
  for (guint i = 0; i < N_CLIPS; i++)
    {
      TpdVerdict verdict;
      TpdTraits traits;

      read_clip (i, rgb, &traits);
      damage (rgb, i);
      tpd_judge_clip (rgb, size, &verdict);
      tpd_score_add (score, &traits, &verdict);
    }
  g_test_message ("color %u, shape %u, motion %u, size %u of %u; flicker %.5f, background %.5f",
                  score->n_color, score->n_figure, score->n_motion, score->n_size, N_CLIPS,
                  score->flicker / N_CLIPS, score->background_flicker / N_CLIPS);
}

static void
test_real_clips (gconstpointer damage)
{
  TpdScore score;

  judge_real_clips ((Damage)damage, &score);
  g_assert_cmpfloat (score.n_color, >=, MIN_SHARE * N_CLIPS);
  g_assert_cmpfloat (score.n_figure, >=, MIN_SHARE * N_CLIPS);
  g_assert_cmpfloat (score.n_motion, >=, MIN_SHARE * N_CLIPS);
}

/* Judged by another clip's prompt, a clip is right by chance only. */
static void
test_shuffled_prompts (void)
{
  g_autofree float *rgb = g_new (float, clip_length ());
  g_autofree TpdTraits *traits = g_new (TpdTraits, N_CLIPS);
  g_autofree TpdVerdict *verdicts = g_new (TpdVerdict, N_CLIPS);
  TpdScore score = {0};

  for (guint i = 0; i < N_CLIPS; i++)
    {
      read_clip (i, rgb, &traits[i]);
      tpd_judge_clip (rgb, size, &verdicts[i]);
    }
  for (guint i = 0; i < N_CLIPS; i++)
    tpd_score_add (&score, &traits[(i + N_CLIPS / 2 + 1) % N_CLIPS], &verdicts[i]);
  g_assert_cmpfloat (score.n_figure, <=, MAX_CHANCE_FIGURE * N_CLIPS);
  g_assert_cmpfloat (score.n_color, <=, MAX_CHANCE_COLOR * N_CLIPS);
  g_assert_cmpfloat (score.n_motion, <=, MAX_CHANCE_MOTION * N_CLIPS);
}

/* Nothing moves in a clip that repeats one frame, so every prompt that wants motion fails. */
static void
test_frozen_clips (void)
{
  g_autofree float *rgb = g_new (float, clip_length ());
  const gsize frame = clip_length () / size.frames;

  for (guint i = 0; i < N_FEW; i++)
    {
      TpdScore score = {0};
      TpdVerdict verdict;
      TpdTraits traits;

      read_clip (i, rgb, &traits);
      for (guint f = 0; f < size.frames; f++)
        if (f != 9)
          memcpy (rgb + f * frame, rgb + 9 * frame, frame * sizeof (float));
      tpd_judge_clip (rgb, size, &verdict);
      tpd_score_add (&score, &traits, &verdict);
      g_assert_cmpuint (score.n_figure, ==, 1);
      g_assert_cmpuint (score.n_color, ==, 1);
      g_assert_cmpuint (score.n_motion, ==, traits.motion == TPD_MOTION_STILL);
      g_assert_cmpfloat (verdict.flicker, ==, 0);
    }
}

/* Frames out of order are no motion, and flicker. */
static void
test_scrambled_clips (void)
{
  g_autofree float *rgb = g_new (float, clip_length ());
  g_autofree float *scrambled = g_new (float, clip_length ());
  const gsize frame = clip_length () / size.frames;
  TpdVerdict real, verdict;
  TpdTraits traits;
  guint n_straight = 0;

  for (guint i = 0; i < N_FEW; i++)
    {
      read_clip (i, rgb, &traits);
      if (traits.motion < TPD_MOTION_RIGHT || traits.motion > TPD_MOTION_UP_RIGHT)
        continue;
      for (guint f = 0; f < size.frames; f++)
        memcpy (scrambled + f * frame, rgb + (f * 7 % size.frames) * frame, frame * sizeof (float));
      tpd_judge_clip (rgb, size, &real);
      tpd_judge_clip (scrambled, size, &verdict);
      g_assert_true (!verdict.motion_is_clear || verdict.traits.motion != traits.motion);
      g_assert_cmpfloat (verdict.flicker, >, 1.5 * real.flicker);
      n_straight++;
    }
  g_assert_cmpuint (n_straight, >, N_FEW / 4);
}

/* Without a figure there is none, whatever the background does. */
static void
test_nothing_to_see (void)
{
  g_autofree float *rgb = g_new0 (float, clip_length ());
  TpdVerdict verdict;

  tpd_judge_clip (rgb, size, &verdict);
  g_assert_false (verdict.found);
  add_noise (rgb, 3, 0.1f);
  tpd_judge_clip (rgb, size, &verdict);
  g_assert_false (verdict.found);
  add_noise (rgb, 4, 1.0f);
  tpd_judge_clip (rgb, size, &verdict);
  g_assert_false (verdict.found);
}

/* Frames brighter and darker by d in turn have second differences of 4 d, in [−1, 1]. */
static void
test_flicker (void)
{
  const double d = 0.02;
  g_autofree float *rgb = g_new (float, clip_length ());
  const gsize frame = clip_length () / size.frames;
  TpdVerdict verdict;

  for (gsize i = 0; i < clip_length (); i++)
    rgb[i] = (float)(i / frame % 2 ? d : -d);
  tpd_judge_clip (rgb, size, &verdict);
  g_assert_cmpfloat_with_epsilon (verdict.flicker, 2 * d, 1e-6);
  g_assert_cmpfloat_with_epsilon (verdict.background_flicker, 2 * d, 1e-6);
}

static void
test_score (void)
{
  const TpdTraits red_star = {TPD_FIGURE_STAR, TPD_COLOR_RED, TPD_FIGURE_SIZE_LARGE,
                              TPD_MOTION_BOUNCE};
  const TpdVerdict right = {
      .found = TRUE, .motion_is_clear = TRUE, .traits = red_star, .flicker = 0.5};
  TpdVerdict wrong = right;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *json;
  TpdScore score = {0};

  wrong.traits.color = TPD_COLOR_BLUE;
  wrong.motion_is_clear = FALSE;
  tpd_score_add (&score, &red_star, &right);
  tpd_score_add (&score, &red_star, &wrong);
  tpd_score_add (&score, &red_star, &(TpdVerdict){.traits = red_star});
  tpd_score_add (&score, &red_star, &right);
  node = tpd_score_to_json (&score);
  json = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (json, "clips"), ==, 4);
  g_assert_cmpfloat (json_object_get_double_member (json, "found"), ==, 0.75);
  g_assert_cmpfloat (json_object_get_double_member (json, "color"), ==, 0.5);
  g_assert_cmpfloat (json_object_get_double_member (json, "shape"), ==, 0.75);
  g_assert_cmpfloat (json_object_get_double_member (json, "motion"), ==, 0.5);
  g_assert_cmpfloat (json_object_get_double_member (json, "all"), ==, 0.5);
  g_assert_cmpfloat (json_object_get_double_member (json, "flicker"), ==, 0.375);
  json = json_object_get_object_member (json, "by_motion");
  g_assert_cmpuint (json_object_get_size (json), ==, 1);
  g_assert_cmpfloat (json_object_get_double_member (json, "bouncing"), ==, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/judge/real/sharp", damage_nothing, test_real_clips);
  g_test_add_data_func ("/judge/real/soft", damage_softly, test_real_clips);
  g_test_add_data_func ("/judge/real/noisy", damage_with_noise, test_real_clips);
  g_test_add_data_func ("/judge/real/soft-and-noisy", damage_in_all_ways, test_real_clips);
  g_test_add_func ("/judge/shuffled-prompts", test_shuffled_prompts);
  g_test_add_func ("/judge/frozen-clips", test_frozen_clips);
  g_test_add_func ("/judge/scrambled-clips", test_scrambled_clips);
  g_test_add_func ("/judge/nothing-to-see", test_nothing_to_see);
  g_test_add_func ("/judge/flicker", test_flicker);
  g_test_add_func ("/judge/score", test_score);
  return g_test_run ();
}
