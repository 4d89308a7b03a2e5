/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "../tree.h"
#include "tpda-export.h"

#define WIDTH    18 /* odd rows of RGB: their padding matters */
#define HEIGHT   16
#define N_FRAMES 5

typedef struct
{
  char *folder;
  TpdaClip *clip;
  GMainLoop *loop;
  GError *error;
  double progress;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  guint8 *rgb = g_malloc (N_FRAMES * WIDTH * HEIGHT * 3);

  for (guint i = 0; i < N_FRAMES * WIDTH * HEIGHT * 3; i++)
    rgb[i] = (guint8)(i * 7);
  self->folder = g_dir_make_tmp ("tpdiff-export-XXXXXX", NULL);
  self->clip = tpda_clip_new (tpd_clip_new (
      N_FRAMES, WIDTH, HEIGHT, 8, 1, g_bytes_new_take (rgb, N_FRAMES * WIDTH * HEIGHT * 3),
      g_strdup ("{\"tpdiff\":1,\"prompt\":\"it's a star\",\"settings\":{\"version\":1,"
                "\"seed\":7,\"sampler\":\"euler\"}}")));
  self->loop = g_main_loop_new (NULL, FALSE);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  tree_remove (self->folder);
  g_free (self->folder);
  g_clear_object (&self->clip);
  g_clear_error (&self->error);
  g_main_loop_unref (self->loop);
}

static void
on_progress (double fraction, gpointer data)
{
  Fixture *self = data;

  g_assert_cmpfloat (fraction, >=, self->progress);
  g_assert_cmpfloat (fraction, <=, 1);
  self->progress = fraction;
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *self = data;

  tpda_export_finish (result, &self->error);
  g_main_loop_quit (self->loop);
}

static void
export_to (Fixture *self, const char *path, const TpdaExportOptions *options,
           GCancellable *cancellable)
{
  g_clear_error (&self->error);
  self->progress = 0;
  tpda_export_async (self->clip, path, options, on_progress, self, cancellable, on_exported, self);
  g_main_loop_run (self->loop);
}

/* Files begin with these bytes, from an offset. */
static const struct
{
  const char *extension;
  gsize offset;
  const char *bytes;
} beginnings[] = {
    {"mp4", 4, "ftyp"},
    {"webm", 0, "\x1a\x45\xdf\xa3"},
    {"mkv", 0, "\x1a\x45\xdf\xa3"},
    {"gif", 0, "GIF89a"},
    {"webp", 0, "RIFF"},
    {"png", 1, "PNG"},
};

static void
check_beginning (const char *path, const char *extension)
{
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (g_str_equal (beginnings[i].extension, extension))
      {
        g_assert_cmpuint (length, >, 16);
        g_assert_cmpmem (content + beginnings[i].offset, strlen (beginnings[i].bytes),
                         beginnings[i].bytes, strlen (beginnings[i].bytes));
        return;
      }
  g_assert_not_reached ();
}

static void
test_formats (Fixture *self, gconstpointer data)
{
  guint n;
  const TpdaFormat *const *list = tpda_format_list (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.out", self->folder, list[i]->id);
      TpdaExportOptions options = {
          .format = list[i], .width = 64, .ping_pong = TRUE, .loops = 2, .quality = 50};

      g_test_message ("%s", list[i]->id);
      export_to (self, path, &options, NULL);
      g_assert_no_error (self->error);
      g_assert_cmpfloat (self->progress, ==, 1);
      if (list[i]->extension != NULL)
        check_beginning (path, list[i]->extension);
      else
        g_assert_cmpuint (count_files (path), ==, 2 * (2 * N_FRAMES - 2));
      g_assert_cmpuint (count_files (self->folder), ==, i + 1); /* nothing temporary is left */
    }
  if (n == 0)
    g_test_skip ("no encoder is installed");
}

static void
test_failures (Fixture *self, gconstpointer data)
{
  guint n;
  const TpdaFormat *const *list = tpda_format_list (&n);
  g_autofree char *path = g_build_filename (self->folder, "clip", NULL);
  g_autofree char *nowhere = g_build_filename (self->folder, "no", "such", "folder", NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  for (guint i = 0; i < n; i++)
    {
      TpdaExportOptions options = {.format = list[i], .quality = 50};

      export_to (self, path, &options, cancelled);
      g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      export_to (self, nowhere, &options, NULL);
      g_assert_nonnull (self->error);
      g_assert_cmpuint (count_files (self->folder), ==, 0);
    }
}

static void
test_order (Fixture *self, gconstpointer data)
{
  static const guint expected[] = {0, 1, 2, 1, 0, 1, 2, 1};
  const TpdaFormat plain = {.extension = "mp4"};
  const TpdaFormat repeats = {.extension = "gif", .loops = "loop-count"};
  TpdaExportOptions options = {.format = &plain, .ping_pong = TRUE, .loops = 2};
  g_autoptr (GArray) order = tpda_export_order (3, &options);
  g_autoptr (GArray) once = NULL;
  g_autoptr (GArray) single = tpda_export_order (1, &options);

  g_assert_cmpmem (order->data, order->len * sizeof (guint), expected, sizeof expected);
  options.format = &repeats; /* the file says how often, not its frames */
  once = tpda_export_order (3, &options);
  g_assert_cmpuint (once->len, ==, 4);
  g_assert_cmpuint (single->len, ==, 2); /* a picture has no way back */
}

/* What the shell and GStreamer make of the command is the settings again. */
static void
test_command (Fixture *self, gconstpointer data)
{
  const TpdaFormat format = {.extension = "mp4",
                             .pixels = "I420",
                             .encoder = "x264enc quantizer=%u",
                             .writer = "mp4mux",
                             .worst = 40,
                             .best = 20};
  TpdaExportOptions options = {.format = &format, .width = 64, .quality = 50};
  g_autofree char *command = tpda_export_command (self->clip, "/tmp/a b.mp4", &options);
  g_auto (GStrv) words = NULL;

  g_assert_true (g_shell_parse_argv (command, NULL, &words, NULL));
  g_assert_true (g_strv_contains ((const char *const *)words, "prompt=it's a star"));
  g_assert_true (g_strv_contains ((const char *const *)words, "seed=7"));
  g_assert_true (g_strv_contains ((const char *const *)words, "sampler=euler"));
  g_assert_true (g_strv_contains ((const char *const *)words, "quantizer=30"));
  g_assert_true (g_strv_contains ((const char *const *)words, "location=/tmp/a b.mp4"));
  g_assert_false (g_strrstr (command, "steps=") != NULL); /* defaults are left out */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add ("/app/export/formats", Fixture, NULL, set_up, test_formats, tear_down);
  g_test_add ("/app/export/failures", Fixture, NULL, set_up, test_failures, tear_down);
  g_test_add ("/app/export/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/app/export/command", Fixture, NULL, set_up, test_command, tear_down);
  return g_test_run ();
}
