/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stream of tpdiffsrc: caps, pixels, times, what determines the bytes, the end. */

#include <glib/gstdio.h>
#include <string.h>

#include "play.h"
#include "tpd-request.h"

/* The tiny model's clips. */
#define FRAMES 8
#define SIZE   16

/* Threads that finish in another order every few runs would be found out. */
#define REPETITIONS 20

/* ── caps and pixels ── */

static void
test_first_choice (void)
{
  g_autoptr (Play) run = play ("! fakesink");
  GstVideoInfo info;

  g_assert_true (gst_video_info_from_caps (&info, run->caps));
  g_assert_cmpint (GST_VIDEO_INFO_FORMAT (&info), ==, GST_VIDEO_FORMAT_I420);
  g_assert_cmpint (info.width, ==, SIZE);
  g_assert_cmpint (info.height, ==, SIZE);
  g_assert_cmpint (info.fps_n, ==, 8);
  g_assert_cmpint (info.fps_d, ==, 1);
  g_assert_cmpint (info.par_n, ==, info.par_d);
  g_assert_true (gst_video_colorimetry_matches (&info.colorimetry, GST_VIDEO_COLORIMETRY_BT709));
  g_assert_cmpint (info.chroma_site, ==, GST_VIDEO_CHROMA_SITE_JPEG);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  for (guint i = 0; i < FRAMES; i++)
    g_assert_cmpuint (gst_buffer_get_size (run->buffers->pdata[i]), ==, SIZE * SIZE * 3 / 2);
}

static void
test_rgb (void)
{
  g_autoptr (Play) run = play ("! video/x-raw,format=RGB ! fakesink");
  GstVideoInfo info;

  g_assert_true (gst_video_info_from_caps (&info, run->caps));
  g_assert_cmpint (GST_VIDEO_INFO_FORMAT (&info), ==, GST_VIDEO_FORMAT_RGB);
  g_assert_cmpint (info.colorimetry.range, ==, GST_VIDEO_COLOR_RANGE_0_255);
  g_assert_cmpint (info.colorimetry.matrix, ==, GST_VIDEO_COLOR_MATRIX_RGB);
  g_assert_cmpint (info.colorimetry.primaries, ==, GST_VIDEO_COLOR_PRIMARIES_BT709);
  g_assert_cmpuint (gst_buffer_get_size (run->buffers->pdata[0]), ==, SIZE * SIZE * 3);
}

/* A copy of the tiny model that says another size. */
static char *
model_of_size (int width, int height)
{
  char *model = play_model_copy ();
  g_autofree char *path = g_build_filename (model, "tpdiff.json", NULL);
  g_autofree char *wide = g_strdup_printf ("\"width\" : %d", width);
  g_autofree char *high = g_strdup_printf ("\"height\" : %d", height);
  g_autofree char *json = NULL;
  g_autoptr (GString) text = NULL;

  g_assert_true (g_file_get_contents (path, &json, NULL, NULL));
  text = g_string_new (json);
  g_assert_cmpuint (g_string_replace (text, "\"width\" : 16", wide, 0), ==, 1);
  g_assert_cmpuint (g_string_replace (text, "\"height\" : 16", high, 0), ==, 1);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  return model;
}

/* The sum of R, G and B over n × n pixels at (x, y) of a frame, weighted as in BT.709's E, and of
 * B. */
static void
sum_square (const guint8 *rgb, int width, int x, int y, int n, double *e, double *blue)
{
  *e = *blue = 0;
  for (int j = y; j < y + n; j++)
    for (int i = x; i < x + n; i++)
      {
        const guint8 *c = rgb + 3 * (j * width + i);

        *e += 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        *blue += c[2];
      }
}

/* Chroma rows of 10 samples are padded to 12: both formats show the same picture. */
static void
test_strides (void)
{
  /* rounded to 8 bits */
  const double rounding = 0.5 + 1e-9;
  const int width = 20, height = 12, chroma_stride = 12;
  char *model = model_of_size (width, height);
  g_autofree char *rgb_line =
      g_strdup_printf ("model=%s ! video/x-raw,format=RGB ! fakesink", model);
  g_autofree char *yuv_line = g_strdup_printf ("model=%s ! fakesink", model);
  g_autoptr (Play) rgb = play (rgb_line);
  g_autoptr (Play) yuv = play (yuv_line);
  g_autoptr (GBytes) rgb_bytes = play_bytes (rgb, 0, 1);
  g_autoptr (GBytes) yuv_bytes = play_bytes (yuv, 0, 1);
  const guint8 *p = g_bytes_get_data (rgb_bytes, NULL);
  const guint8 *luma = g_bytes_get_data (yuv_bytes, NULL);
  const guint8 *u = luma + width * height;
  double e, blue;

  g_assert_cmpuint (g_bytes_get_size (rgb_bytes), ==, width * 3 * height);
  g_assert_cmpuint (g_bytes_get_size (yuv_bytes), ==,
                    width * height + 2 * chroma_stride * height / 2);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        sum_square (p, width, x, y, 1, &e, &blue);
        g_assert_cmpfloat_with_epsilon (luma[y * width + x], 16 + 219 * e / 255, rounding);
      }
  for (int y = 0; y < height / 2; y++)
    for (int x = 0; x < width / 2; x++)
      {
        sum_square (p, width, 2 * x, 2 * y, 2, &e, &blue);
        g_assert_cmpfloat_with_epsilon (u[y * chroma_stride + x],
                                        128 + 224 * (blue - e) / (4 * 255 * 1.8556), rounding);
      }
  play_model_remove (model);
}

/* ── times ── */

static void
assert_times (Play *run, guint n, int fps_n, int fps_d)
{
  g_assert_cmpuint (run->buffers->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      GstBuffer *buffer = run->buffers->pdata[i];
      GstClockTime begin = gst_util_uint64_scale (i, GST_SECOND * fps_d, fps_n);
      GstClockTime end = gst_util_uint64_scale (i + 1, GST_SECOND * fps_d, fps_n);

      g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, begin);
      g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, end - begin);
      g_assert_false (GST_BUFFER_DTS_IS_VALID (buffer));
      g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, i);
      g_assert_cmpuint (GST_BUFFER_OFFSET_END (buffer), ==, i + 1);
    }
}

static void
test_times (void)
{
  g_autoptr (Play) run = play ("clips=2 ! fakesink");

  assert_times (run, 2 * FRAMES, 8, 1);
  g_assert_cmpuint (run->n_eos, ==, 1);
}

/* A rate that no frame boundary but the first of a clip falls on a whole nanosecond of. */
static void
test_odd_rate (void)
{
  g_autoptr (Play) run = play ("clips=3 ! video/x-raw,framerate=30000/1001 ! fakesink");

  assert_times (run, 3 * FRAMES, 30000, 1001);
}

static void
test_queries (void)
{
  g_autoptr (Play) run = play ("clips=3 num-frames=4 ! fakesink");
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  gboolean seekable;
  gint64 value, start;

  g_assert_true (gst_element_query_duration (run->src, GST_FORMAT_TIME, &value));
  g_assert_cmpint (value, ==, 12 * GST_SECOND / 8);
  g_assert_true (gst_element_query_duration (run->src, GST_FORMAT_DEFAULT, &value));
  g_assert_cmpint (value, ==, 12);
  g_assert_true (
      gst_element_query_convert (run->src, GST_FORMAT_DEFAULT, 4, GST_FORMAT_TIME, &value));
  g_assert_cmpint (value, ==, GST_SECOND / 2);
  g_assert_true (gst_element_query (run->src, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, &start, &value);
  g_assert_true (seekable);
  g_assert_cmpint (start, ==, 0);
  g_assert_cmpint (value, ==, 12 * GST_SECOND / 8);
}

static void
test_endless_has_no_duration (void)
{
  g_autoptr (Play) run = play ("clips=0 num-buffers=20 ! fakesink");
  gint64 value;

  assert_times (run, 20, 8, 1);
  g_assert_true (gst_element_query_duration (run->src, GST_FORMAT_TIME, &value));
  g_assert_cmpint (value, ==, -1);
}

/* ── what determines the bytes ── */

static GBytes *
all_bytes (const char *arguments)
{
  g_autoptr (Play) run = play (arguments);

  return play_bytes (run, 0, run->buffers->len);
}

static void
test_determinism (void)
{
  g_autoptr (GBytes) first = all_bytes ("prompt=\"a red star\" seed=5 ! fakesink");
  g_autoptr (GBytes) seed = all_bytes ("prompt=\"a red star\" seed=6 ! fakesink");
  g_autoptr (GBytes) prompt = all_bytes ("prompt=\"a blue star\" seed=5 ! fakesink");
  g_autoptr (GBytes) none = all_bytes ("seed=5 ! fakesink");
  g_autoptr (GBytes) empty = all_bytes ("prompt=\"\" seed=5 ! fakesink");

  for (guint i = 0; i < REPETITIONS; i++)
    {
      g_autoptr (GBytes) again = all_bytes ("prompt=\"a red star\" seed=5 ! fakesink");

      g_assert_true (g_bytes_equal (first, again));
    }
  g_assert_false (g_bytes_equal (first, seed));
  g_assert_false (g_bytes_equal (first, prompt));
  g_assert_false (g_bytes_equal (first, none));
  g_assert_true (g_bytes_equal (none, empty));
}

static void
test_seeds_count_up (void)
{
  g_autoptr (Play) two = play ("seed=5 clips=2 ! fakesink");
  g_autoptr (GBytes) first = play_bytes (two, 0, FRAMES);
  g_autoptr (GBytes) second = play_bytes (two, FRAMES, 2 * FRAMES);
  g_autoptr (GBytes) fifth = all_bytes ("seed=5 ! fakesink");
  g_autoptr (GBytes) sixth = all_bytes ("seed=6 ! fakesink");

  g_assert_true (g_bytes_equal (first, fifth));
  g_assert_true (g_bytes_equal (second, sixth));
}

/* After the last seed comes the first. */
static void
test_seeds_wrap (void)
{
  g_autoptr (Play) two = play ("seed=9223372036854775807 clips=2 ! fakesink");
  g_autoptr (GBytes) second = play_bytes (two, FRAMES, 2 * FRAMES);
  g_autoptr (GBytes) zero = all_bytes ("seed=0 ! fakesink");

  g_assert_true (g_bytes_equal (second, zero));
}

static void
test_settings_matter (void)
{
  g_autoptr (GBytes) plain = all_bytes ("prompt=\"a red star\" ! fakesink");
  const char *const others[] = {
      "prompt=\"a red star\" negative-prompt=\"a blue star\" ! fakesink",
      "prompt=\"a red star\" guidance-scale=1 ! fakesink",
      "prompt=\"a red star\" stage-steps=1,2,3 ! fakesink",
      "prompt=\"a red star\" steps=9 ! fakesink",
      "prompt=\"a red star\" stages=1 ! fakesink",
      "prompt=\"a red star\" sampler=euler ! fakesink",
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GBytes) other = all_bytes (others[i]);

      g_assert_cmpuint (g_bytes_get_size (other), ==, g_bytes_get_size (plain));
      g_assert_false (g_bytes_equal (plain, other));
    }
}

static void
test_num_frames (void)
{
  g_autoptr (Play) run = play ("num-frames=4 clips=2 ! fakesink");

  assert_times (run, 8, 8, 1);
}

/* ── tags ── */

static void
test_tags (void)
{
  g_autoptr (Play) run =
      play ("prompt=\"a red star\" negative-prompt=blue seed=5 clips=2 guidance-scale=2.5 "
            "! fakesink");
  g_autofree char *title = NULL;
  g_autofree char *comment = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdRequest) request = NULL;

  g_assert_nonnull (run->tags);
  g_assert_true (gst_tag_list_get_string (run->tags, GST_TAG_TITLE, &title));
  g_assert_cmpstr (title, ==, "a red star");
  g_assert_true (gst_tag_list_get_string (run->tags, GST_TAG_COMMENT, &comment));
  request = tpd_request_new_from_json (comment, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (request->prompt, ==, "a red star");
  g_assert_cmpstr (request->negative_prompt, ==, "blue");
  g_assert_cmpstr (request->model, ==, g_getenv ("TPDIFF_TEST_MODEL"));
  g_assert_cmpuint (tpd_sampler_settings_get_seed (request->settings), ==, 6);  /* of clip 2 */
  g_assert_cmpuint (tpd_sampler_settings_get_steps (request->settings), ==, 6); /* the model's */
  g_assert_cmpfloat (tpd_sampler_settings_get_guidance_scale (request->settings), ==, 2.5);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/stream/first-choice", test_first_choice);
  g_test_add_func ("/gst/stream/rgb", test_rgb);
  g_test_add_func ("/gst/stream/strides", test_strides);
  g_test_add_func ("/gst/stream/times", test_times);
  g_test_add_func ("/gst/stream/odd-rate", test_odd_rate);
  g_test_add_func ("/gst/stream/queries", test_queries);
  g_test_add_func ("/gst/stream/endless-has-no-duration", test_endless_has_no_duration);
  g_test_add_func ("/gst/stream/determinism", test_determinism);
  g_test_add_func ("/gst/stream/seeds-count-up", test_seeds_count_up);
  g_test_add_func ("/gst/stream/seeds-wrap", test_seeds_wrap);
  g_test_add_func ("/gst/stream/settings-matter", test_settings_matter);
  g_test_add_func ("/gst/stream/num-frames", test_num_frames);
  g_test_add_func ("/gst/stream/tags", test_tags);
  return g_test_run ();
}
