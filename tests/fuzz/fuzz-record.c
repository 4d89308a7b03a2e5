/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "io/tpd-record-file.h"
#include "io/tpd-record-series.h"
#include "tpd-request.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n)
{
  g_auto (GStrv) records = NULL;
  g_autoptr (TpdRecordSeries) series = NULL;
  g_autofree char *record = NULL;
  g_autoptr (TpdRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  if (!tpd_record_file_parse (data, n, &records) || *records == NULL)
    return 0;
  g_assert (tpd_record_is_one (*records));
  series = tpd_record_series_new ((const char *const *)records);
  record = tpd_record_series_dup_record (series, tpd_record_series_get_last (series));
  if (record == NULL)
    return 0;
  request = tpd_request_new_from_json (record, &error);
  g_assert ((request == NULL) == (error != NULL));
  return 0;
}
