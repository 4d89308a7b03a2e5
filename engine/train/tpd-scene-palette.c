/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-scene.h"

#include <math.h>

/* Objects are saturated, backgrounds are muted: a figure always stands out. */
static const float color_rgb[TPD_N_COLORS][3] = {
    [TPD_COLOR_RED] = {0.88f, 0.14f, 0.18f},    [TPD_COLOR_ORANGE] = {0.98f, 0.55f, 0.10f},
    [TPD_COLOR_YELLOW] = {0.99f, 0.87f, 0.16f}, [TPD_COLOR_GREEN] = {0.15f, 0.68f, 0.30f},
    [TPD_COLOR_BLUE] = {0.14f, 0.39f, 0.92f},   [TPD_COLOR_PURPLE] = {0.60f, 0.24f, 0.80f},
    [TPD_COLOR_WHITE] = {0.99f, 0.99f, 0.99f},  [TPD_COLOR_BLACK] = {0.05f, 0.05f, 0.06f},
};

#define NO_COLOR TPD_N_COLORS

/* `plain`, or a gradient between `light` and `dark`. An object of the tone's own colour would blend
 * in even where it is brighter. */
static const struct
{
  float plain[3];
  float light[3];
  float dark[3];
  guint own_color;
} tones[TPD_N_TONES] = {
    [TPD_TONE_WHITE] = {{0.96f, 0.96f, 0.95f},
                        {1.00f, 1.00f, 1.00f},
                        {0.76f, 0.77f, 0.79f},
                        TPD_COLOR_WHITE},
    [TPD_TONE_BLACK] = {{0.05f, 0.05f, 0.06f},
                        {0.22f, 0.22f, 0.24f},
                        {0.00f, 0.00f, 0.00f},
                        TPD_COLOR_BLACK},
    [TPD_TONE_GRAY] = {{0.55f, 0.56f, 0.58f},
                       {0.70f, 0.71f, 0.73f},
                       {0.38f, 0.39f, 0.41f},
                       NO_COLOR},
    [TPD_TONE_DARK_RED] = {{0.30f, 0.08f, 0.10f},
                           {0.42f, 0.13f, 0.15f},
                           {0.16f, 0.03f, 0.05f},
                           TPD_COLOR_RED},
    [TPD_TONE_DARK_GREEN] = {{0.06f, 0.22f, 0.15f},
                             {0.10f, 0.34f, 0.24f},
                             {0.02f, 0.11f, 0.08f},
                             TPD_COLOR_GREEN},
    [TPD_TONE_DARK_BLUE] = {{0.07f, 0.12f, 0.30f},
                            {0.12f, 0.21f, 0.46f},
                            {0.03f, 0.05f, 0.15f},
                            TPD_COLOR_BLUE},
    [TPD_TONE_DARK_PURPLE] = {{0.19f, 0.08f, 0.29f},
                              {0.29f, 0.14f, 0.42f},
                              {0.09f, 0.03f, 0.15f},
                              TPD_COLOR_PURPLE},
    [TPD_TONE_LIGHT_YELLOW] = {{0.98f, 0.95f, 0.76f},
                               {1.00f, 0.98f, 0.86f},
                               {0.90f, 0.84f, 0.60f},
                               TPD_COLOR_YELLOW},
    [TPD_TONE_LIGHT_GREEN] = {{0.76f, 0.92f, 0.78f},
                              {0.86f, 0.97f, 0.87f},
                              {0.60f, 0.80f, 0.64f},
                              TPD_COLOR_GREEN},
    [TPD_TONE_LIGHT_BLUE] = {{0.72f, 0.86f, 0.97f},
                             {0.84f, 0.93f, 1.00f},
                             {0.54f, 0.72f, 0.88f},
                             TPD_COLOR_BLUE},
    [TPD_TONE_LIGHT_PURPLE] = {{0.86f, 0.79f, 0.96f},
                               {0.93f, 0.89f, 1.00f},
                               {0.73f, 0.64f, 0.86f},
                               TPD_COLOR_PURPLE},
};

/* Oklab distance at which a figure's outline is plain to see. */
#define MIN_CONTRAST 0.22

const float *
tpd_color_get_rgb (TpdColor color)
{
  g_assert (color < TPD_N_COLORS);
  return color_rgb[color];
}

void
tpd_tone_get_ends (TpdTone tone, gboolean gradient, float from[3], float to[3])
{
  g_assert (tone < TPD_N_TONES);
  for (int i = 0; i < 3; i++)
    {
      from[i] = gradient ? tones[tone].light[i] : tones[tone].plain[i];
      to[i] = gradient ? tones[tone].dark[i] : tones[tone].plain[i];
    }
}

static float
linear_light (float v)
{
  return v <= 0.04045f ? v / 12.92f : powf ((v + 0.055f) / 1.055f, 2.4f);
}

void
tpd_rgb_to_oklab (const float rgb[3], float lab[3])
{
  const float r = linear_light (rgb[0]), g = linear_light (rgb[1]), b = linear_light (rgb[2]);
  const float l = cbrtf (0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b);
  const float m = cbrtf (0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b);
  const float s = cbrtf (0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b);

  lab[0] = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
  lab[1] = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
  lab[2] = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
}

static double
contrast (const float a[3], const float b[3])
{
  float p[3], q[3];

  tpd_rgb_to_oklab (a, p);
  tpd_rgb_to_oklab (b, q);
  return sqrt ((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
               (p[2] - q[2]) * (p[2] - q[2]));
}

gboolean
tpd_color_fits_tone (TpdColor color, TpdTone tone, gboolean gradient)
{
  float from[3], to[3];

  if (tones[tone].own_color == color)
    return FALSE;
  tpd_tone_get_ends (tone, gradient, from, to);
  return contrast (color_rgb[color], from) >= MIN_CONTRAST &&
         contrast (color_rgb[color], to) >= MIN_CONTRAST;
}
