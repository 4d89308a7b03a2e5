/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli-train-check.h"

#include <stdio.h>

#include "text/tpd-clip-tokenizer.h"
#include "train/tpd-train-setup.h"

/* So many clips tell which words there are, in a few seconds. */
#define MAX_READ 500

/* The different captions of the first n clips, one a line, and how many they are. */
static char *
read_captions (TpdDataset *dataset, guint n, guint *n_captions, GError **error)
{
  const TpdClipSize size = tpd_dataset_get_size (dataset);
  g_autofree float *rgb = g_new (float, (gsize)size.frames *size.height *size.width * 3);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      char *caption = NULL;

      if (!tpd_dataset_read_clip (dataset, i, rgb, &caption, error))
        return NULL;
      if (g_hash_table_add (seen, caption))
        g_string_append_printf (text, "%s\n", caption);
    }
  *n_captions = g_hash_table_size (seen);
  return g_strdup (text->str);
}

static gboolean
print_captions (const TpdTrainConfig *config, TpdDataset *dataset, GError **error)
{
  const guint n = (guint)MIN (config->clips, MAX_READ);
  g_autofree char *folder = config->tokenizer != NULL
                                ? g_strdup (config->tokenizer)
                                : g_build_filename (config->model, "tokenizer", NULL);
  g_autoptr (TpdClipTokenizer) tokenizer = tpd_clip_tokenizer_new_from_dir (folder, error);
  guint n_captions;
  g_autofree char *captions =
      tokenizer != NULL ? read_captions (dataset, n, &n_captions, error) : NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *list = NULL;

  if (captions == NULL)
    return FALSE;
  words = tpd_clip_tokenizer_list_unknown_words (tokenizer, captions);
  list = g_strjoinv (", ", words);
  printf (_ ("captions: %u different ones of the first %u clips\n"), n_captions, n);
  if (*list != '\0')
    printf (_ ("words that the vocabulary lacks: %s\n"), list);
  else
    puts (_ ("the vocabulary has all their words"));
  return TRUE;
}

gboolean
tpd_cli_train_check (const TpdTrainConfig *config, GError **error)
{
  g_autoptr (TpdDataset) dataset = tpd_train_setup_dataset (config, error);

  if (dataset == NULL)
    return FALSE;
  printf (_ ("data: %s, %d clips of %d frames of %d × %d; one combination in ten of figure, colour "
             "and motion is held out\n"),
          config->dataset, (int)config->clips, (int)config->frames, (int)config->size,
          (int)config->size);
  return config->job != TPD_TRAIN_DENOISER || print_captions (config, dataset, error);
}
