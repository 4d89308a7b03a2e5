/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-file.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "file", NULL);
}

static guint
count_files (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_remove (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0); /* nothing else remained */
  g_free (f->path);
  g_free (f->folder);
}

static void
assert_content (Fixture *f, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
put (Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;

  tpd_file_write_text (f->path, text, &error);
  g_assert_no_error (error);
}

static void
test_replace (Fixture *f, gconstpointer data)
{
  put (f, "old");
  assert_content (f, "old");
  put (f, "new");
  assert_content (f, "new");
}

/* The old file stays until the commit, and for good without one. */
static void
test_discard (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TpdFileWriter *writer;

  put (f, "old");
  writer = tpd_file_writer_open (f->path, &error);
  g_assert_no_error (error);
  g_assert_true (tpd_file_writer_write (writer, "new", 3, &error));
  assert_content (f, "old");
  g_assert_cmpuint (count_files (f), ==, 2);
  tpd_file_writer_free (writer);
  assert_content (f, "old");
  g_assert_cmpuint (count_files (f), ==, 1);
}

static void
test_seek (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdFileWriter) writer = tpd_file_writer_open (f->path, &error);

  g_assert_true (tpd_file_writer_seek (writer, 3, &error));
  g_assert_true (tpd_file_writer_write (writer, "def", 3, &error));
  g_assert_true (tpd_file_writer_seek (writer, 0, &error));
  g_assert_true (tpd_file_writer_write (writer, "abc", 3, &error));
  g_assert_true (tpd_file_writer_commit (writer, &error));
  g_assert_no_error (error);
  assert_content (f, "abcdef");
}

/* A full disk, played by a limit on the size of files: whether the bytes are refused at once or at
 * the commit, the old file stays and nothing else remains. */
static void
test_disk_full (Fixture *f, gconstpointer data)
{
  const gsize sizes[] = {2000, 1000000};
  g_autofree char *bytes = g_malloc0 (1000000);
  struct rlimit limit, small;

  put (f, "old");
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = 1024;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      TpdFileWriter *writer = tpd_file_writer_open (f->path, &error);

      setrlimit (RLIMIT_FSIZE, &small);
      g_assert_false (tpd_file_writer_write (writer, bytes, sizes[i], &error) &&
                      tpd_file_writer_commit (writer, &error));
      setrlimit (RLIMIT_FSIZE, &limit);
      g_assert_cmpint (error->domain, ==, G_IO_ERROR);
      g_assert_true (g_str_has_prefix (error->message, f->path));
      g_test_message ("%s", error->message);
      tpd_file_writer_free (writer);
      assert_content (f, "old");
      g_assert_cmpuint (count_files (f), ==, 1);
    }
}

static void
test_mode_and_link (Fixture *f, gconstpointer data)
{
  g_autofree char *link = g_build_filename (f->folder, "link", NULL);
  g_autoptr (GError) error = NULL;
  struct stat info;

  put (f, "old");
  g_chmod (f->path, 0640);
  g_assert_cmpint (symlink ("file", link), ==, 0);
  tpd_file_write_text (link, "new", &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  assert_content (f, "new");
  g_stat (f->path, &info);
  g_assert_cmpint (info.st_mode & 0777, ==, 0640);
  g_remove (link);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *inside = g_build_filename (f->folder, "no", "file", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (tpd_file_writer_open (inside, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (tpd_file_writer_open (f->folder, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);
  g_assert_true (tpd_file_write_text ("/dev/null", "text", &error));
}

/* The kernel's own full disk. */
static void
test_device_full (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (tpd_file_write_text ("/dev/full", "text", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_true (g_str_has_prefix (error->message, "/dev/full: "));
}

static void
test_map (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_null (tpd_file_map (f->path, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (tpd_file_map (f->folder, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_FAILED);
  g_clear_error (&error);
  put (f, "text");
  bytes = tpd_file_map (f->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/file/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("replace", test_replace);
  ADD ("discard", test_discard);
  ADD ("seek", test_seek);
  ADD ("disk-full", test_disk_full);
  ADD ("mode-and-link", test_mode_and_link);
  ADD ("refused", test_refused);
  ADD ("device-full", test_device_full);
  ADD ("map", test_map);
  return g_test_run ();
}
