/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-export-estimate.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>

#include "tpda-numbers.h"

#define KEY "export-ratios"

/* Share of the newest export in the correction. */
#define LEARNING 0.5

/* Of the container, and of the settings in it. */
#define HEADER 1500

/* Encoders' scales are logarithmic: so is the way between the ends. Enlarging a clip adds pixels
 * but nothing new, so half as much of it (in powers of two) counts. */
static double
plain_estimate (const TpdClip *clip, const TpdaExportOptions *options)
{
  const TpdaFormat *format = options->format;
  g_autoptr (GArray) order = tpda_export_order (clip->n_frames, options);
  double scale = options->width > 0 ? (double)options->width / clip->width : 1;
  double bits = format->worst_bits *
                pow (format->best_bits / format->worst_bits, MIN (options->quality, 100) / 100.0);

  return HEADER + order->len * (double)clip->width * clip->height * scale * bits / 8;
}

/* 1 if nothing was exported to this format. */
static double
get_ratio (GSettings *settings, const TpdaFormat *format)
{
  double ratio = tpda_numbers_get (settings, KEY, format->id);

  return ratio > 0 ? ratio : 1;
}

guint64
tpda_export_estimate (GSettings *settings, const TpdClip *clip, const TpdaExportOptions *options)
{
  return (guint64)(plain_estimate (clip, options) * get_ratio (settings, options->format));
}

/* ── learning ── */

/* Of a file, or of the files in a folder. */
static double
measure (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  double bytes = 0;
  GStatBuf info;

  if (folder == NULL)
    return g_stat (path, &info) == 0 ? (double)info.st_size : 0;
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      bytes += g_stat (file, &info) == 0 ? (double)info.st_size : 0;
    }
  return bytes;
}

void
tpda_export_estimate_learn (GSettings *settings, const TpdClip *clip,
                            const TpdaExportOptions *options, const char *path)
{
  const char *id = options->format->id;
  double ratio = measure (path) / plain_estimate (clip, options);
  double before = tpda_numbers_get (settings, KEY, id);

  if (before > 0)
    ratio = LEARNING * ratio + (1 - LEARNING) * before;
  if (ratio > 0)
    tpda_numbers_set (settings, KEY, id, ratio);
}
