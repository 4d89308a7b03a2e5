/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "core/tpd-json.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = tpd_json_parse ((const char *)data, n, "fuzz", &error);

  if (object != NULL)
    {
      g_autofree char *text = tpd_json_format (object);

      g_assert (g_utf8_validate (text, -1, NULL));
    }
  else
    g_assert (error->domain == TPD_ERROR);
  return 0;
}
