/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffseries.h"

#include "io/tpd-record-series.h"

void
gst_tpdiff_series_clear (GstTpdiffSeries *self)
{
  g_clear_pointer (&self->settings, g_free);
  self->first = 0;
}

/* What clip 0 would have been made with. */
static char *
settings_of_first (const TpdRequest *request, guint64 i)
{
  g_autoptr (TpdRequest) first = tpd_request_copy (request);
  guint64 seed = tpd_sampler_settings_get_seed (first->settings) - i;

  g_object_set (first->settings, "seed", seed & G_MAXINT64, NULL);
  return tpd_request_to_json (first);
}

/* Where the series that clip i belongs to begins. */
static void
find_first (GstTpdiffSeries *self, const TpdRequest *request, guint64 i)
{
  g_autofree char *settings = settings_of_first (request, i);

  if (self->settings == NULL)
    self->first = 0;
  else if (!g_str_equal (self->settings, settings))
    self->first = i;
  self->first = MIN (self->first, i);
  g_free (self->settings);
  self->settings = g_steal_pointer (&settings);
}

char *
gst_tpdiff_series_record (GstTpdiffSeries *self, const TpdClip *clip, const TpdRequest *request,
                          guint64 i, guint n, gboolean varies)
{
  const gint64 number = (gint64)i + 1;

  if (n == 1)
    return g_strdup (clip->record);
  find_first (self, request, i);
  if (varies)
    return tpd_record_set_series (clip->record, number, number, number);
  return tpd_record_set_series (clip->record, number, (gint64)self->first + 1, MAX (number, n));
}
