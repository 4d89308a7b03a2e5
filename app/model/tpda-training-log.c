/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-log.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Share of the newest loss in the smoothed one, as on the command's terminal. */
#define SMOOTHING 0.02

/* A stage's curve. */
typedef struct
{
  GArray *points;
  double sum, weight; /* of the average: the first losses count fully */
} Curve;

struct _TpdaTrainingLog
{
  /* owned */
  char *path;
  Curve curves[TPDA_TRAINING_LOG_STAGES];

  /* state */
  gint64 offset; /* read up to here, a line's beginning */
  ino_t inode;   /* of the file that was read */
  gint64 step;
  gint64 clips;
  double flops;
  double seconds;
};

TpdaTrainingLog *
tpda_training_log_new (const char *path)
{
  TpdaTrainingLog *self = g_new0 (TpdaTrainingLog, 1);

  self->path = g_strdup (path);
  for (guint k = 0; k < TPDA_TRAINING_LOG_STAGES; k++)
    self->curves[k].points = g_array_new (FALSE, FALSE, sizeof (TpdaLossPoint));
  return self;
}

void
tpda_training_log_free (TpdaTrainingLog *self)
{
  for (guint k = 0; k < TPDA_TRAINING_LOG_STAGES; k++)
    g_array_unref (self->curves[k].points);
  g_free (self->path);
  g_free (self);
}

static void
forget (TpdaTrainingLog *self)
{
  for (guint k = 0; k < TPDA_TRAINING_LOG_STAGES; k++)
    {
      g_array_set_size (self->curves[k].points, 0);
      self->curves[k].sum = self->curves[k].weight = 0;
    }
  self->offset = 0;
  self->step = self->clips = 0;
  self->flops = self->seconds = 0;
}

/* The number after "key": in a line; NAN if it is not there. */
static double
number (const char *line, const char *key)
{
  const char *at = strstr (line, key);
  char *end = NULL;
  double value;

  if (at == NULL)
    return NAN;
  value = g_ascii_strtod (at + strlen (key), &end);
  return end != at + strlen (key) ? value : NAN;
}

static void
add_loss (Curve *curve, gint64 step, double flops, double loss)
{
  TpdaLossPoint point = {.step = step, .loss = (float)loss, .flops = flops};

  curve->sum += SMOOTHING * (loss - curve->sum);
  curve->weight += SMOOTHING * (1 - curve->weight);
  point.smooth = (float)(curve->sum / curve->weight);
  g_array_append_val (curve->points, point);
}

static void
read_line (TpdaTrainingLog *self, const char *line)
{
  double step = number (line, "\"step\": ");
  double stage = number (line, "\"stage\": ");
  double loss = number (line, "\"loss\": ");
  double seconds = number (line, "\"seconds\": ");
  double clips = number (line, "\"clips\": ");
  double flops = number (line, "\"flops\": ");

  if (!(step > (double)self->step && step < 1e15 && stage >= 0 &&
        stage < TPDA_TRAINING_LOG_STAGES && isfinite (seconds) && clips >= 0 && clips < 1e15 &&
        isfinite (flops)))
    return;
  self->step = (gint64)step;
  self->clips = (gint64)clips;
  self->flops = flops;
  self->seconds += seconds;
  if (isfinite (loss)) /* or it has diverged */
    add_loss (&self->curves[(guint)stage], self->step, flops, loss);
}

/* Takes in the complete lines; returns their bytes. */
static gsize
read_lines (TpdaTrainingLog *self, char *text, gsize length)
{
  char *line = text;
  char *end;

  while ((end = memchr (line, '\n', length - (gsize)(line - text))) != NULL)
    {
      *end = '\0';
      read_line (self, line);
      line = end + 1;
    }
  return line - text;
}

gsize
tpda_training_log_read (TpdaTrainingLog *self)
{
  g_autofree char *text = NULL;
  struct stat info;
  gssize length;
  gsize taken;
  int fd = open (self->path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return 0;
  if (fstat (fd, &info) == 0 && (info.st_ino != self->inode || info.st_size < self->offset))
    {
      forget (self);
      self->inode = info.st_ino;
    }
  text = g_malloc (TPDA_TRAINING_LOG_CHUNK);
  length = pread (fd, text, TPDA_TRAINING_LOG_CHUNK, self->offset);
  close (fd);
  taken = read_lines (self, text, (gsize)MAX (length, 0));
  if (taken == 0 && length == (gssize)TPDA_TRAINING_LOG_CHUNK)
    taken = TPDA_TRAINING_LOG_CHUNK; /* no line is that long: whatever it is, go past it */
  self->offset += (gint64)taken;
  return taken;
}

const GArray *
tpda_training_log_get_points (const TpdaTrainingLog *self, guint k)
{
  return self->curves[k].points;
}

gint64
tpda_training_log_get_step (const TpdaTrainingLog *self)
{
  return self->step;
}

gint64
tpda_training_log_get_clips (const TpdaTrainingLog *self)
{
  return self->clips;
}

double
tpda_training_log_get_flops (const TpdaTrainingLog *self)
{
  return self->flops;
}

double
tpda_training_log_get_seconds (const TpdaTrainingLog *self)
{
  return self->seconds;
}
