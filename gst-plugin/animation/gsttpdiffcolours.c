/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffcolours.h"

#include <math.h>

#define MAX_EXACT 256
#define N_BINS    (32 * 64 * 32)

typedef struct
{
  guint64 n;
  guint64 rgb[3]; /* sums */
} Bin;

struct _GstTpdiffColours
{
  Bin *bins;
  GHashTable
      *exact; /* colour, as a number + 1 → its number of pixels; NULL if they were too many */
};

GstTpdiffColours *
gst_tpdiff_colours_new (void)
{
  GstTpdiffColours *self = g_new (GstTpdiffColours, 1);

  self->bins = g_new0 (Bin, N_BINS);
  self->exact = g_hash_table_new (NULL, NULL);
  return self;
}

void
gst_tpdiff_colours_free (GstTpdiffColours *self)
{
  g_free (self->bins);
  g_clear_pointer (&self->exact, g_hash_table_unref);
  g_free (self);
}

static void
count_exactly (GstTpdiffColours *self, const guint8 *rgb)
{
  gpointer key = GUINT_TO_POINTER (((guint)rgb[0] << 16 | (guint)rgb[1] << 8 | rgb[2]) + 1);
  gsize n = GPOINTER_TO_SIZE (g_hash_table_lookup (self->exact, key));

  g_hash_table_insert (self->exact, key, GSIZE_TO_POINTER (n + 1));
  if (g_hash_table_size (self->exact) > MAX_EXACT)
    g_clear_pointer (&self->exact, g_hash_table_unref);
}

void
gst_tpdiff_colours_add (GstTpdiffColours *self, const guint8 *rgb, const guint8 *skip,
                        gsize n_pixels)
{
  for (gsize i = 0; i < n_pixels; i++, rgb += 3)
    if (skip == NULL || !skip[i])
      {
        Bin *bin = &self->bins[(rgb[0] >> 3) << 11 | (rgb[1] >> 2) << 5 | rgb[2] >> 3];

        bin->n++;
        for (guint c = 0; c < 3; c++)
          bin->rgb[c] += rgb[c];
        if (self->exact != NULL)
          count_exactly (self, rgb);
      }
}

/* ── Oklab ── */

static double
to_linear (double srgb)
{
  double v = srgb / 255;

  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

/* lab = M₂ · ∛(M₁ · linear rgb), https://bottosson.github.io/posts/oklab/ */
void
gst_tpdiff_rgb_to_lab (const double *rgb, float *lab)
{
  double r = to_linear (rgb[0]), g = to_linear (rgb[1]), b = to_linear (rgb[2]);
  double l = cbrt (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  double m = cbrt (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  double s = cbrt (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

  lab[0] = (float)(0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s);
  lab[1] = (float)(1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s);
  lab[2] = (float)(0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s);
}

/* ── the list ── */

static void
append (GArray *colours, double weight, double r, double g, double b)
{
  GstTpdiffColour colour = {.weight = weight, .rgb = {r, g, b}};

  gst_tpdiff_rgb_to_lab (colour.rgb, colour.lab);
  g_array_append_val (colours, colour);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint left = GPOINTER_TO_UINT (*(const gpointer *)a);
  guint right = GPOINTER_TO_UINT (*(const gpointer *)b);

  return (left > right) - (left < right);
}

/* Sorted: the same pictures give the same file. */
static void
append_exact (GArray *colours, GHashTable *exact)
{
  guint n;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (exact, &n);

  qsort (keys, n, sizeof *keys, compare_numbers);
  for (guint i = 0; i < n; i++)
    {
      guint rgb = GPOINTER_TO_UINT (keys[i]) - 1;

      append (colours, (double)GPOINTER_TO_SIZE (g_hash_table_lookup (exact, keys[i])), rgb >> 16,
              rgb >> 8 & 255, rgb & 255);
    }
}

GArray *
gst_tpdiff_colours_get (const GstTpdiffColours *self)
{
  GArray *colours = g_array_new (FALSE, FALSE, sizeof (GstTpdiffColour));

  if (self->exact != NULL)
    {
      append_exact (colours, self->exact);
      return colours;
    }
  for (guint i = 0; i < N_BINS; i++)
    if (self->bins[i].n > 0)
      {
        const Bin *bin = &self->bins[i];
        double n = (double)bin->n;

        append (colours, n, (double)bin->rgb[0] / n, (double)bin->rgb[1] / n,
                (double)bin->rgb[2] / n);
      }
  return colours;
}
