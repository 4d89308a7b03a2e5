/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffdither.h"

GType
gst_tpdiff_dither_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {GST_TPDIFF_DITHER_NONE, "Each pixel takes the nearest colour", "none"},
      {GST_TPDIFF_DITHER_ORDERED, "A fixed pattern, which does not flicker", "ordered"},
      {GST_TPDIFF_DITHER_FLOYD_STEINBERG, "Error diffusion, the finest in a still picture",
       "floyd-steinberg"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstTpdiffDither", values));
  return type;
}

static guint8
to_byte (int value)
{
  return (guint8)CLAMP (value, 0, 255);
}

/* ── ordered ── */

#define PATTERN   4
#define N_COLOURS (PATTERN * PATTERN)

/* The part of what is still missing that the next colour of a mixture makes up for. All of it gives
 * mixtures of colours that are further apart and no closer to the pixel on average. */
#define SHARE 4

/* Of Bayer's matrix (1973): the bits of x ^ y and y, interleaved from the lowest up, make the rank
 * of a place. 0 … PATTERN² - 1 */
static guint
rank (guint x, guint y)
{
  guint result = 0;

  for (guint bit = 1; bit < PATTERN; bit <<= 1)
    result = result << 2 | (((x ^ y) & bit) != 0) << 1 | ((y & bit) != 0);
  return result;
}

static int
brightness (const GstTpdiffPalette *palette, guint8 index)
{
  const guint8 *rgb = palette->rgb[index];

  return 2 * rgb[0] + 5 * rgb[1] + rgb[2];
}

/* Inserts a colour into a list of n, which goes from dark to bright. */
static void
insert (const GstTpdiffPalette *palette, guint8 *colours, guint n, guint8 index)
{
  for (; n > 0 && brightness (palette, colours[n - 1]) > brightness (palette, index); n--)
    colours[n] = colours[n - 1];
  colours[n] = index;
}

/* The colours of the palette whose mixture is closest to a pixel, from dark to bright: each one
 * makes up for what those before it lack (T. Knoll's pattern dithering). */
static void
mix (GstTpdiffPalette *palette, const guint8 *pixel, guint8 *colours)
{
  int missing[3] = {0, 0, 0};

  for (guint n = 0; n < N_COLOURS; n++)
    {
      guint8 wanted[3];
      guint8 index;

      for (guint c = 0; c < 3; c++)
        wanted[c] = to_byte (pixel[c] + missing[c] / SHARE);
      index = gst_tpdiff_palette_find (palette, wanted);
      for (guint c = 0; c < 3; c++)
        missing[c] += pixel[c] - palette->rgb[index][c];
      insert (palette, colours, n, index);
    }
}

/* A pixel's place in a fixed pattern says which colour of the mixture it takes. */
static void
dither_ordered (GstTpdiffPalette *palette, const guint8 *rgb, const guint8 *skip, guint width,
                guint height, guint8 *indices)
{
  gsize i = 0;

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++, i++)
      if (skip == NULL || !skip[i])
        {
          guint8 colours[N_COLOURS];

          mix (palette, rgb + 3 * i, colours);
          indices[i] = colours[rank (x, y)];
        }
}

static void
dither_none (GstTpdiffPalette *palette, const guint8 *rgb, const guint8 *skip, gsize n_pixels,
             guint8 *indices)
{
  for (gsize i = 0; i < n_pixels; i++)
    if (skip == NULL || !skip[i])
      indices[i] = gst_tpdiff_palette_find (palette, rgb + 3 * i);
}

/* ── Floyd and Steinberg ── */

/* Gives the pixel a colour, and its error to the pixels beside and below it.
 * error, below: of this row and the next one, in sixteenths, at the pixel
 * step: 3 or -3, to the next pixel of the row */
static guint8
diffuse (GstTpdiffPalette *palette, const guint8 *pixel, int *error, int *below, int step)
{
  guint8 wanted[3];
  guint8 index;

  for (guint c = 0; c < 3; c++)
    wanted[c] = to_byte (pixel[c] + (error[c] + (error[c] < 0 ? -8 : 8)) / 16);
  index = gst_tpdiff_palette_find (palette, wanted);
  for (int c = 0; c < 3; c++)
    {
      int missing = wanted[c] - palette->rgb[index][c];

      error[c + step] += 7 * missing;
      below[c - step] += 3 * missing;
      below[c] += 5 * missing;
      below[c + step] += missing;
    }
  return index;
}

/* Every other row from right to left, so that errors do not gather on one side. */
static void
dither_by_diffusion (GstTpdiffPalette *palette, const guint8 *rgb, const guint8 *skip, guint width,
                     guint height, guint8 *indices)
{
  gsize row_size = 3 * ((gsize)width + 2); /* with a pixel on both sides for errors that are lost */
  g_autofree int *errors = g_new0 (int, 2 * row_size);

  for (gsize y = 0; y < height; y++)
    {
      int *error = errors + (y % 2) * row_size + 3;
      int *below = errors + (1 - y % 2) * row_size + 3;

      for (gsize k = 0; k < width; k++)
        {
          gsize x = y % 2 == 0 ? k : width - 1 - k;
          gsize i = y * width + x;

          if (skip == NULL || !skip[i])
            indices[i] =
                diffuse (palette, rgb + 3 * i, error + 3 * x, below + 3 * x, y % 2 == 0 ? 3 : -3);
        }
      for (gsize k = 0; k < row_size; k++)
        error[(gssize)k - 3] = 0;
    }
}

void
gst_tpdiff_dither (GstTpdiffDither dither, GstTpdiffPalette *palette, const guint8 *rgb,
                   const guint8 *skip, guint width, guint height, guint8 *indices)
{
  if (palette->is_exact || dither == GST_TPDIFF_DITHER_NONE)
    dither_none (palette, rgb, skip, (gsize)width * height, indices);
  else if (dither == GST_TPDIFF_DITHER_ORDERED)
    dither_ordered (palette, rgb, skip, width, height, indices);
  else
    dither_by_diffusion (palette, rgb, skip, width, height, indices);
}
