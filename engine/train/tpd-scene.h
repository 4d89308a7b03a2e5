/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-dataset.h"

G_BEGIN_DECLS

/* The world of the dataset `shapes`: one or two coloured figures that move before a calm
 * background.
 *
 *   tpd-scene.c          a scene drawn by lot from (seed, index)
 *   tpd-scene-palette.c  the colours, and which of them may meet
 *   tpd-scene-motion.c   where an object is at a moment, and where it may start
 *   tpd-scene-raster.c   its pixels
 *   tpd-scene-caption.c  its words
 *
 * Lengths are in units of the frame's shorter side; x to the right, y down, the origin in the upper
 * left corner. Time u runs from 0 (first frame) to 1 (last frame), so the same scene can be
 * rendered at any size and number of frames. Angles are in radians and turn clockwise on the
 * screen.
 */

/* What is drawn. (Tensors have shapes as well, hence the other word.) */
typedef enum
{
  TPD_FIGURE_CIRCLE,
  TPD_FIGURE_SQUARE,
  TPD_FIGURE_TRIANGLE,
  TPD_FIGURE_STAR,
  TPD_FIGURE_HEART,
  TPD_FIGURE_RING,
} TpdFigure;
#define TPD_N_FIGURES 6

typedef enum
{
  TPD_COLOR_RED,
  TPD_COLOR_ORANGE,
  TPD_COLOR_YELLOW,
  TPD_COLOR_GREEN,
  TPD_COLOR_BLUE,
  TPD_COLOR_PURPLE,
  TPD_COLOR_WHITE,
  TPD_COLOR_BLACK,
} TpdColor;
#define TPD_N_COLORS 8

typedef enum
{
  TPD_FIGURE_SIZE_SMALL,
  TPD_FIGURE_SIZE_MEDIUM, /* not said in the caption */
  TPD_FIGURE_SIZE_LARGE,
} TpdFigureSize;
#define TPD_N_FIGURE_SIZES 3

typedef enum
{
  TPD_MOTION_STILL,
  TPD_MOTION_RIGHT, /* the eight directions follow each other clockwise, 45° apart */
  TPD_MOTION_DOWN_RIGHT,
  TPD_MOTION_DOWN,
  TPD_MOTION_DOWN_LEFT,
  TPD_MOTION_LEFT,
  TPD_MOTION_UP_LEFT,
  TPD_MOTION_UP,
  TPD_MOTION_UP_RIGHT,
  TPD_MOTION_BOUNCE,
  TPD_MOTION_ORBIT,
  TPD_MOTION_SPIN,
  TPD_MOTION_GROW,
  TPD_MOTION_SHRINK,
} TpdMotion;
#define TPD_N_MOTIONS 14

/* The colour of a background; tpd_tone_get_words() has their names. */
typedef enum
{
  TPD_TONE_WHITE,
  TPD_TONE_BLACK,
  TPD_TONE_GRAY,
  TPD_TONE_DARK_RED,
  TPD_TONE_DARK_GREEN,
  TPD_TONE_DARK_BLUE,
  TPD_TONE_DARK_PURPLE,
  TPD_TONE_LIGHT_YELLOW,
  TPD_TONE_LIGHT_GREEN,
  TPD_TONE_LIGHT_BLUE,
  TPD_TONE_LIGHT_PURPLE,
} TpdTone;
#define TPD_N_TONES 11

/* What a caption says of one object, and what the judge looks for. */
typedef struct
{
  TpdFigure figure;
  TpdColor color;
  TpdFigureSize size;
  TpdMotion motion;
} TpdTraits;

/* Where an object is, how large (half its nominal diameter) and how far turned. */
typedef struct
{
  double x;
  double y;
  double radius;
  double angle;
} TpdPose;

/* One object and its path; tpd_scene_object_pose() says what each member means to each motion. */
typedef struct
{
  TpdTraits traits;
  TpdPose start;
  TpdPose travel; /* added to `start` over the whole clip, evenly */
  double swing;   /* height of a bounce, radius of an orbit */
  double period;  /* of bounces or orbits, in clips */
  double phase;   /* of bounces or orbits at u = 0, in periods */
} TpdSceneObject;

#define TPD_SCENE_MAX_OBJECTS 2

typedef struct
{
  double width; /* of the frame; the shorter side is 1 */
  double height;
  TpdTone tone;
  gboolean gradient;
  double gradient_angle; /* direction in which it becomes darker; 0 is down */
  guint n_objects;
  TpdSceneObject objects[TPD_SCENE_MAX_OBJECTS];
} TpdScene;

/* How much there is to learn. */
typedef enum
{
  TPD_WORLD_FULL,  /* all motions, gradients, now and then two objects */
  TPD_WORLD_BASIC, /* four figures, six colours, three backgrounds; one object that is not small,
                    stands still, moves along one axis, or changes its size */
} TpdWorld;

/* A sequence of random numbers that belongs to one clip. */
typedef struct
{
  guint64 stream;
  guint64 next;
} TpdLot;

/* Uniform in [min, max); uniform among 0 … n − 1. */
double tpd_lot_between (TpdLot *lot, double min, double max);
guint tpd_lot_choose (TpdLot *lot, guint n);

/* ── palette: R, G, B in [0, 1], sRGB ── */

const float *tpd_color_get_rgb (TpdColor color);
/* The two ends of a background; equal when it is plain. */
void tpd_tone_get_ends (TpdTone tone, gboolean gradient, float from[3], float to[3]);
/* Whether an object of this colour stands out before this background, and before another object. */
gboolean tpd_color_fits_tone (TpdColor color, TpdTone tone, gboolean gradient);
/* Oklab (Ottosson 2020): lightness, green–red, blue–yellow; distances in it are near perceptual. */
void tpd_rgb_to_oklab (const float rgb[3], float lab[3]);

/* ── motion ── */

TpdPose tpd_scene_object_pose (const TpdSceneObject *object, double u);
/* Draws size and path; the object stays inside width × height all the time. */
void tpd_scene_object_place (TpdSceneObject *object, double width, double height, TpdLot *lot);
/* Least distance of the objects' edges over the clip; negative where they touch. */
double tpd_scene_object_gap (const TpdSceneObject *a, const TpdSceneObject *b);

/* ── pixels ── */

/* Half the extent of a figure of radius 1, upright or however it is turned. */
double tpd_figure_reach (TpdFigure figure, gboolean turning);
/* Signed distance from a point to the edge of a figure of radius 1 at the origin, negative inside.
 */
double tpd_figure_distance (TpdFigure figure, double x, double y);
/* One frame, RGB in [−1, 1], [height, width, 3]. */
void tpd_scene_render (const TpdScene *scene, double u, guint height, guint width, float *rgb);

/* ── words ── */

TPD_API const char *tpd_figure_get_word (TpdFigure figure);
TPD_API const char *tpd_color_get_word (TpdColor color);
TPD_API const char *tpd_figure_size_get_word (TpdFigureSize size);
TPD_API const char *tpd_motion_get_words (TpdMotion motion);
TPD_API const char *tpd_tone_get_words (TpdTone tone);
/* The caption. `lot` chooses another wording now and then; NULL: the plain one. */
char *tpd_scene_write_caption (const TpdScene *scene, TpdLot *lot);
/* Every word that captions use, in alphabetical order; NULL-terminated. */
const char *const *tpd_scene_get_words (void);

/* ── the scene ── */

/* Combinations of figure, colour and motion that the training split never shows, one in ten: those
 * whose name, say "red star bouncing", has FNV-1a hash 0 modulo 10. */
gboolean tpd_traits_are_held_out (const TpdTraits *traits);
/* Whether such an object exists: round figures do not spin visibly. */
gboolean tpd_traits_are_possible (const TpdTraits *traits);
/* n_objects 0: as many as the world has. Every object is held out, or none is. */
void tpd_scene_draw (TpdScene *scene, TpdWorld world, double width, double height, guint n_objects,
                     gboolean held_out, TpdLot *lot);

G_END_DECLS
