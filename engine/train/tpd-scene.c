/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-scene.h"

#include "../core/tpd-random.h"

#define HELD_OUT_MODULUS 10

#define BIT(trait) (1u << (trait))
#define ALL        (~0u)

typedef struct
{
  guint figures, colors, tones; /* a bit for each that occurs */
  double two_objects;           /* share of scenes */
  double gradient;              /* share of scenes */
  TpdFigureSize smallest;
  double motions[TPD_N_MOTIONS]; /* weights */
} Habits;

/* The eight directions together are as frequent as all other motions. */
static const Habits habits[] = {
    [TPD_WORLD_FULL] =
        {
            .figures = ALL,
            .colors = ALL,
            .tones = ALL,
            .two_objects = 0.15,
            .gradient = 0.4,
            .motions =
                {
                    [TPD_MOTION_STILL] = 1,
                    [TPD_MOTION_RIGHT] = 1.25,
                    [TPD_MOTION_DOWN_RIGHT] = 0.6,
                    [TPD_MOTION_DOWN] = 1.25,
                    [TPD_MOTION_DOWN_LEFT] = 0.6,
                    [TPD_MOTION_LEFT] = 1.25,
                    [TPD_MOTION_UP_LEFT] = 0.6,
                    [TPD_MOTION_UP] = 1.25,
                    [TPD_MOTION_UP_RIGHT] = 0.6,
                    [TPD_MOTION_BOUNCE] = 1.5,
                    [TPD_MOTION_ORBIT] = 1.5,
                    [TPD_MOTION_SPIN] = 1.5,
                    [TPD_MOTION_GROW] = 1,
                    [TPD_MOTION_SHRINK] = 1,
                },
        },
    [TPD_WORLD_BASIC] =
        {
            .figures = BIT (TPD_FIGURE_CIRCLE) | BIT (TPD_FIGURE_SQUARE) |
                       BIT (TPD_FIGURE_TRIANGLE) | BIT (TPD_FIGURE_STAR),
            .colors = BIT (TPD_COLOR_RED) | BIT (TPD_COLOR_YELLOW) | BIT (TPD_COLOR_GREEN) |
                      BIT (TPD_COLOR_BLUE) | BIT (TPD_COLOR_PURPLE) | BIT (TPD_COLOR_WHITE),
            .tones = BIT (TPD_TONE_WHITE) | BIT (TPD_TONE_BLACK) | BIT (TPD_TONE_DARK_BLUE),
            .smallest = TPD_FIGURE_SIZE_MEDIUM,
            .motions =
                {
                    [TPD_MOTION_STILL] = 1,
                    [TPD_MOTION_RIGHT] = 1,
                    [TPD_MOTION_DOWN] = 1,
                    [TPD_MOTION_LEFT] = 1,
                    [TPD_MOTION_UP] = 1,
                    [TPD_MOTION_GROW] = 0.75,
                    [TPD_MOTION_SHRINK] = 0.75,
                },
        },
};

double
tpd_lot_between (TpdLot *lot, double min, double max)
{
  return min + (max - min) * tpd_random_uniform (lot->stream, lot->next++);
}

guint
tpd_lot_choose (TpdLot *lot, guint n)
{
  const guint choice = (guint)tpd_lot_between (lot, 0, n);

  return MIN (choice, n - 1); /* rounding may reach n */
}

gboolean
tpd_traits_are_held_out (const TpdTraits *traits)
{
  g_autofree char *name =
      g_strdup_printf ("%s %s %s", tpd_color_get_word (traits->color),
                       tpd_figure_get_word (traits->figure), tpd_motion_get_words (traits->motion));
  guint32 hash = 2166136261u;

  for (const char *p = name; *p != '\0'; p++)
    hash = (hash ^ (guint8)*p) * 16777619u;
  return hash % HELD_OUT_MODULUS == 0;
}

gboolean
tpd_traits_are_possible (const TpdTraits *traits)
{
  return traits->motion != TPD_MOTION_SPIN ||
         (traits->figure != TPD_FIGURE_CIRCLE && traits->figure != TPD_FIGURE_RING);
}

/* One of the first n traits, of those whose bit is set. */
static guint
choose_of (guint set, guint n, TpdLot *lot)
{
  guint trait;

  do
    trait = tpd_lot_choose (lot, n);
  while ((set & BIT (trait)) == 0);
  return trait;
}

static TpdMotion
choose_motion (const double *weights, TpdLot *lot)
{
  double total = 0, at;
  guint motion = 0;

  for (guint i = 0; i < TPD_N_MOTIONS; i++)
    total += weights[i];
  at = tpd_lot_between (lot, 0, total);
  while (motion < TPD_N_MOTIONS - 1 && (at -= weights[motion]) >= 0)
    motion++;
  return motion;
}

static void
draw_traits (TpdTraits *traits, TpdWorld world, gboolean held_out, TpdLot *lot)
{
  do
    {
      traits->figure = choose_of (habits[world].figures, TPD_N_FIGURES, lot);
      traits->color = choose_of (habits[world].colors, TPD_N_COLORS, lot);
      traits->motion = choose_motion (habits[world].motions, lot);
    }
  while (!tpd_traits_are_possible (traits) || tpd_traits_are_held_out (traits) != held_out);

  traits->size =
      habits[world].smallest + tpd_lot_choose (lot, TPD_N_FIGURE_SIZES - habits[world].smallest);
  /* a size that changes is none */
  if (traits->motion == TPD_MOTION_GROW || traits->motion == TPD_MOTION_SHRINK)
    traits->size = TPD_FIGURE_SIZE_MEDIUM;
}

static void
draw_background (TpdScene *scene, TpdWorld world, TpdLot *lot)
{
  gboolean fits;

  do
    {
      scene->tone = choose_of (habits[world].tones, TPD_N_TONES, lot);
      scene->gradient = tpd_lot_between (lot, 0, 1) < habits[world].gradient;
      fits = TRUE;
      for (guint i = 0; i < scene->n_objects; i++)
        fits = fits &&
               tpd_color_fits_tone (scene->objects[i].traits.color, scene->tone, scene->gradient);
    }
  while (!fits);
  scene->gradient_angle = tpd_lot_between (lot, -G_PI / 4, G_PI / 4);
}

/* Places both objects apart, by trial; where the best of many trials still touches, the second
 * object gets other traits. */
static void
draw_pair (TpdScene *scene, TpdWorld world, gboolean held_out, TpdLot *lot)
{
  const double min_gap = 0.01;
  TpdSceneObject *a = &scene->objects[0], *b = &scene->objects[1];

  do
    {
      draw_traits (&a->traits, world, held_out, lot);
      draw_traits (&b->traits, world, held_out, lot);
      for (guint i = 0; i < 2; i++)
        if (scene->objects[i].traits.size == TPD_FIGURE_SIZE_LARGE)
          scene->objects[i].traits.size = TPD_FIGURE_SIZE_SMALL;
      for (guint trial = 0; trial < 16; trial++)
        {
          tpd_scene_object_place (a, scene->width, scene->height, lot);
          tpd_scene_object_place (b, scene->width, scene->height, lot);
          if (tpd_scene_object_gap (a, b) >= min_gap && a->traits.color != b->traits.color &&
              a->traits.figure != b->traits.figure)
            return;
        }
    }
  while (TRUE);
}

void
tpd_scene_draw (TpdScene *scene, TpdWorld world, double width, double height, guint n_objects,
                gboolean held_out, TpdLot *lot)
{
  g_assert (n_objects <= TPD_SCENE_MAX_OBJECTS);
  if (n_objects == 0)
    n_objects = tpd_lot_between (lot, 0, 1) < habits[world].two_objects ? 2 : 1;

  *scene = (TpdScene){.width = width, .height = height, .n_objects = n_objects};
  if (n_objects == 2)
    draw_pair (scene, world, held_out, lot);
  else
    {
      draw_traits (&scene->objects[0].traits, world, held_out, lot);
      tpd_scene_object_place (&scene->objects[0], width, height, lot);
    }
  draw_background (scene, world, lot);
}
