/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-y4m.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_bytes (void)
{
  static const char expected[] =
      "YUV4MPEG2 W3 H1 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED\n"
      "FRAME\n\x10\x10\x10\x80\x80\x80\x80"
      "FRAME\n\xeb\xeb\xeb\x80\x80\x80\x80";
  g_autofree char *folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.y4m", NULL);
  g_autofree char *got = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdY4mWriter) writer = tpd_y4m_writer_open (path, 3, 1, 30000, 1001, &error);
  guint8 frame[9];
  gsize n;

  g_assert_no_error (error);
  memset (frame, 0, sizeof frame);
  g_assert_true (tpd_y4m_writer_write (writer, frame, &error));
  memset (frame, 255, sizeof frame);
  g_assert_true (tpd_y4m_writer_write (writer, frame, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (tpd_y4m_writer_commit (writer, &error));
  g_assert_true (g_file_get_contents (path, &got, &n, NULL));
  g_assert_cmpmem (got, n, expected, sizeof expected - 1);
  g_remove (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tpd_y4m_writer_open ("/nonexistent/x.y4m", 2, 2, 8, 1, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/y4m/bytes", test_bytes);
  g_test_add_func ("/y4m/no-folder", test_no_folder);
  return g_test_run ();
}
