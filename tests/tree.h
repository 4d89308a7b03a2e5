/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>

/* Folders that tests make, with all that is in them. */

static inline void
tree_remove (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL); /* NULL for a file */
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      tree_remove (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

/* Copies what is in a folder into another one, which is there or is made. */
static inline void
tree_copy (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir_with_parents (to, 0777), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);
      g_autofree char *data = NULL;
      g_autoptr (GError) error = NULL;
      gsize n;

      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        {
          tree_copy (source, target);
          continue;
        }
      g_assert_true (g_file_get_contents (source, &data, &n, NULL));
      g_file_set_contents (target, data, (gssize)n, &error);
      g_assert_no_error (error);
    }
}
