/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-temporary.h"

#include <glib/gstdio.h>

void
tpda_temporary_remove (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_remove (path);
}
