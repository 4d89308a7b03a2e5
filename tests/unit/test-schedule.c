/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pyramid/tpd-schedule.h"

#include <math.h>

#define EXACT   1e-12 /* a few double operations, log ᾱ inverted */
#define PRINTED 5e-5  /* four digits */

static TpdSchedule *
schedule_of (TpdForm form, guint n_stages)
{
  TpdPyramidConfig config;

  tpd_pyramid_config_init (&config, form, n_stages);
  return tpd_schedule_new (&config, NULL);
}

/* The numbers of method.md section 6. */
static void
test_flow (void)
{
  g_autoptr (TpdSchedule) schedule = schedule_of (TPD_FORM_FLOW, 3);
  static const double ends[] = {0, 0.2612, 0.5858};

  for (guint k = 1; k <= 3; k++)
    {
      const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
      double s = (k - 1) / 3.0;

      g_assert_cmpuint (stage->index, ==, k);
      g_assert_cmpuint (stage->frame_stride, ==, 1u << (k - 1));
      g_assert_cmpfloat_with_epsilon (stage->start, k / 3.0, EXACT);
      g_assert_cmpfloat_with_epsilon (stage->end, ends[k - 1], PRINTED);
      if (k == 1)
        continue;
      g_assert_cmpfloat_with_epsilon (stage->end, s / (G_SQRT2 * (1 - s) + s), EXACT);
      /* the erratum put right: (σ_s + √2 γ_s)/√2 */
      g_assert_cmpfloat_with_epsilon (stage->jump_scale, (s + G_SQRT2 * (1 - s)) / G_SQRT2, EXACT);
      g_assert_cmpfloat_with_epsilon (stage->jump_noise, s / G_SQRT2, EXACT);
    }
}

/* What makes a jump exact, for any form and correlation: signal and noise of x̂_{e_{k+1}}, raised
 * and scaled, with the jump's own noise, are those of x̂_{s_k}. */
static void
test_jumps (void)
{
  static const double correlations[] = {-1, -0.6, -0.05};

  for (int form = TPD_FORM_FLOW; form <= TPD_FORM_DDIM; form++)
    for (guint n_stages = 2; n_stages <= TPD_MAX_STAGES; n_stages++)
      for (guint i = 0; i < G_N_ELEMENTS (correlations); i++)
        {
          double r = correlations[i];
          g_autoptr (TpdSchedule) schedule = NULL;
          const TpdChart *chart;
          TpdPyramidConfig config;

          tpd_pyramid_config_init (&config, (TpdForm)form, n_stages);
          config.correlation = r;
          schedule = tpd_schedule_new (&config, NULL);
          chart = tpd_schedule_get_chart (schedule);
          for (guint k = 1; k < n_stages; k++)
            {
              const TpdStage *coarse = tpd_schedule_get_stage (schedule, k + 1);
              double s = tpd_schedule_get_stage (schedule, k)->start, e = coarse->end;
              double kept = coarse->jump_scale * tpd_chart_sigma (chart, e);
              double added = coarse->jump_noise, sigma = tpd_chart_sigma (chart, s);

              g_assert_cmpfloat (e, <, s);
              g_assert_cmpfloat_with_epsilon (coarse->jump_scale * tpd_chart_gamma (chart, e),
                                              tpd_chart_gamma (chart, s), EXACT);
              /* variance of a frame, covariance of a pair */
              g_assert_cmpfloat_with_epsilon (kept * kept + added * added, sigma * sigma, EXACT);
              g_assert_cmpfloat_with_epsilon (kept * kept + r * added * added, 0, EXACT);
            }
        }
}

static void
test_given_boundaries (void)
{
  g_autoptr (TpdSchedule) schedule = NULL;
  TpdPyramidConfig config;

  tpd_pyramid_config_init (&config, TPD_FORM_DDIM, 3);
  config.n_boundaries = 2;
  config.boundaries[0] = 0.2;
  config.boundaries[1] = 0.5;
  config.betas.set_alpha_to_one = FALSE;
  schedule = tpd_schedule_new (&config, NULL);
  g_assert_cmpfloat (tpd_schedule_get_stage (schedule, 1)->start, ==, 0.2);
  g_assert_cmpfloat (tpd_schedule_get_stage (schedule, 2)->start, ==, 0.5);
  g_assert_cmpfloat (tpd_schedule_get_stage (schedule, 3)->start, ==, 1);
  g_assert_cmpfloat (tpd_schedule_get_stage (schedule, 1)->end, ==, 0.001);
}

/* Vanilla: one stage from noise to the clip. */
static void
test_vanilla (void)
{
  g_autoptr (TpdSchedule) schedule = schedule_of (TPD_FORM_FLOW, 1);
  const TpdStage *stage = tpd_schedule_get_stage (schedule, 1);

  g_assert_cmpfloat (stage->start, ==, 1);
  g_assert_cmpfloat (stage->end, ==, 0);
  g_assert_cmpuint (stage->frame_stride, ==, 1);
}

static void
assert_frames (TpdSchedule *schedule, guint n_frames, const char *named)
{
  g_autoptr (GError) error = NULL;

  if (named == NULL)
    {
      g_assert_true (tpd_schedule_check_frames (schedule, n_frames, &error));
      return;
    }
  g_assert_false (tpd_schedule_check_frames (schedule, n_frames, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, named));
}

static void
test_frames (void)
{
  g_autoptr (TpdSchedule) plain = schedule_of (TPD_FORM_FLOW, 3), causal = NULL;
  TpdPyramidConfig config = *tpd_schedule_get_config (plain);

  config.causal_first_frame = TRUE;
  causal = tpd_schedule_new (&config, NULL);
  for (guint n = 4; n <= 32; n += 4)
    {
      assert_frames (plain, n, NULL);
      assert_frames (causal, n + 1, NULL);
      g_assert_cmpuint (tpd_schedule_get_n_frames (plain, 3, n), ==, n / 4);
      g_assert_cmpuint (tpd_schedule_get_n_frames (causal, 2, n + 1), ==, n / 2 + 1);
    }
  assert_frames (causal, 1, NULL);
  assert_frames (plain, 13, "12 and 16");
  assert_frames (plain, 3, "least is 4");
  assert_frames (plain, 0, "least is 4");
  assert_frames (causal, 16, "13 and 17");
  assert_frames (causal, 2, "1 and 5");
  assert_frames (causal, 0, "least is 1");
}

static void
test_json (void)
{
  g_autoptr (TpdSchedule) schedule = schedule_of (TPD_FORM_DDIM, 3);
  g_autoptr (JsonNode) node = tpd_schedule_to_json (schedule);
  JsonObject *object = json_node_get_object (node), *stage;
  JsonArray *stages = json_object_get_array_member (object, "stages");

  g_assert_cmpstr (json_object_get_string_member (object, "form"), ==, "ddim");
  g_assert_cmpuint (json_array_get_length (stages), ==, 3);
  stage = json_array_get_object_element (stages, 0);
  g_assert_cmpint (json_object_get_int_member (stage, "stage"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (stage, "frame_stride"), ==, 4);
  g_assert_cmpfloat (json_object_get_double_member (stage, "start"), ==, 1);
  g_assert_cmpfloat (json_object_get_double_member (stage, "jump_scale"), >, 0);
  g_assert_cmpfloat (json_object_get_double_member (stage, "jump_noise"), >, 0);
  stage = json_array_get_object_element (stages, 2);
  g_assert_cmpint (json_object_get_int_member (stage, "stage"), ==, 1);
  g_assert_cmpfloat (json_object_get_double_member (stage, "end"), ==, 0);
  g_assert_true (json_object_get_null_member (stage, "jump_scale"));
  g_assert_true (json_object_get_null_member (stage, "jump_noise"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schedule/flow", test_flow);
  g_test_add_func ("/schedule/jumps", test_jumps);
  g_test_add_func ("/schedule/given-boundaries", test_given_boundaries);
  g_test_add_func ("/schedule/vanilla", test_vanilla);
  g_test_add_func ("/schedule/frames", test_frames);
  g_test_add_func ("/schedule/json", test_json);
  return g_test_run ();
}
