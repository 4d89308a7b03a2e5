/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

#include "../tree.h"
#include "tpda-clip-file.h"
#include "tpda-library.h"

#define WIDTH    18
#define HEIGHT   16
#define N_FRAMES 5

/* Bytes that a file may have on the "full disk": less than a clip. */
#define FULL 512

typedef struct
{
  char *home;
  char *folder; /* the library's, in it */
  TpdaLibrary *library;
  char *failure;
} Fixture;

/* ── helpers ── */

static TpdaClip *
new_clip (const char *prompt)
{
  const gsize n = N_FRAMES * WIDTH * HEIGHT * 3;
  guint8 *rgb = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    rgb[i] = (guint8)g_random_int ();
  return tpda_clip_new (tpd_clip_new (
      N_FRAMES, WIDTH, HEIGHT, 24000, 1001, g_bytes_new_take (rgb, n),
      g_strdup_printf ("{\"tpdiff\":1,\"prompt\":\"%s\",\"negative-prompt\":\"Blurred\","
                       "\"settings\":{\"version\":1,\"seed\":7}}",
                       prompt)));
}

static void
on_failed (Fixture *self, const char *message)
{
  g_free (self->failure);
  self->failure = g_strdup (message);
}

static void
open_library (Fixture *self)
{
  self->library = tpda_library_new (self->folder);
  g_signal_connect_swapped (self->library, "failed", G_CALLBACK (on_failed), self);
  while (!tpda_library_is_ready (self->library))
    g_main_context_iteration (NULL, TRUE);
}

/* As when the process is killed: nothing is tidied up. The thread of its last task may hold on to
 * it a moment longer. */
static void
kill_library (Fixture *self)
{
  gpointer library = self->library;

  g_object_add_weak_pointer (library, &library);
  g_clear_object (&self->library);
  while (g_atomic_pointer_get (&library) != NULL)
    g_thread_yield ();
}

static guint
count (Fixture *self)
{
  return g_list_model_get_n_items (tpda_library_get_items (self->library));
}

/* Borrowed from the list. */
static TpdaLibraryItem *
item_at (Fixture *self, guint i)
{
  g_autoptr (TpdaLibraryItem) item =
      g_list_model_get_item (tpda_library_get_items (self->library), i);

  return item;
}

/* Adds a clip and waits until it is there, or has failed. */
static void
add (Fixture *self, const char *prompt)
{
  g_autoptr (TpdaClip) clip = new_clip (prompt);
  guint before = count (self);

  g_clear_pointer (&self->failure, g_free);
  tpda_library_add (self->library, clip);
  while (count (self) == before && self->failure == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
check_prompts (Fixture *self, const char *const *prompts)
{
  g_assert_cmpuint (count (self), ==, g_strv_length ((char **)prompts));
  for (guint i = 0; prompts[i] != NULL; i++)
    g_assert_cmpstr (tpda_library_item_get_prompt (item_at (self, i)), ==, prompts[i]);
}

static char *
path_in (Fixture *self, const char *subfolder, const char *id)
{
  return g_strdup_printf ("%s/%s/%s.png", self->folder, subfolder, id);
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
expect_message (const char *pattern)
{
  g_test_expect_message ("tpdiff-studio", G_LOG_LEVEL_MESSAGE, pattern);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->home = g_dir_make_tmp ("tpdiff-library-XXXXXX", NULL);
  self->folder = g_build_filename (self->home, "data", "clips", NULL);
  open_library (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->library != NULL)
    kill_library (self); /* what it holds open is closed before it is removed */
  tree_remove (self->home);
  g_free (self->home);
  g_free (self->folder);
  g_free (self->failure);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static TpdaClip *
load (Fixture *self, TpdaLibraryItem *item, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  tpda_library_load_async (self->library, item, NULL, on_loaded, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return tpda_library_load_finish (result, error);
}

/* ── tests ── */

/* What comes back is what was put in, to the last bit. */
static void
test_file (Fixture *self, gconstpointer unused)
{
  g_autoptr (TpdaClip) clip = new_clip ("a red star");
  const TpdClip *data = tpda_clip_get_data (clip);
  g_autofree char *path = g_build_filename (self->home, "clip.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdClip) back = NULL;
  g_autoptr (TpdClip) none = NULL;

  g_assert_true (tpda_clip_file_write (data, path, &error));
  g_assert_no_error (error);
  back = tpda_clip_file_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->n_frames, ==, N_FRAMES);
  g_assert_cmpuint (back->width, ==, WIDTH);
  g_assert_cmpuint (back->height, ==, HEIGHT);
  g_assert_cmpuint (back->fps_n, ==, 24000);
  g_assert_cmpuint (back->fps_d, ==, 1001);
  g_assert_true (g_bytes_equal (back->rgb, data->rgb));
  g_assert_cmpstr (back->record, ==, data->record);

  /* A picture is no clip. */
  g_assert_true (tpda_clip_file_write_thumbnail (data, path, &error));
  none = tpda_clip_file_read (path, &error);
  g_assert_null (none);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_reopen (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdaClip) clip = NULL;
  g_autofree char *thumbnail = NULL;

  add (self, "first");
  add (self, "second");
  check_prompts (self, (const char *const[]){"second", "first", NULL});
  kill_library (self);

  open_library (self);
  check_prompts (self, (const char *const[]){"second", "first", NULL});
  clip = load (self, item_at (self, 1), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tpda_clip_get_n_frames (clip), ==, N_FRAMES);
  thumbnail = tpda_library_get_thumbnail (self->library, item_at (self, 1));
  g_assert_true (g_file_test (thumbnail, G_FILE_TEST_IS_REGULAR));
  g_assert_null (self->failure);
}

/* A clip that is made while the library is being opened waits for it, and is not lost. */
static void
test_early (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaClip) clip = new_clip ("early");

  kill_library (self);
  self->library = tpda_library_new (self->folder);
  g_assert_false (tpda_library_is_ready (self->library));
  tpda_library_add (self->library, clip);
  tpda_library_close (self->library);
  check_prompts (self, (const char *const[]){"early", NULL});
}

static void
test_search (Fixture *self, gconstpointer data)
{
  TpdaLibraryItem *item;

  add (self, "a Red star, über blue");
  item = item_at (self, 0);
  g_assert_true (tpda_library_item_matches (item, ""));
  g_assert_true (tpda_library_item_matches (item, "STAR red"));
  g_assert_true (tpda_library_item_matches (item, "  ÜBER "));
  g_assert_true (tpda_library_item_matches (item, "blur")); /* in the negative prompt */
  g_assert_false (tpda_library_item_matches (item, "red circle"));
  g_assert_false (tpda_library_item_matches (item, "%"));
}

/* Also without the index. */
static void
test_favourite (Fixture *self, gconstpointer data)
{
  g_autofree char *index = g_build_filename (self->folder, "index.sqlite", NULL);
  g_autoptr (GError) error = NULL;

  add (self, "one");
  add (self, "two");
  g_assert_true (tpda_library_set_favourite (self->library, item_at (self, 1), TRUE, &error));
  g_assert_no_error (error);
  g_assert_true (tpda_library_item_get_favourite (item_at (self, 1)));
  for (guint i = 0; i < 3; i++) /* as it was left, without the index, from the new one */
    {
      kill_library (self);
      if (i == 1)
        g_assert_cmpint (g_unlink (index), ==, 0);
      open_library (self);
      g_assert_false (tpda_library_item_get_favourite (item_at (self, 0)));
      g_assert_true (tpda_library_item_get_favourite (item_at (self, 1)));
    }
  g_assert_true (tpda_library_set_favourite (self->library, item_at (self, 1), FALSE, &error));
  kill_library (self);
  g_assert_cmpint (g_unlink (index), ==, 0);
  open_library (self);
  g_assert_false (tpda_library_item_get_favourite (item_at (self, 1)));
}

static void
test_delete (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaLibraryItem) item = NULL;
  g_autofree char *path = NULL;

  add (self, "first");
  add (self, "second");
  add (self, "third");
  item = g_object_ref (item_at (self, 1));
  path = path_in (self, ".", tpda_library_item_get_id (item));

  tpda_library_remove (self->library, item);
  check_prompts (self, (const char *const[]){"third", "first", NULL});
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  tpda_library_restore (self->library, item);
  check_prompts (self, (const char *const[]){"third", "second", "first", NULL});
  tpda_library_purge (self->library, item); /* it is not removed */
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));

  tpda_library_remove (self->library, item);
  tpda_library_purge (self->library, item);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  tpda_library_restore (self->library, item); /* too late */
  check_prompts (self, (const char *const[]){"third", "first", NULL});

  tpda_library_remove (self->library, item_at (self, 0));
  kill_library (self); /* brings it back */
  open_library (self);
  check_prompts (self, (const char *const[]){"third", "first", NULL});
  tpda_library_remove (self->library, item_at (self, 0));
  tpda_library_close (self->library); /* does not */
  kill_library (self);
  open_library (self);
  check_prompts (self, (const char *const[]){"first", NULL});
}

/* Whatever a killed process leaves behind. */
static void
test_leftovers (Fixture *self, gconstpointer data)
{
  g_autofree char *known = NULL;
  g_autofree char *unknown = NULL;
  g_autofree char *lost = NULL;
  g_autofree char *thumbnail = NULL;
  g_autofree char *stray = path_in (self, "thumbnails", "stray");
  g_autofree char *half = g_build_filename (self->folder, ".x.png.123", NULL);
  g_autofree char *foreign = path_in (self, ".", "foreign");

  add (self, "lost");
  add (self, "known");
  known = path_in (self, ".", tpda_library_item_get_id (item_at (self, 0)));
  thumbnail = path_in (self, "thumbnails", tpda_library_item_get_id (item_at (self, 0)));
  lost = path_in (self, ".", tpda_library_item_get_id (item_at (self, 1)));
  kill_library (self);

  g_assert_cmpint (g_rename (lost, unknown = path_in (self, ".", "renamed")), ==, 0);
  g_assert_cmpint (g_unlink (thumbnail), ==, 0);
  g_assert_true (g_file_set_contents (stray, "?", 1, NULL));
  g_assert_true (g_file_set_contents (half, "?", 1, NULL));
  g_assert_true (g_file_set_contents (foreign, "?", 1, NULL));

  open_library (self);
  check_prompts (self, (const char *const[]){"known", "lost", NULL});
  g_assert_cmpstr (tpda_library_item_get_id (item_at (self, 1)), ==, "renamed");
  g_assert_true (g_file_test (thumbnail, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (stray, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (half, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (foreign, G_FILE_TEST_EXISTS)); /* not ours to remove */
}

static void
test_damaged_index (Fixture *self, gconstpointer data)
{
  g_autofree char *index = g_build_filename (self->folder, "index.sqlite", NULL);
  g_autofree char *content = NULL;
  gsize n;

  add (self, "first");
  add (self, "second");
  kill_library (self);
  g_assert_true (g_file_get_contents (index, &content, &n, NULL));
  memset (content + n / 2, 0x55, n / 4); /* within a table */
  g_assert_true (g_file_set_contents (index, content, (gssize)n, NULL));
  expect_message ("*is damaged*");
  open_library (self);
  g_test_assert_expected_messages ();
  check_prompts (self, (const char *const[]){"second", "first", NULL});
  kill_library (self);

  g_assert_true (g_file_set_contents (index, "this is no database", -1, NULL));
  expect_message ("*is damaged*");
  open_library (self);
  g_test_assert_expected_messages ();
  check_prompts (self, (const char *const[]){"second", "first", NULL});
  g_assert_true (tpda_library_set_favourite (self->library, item_at (self, 0), TRUE, NULL));
  kill_library (self);
  open_library (self); /* the new one is kept */
  g_assert_true (tpda_library_item_get_favourite (item_at (self, 0)));
  g_assert_null (self->failure);
}

/* An index that cannot be written at all: the clips are there nevertheless. */
static void
test_no_index (Fixture *self, gconstpointer data)
{
  g_autofree char *index = g_build_filename (self->folder, "index.sqlite", NULL);

  add (self, "first");
  kill_library (self);
  g_assert_cmpint (g_unlink (index), ==, 0);
  g_assert_cmpint (g_mkdir (index, 0700), ==, 0);
  expect_message ("*unable to open*");
  open_library (self);
  g_test_assert_expected_messages ();
  check_prompts (self, (const char *const[]){"first", NULL});
  add (self, "second");
  check_prompts (self, (const char *const[]){"second", "first", NULL});
}

static void
test_damaged_clip (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  gsize n;

  add (self, "cut");
  path = path_in (self, ".", tpda_library_item_get_id (item_at (self, 0)));
  g_assert_true (g_file_get_contents (path, &content, &n, NULL));
  g_assert_true (g_file_set_contents (path, content, (gssize)n / 2, NULL));
  g_assert_null (load (self, item_at (self, 0), &error));
  g_assert_nonnull (error);
}

static void
test_no_folder (Fixture *self, gconstpointer data)
{
  kill_library (self);
  tree_remove (self->folder);
  g_assert_true (g_file_set_contents (self->folder, "a file", -1, NULL));
  open_library (self);
  g_assert_nonnull (self->failure);
  g_assert_cmpuint (count (self), ==, 0);
  add (self, "nowhere");
  g_assert_nonnull (strstr (self->failure, self->folder));
  g_assert_cmpuint (count (self), ==, 0);
}

static void
test_full_disk (Fixture *self, gconstpointer data)
{
  struct rlimit before, full;
  guint n_files;

  add (self, "first");
  n_files = count_files (self->folder);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  full = before;
  full.rlim_cur = FULL;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
  add (self, "too much");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (self->failure);
  g_assert_cmpuint (count_files (self->folder), ==, n_files); /* nothing half-written */

  add (self, "second");
  g_assert_null (self->failure);
  check_prompts (self, (const char *const[]){"second", "first", NULL});
}

#define ADD(name, function)                                                                        \
  g_test_add ("/app/library/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("file", test_file);
  ADD ("reopen", test_reopen);
  ADD ("early", test_early);
  ADD ("search", test_search);
  ADD ("favourite", test_favourite);
  ADD ("delete", test_delete);
  ADD ("leftovers", test_leftovers);
  ADD ("damaged-index", test_damaged_index);
  ADD ("no-index", test_no_index);
  ADD ("damaged-clip", test_damaged_clip);
  ADD ("no-folder", test_no_folder);
  ADD ("full-disk", test_full_disk);
  return g_test_run ();
}
