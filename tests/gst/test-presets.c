/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The presets that come with the elements. */

#include "play.h"

static const char *const presets[] = {"draft", "balanced", "quality"};

/* They are there, say what they are for, and are listed by name. */
static void
test_names (void)
{
  g_autoptr (Play) run = play_new ("! fakesink");
  g_auto (GStrv) names = gst_preset_get_preset_names (GST_PRESET (run->src));

  g_assert_nonnull (names);
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      g_autofree char *comment = NULL;

      g_assert_true (g_strv_contains ((const char *const *)names, presets[i]));
      g_assert_true (gst_preset_get_meta (GST_PRESET (run->src), presets[i], "comment", &comment));
      g_assert_cmpstr (comment, !=, "");
    }
}

/* Every line of a preset takes effect: what was set before does not matter, except the prompt. */
static void
test_values (void)
{
  guint last = 0;

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      g_autoptr (Play) run = play_new (
          "prompt=\"a star\" steps=1000 stage-steps=1,2,3 sampler=euler spacing=7 ! fakesink");
      g_autofree char *stage_steps = NULL;
      g_autofree char *prompt = NULL;
      double spacing;
      guint steps;
      int sampler;

      g_assert_true (gst_preset_load_preset (GST_PRESET (run->src), presets[i]));
      g_object_get (run->src, "steps", &steps, "stage-steps", &stage_steps, "sampler", &sampler,
                    "spacing", &spacing, "prompt", &prompt, NULL);
      g_assert_cmpuint (steps, >, last);
      g_assert_cmpuint (steps, <, 1000);
      g_assert_cmpstr (stage_steps, ==, "");
      g_assert_cmpint (sampler, !=, 0);
      g_assert_cmpfloat (spacing, ==, 1);
      g_assert_cmpstr (prompt, ==, "a star");
      last = steps;
    }
}

/* tpdiffgen has the same. */
static void
test_other_element (void)
{
  g_autoptr (GstElement) gen = gst_object_ref_sink (gst_element_factory_make ("tpdiffgen", NULL));
  g_autoptr (Play) run = play_new ("! fakesink");

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      guint steps, expected;

      g_assert_true (gst_preset_load_preset (GST_PRESET (gen), presets[i]));
      g_assert_true (gst_preset_load_preset (GST_PRESET (run->src), presets[i]));
      g_object_get (gen, "steps", &steps, NULL);
      g_object_get (run->src, "steps", &expected, NULL);
      g_assert_cmpuint (steps, ==, expected);
    }
}

/* A clip can be made with each of them. */
static void
test_clips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      g_autoptr (Play) run = play_new ("! fakesink");

      g_assert_true (gst_preset_load_preset (GST_PRESET (run->src), presets[i]));
      play_to_end (run);
      g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
      g_assert_cmpuint (run->buffers->len, ==, 8);
    }
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/presets/names", test_names);
  g_test_add_func ("/gst/presets/values", test_values);
  g_test_add_func ("/gst/presets/other-element", test_other_element);
  g_test_add_func ("/gst/presets/clips", test_clips);
  return g_test_run ();
}
