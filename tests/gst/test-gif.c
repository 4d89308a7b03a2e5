/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is GIF's own: few colours, few rates, pictures that go out as they come. */

#include <math.h>
#include <string.h>

#include "encoder.h"

/* Viewers show pictures of less than 2/100 s for 10/100: such pictures are left out. */
static void
test_too_fast (void)
{
  g_autoptr (Encoder) encoder = encoder_new ("tpdiffgifenc");
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;
  guint8 pixels[4 * 4 * 3];

  encoder_set_caps (encoder, "RGB", 4, 4, 120, 1);
  for (guint i = 0; i < 120; i++)
    {
      memset (pixels, (int)(i * 50 % 256), sizeof pixels);
      encoder_push (encoder, pixels, i);
    }
  file = encoder_finish (encoder);
  animation = animation_decode_gif (file);
  g_assert_cmpuint (animation->n, >=, 40);
  for (guint i = 0; i < animation->n; i++)
    g_assert_cmpuint (animation_get_ticks (animation, i), >=, 2);
  g_assert_cmpuint (animation_total_ticks (animation), ==, 100);
}

/* ── the colours of GIF ── */

static double
mean_error (const guint8 *rgba, const guint8 *rgb, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < 3; c++)
      sum += fabs ((double)rgba[4 * i + c] - rgb[3 * i + c]);
  return sum / (3 * (double)n);
}

/* Between the means of 8 · 8 pixels: what is seen from afar. */
static double
mean_error_from_afar (const guint8 *rgba, const guint8 *rgb, guint size)
{
  double sum = 0;

  for (guint y = 0; y < size; y += 8)
    for (guint x = 0; x < size; x += 8)
      for (guint c = 0; c < 3; c++)
        {
          double difference = 0;

          for (guint i = 0; i < 64; i++)
            {
              guint pixel = (y + i / 8) * size + x + i % 8;

              difference += (double)rgba[4 * pixel + c] - rgb[3 * pixel + c];
            }
          sum += fabs (difference / 64);
        }
  return sum / (3 * size * size / 64);
}

#define SIZE 128

static Animation *
encode_gradient (const char *settings, guint n, const guint8 *pixels)
{
  g_autofree char *launch = g_strdup_printf ("tpdiffgifenc %s", settings);

  return round_trip (&format_gif, launch, "RGB", SIZE, SIZE, n, pixels);
}

/* Mean errors in steps of 255: of this gradient 255 colours leave 4.8, 15 leave 17. giflib's own
 * quantiser leaves 7.4 and 19. */
#define ERROR_255 6
#define ERROR_15  19

static void
test_palettes (void)
{
  g_autofree guint8 *pixels = make_gradient (SIZE, SIZE, 4);
  g_autoptr (Animation) of_clip = encode_gradient ("dither=none palette=clip", 4, pixels);
  g_autoptr (Animation) of_frame = encode_gradient ("dither=none palette=frame", 4, pixels);
  g_autoptr (Animation) coarse = encode_gradient ("dither=none colors=16", 4, pixels);

  g_assert_cmpuint (of_clip->n_palettes, ==, 1);
  g_assert_cmpuint (of_frame->n_palettes, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      const guint8 *picture = pixels + (gsize)3 * SIZE * SIZE * i;

      g_assert_cmpfloat (mean_error (animation_get (of_clip, i), picture, SIZE * SIZE), <,
                         ERROR_255);
      g_assert_cmpfloat (mean_error (animation_get (of_frame, i), picture, SIZE * SIZE), <,
                         ERROR_255);
      g_assert_cmpfloat (mean_error (animation_get (coarse, i), picture, SIZE * SIZE), <, ERROR_15);
    }
}

/* Dithering loses the detail and keeps the colours. */
static void
test_dithers (void)
{
  g_autofree guint8 *pixels = make_gradient (SIZE, SIZE, 1);
  g_autoptr (Animation) none = encode_gradient ("colors=16 dither=none", 1, pixels);
  g_autoptr (Animation) ordered = encode_gradient ("colors=16 dither=ordered", 1, pixels);
  g_autoptr (Animation) diffused = encode_gradient ("colors=16 dither=floyd-steinberg", 1, pixels);
  double without = mean_error_from_afar (none->rgba->data, pixels, SIZE);

  g_assert_cmpfloat (mean_error_from_afar (ordered->rgba->data, pixels, SIZE), <, without * 2 / 3);
  g_assert_cmpfloat (mean_error_from_afar (diffused->rgba->data, pixels, SIZE), <, without * 2 / 3);
}

/* What stands still is not written again, and does not flicker. */
static void
test_transparency (void)
{
  g_autofree guint8 *pixels = make_gradient (SIZE, SIZE, 3);
  const gsize picture = (gsize)3 * SIZE * SIZE;
  const char *const dithers[] = {"none", "ordered", "floyd-steinberg"};

  memcpy (pixels + picture, pixels, picture);
  memcpy (pixels + 2 * picture, pixels, picture);
  pixels[2 * picture] ^= 0x80;
  for (guint i = 0; i < G_N_ELEMENTS (dithers); i++)
    {
      g_autofree char *with = g_strdup_printf ("dither=%s palette=frame", dithers[i]);
      g_autofree char *without = g_strdup_printf ("%s transparency=false", with);
      g_autoptr (Animation) small = encode_gradient (with, 3, pixels);
      g_autoptr (Animation) large = encode_gradient (without, 3, pixels);

      g_assert_cmpuint (small->area, ==, SIZE * SIZE + 2);
      g_assert_cmpmem (animation_get (small, 0), picture, animation_get (small, 1), picture);
      g_assert_cmpuint (large->area, ==, 3 * SIZE * SIZE);
    }
}

/* ── streaming and memory ── */

/* A picture goes out when the next one says how long it is shown. */
static void
test_streams (void)
{
  g_autoptr (Encoder) encoder = encoder_new ("tpdiffgifenc palette=frame");
  g_autofree guint8 *pixels = make_gradient (SIZE, SIZE, 4);

  encoder_set_caps (encoder, "RGB", SIZE, SIZE, 10, 1);
  for (guint i = 0; i < 4; i++)
    {
      encoder_push (encoder, pixels + (gsize)3 * SIZE * SIZE * i, i);
      g_assert_cmpuint (gst_harness_buffers_in_queue (encoder->harness), ==, i);
    }
}

/* 21 pictures of 128 · 128 · 3 bytes are less than one MiB, 22 are more. */
static void
test_lookahead (void)
{
  g_autoptr (Encoder) encoder = encoder_new ("tpdiffgifenc palette=clip lookahead=1");
  g_autofree guint8 *pixels = make_gradient (SIZE, SIZE, 1);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;

  encoder_set_caps (encoder, "RGB", SIZE, SIZE, 10, 1);
  for (guint i = 0; i < 30; i++)
    {
      pixels[0] = (guint8)i;
      encoder_push (encoder, pixels, i);
      g_assert_cmpuint (gst_harness_buffers_in_queue (encoder->harness), ==, i < 22 ? 0 : i);
    }
  file = encoder_finish (encoder);
  animation = animation_decode_gif (file);
  g_assert_cmpuint (animation->n, ==, 30);
  g_assert_cmpuint (animation->n_palettes, ==, 1);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/gif/too-fast", test_too_fast);
  g_test_add_func ("/gst/gif/palettes", test_palettes);
  g_test_add_func ("/gst/gif/dithers", test_dithers);
  g_test_add_func ("/gst/gif/transparency", test_transparency);
  g_test_add_func ("/gst/gif/streams", test_streams);
  g_test_add_func ("/gst/gif/lookahead", test_lookahead);
  return g_test_run ();
}
