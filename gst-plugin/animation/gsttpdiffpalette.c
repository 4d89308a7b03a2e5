/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffpalette.h"

#include <math.h>
#include <string.h>

/* More rounds change little: the parts are good to begin with. */
#define K_MEANS_ROUNDS 4

#define NEAREST_BITS 6

/* ── splitting ── */

/* Colours that one colour of the palette is to stand for. */
typedef struct
{
  GstTpdiffColour *colours;
  guint n;
  guint axis;   /* of Oklab, along which they vary most */
  double error; /* their squared distances along it */
} Part;

/* Along an axis: Σw, Σw·x, Σw·x² */
typedef struct
{
  double w, wx, wxx;
} Moments;

static void
add_moments (Moments *moments, const GstTpdiffColour *colour, guint axis)
{
  double x = (double)colour->lab[axis];

  moments->w += colour->weight;
  moments->wx += colour->weight * x;
  moments->wxx += colour->weight * x * x;
}

static Part
make_part (GstTpdiffColour *colours, guint n)
{
  Part part = {.colours = colours, .n = n, .error = -1};

  for (guint axis = 0; axis < 3; axis++)
    {
      Moments moments = {0, 0, 0};
      double error;

      for (guint i = 0; i < n; i++)
        add_moments (&moments, &colours[i], axis);
      error = n > 1 ? moments.wxx - moments.wx * moments.wx / moments.w : 0;
      if (error > part.error)
        {
          part.error = error;
          part.axis = axis;
        }
    }
  return part;
}

static int
compare_along (gconstpointer a, gconstpointer b, gpointer data)
{
  guint axis = *(const guint *)data;
  float left = ((const GstTpdiffColour *)a)->lab[axis];
  float right = ((const GstTpdiffColour *)b)->lab[axis];

  return (left > right) - (left < right);
}

/* Where to split a part that is sorted along its axis: the sum of both sides' squared errors is
 * Σw·x² less Σ (Σw·x)²/Σw, so the latter is to be the greatest. */
static guint
best_split (const Part *part)
{
  Moments all = {0, 0, 0}, left = {0, 0, 0};
  double best = -1;
  guint split = 1;

  for (guint i = 0; i < part->n; i++)
    add_moments (&all, &part->colours[i], part->axis);
  for (guint i = 1; i < part->n; i++)
    {
      double rest, gain;

      add_moments (&left, &part->colours[i - 1], part->axis);
      rest = all.wx - left.wx;
      gain = left.wx * left.wx / left.w + rest * rest / (all.w - left.w);
      if (gain > best)
        {
          best = gain;
          split = i;
        }
    }
  return split;
}

/* The mean of some colours becomes colour i of the palette. */
static void
set_colour (GstTpdiffPalette *self, guint i, const double *rgb_sums, double weight)
{
  double rgb[3];

  for (guint c = 0; c < 3; c++)
    {
      rgb[c] = rgb_sums[c] / weight;
      self->rgb[i][c] = (guint8)(rgb[c] + 0.5);
    }
  gst_tpdiff_rgb_to_lab (rgb, self->lab[i]);
}

static void
set_mean_of_part (GstTpdiffPalette *self, guint i, const Part *part)
{
  double sums[3] = {0, 0, 0}, weight = 0;

  for (guint k = 0; k < part->n; k++)
    {
      weight += part->colours[k].weight;
      for (guint c = 0; c < 3; c++)
        sums[c] += part->colours[k].weight * part->colours[k].rgb[c];
    }
  set_colour (self, i, sums, weight);
}

static void
split_colours (GstTpdiffPalette *self, GArray *colours, guint max)
{
  Part parts[GST_TPDIFF_PALETTE_MAX];

  parts[0] = make_part ((GstTpdiffColour *)(gpointer)colours->data, colours->len);
  for (self->n = 1; self->n < max; self->n++)
    {
      Part *worst = &parts[0];
      guint split;

      for (guint i = 1; i < self->n; i++)
        if (parts[i].error > worst->error)
          worst = &parts[i];
      if (worst->n < 2)
        break;
      g_qsort_with_data (worst->colours, (gint)worst->n, sizeof (GstTpdiffColour), compare_along,
                         &worst->axis);
      split = best_split (worst);
      parts[self->n] = make_part (worst->colours + split, worst->n - split);
      *worst = make_part (worst->colours, split);
    }
  for (guint i = 0; i < self->n; i++)
    set_mean_of_part (self, i, &parts[i]);
}

/* ── nearest ── */

static float
squared_distance (const float *a, const float *b)
{
  float x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];

  return x * x + y * y + z * z;
}

static guint
nearest (const GstTpdiffPalette *self, const float *lab)
{
  guint best = 0;
  float least = squared_distance (self->lab[0], lab);

  for (guint i = 1; i < self->n; i++)
    {
      float distance = squared_distance (self->lab[i], lab);

      if (distance < least)
        {
          least = distance;
          best = i;
        }
    }
  return best;
}

static void
k_means_round (GstTpdiffPalette *self, const GArray *colours)
{
  double sums[GST_TPDIFF_PALETTE_MAX][3] = {{0}};
  double weights[GST_TPDIFF_PALETTE_MAX] = {0};

  for (guint i = 0; i < colours->len; i++)
    {
      const GstTpdiffColour *colour = &g_array_index (colours, GstTpdiffColour, i);
      guint k = nearest (self, colour->lab);

      weights[k] += colour->weight;
      for (guint c = 0; c < 3; c++)
        sums[k][c] += colour->weight * colour->rgb[c];
    }
  for (guint k = 0; k < self->n; k++)
    if (weights[k] > 0)
      set_colour (self, k, sums[k], weights[k]);
}

/* ── the palette ── */

static gpointer
key_of (const guint8 *rgb)
{
  return GUINT_TO_POINTER ((guint)rgb[0] << 16 | (guint)rgb[1] << 8 | rgb[2]);
}

static void
take_exactly (GstTpdiffPalette *self, const GArray *colours)
{
  self->n = colours->len;
  self->is_exact = TRUE;
  for (guint i = 0; i < self->n; i++)
    {
      const GstTpdiffColour *colour = &g_array_index (colours, GstTpdiffColour, i);

      set_colour (self, i, colour->rgb, 1);
    }
}

static double
mean_spacing (const GstTpdiffPalette *self)
{
  double sum = 0;

  if (self->n < 2)
    return 0;
  for (guint i = 0; i < self->n; i++)
    {
      double least = G_MAXDOUBLE;

      for (guint k = 0; k < self->n; k++)
        {
          double r = self->rgb[i][0] - self->rgb[k][0], g = self->rgb[i][1] - self->rgb[k][1],
                 b = self->rgb[i][2] - self->rgb[k][2];

          if (k != i)
            least = MIN (least, r * r + g * g + b * b);
        }
      sum += sqrt (least);
    }
  return sum / self->n;
}

GstTpdiffPalette *
gst_tpdiff_palette_new (const GstTpdiffColours *colours, guint max)
{
  GstTpdiffPalette *self = g_new0 (GstTpdiffPalette, 1);
  g_autoptr (GArray) list = gst_tpdiff_colours_get (colours);
  gsize n_nearest = (gsize)1 << 3 * NEAREST_BITS;

  g_assert (max >= 1 && max <= GST_TPDIFF_PALETTE_MAX);
  if (list->len == 0) /* any one: nobody looks for it */
    self->n = 1;
  else if (list->len <= max)
    take_exactly (self, list);
  else
    {
      split_colours (self, list, max);
      for (guint i = 0; i < K_MEANS_ROUNDS; i++)
        k_means_round (self, list);
    }
  self->spacing = mean_spacing (self);
  self->exact = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->n; i++)
    g_hash_table_insert (self->exact, key_of (self->rgb[i]), GUINT_TO_POINTER (i));
  self->nearest = g_new (gint16, n_nearest);
  memset (self->nearest, 0xff, n_nearest * sizeof (gint16));
  return self;
}

void
gst_tpdiff_palette_free (GstTpdiffPalette *self)
{
  g_hash_table_unref (self->exact);
  g_free (self->nearest);
  g_free (self);
}

/* The nearest to the middle of a cell of 4 · 4 · 4 colours stands for the nearest of all of them,
 * except for those that the palette has. */
guint8
gst_tpdiff_palette_find (GstTpdiffPalette *self, const guint8 *rgb)
{
  guint cell = 0;
  gpointer index;

  if (self->is_exact && g_hash_table_lookup_extended (self->exact, key_of (rgb), NULL, &index))
    return (guint8)GPOINTER_TO_UINT (index);
  for (guint c = 0; c < 3; c++)
    cell = cell << NEAREST_BITS | rgb[c] >> (8 - NEAREST_BITS);
  if (self->nearest[cell] < 0)
    {
      double middle[3];
      float lab[3];

      for (guint c = 0; c < 3; c++)
        middle[c] = (rgb[c] >> (8 - NEAREST_BITS) << (8 - NEAREST_BITS)) + 1.5;
      gst_tpdiff_rgb_to_lab (middle, lab);
      self->nearest[cell] = (gint16)nearest (self, lab);
    }
  return (guint8)self->nearest[cell];
}
