/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-model-path.h"

#include <string.h>

/* Folders that hold models, the first one wins. */
static GPtrArray *
search_path (void)
{
  GPtrArray *path = g_ptr_array_new_with_free_func (g_free);
  const char *variable = g_getenv ("TPDIFF_MODEL_PATH");
  g_auto (GStrv) given = g_strsplit (variable != NULL ? variable : "", ":", -1);

  for (char **folder = given; *folder != NULL; folder++)
    if (**folder != 0)
      g_ptr_array_add (path, g_strdup (*folder));
  g_ptr_array_add (path, g_build_filename (g_get_user_data_dir (), "tpdiff", "models", NULL));
  for (const char *const *folder = g_get_system_data_dirs (); *folder != NULL; folder++)
    g_ptr_array_add (path, g_build_filename (*folder, "tpdiff", "models", NULL));
  g_ptr_array_add (path, g_build_filename (TPD_DATA_DIR, "models", NULL));
  return path;
}

static gboolean
is_model (const char *folder)
{
  g_autofree char *file = g_build_filename (folder, TPD_MODEL_FILE, NULL);

  return g_file_test (file, G_FILE_TEST_IS_REGULAR);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
tpd_model_list (void)
{
  g_autoptr (GPtrArray) path = search_path ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < path->len; i++)
    {
      const char *folder = g_ptr_array_index (path, i);
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *model = g_build_filename (folder, name, NULL);

          if (is_model (model) && !g_hash_table_contains (seen, name))
            {
              g_ptr_array_add (names, g_strdup (name));
              g_hash_table_add (seen, g_ptr_array_index (names, names->len - 1));
            }
        }
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static void
set_not_found (const char *name, GError **error)
{
  g_auto (GStrv) names = tpd_model_list ();
  g_autofree char *known = g_strjoinv (", ", names);

  if (g_file_test (name, G_FILE_TEST_IS_DIR))
    g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                 "%s: this folder is no TPDiff model: it has no " TPD_MODEL_FILE, name);
  else if (names[0] == NULL)
    g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                 "There is no model \"%s\", and no model is installed; TPDIFF_MODEL_PATH can name "
                 "folders of models",
                 name);
  else
    g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                 "There is no model \"%s\"; give the path of a folder or one of: %s", name, known);
}

char *
tpd_model_find (const char *name, GError **error)
{
  g_autoptr (GPtrArray) path = search_path ();

  if (name == NULL || *name == 0)
    name = TPD_BUNDLED_MODEL;
  if (strchr (name, '/') == NULL)
    for (guint i = 0; i < path->len; i++)
      {
        g_autofree char *folder = g_build_filename (g_ptr_array_index (path, i), name, NULL);

        if (is_model (folder))
          return g_steal_pointer (&folder);
      }
  if (is_model (name))
    return g_strdup (name);
  set_not_found (name, error);
  return NULL;
}
