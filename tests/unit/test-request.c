/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-request.h"

#include <string.h>

/* Every field and setting survives, but for the device, which is where and not what. */
static void
test_round_trip (void)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdRequest) again = NULL;
  g_autofree char *record = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  request->model = g_strdup ("shapes-64");
  request->device = g_strdup ("cuda:1");
  request->prompt = g_strdup ("a \"red\" star\n\\ ★");
  request->negative_prompt = g_strdup ("blue");
  g_object_set (request->settings, "seed", (guint64)G_MAXINT64, "stage-steps", "1,2,3", "sampler",
                TPD_SOLVER_HEUN, "guidance-scale", 0.1, NULL);
  record = tpd_request_to_json (request);
  g_assert_null (strchr (record, '\n'));
  again = tpd_request_new_from_json (record, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->model, ==, request->model);
  g_assert_null (again->device);
  g_assert_cmpstr (again->prompt, ==, request->prompt);
  g_assert_cmpstr (again->negative_prompt, ==, "blue");
  g_assert_cmpuint (tpd_sampler_settings_get_seed (again->settings), ==, G_MAXINT64);
  g_assert_cmpfloat (tpd_sampler_settings_get_guidance_scale (again->settings), ==, 0.1);
  second = tpd_request_to_json (again);
  g_assert_cmpstr (second, ==, record);
}

static void
test_defaults (void)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autofree char *record = tpd_request_to_json (request);
  g_autoptr (TpdRequest) again = tpd_request_new_from_json (record, NULL);

  g_assert_nonnull (again);
  g_assert_null (again->model);
  g_assert_null (again->prompt);
  g_assert_null (again->negative_prompt);
  g_assert_cmpint (again->preview, ==, TPD_PREVIEW_NONE);
}

/* A copy shares nothing. */
static void
test_copy (void)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdRequest) copy = NULL;

  request->prompt = g_strdup ("red");
  request->preview = TPD_PREVIEW_STEP;
  copy = tpd_request_copy (request);
  g_object_set (request->settings, "seed", (guint64)7, NULL);
  g_assert_true (copy->prompt != request->prompt);
  g_assert_cmpstr (copy->prompt, ==, "red");
  g_assert_cmpint (copy->preview, ==, TPD_PREVIEW_STEP);
  g_assert_cmpuint (tpd_sampler_settings_get_seed (copy->settings), ==, 0);
}

static TpdClip *
black_clip (void)
{
  return tpd_clip_new (1, 2, 2, 8, 1, g_bytes_new_take (g_malloc0 (12), 12), NULL);
}

/* What is made from the record of a request goes on only with the very clips of it. */
static void
assert_sources (const char *record, TpdClip *input, TpdClip *first_frame, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdRequest) again = tpd_request_new_from_json (record, &error);

  g_assert_no_error (error);
  again->input = input != NULL ? tpd_clip_ref (input) : NULL;
  again->first_frame = first_frame != NULL ? tpd_clip_ref (first_frame) : NULL;
  g_assert_cmpint (tpd_request_check_sources (again, &error), ==, code < 0);
  if (code >= 0)
    g_assert_error (error, TPD_ERROR, code);
}

/* A record names the clips that it needs, and is of no use without them. */
static void
test_clips (void)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdRequest) copy = NULL;
  g_autoptr (TpdRequest) again = NULL;
  g_autoptr (TpdClip) other = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *record = NULL;
  g_autofree char *second = NULL;

  g_assert_cmpfloat (request->strength, ==, TPD_DEFAULT_STRENGTH);
  other = tpd_clip_new (1, 2, 2, 8, 1, g_bytes_new_static ("not so black", 12), NULL);
  request->input = black_clip ();
  request->input_name = g_strdup ("film.mkv");
  request->strength = 0.25;
  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, request->input->rgb);
  copy = tpd_request_copy (request);
  g_assert_true (copy->input == request->input);
  record = tpd_request_to_json (copy);
  g_assert_nonnull (strstr (record, digest));
  g_assert_nonnull (strstr (record, "\"strength\":0.25"));
  g_assert_nonnull (strstr (record, "\"input-name\":\"film.mkv\""));
  again = tpd_request_new_from_json (record, NULL);
  second = tpd_request_to_json (again);
  g_assert_cmpstr (second, ==, record);
  assert_sources (record, NULL, NULL, TPD_ERROR_NOT_FOUND);
  assert_sources (record, other, NULL, TPD_ERROR_MISMATCH);
  assert_sources (record, request->input, NULL, -1);
}

static void
test_first_frame (void)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdRequest) before = NULL;
  g_autoptr (TpdRequest) filled = tpd_request_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *record = NULL;

  request->first_frame = black_clip ();
  request->hold_first_frame = TRUE;
  record = tpd_request_to_json (request);
  g_assert_null (strstr (record, "strength"));
  assert_sources (record, request->first_frame, NULL, TPD_ERROR_NOT_FOUND);
  assert_sources (record, NULL, request->first_frame, -1);
  before = tpd_request_new_from_json (record, NULL);
  tpd_request_fill_in (filled, before);
  g_assert_true (filled->hold_first_frame);
  g_assert_false (tpd_request_check_sources (filled, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
}

/* What is said comes before what was. */
static void
test_fill_in (void)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdRequest) before = tpd_request_new ();

  request->prompt = g_strdup ("");
  before->model = g_strdup ("m");
  before->prompt = g_strdup ("red");
  before->negative_prompt = g_strdup ("blue");
  g_object_set (request->settings, "seed", (guint64)7, NULL);
  g_object_set (before->settings, "seed", (guint64)1, "guidance-scale", 2.0, NULL);
  tpd_request_fill_in (request, before);
  g_assert_cmpstr (request->model, ==, "m");
  g_assert_cmpstr (request->prompt, ==, "");
  g_assert_cmpstr (request->negative_prompt, ==, "blue");
  g_assert_cmpuint (tpd_sampler_settings_get_seed (request->settings), ==, 7);
  g_assert_cmpfloat (tpd_sampler_settings_get_guidance_scale (request->settings), ==, 2);
}

/* Comments of any video may come here. */
static void
test_strangers (void)
{
  const struct
  {
    const char *record;
    int code;
  } cases[] = {
      {"", TPD_ERROR_INVALID_DATA},
      {"Made with love", TPD_ERROR_INVALID_DATA},
      {"[]", TPD_ERROR_INVALID_DATA},
      {"{}", TPD_ERROR_INVALID_DATA},
      {"{\"tpdiff\": 2}", TPD_ERROR_UNSUPPORTED},
      {"{\"tpdiff\": 1, \"prompt\": 7}", TPD_ERROR_INVALID_DATA},
      {"{\"tpdiff\": 1, \"input\": 7}", TPD_ERROR_INVALID_DATA},
      {"{\"tpdiff\": 1, \"input\": \"00\", \"strength\": 0}", TPD_ERROR_INVALID_DATA},
      {"{\"tpdiff\": 1, \"settings\": []}", TPD_ERROR_INVALID_DATA},
      {"{\"tpdiff\": 1, \"settings\": {\"steps\": 0}}", TPD_ERROR_INVALID_DATA},
      {"{\"tpdiff\": 1, \"settings\": {\"magic\": 1}}", TPD_ERROR_INVALID_DATA},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].record);
      g_assert_null (tpd_request_new_from_json (cases[i].record, &error));
      g_assert_error (error, TPD_ERROR, cases[i].code);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/request/round-trip", test_round_trip);
  g_test_add_func ("/request/defaults", test_defaults);
  g_test_add_func ("/request/copy", test_copy);
  g_test_add_func ("/request/clips", test_clips);
  g_test_add_func ("/request/first-frame", test_first_frame);
  g_test_add_func ("/request/fill-in", test_fill_in);
  g_test_add_func ("/request/strangers", test_strangers);
  return g_test_run ();
}
