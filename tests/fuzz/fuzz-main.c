/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fuzz-TARGET CORPUS_DIR [ITERATIONS]
 *
 * Drives a target without libFuzzer: first every file of the corpus, then mutations of them, the
 * same ones on every run. Each input lies in a block of exactly its size, so that the address
 * sanitizer sees the first byte read beyond it. */

#include "fuzz.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tpd-random.h"

#define SEED       20260101
#define ITERATIONS 20000
#define MAX_LENGTH 4096

/* Pieces that parsers of the corpus' languages trip over. */
static const char *const tokens[] = {
    "{",        "}",
    "[",        "]",
    ",",        ":",
    "\"",       "\\u0000",
    "\\ud800",  "-1",
    "0",        "1e999",
    "null",     "/*",
    "//",       "\n",
    "\xff",     "18446744073709551616",
    "[[[[[[",   "true",
    "\"\":1",   "0.5",
    "\\",       "'",
    "\xc3\xa9", "9223372036854775807",
};

typedef struct
{
  guint64 seed;
  guint64 n_drawn;
} Dice;

/* An integer below n. */
static gsize
roll (Dice *dice, gsize n)
{
  return (gsize)(tpd_random_uniform (dice->seed, dice->n_drawn++) * (double)n);
}

static void
try_input (GByteArray *input)
{
  g_autofree guint8 *exact = g_memdup2 (input->data, input->len);

  LLVMFuzzerTestOneInput (exact, input->len);
}

static void
insert (GByteArray *input, gsize at, gconstpointer data, gsize n)
{
  g_autofree guint8 *copy = g_memdup2 (data, n);
  guint old = input->len;

  g_byte_array_set_size (input, old + (guint)n);
  memmove (input->data + at + n, input->data + at, old - at);
  memcpy (input->data + at, copy, n);
}

static void
mutate (Dice *dice, GByteArray *input)
{
  gsize at = roll (dice, input->len + 1);
  gsize rest = input->len - at;
  const char *token = tokens[roll (dice, G_N_ELEMENTS (tokens))];

  switch (roll (dice, 6))
    {
    case 0:
      if (rest > 0)
        input->data[at] ^= (guint8)(1u << roll (dice, 8));
      break;
    case 1:
      if (rest > 0)
        input->data[at] = (guint8)roll (dice, 256);
      break;
    case 2:
      insert (input, at, token, strlen (token));
      break;
    case 3: /* repeat a piece */
      if (rest > 0)
        insert (input, at, input->data + at, 1 + roll (dice, MIN (rest, 64)));
      break;
    case 4: /* lose a piece */
      if (rest > 0)
        g_byte_array_remove_range (input, (guint)at, (guint)(1 + roll (dice, MIN (rest, 64))));
      break;
    default:
      if (roll (dice, 4) == 0)
        g_byte_array_set_size (input, (guint)at);
      break;
    }
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The corpus, in an order that does not depend on the file system. */
static GPtrArray *
read_corpus (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *corpus = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_names);
  for (guint i = 0; i < paths->len; i++)
    {
      char *data;
      gsize n;

      g_assert_true (g_file_get_contents (g_ptr_array_index (paths, i), &data, &n, NULL));
      g_ptr_array_add (corpus, g_bytes_new_take (data, n));
    }
  g_assert_cmpuint (corpus->len, >, 0);
  return corpus;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) corpus = read_corpus (argv[1]);
  guint n_iterations = argc > 2 ? (guint)atoi (argv[2]) : ITERATIONS;
  g_autoptr (GByteArray) input = g_byte_array_new ();
  Dice dice = {.seed = SEED};

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  for (guint i = 0; i < corpus->len + n_iterations; i++)
    {
      gboolean is_original = i < corpus->len;
      gsize n;
      const guint8 *data = g_bytes_get_data (
          g_ptr_array_index (corpus, is_original ? i : roll (&dice, corpus->len)), &n);

      g_byte_array_set_size (input, 0);
      g_byte_array_append (input, data, (guint)n);
      for (gsize m = is_original ? 0 : 1 + roll (&dice, 6); m > 0; m--)
        mutate (&dice, input);
      if (input->len <= MAX_LENGTH)
        try_input (input);
    }
  return EXIT_SUCCESS;
}
