/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-train-log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

G_DEFINE_BOXED_TYPE (TpdTrainProgress, tpd_train_progress, tpd_train_progress_copy,
                     tpd_train_progress_free)

struct _TpdTrainLog
{
  FILE *file; /* owned */
  char *path; /* owned */
};

TpdTrainProgress *
tpd_train_progress_copy (const TpdTrainProgress *self)
{
  return g_memdup2 (self, sizeof *self);
}

void
tpd_train_progress_free (TpdTrainProgress *self)
{
  g_free (self);
}

static gboolean
fail (const char *path, const char *what, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "Cannot %s the log \"%s\": %s",
               what, path, g_strerror (code));
  return FALSE;
}

/* Bytes of the lines of updates 1 … step. Lines begin with {"step": N; a broken last line goes. */
static gsize
length_up_to (const char *text, gint64 step)
{
  const char *line = text;
  const char *end;
  gint64 number;

  while ((end = strchr (line, '\n')) != NULL &&
         sscanf (line, "{\"step\": %" G_GINT64_FORMAT, &number) == 1 && number <= step)
    line = end + 1;
  return line - text;
}

static gboolean
drop_later_lines (const char *path, gint64 step, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_get_contents (path, &text, &length, error))
    return FALSE;
  return g_file_set_contents (path, text, length_up_to (text, step), error);
}

TpdTrainLog *
tpd_train_log_open (const char *path, gint64 step, GError **error)
{
  TpdTrainLog *self;
  FILE *file;

  if (!drop_later_lines (path, step, error))
    return NULL;
  file = g_fopen (path, "ae");
  if (file == NULL)
    {
      fail (path, "open", error);
      return NULL;
    }
  self = g_new (TpdTrainLog, 1);
  *self = (TpdTrainLog){file, g_strdup (path)};
  return self;
}

void
tpd_train_log_close (TpdTrainLog *self)
{
  fclose (self->file);
  g_free (self->path);
  g_free (self);
}

static const char *
number (char buffer[G_ASCII_DTOSTR_BUF_SIZE], const char *format, double value)
{
  return g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, format, value);
}

gboolean
tpd_train_log_write (TpdTrainLog *self, const TpdTrainProgress *progress, GError **error)
{
  char loss[G_ASCII_DTOSTR_BUF_SIZE], rate[G_ASCII_DTOSTR_BUF_SIZE], norm[G_ASCII_DTOSTR_BUF_SIZE];
  char seconds[G_ASCII_DTOSTR_BUF_SIZE], flops[G_ASCII_DTOSTR_BUF_SIZE];

  /* Nine digits name a float exactly: logs of two runs are equal if and only if the losses are. */
  if (fprintf (
          self->file,
          "{\"step\": %" G_GINT64_FORMAT ", \"stage\": %u, \"loss\": %s, \"lr\": %s, "
          "\"grad_norm\": %s, \"seconds\": %s, \"clips\": %" G_GINT64_FORMAT ", \"flops\": %s}\n",
          progress->step, progress->stage, number (loss, "%.9g", progress->loss),
          number (rate, "%.6g", progress->learning_rate),
          number (norm, "%.9g", progress->grad_norm), number (seconds, "%.4f", progress->seconds),
          progress->clips, number (flops, "%.6g", progress->flops)) < 0 ||
      fflush (self->file) != 0)
    return fail (self->path, "write", error);
  return TRUE;
}
