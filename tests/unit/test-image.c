/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-image.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <png.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static void
test_from_float (void)
{
  const float x[] = {-1, 1, 0, -7, 7, NAN, INFINITY, -0.99607843f, 0.00392157f};
  const guint8 expected[] = {0, 255, 128, 0, 255, 0, 255, 0, 128};
  guint8 got[G_N_ELEMENTS (x)];

  tpd_rgb8_from_float (x, G_N_ELEMENTS (x), got);
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    g_assert_cmpuint (got[i], ==, expected[i]);
}

/* All 256 values survive the way to floats and back. */
static void
test_float_round_trip (void)
{
  for (guint i = 0; i < 256; i++)
    {
      float x = (float)i / 127.5f - 1.0f;
      guint8 got;

      tpd_rgb8_from_float (&x, 1, &got);
      g_assert_cmpuint (got, ==, i);
    }
}

static void
test_png_round_trip (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (TpdImage) image = tpd_image_new (7, 3);
  g_autoptr (GError) error = NULL;
  png_image png = {.version = PNG_IMAGE_VERSION};
  guint8 got[7 * 3 * 3];

  for (guint i = 0; i < sizeof got; i++)
    image->rgb[i] = (guint8)(i * 37);
  tpd_image_write_png (image, path, &error);
  g_assert_no_error (error);
  g_assert_true (png_image_begin_read_from_file (&png, path));
  g_assert_cmpuint (png.width, ==, 7);
  g_assert_cmpuint (png.height, ==, 3);
  png.format = PNG_FORMAT_RGB;
  g_assert_true (png_image_finish_read (&png, NULL, got, 0, NULL));
  g_assert_cmpmem (got, sizeof got, image->rgb, sizeof got);
  g_remove (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_disk_full (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (TpdImage) image = tpd_image_new (400, 400);
  g_autoptr (GError) error = NULL;
  struct rlimit limit, small;

  for (gsize i = 0; i < 400 * 400 * 3; i++)
    image->rgb[i] = (guint8)(i * i * 2654435761u >> 13);
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = 1024;
  setrlimit (RLIMIT_FSIZE, &small);
  g_assert_false (tpd_image_write_png (image, path, &error));
  setrlimit (RLIMIT_FSIZE, &limit);
  g_assert_cmpint (error->domain, ==, G_IO_ERROR);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* nothing remained */
}

static const guint8 *
pixel (const TpdImage *image, guint x, guint y)
{
  return image->rgb + (y * image->width + x) * 3;
}

static void
test_contact_sheet (void)
{
  guint8 first[3][2 * 2][3], second[3][2 * 2][3];
  const guint8 *const clips[] = {&first[0][0][0], &second[0][0][0]};
  g_autoptr (TpdImage) sheet = NULL;

  for (int frame = 0; frame < 3; frame++)
    {
      memset (first[frame], 10 + frame, sizeof first[frame]);
      memset (second[frame], 20 + frame, sizeof second[frame]);
    }
  sheet = tpd_image_new_contact_sheet (clips, 2, 3, 2, 2, 1);
  g_assert_cmpuint (sheet->width, ==, 10);
  g_assert_cmpuint (sheet->height, ==, 7);
  for (guint frame = 0; frame < 3; frame++)
    {
      g_assert_cmpuint (*pixel (sheet, 1 + 3 * frame, 1), ==, 10 + frame);
      g_assert_cmpuint (*pixel (sheet, 2 + 3 * frame, 5), ==, 20 + frame);
      g_assert_cmpuint (*pixel (sheet, 3 * frame, 1), ==, 128);
    }
  g_assert_cmpuint (*pixel (sheet, 1, 3), ==, 128);
  g_assert_cmpuint (*pixel (sheet, 9, 6), ==, 128);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/from-float", test_from_float);
  g_test_add_func ("/image/float-round-trip", test_float_round_trip);
  g_test_add_func ("/image/png-round-trip", test_png_round_trip);
  g_test_add_func ("/image/disk-full", test_disk_full);
  g_test_add_func ("/image/contact-sheet", test_contact_sheet);
  return g_test_run ();
}
