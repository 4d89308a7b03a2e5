/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-scene.h"

#include <string.h>

static const char *const figure_words[TPD_N_FIGURES] = {
    [TPD_FIGURE_CIRCLE] = "circle",     [TPD_FIGURE_SQUARE] = "square",
    [TPD_FIGURE_TRIANGLE] = "triangle", [TPD_FIGURE_STAR] = "star",
    [TPD_FIGURE_HEART] = "heart",       [TPD_FIGURE_RING] = "ring",
};

static const char *const color_words[TPD_N_COLORS] = {
    [TPD_COLOR_RED] = "red",     [TPD_COLOR_ORANGE] = "orange", [TPD_COLOR_YELLOW] = "yellow",
    [TPD_COLOR_GREEN] = "green", [TPD_COLOR_BLUE] = "blue",     [TPD_COLOR_PURPLE] = "purple",
    [TPD_COLOR_WHITE] = "white", [TPD_COLOR_BLACK] = "black",
};

/* the plain word, and another one */
static const char *const size_words[TPD_N_FIGURE_SIZES][2] = {
    [TPD_FIGURE_SIZE_SMALL] = {"small", "little"},
    [TPD_FIGURE_SIZE_MEDIUM] = {"", ""},
    [TPD_FIGURE_SIZE_LARGE] = {"large", "big"},
};

static const char *const motion_words[TPD_N_MOTIONS][2] = {
    [TPD_MOTION_STILL] = {"standing still", "resting"},
    [TPD_MOTION_RIGHT] = {"moving right", "moving to the right"},
    [TPD_MOTION_DOWN_RIGHT] = {"moving down and to the right", "moving down and right"},
    [TPD_MOTION_DOWN] = {"moving down", "falling"},
    [TPD_MOTION_DOWN_LEFT] = {"moving down and to the left", "moving down and left"},
    [TPD_MOTION_LEFT] = {"moving left", "moving to the left"},
    [TPD_MOTION_UP_LEFT] = {"moving up and to the left", "moving up and left"},
    [TPD_MOTION_UP] = {"moving up", "rising"},
    [TPD_MOTION_UP_RIGHT] = {"moving up and to the right", "moving up and right"},
    [TPD_MOTION_BOUNCE] = {"bouncing", "bouncing"},
    [TPD_MOTION_ORBIT] = {"orbiting", "moving in a circle"},
    [TPD_MOTION_SPIN] = {"spinning", "turning"},
    [TPD_MOTION_GROW] = {"growing", "growing"},
    [TPD_MOTION_SHRINK] = {"shrinking", "shrinking"},
};

static const char *const tone_words[TPD_N_TONES] = {
    [TPD_TONE_WHITE] = "white",
    [TPD_TONE_BLACK] = "black",
    [TPD_TONE_GRAY] = "gray",
    [TPD_TONE_DARK_RED] = "dark red",
    [TPD_TONE_DARK_GREEN] = "dark green",
    [TPD_TONE_DARK_BLUE] = "dark blue",
    [TPD_TONE_DARK_PURPLE] = "dark purple",
    [TPD_TONE_LIGHT_YELLOW] = "light yellow",
    [TPD_TONE_LIGHT_GREEN] = "light green",
    [TPD_TONE_LIGHT_BLUE] = "light blue",
    [TPD_TONE_LIGHT_PURPLE] = "light purple",
};

/* All words above and the small ones between them. */
static const char *const all_words[] = {
    "a",         "an",       "and",      "background", "big",      "black",  "blue",   "bouncing",
    "circle",    "dark",     "down",     "falling",    "gradient", "gray",   "green",  "growing",
    "heart",     "in",       "large",    "left",       "light",    "little", "moving", "on",
    "orange",    "orbiting", "purple",   "red",        "resting",  "right",  "ring",   "rising",
    "shrinking", "small",    "spinning", "square",     "standing", "star",   "still",  "the",
    "to",        "triangle", "turning",  "up",         "white",    "yellow", NULL};

/* How often a paraphrase takes another word, names the background as such, or leaves it out. */
#define OTHER_WORD_SHARE    0.5
#define BACKGROUND_SHARE    0.6
#define NO_BACKGROUND_SHARE 0.2

const char *
tpd_figure_get_word (TpdFigure figure)
{
  g_assert (figure < TPD_N_FIGURES);
  return figure_words[figure];
}

const char *
tpd_color_get_word (TpdColor color)
{
  g_assert (color < TPD_N_COLORS);
  return color_words[color];
}

const char *
tpd_figure_size_get_word (TpdFigureSize size)
{
  g_assert (size < TPD_N_FIGURE_SIZES);
  return size == TPD_FIGURE_SIZE_MEDIUM ? "medium" : size_words[size][0];
}

const char *
tpd_motion_get_words (TpdMotion motion)
{
  g_assert (motion < TPD_N_MOTIONS);
  return motion_words[motion][0];
}

const char *
tpd_tone_get_words (TpdTone tone)
{
  g_assert (tone < TPD_N_TONES);
  return tone_words[tone];
}

const char *const *
tpd_scene_get_words (void)
{
  return all_words;
}

static gboolean
happens (TpdLot *lot, double share)
{
  return lot != NULL && tpd_lot_between (lot, 0, 1) < share;
}

/* "a large red star bouncing" */
static void
append_object (GString *caption, const TpdTraits *traits, TpdLot *lot)
{
  const char *size = size_words[traits->size][happens (lot, OTHER_WORD_SHARE)];
  const char *color = color_words[traits->color];
  const char *first = size[0] != '\0' ? size : color;

  g_string_append (caption, strchr ("aeiou", first[0]) != NULL ? "an " : "a ");
  if (size[0] != '\0')
    g_string_append_printf (caption, "%s ", size);
  g_string_append_printf (caption, "%s %s %s", color, figure_words[traits->figure],
                          motion_words[traits->motion][happens (lot, OTHER_WORD_SHARE)]);
}

char *
tpd_scene_write_caption (const TpdScene *scene, TpdLot *lot)
{
  g_autoptr (GString) caption = g_string_new (NULL);
  const char *tone = tone_words[scene->tone];

  for (guint i = 0; i < scene->n_objects; i++)
    {
      if (i > 0)
        g_string_append (caption, " and ");
      append_object (caption, &scene->objects[i].traits, lot);
    }
  if (happens (lot, NO_BACKGROUND_SHARE))
    ;
  else if (scene->gradient)
    g_string_append_printf (caption, " on a %s gradient", tone);
  else if (happens (lot, BACKGROUND_SHARE))
    g_string_append_printf (caption, " on a %s background", tone);
  else
    g_string_append_printf (caption, " on %s", tone);
  return g_string_free (g_steal_pointer (&caption), FALSE);
}
