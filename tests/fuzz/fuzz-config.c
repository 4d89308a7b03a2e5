/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "core/tpd-json.h"
#include "io/tpd-model-info.h"
#include "models/tpd-mini-flux-config.h"
#include "pyramid/tpd-schedule.h"
#include "text/tpd-clip-text-config.h"
#include "vae/tpd-vae-config.h"

/* An error, once: of a domain of ours, on one line. */
static void
check_refusal (gboolean ok, GError *error)
{
  g_assert (ok == (error == NULL));
  g_assert (error == NULL || (error->domain == TPD_ERROR && strchr (error->message, '\n') == NULL &&
                              g_utf8_validate (error->message, -1, NULL)));
  g_clear_error (&error);
}

/* Whatever a model's description holds, its denoisers' stages can be computed. */
static void
feed_info (JsonObject *json)
{
  GError *error = NULL;
  g_autoptr (TpdModelInfo) info = tpd_model_info_parse (json, "fuzz", "fuzz", &error);

  check_refusal (info != NULL, error);
  for (guint i = 0; info != NULL && i < info->n_denoisers; i++)
    {
      g_autoptr (TpdSchedule) schedule = tpd_schedule_new (&info->denoisers[i].pyramid, NULL);

      g_assert (schedule != NULL);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n)
{
  g_autoptr (JsonObject) json = tpd_json_parse ((const char *)data, n, "fuzz", NULL);
  TpdMiniFluxConfig mini_flux;
  TpdVaeConfig vae;
  TpdClipTextConfig text;
  GError *error = NULL;
  gboolean ok;

  if (json == NULL)
    return 0;
  feed_info (json);
  ok = tpd_mini_flux_config_parse (&mini_flux, json, "fuzz", &error);
  check_refusal (ok, error);
  error = NULL;
  ok = tpd_vae_config_parse (&vae, json, "fuzz", &error);
  check_refusal (ok, error);
  error = NULL;
  ok = tpd_clip_text_config_parse (&text, json, "fuzz", &error);
  check_refusal (ok, error);
  return 0;
}
