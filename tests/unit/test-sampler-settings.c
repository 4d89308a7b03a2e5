/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-sampler-settings.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_node_dup_object (node);
}

/* Whoever derives a user interface from the class finds something to say about every setting. */
static void
test_described (void)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (TPD_TYPE_SAMPLER_SETTINGS);
  guint n;
  g_autofree GParamSpec **props = g_object_class_list_properties ((GObjectClass *)klass, &n);

  g_assert_cmpuint (n, >=, 10);
  for (guint i = 0; i < n; i++)
    {
      g_assert_nonnull (g_param_spec_get_nick (props[i]));
      g_assert_cmpuint (strlen (g_param_spec_get_blurb (props[i])), >, 10);
    }
}

static void
test_round_trip (void)
{
  g_autoptr (TpdSamplerSettings) settings = g_object_new (
      TPD_TYPE_SAMPLER_SETTINGS, "steps", 12, "stage-steps", "2,4,6", "stages", 3, "training-free",
      TRUE, "sampler", TPD_SOLVER_HEUN, "spacing", 1.25, "guidance-scale", 3.5, "correlation", -0.5,
      "num-frames", 48, "seed", G_GINT64_CONSTANT (0x123456789abcdef), NULL);
  g_autoptr (JsonObject) object = tpd_sampler_settings_to_json (settings), again = NULL;
  g_autoptr (TpdSamplerSettings) read = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (json_object_get_int_member (object, "version"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "sampler"), ==, "heun");
  read = tpd_sampler_settings_from_json (object, "clip.json", &error);
  g_assert_no_error (error);
  again = tpd_sampler_settings_to_json (read);
  g_assert_cmpuint (json_object_get_size (object), ==, json_object_get_size (again));
  g_assert_cmpuint (tpd_sampler_settings_get_seed (read), ==, 0x123456789abcdef);
  g_assert_cmpstr (tpd_sampler_settings_get_stage_steps (read), ==, "2,4,6");
  g_assert_cmpfloat (tpd_sampler_settings_get_correlation (read), ==, -0.5);
  g_assert_cmpint (tpd_sampler_settings_get_sampler (read), ==, TPD_SOLVER_HEUN);
  g_assert_true (tpd_sampler_settings_get_training_free (read));
}

/* What was set stays; a number of steps is not overruled by steps for each stage. */
static void
test_fill_in (void)
{
  g_autoptr (TpdSamplerSettings) asked = tpd_sampler_settings_new ();
  g_autoptr (TpdSamplerSettings) nothing = tpd_sampler_settings_new ();
  g_autoptr (TpdSamplerSettings) defaults = tpd_sampler_settings_new ();

  g_object_set (asked, "steps", 9, NULL);
  g_object_set (defaults, "steps", 12, "stage-steps", "2,4,6", "spacing", 2.0, NULL);
  tpd_sampler_settings_fill_in (asked, defaults);
  g_assert_cmpuint (tpd_sampler_settings_get_steps (asked), ==, 9);
  g_assert_cmpstr (tpd_sampler_settings_get_stage_steps (asked), ==, "");
  g_assert_cmpfloat (tpd_sampler_settings_get_spacing (asked), ==, 2);
  tpd_sampler_settings_fill_in (nothing, defaults);
  g_assert_cmpstr (tpd_sampler_settings_get_stage_steps (nothing), ==, "2,4,6");
}

static void
test_copy (void)
{
  g_autoptr (TpdSamplerSettings) settings =
      g_object_new (TPD_TYPE_SAMPLER_SETTINGS, "steps", 12, "stage-steps", "4,8", NULL);
  g_autoptr (TpdSamplerSettings) copy = tpd_sampler_settings_copy (settings);

  g_object_set (settings, "steps", 99, "stage-steps", "", NULL);
  g_assert_cmpuint (tpd_sampler_settings_get_steps (copy), ==, 12);
  g_assert_cmpstr (tpd_sampler_settings_get_stage_steps (copy), ==, "4,8");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text, *named;
    TpdError code;
  } cases[] = {
      {"{\"steps\": 0}", "\"steps\"", TPD_ERROR_INVALID_DATA},
      {"{\"steps\": 2.5}", "\"steps\"", TPD_ERROR_INVALID_DATA},
      {"{\"steps\": -1}", "\"steps\"", TPD_ERROR_INVALID_DATA},
      {"{\"steps\": null}", "\"steps\"", TPD_ERROR_INVALID_DATA},
      {"{\"stage-steps\": [1, 2]}", "\"stage-steps\"", TPD_ERROR_INVALID_DATA},
      {"{\"sampler\": \"magic\"}", "\"sampler\"", TPD_ERROR_INVALID_DATA},
      {"{\"correlation\": 0.5}", "\"correlation\"", TPD_ERROR_INVALID_DATA},
      {"{\"training-free\": 1}", "\"training-free\"", TPD_ERROR_INVALID_DATA},
      {"{\"seed\": -4}", "\"seed\"", TPD_ERROR_INVALID_DATA},
      {"{\"colour\": 1}", "\"colour\"", TPD_ERROR_INVALID_DATA},
      {"{\"version\": 2}", "version 2", TPD_ERROR_UNSUPPORTED},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) object = parse (cases[i].text);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_null (tpd_sampler_settings_from_json (object, "clip.json", &error));
      g_assert_error (error, TPD_ERROR, (int)cases[i].code);
      g_assert_true (g_str_has_prefix (error->message, "clip.json: "));
      g_assert_nonnull (strstr (error->message, cases[i].named));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler-settings/described", test_described);
  g_test_add_func ("/sampler-settings/round-trip", test_round_trip);
  g_test_add_func ("/sampler-settings/copy", test_copy);
  g_test_add_func ("/sampler-settings/fill-in", test_fill_in);
  g_test_add_func ("/sampler-settings/refused", test_refused);
  return g_test_run ();
}
