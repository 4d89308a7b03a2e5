/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-pyramid-config.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_node_dup_object (node);
}

static void
test_round_trip (void)
{
  for (int form = TPD_FORM_FLOW; form <= TPD_FORM_DDIM; form++)
    {
      TpdPyramidConfig config, read;
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = NULL;

      tpd_pyramid_config_init (&config, (TpdForm)form, 3);
      config.n_boundaries = 2;
      config.boundaries[0] = 0.4;
      config.boundaries[1] = 0.7;
      config.downsampling = TPD_DOWNSAMPLING_MEAN;
      config.causal_first_frame = TRUE;
      config.correlation = -0.5;
      if (form == TPD_FORM_FLOW)
        config.velocity_unit = TPD_VELOCITY_UNIT_STAGE;
      else
        {
          config.prediction = TPD_PREDICTION_V;
          config.betas = (TpdBetas){TPD_BETA_SCHEDULE_LINEAR, 0.001, 0.02, 500, FALSE};
        }
      object = tpd_pyramid_config_to_json (&config);
      tpd_pyramid_config_from_json (&read, object, "tpdiff.json", &error);
      g_assert_no_error (error);
      g_assert_cmpmem (&read, sizeof read, &config, sizeof config);
    }
}

static void
test_defaults (void)
{
  TpdPyramidConfig config, expected;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object =
      parse ("{\"form\": \"ddim\", \"stages\": 1, \"boundaries\": null}");

  tpd_pyramid_config_from_json (&config, object, "tpdiff.json", &error);
  g_assert_no_error (error);
  tpd_pyramid_config_init (&expected, TPD_FORM_DDIM, 1);
  g_assert_cmpmem (&config, sizeof config, &expected, sizeof expected);
  g_assert_cmpint (config.prediction, ==, TPD_PREDICTION_EPSILON);
  g_assert_cmpfloat (config.correlation, ==, -1);
}

/* Each message names the file and what is wrong. */
static void
test_refused (void)
{
  static const struct
  {
    const char *text, *named;
  } cases[] = {
      {"{\"stages\": 3}", "\"form\" is missing"},
      {"{\"form\": \"flow\"}", "\"stages\" is missing"},
      {"{\"form\": \"edm\", \"stages\": 3}", "flow or ddim"},
      {"{\"form\": \"flow\", \"stages\": 0}", "stages"},
      {"{\"form\": \"flow\", \"stages\": 9}", "stages"},
      {"{\"form\": \"flow\", \"stages\": 2.5}", "stages"},
      {"{\"form\": \"flow\", \"stages\": 3, \"boundaries\": [0.5]}", "2 boundaries, but 1"},
      {"{\"form\": \"flow\", \"stages\": 3, \"boundaries\": [0.7, 0.4]}", "rise"},
      {"{\"form\": \"flow\", \"stages\": 2, \"boundaries\": [1]}", "between 0 and 1"},
      {"{\"form\": \"flow\", \"stages\": 2, \"boundaries\": \"half\"}", "boundaries"},
      {"{\"form\": \"flow\", \"stages\": 2, \"downsampling\": \"max\"}", "stride or mean"},
      {"{\"form\": \"flow\", \"stages\": 2, \"correlation\": 0}", "correlation"},
      {"{\"form\": \"flow\", \"stages\": 2, \"correlation\": -1.1}", "correlation"},
      {"{\"form\": \"flow\", \"stages\": 2, \"prediction_type\": \"epsilon\"}", "velocity"},
      {"{\"form\": \"ddim\", \"stages\": 2, \"prediction_type\": \"velocity\"}", "epsilon"},
      {"{\"form\": \"ddim\", \"stages\": 2, \"velocity_unit\": \"stage\"}", "velocity unit"},
      {"{\"form\": \"ddim\", \"stages\": 2, \"beta_start\": 0}", "0 < start"},
      {"{\"form\": \"ddim\", \"stages\": 2, \"beta_end\": 1}", "1"},
      {"{\"form\": \"ddim\", \"stages\": 2, \"num_train_timesteps\": 1}", "num_train_timesteps"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) object = parse (cases[i].text);
      g_autoptr (GError) error = NULL;
      TpdPyramidConfig config;

      g_test_message ("%s", cases[i].text);
      g_assert_false (tpd_pyramid_config_from_json (&config, object, "a/tpdiff.json", &error));
      g_assert_true (error->domain == TPD_ERROR);
      g_assert_true (g_str_has_prefix (error->message, "a/tpdiff.json: "));
      g_assert_nonnull (strstr (error->message, cases[i].named));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pyramid-config/round-trip", test_round_trip);
  g_test_add_func ("/pyramid-config/defaults", test_defaults);
  g_test_add_func ("/pyramid-config/refused", test_refused);
  return g_test_run ();
}
