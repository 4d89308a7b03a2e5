/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "core/tpd-enum.h"
#include "io/tpd-image.h"
#include "tpd-cli.h"
#include "train/tpd-shapes.h"

#define SHEET_BORDER 1 /* pixels */

/* Prints the captions, one a line, and writes the clips as a contact sheet, a row for each. */
static gboolean
show_clips (TpdDataset *dataset, guint64 first, guint n_clips, const char *sheet, GError **error)
{
  const TpdClipSize size = tpd_dataset_get_size (dataset);
  const gsize n = (gsize)size.frames * size.height * size.width * 3;
  g_autofree float *rgb = g_new (float, n);
  g_autoptr (GPtrArray) clips = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TpdImage) image = NULL;

  for (guint i = 0; i < n_clips; i++)
    {
      g_autofree char *caption = NULL;
      guint8 *clip;

      if (!tpd_dataset_read_clip (dataset, first + i, rgb, &caption, error))
        return FALSE;
      puts (caption);
      clip = g_new (guint8, n);
      tpd_rgb8_from_float (rgb, n, clip);
      g_ptr_array_add (clips, clip);
    }
  if (sheet == NULL)
    return TRUE;
  image = tpd_image_new_contact_sheet ((const guint8 *const *)clips->pdata, n_clips, size.frames,
                                       size.height, size.width, SHEET_BORDER);
  return tpd_image_write_png (image, sheet, error);
}

gboolean
tpd_cli_dataset (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_autofree char *sheet = NULL, *vocabulary = NULL, *split_name = NULL;
  int n_clips = 16, objects = 0, size = 64, frames = 16;
  int world = TPD_WORLD_FULL, split = TPD_SHAPES_TRAIN;
  gint64 seed = 0, first = 0;
  const GOptionEntry entries[] = {
      {"clips", 0, 0, G_OPTION_ARG_INT, &n_clips, N_ ("how many clips (default 16)"), "N"},
      {"first", 0, 0, G_OPTION_ARG_INT64, &first, N_ ("number of the first one"), "INDEX"},
      {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, N_ ("seed of the dataset"), "SEED"},
      {"split", 0, 0, G_OPTION_ARG_STRING, &split_name, N_ ("train (default) or held-out"),
       "SPLIT"},
      {"objects", 0, 0, G_OPTION_ARG_INT, &objects,
       N_ ("1 or 2 in a clip (default: as many as the dataset has)"), "N"},
      {"size", 0, 0, G_OPTION_ARG_INT, &size, N_ ("height and width (default 64)"), "PIXELS"},
      {"frames", 0, 0, G_OPTION_ARG_INT, &frames, N_ ("of a clip (default 16)"), "N"},
      {"out", 'o', 0, G_OPTION_ARG_FILENAME, &sheet, N_ ("contact sheet to write, a PNG"), "FILE"},
      {"vocabulary", 0, 0, G_OPTION_ARG_FILENAME, &vocabulary,
       N_ ("only write the captions' vocabulary there"), "FOLDER"},
      {NULL},
  };
  g_autoptr (TpdShapes) shapes = NULL;

  if (!tpd_cli_parse (&argc, &argv, entries, "[shapes|shapes-basic]",
                      _ ("Prints captions of a procedural dataset, one a line."), 1, error))
    return FALSE;
  if (argc > 1 && !tpd_enum_parse (TPD_TYPE_WORLD, argv[1], &world))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("There is no dataset \"%s\", expected shapes or shapes-basic"), argv[1]);
      return FALSE;
    }
  if (split_name != NULL && !tpd_enum_parse (TPD_TYPE_SHAPES_SPLIT, split_name, &split))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--split is \"%s\", expected train or held-out"), split_name);
      return FALSE;
    }
  if (n_clips < 1 || n_clips > 1000 || size < 8 || size > 512 || frames < 1 || frames > 256 ||
      objects < 0 || objects > 2)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("Expected 1 to 1000 clips of 1 to 256 frames, 8 to 512 pixels wide, with up "
                      "to 2 objects, got %d, %d, %d and %d"),
                   n_clips, frames, size, objects);
      return FALSE;
    }
  if (vocabulary != NULL)
    return tpd_shapes_write_vocabulary (vocabulary, error);

  shapes = g_object_new (TPD_TYPE_SHAPES, "world", world, "frames", (guint)frames, "height",
                         (guint)size, "width", (guint)size, "seed", (guint64)seed, "split", split,
                         "objects", (guint)objects, NULL);
  return show_clips (TPD_DATASET (shapes), (guint64)first, (guint)n_clips, sheet, error);
}
