/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffgifenc, tpdiffwebpenc and tpdiffapngenc: what they write is read by other people's decoders
 * and compared. */

#include <string.h>

#include "encoder.h"

static void
assert_same (const guint8 *rgba, const guint8 *pixels, guint channels, gsize n)
{
  for (gsize i = 0; i < n; i++, rgba += 4, pixels += channels)
    {
      const guint8 wanted[4] = {pixels[0], pixels[channels > 1 ? 1 : 0],
                                pixels[channels > 1 ? 2 : 0], channels == 4 ? pixels[3] : 255};

      g_assert_cmpmem (rgba, 4, wanted, 4);
    }
}
/* ── lossless ── */

static void
check_lossless (const Format *format, const char *pixel_format, GRand *rand, guint width,
                guint height, guint n)
{
  guint channels = g_str_equal (pixel_format, "RGBA")  ? 4
                   : g_str_equal (pixel_format, "RGB") ? 3
                                                       : 1;
  g_autofree guint8 *pixels = make_few_colours (rand, width, height, channels, n);
  g_autoptr (Animation) animation = NULL;

  if (channels == 4) /* libwebp does not keep the colours of what cannot be seen */
    for (gsize i = 0; i < (gsize)4 * width * height * n; i += 4)
      pixels[i + 3] |= 1;
  animation = round_trip (format, format->lossless, pixel_format, width, height, n, pixels);
  g_assert_cmpuint (animation->width, ==, width);
  g_assert_cmpuint (animation->height, ==, height);
  if (animation->n > 1) /* a still WebP says nothing of time */
    g_assert_cmpuint (animation_total_ticks (animation), ==, n * format->ticks / 10);
  for (guint i = 0; i < n; i++)
    assert_same (animation->n > 1 ? animation_at (animation, i / 10.0 + 0.05, format->ticks)
                                  : animation_get (animation, 0),
                 pixels + (gsize)i * channels * width * height, channels, (gsize)width * height);
}

/* Small and odd sizes: rows with padding, rectangles at the edges, colours of one bit. */
static void
test_odd_sizes (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  const guint sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 5}, {64, 64}, {255, 3}, {256, 2}};

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    check_lossless (format, "RGB", rand, sizes[i][0], sizes[i][1], 3);
  for (guint i = 0; i < 40; i++)
    check_lossless (format, "RGB", rand, (guint)g_rand_int_range (rand, 1, 40),
                    (guint)g_rand_int_range (rand, 1, 40), (guint)g_rand_int_range (rand, 1, 7));
  for (guint i = 0; format->other_formats[i] != NULL; i++)
    for (guint k = 0; k < 10; k++)
      check_lossless (format, format->other_formats[i], rand, (guint)g_rand_int_range (rand, 1, 40),
                      (guint)g_rand_int_range (rand, 1, 40), (guint)g_rand_int_range (rand, 1, 7));
}

static void
test_one_picture (gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  check_lossless (data, "RGB", rand, 17, 11, 1);
}

/* More compressed bytes than a chunk of PNG has, and than a code table of GIF. */
static void
test_large (gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  check_lossless (data, "RGB", rand, 700, 600, 2);
}

/* ── time ── */

static void
check_total (const Format *format, int fps_n, int fps_d, guint n)
{
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;
  double exact = (double)format->ticks * fps_d / fps_n;
  guint8 pixels[4 * 4 * 3];

  encoder_set_caps (encoder, "RGB", 4, 4, fps_n, fps_d);
  for (guint i = 0; i < n; i++)
    {
      memset (pixels, (int)(i * 40 % 256), sizeof pixels);
      g_assert_cmpint (encoder_push (encoder, pixels, i), ==, GST_FLOW_OK);
    }
  file = encoder_finish (encoder);
  animation = format->decode (file);
  g_assert_cmpuint (animation->n, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (animation_get_ticks (animation, i), exact, 1);
  /* The reader's PNG ticks are rounded one by one; the file's are not. */
  if (format != &format_apng)
    g_assert_cmpfloat_with_epsilon (animation_total_ticks (animation), exact * n, 0.5);
}

static void
test_frame_rates (gconstpointer data)
{
  check_total (data, 8, 1, 16);
  check_total (data, 30000, 1001, 30);
  check_total (data, 25, 1, 7);
  check_total (data, 7, 3, 5);
  check_total (data, 1, 2, 3);
  check_total (data, 50, 1, 20);
}

/* Timestamps decide; a gap is filled by the picture before it, and the last picture's duration is
 * its own. The first one may begin at any time. */
static void
test_timestamps (gconstpointer data)
{
  const Format *format = data;
  const guint begin[] = {1000, 1040, 1100, 1700, 1750}; /* ms */
  const guint shown[] = {40, 60, 600, 50, 210};
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;
  guint8 pixels[4 * 4 * 3];

  encoder_set_caps (encoder, "RGB", 4, 4, 25, 1);
  for (guint i = 0; i < G_N_ELEMENTS (begin); i++)
    {
      memset (pixels, (int)(i * 50), sizeof pixels);
      encoder_push_at (encoder, pixels, begin[i] * GST_MSECOND, (i == 4 ? 210 : 40) * GST_MSECOND);
    }
  file = encoder_finish (encoder);
  animation = format->decode (file);
  g_assert_cmpuint (animation->n, ==, G_N_ELEMENTS (begin));
  for (guint i = 0; i < animation->n; i++)
    g_assert_cmpuint (animation_get_ticks (animation, i), ==, shown[i] * format->ticks / 1000);
}

/* Nobody says how long anything takes. */
static void
test_no_times (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;
  guint8 pixels[4 * 4 * 3];

  encoder_set_caps (encoder, "RGB", 4, 4, 0, 1);
  for (guint i = 0; i < 3; i++)
    {
      memset (pixels, (int)(i * 50), sizeof pixels);
      encoder_push_at (encoder, pixels, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE);
    }
  file = encoder_finish (encoder);
  animation = format->decode (file);
  g_assert_cmpuint (animation->n, ==, 3);
  g_assert_cmpuint (animation_total_ticks (animation), ==, 3 * format->ticks / 10);
}

/* Viewers show pictures of less than 2/100 s for 10/100: such pictures are left out. */
static void
test_loop_count (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_autofree guint8 *pixels = make_few_colours (rand, 16, 16, 3, 3);
  const int counts[] = {0, 1, 2, 65535};

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *launch = g_strdup_printf ("%s loop-count=%d", format->element, counts[i]);
      g_autoptr (Animation) animation = round_trip (format, launch, "RGB", 16, 16, 3, pixels);

      g_assert_cmpint (animation->plays, ==, counts[i]);
    }
}

/* ── texts ── */

static void
test_texts (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autofree char *record = g_strnfill (1000, 'x');
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;
  guint8 pixels[4 * 4 * 3] = {0};

  record[0] = '{';
  encoder_set_caps (encoder, "RGB", 4, 4, 10, 1);
  for (guint i = 0; i < 2; i++) /* the second time it says nothing new */
    gst_harness_push_event (encoder->harness,
                            gst_event_new_tag (gst_tag_list_new (
                                GST_TAG_TITLE, "Sterne & <mehr> für Ålice", GST_TAG_COMMENT, record,
                                GST_TAG_BITRATE, 1234, NULL)));
  for (guint i = 0; i < 2; i++)
    {
      pixels[0] = (guint8)i;
      encoder_push (encoder, pixels, i);
    }
  gst_harness_push_event (
      encoder->harness,
      gst_event_new_tag (gst_tag_list_new (GST_TAG_COMMENT, "a <second> \"clip\" & so on", NULL)));
  pixels[0] = 2;
  encoder_push (encoder, pixels, 2);
  file = encoder_finish (encoder);
  animation = format->decode (file);
  g_assert_nonnull (strstr (animation->text, format == &format_webp
                                                 ? "Sterne &amp; &lt;mehr&gt; für Ålice"
                                                 : "Sterne & <mehr> für Ålice"));
  g_assert_nonnull (strstr (animation->text, record));
  g_assert_true (strstr (animation->text, record) == g_strrstr (animation->text, record));
  if (format != &format_webp) /* XMP has room for one */
    g_assert_nonnull (strstr (animation->text, "a <second> \"clip\" & so on"));
  g_assert_null (strstr (animation->text, "1234"));
}

/* ── streaming ── */

/* Each picture keeps its time, whatever waits for the end. */
static void
test_buffer_times (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autofree guint8 *pixels = make_few_colours (rand, 16, 16, 3, 6);
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  GstBuffer *buffer;
  GstClockTime last = GST_CLOCK_TIME_NONE;

  encoder_set_caps (encoder, "RGB", 16, 16, 10, 1);
  for (guint i = 0; i < 6; i++)
    encoder_push (encoder, pixels + (gsize)i * 16 * 16 * 3, i);
  gst_harness_push_event (encoder->harness, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (encoder->harness)) != NULL)
    {
      if (!GST_CLOCK_TIME_IS_VALID (last))
        g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, 0);
      else
        g_assert_cmpuint (GST_BUFFER_PTS (buffer), >, last);
      g_assert_cmpint (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT), ==,
                       GST_CLOCK_TIME_IS_VALID (last));
      g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, 100 * GST_MSECOND);
      last = GST_BUFFER_PTS (buffer);
      gst_buffer_unref (buffer);
    }
  g_assert_true (GST_CLOCK_TIME_IS_VALID (last));
}

/* After a flush the file begins anew. */
static void
test_flush (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  g_autofree guint8 *pixels = make_few_colours (rand, 16, 16, 3, 4);
  g_autoptr (Encoder) encoder = encoder_new (format->lossless);
  GstSegment segment;
  g_autoptr (GBytes) lost = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;

  encoder_set_caps (encoder, "RGB", 16, 16, 10, 1);
  for (guint i = 0; i < 3; i++)
    encoder_push (encoder, pixels, i);
  gst_harness_push_event (encoder->harness, gst_event_new_flush_start ());
  gst_harness_push_event (encoder->harness, gst_event_new_flush_stop (TRUE));
  lost = encoder_pull (encoder);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (encoder->harness, gst_event_new_segment (&segment));
  for (guint i = 0; i < 4; i++)
    encoder_push (encoder, pixels + (gsize)i * 16 * 16 * 3, i);
  file = encoder_finish (encoder);
  animation = format->decode (file);
  g_assert_cmpuint (animation_total_ticks (animation), ==, 4 * format->ticks / 10);
  assert_same (animation_at (animation, 0.35, format->ticks), pixels + 3 * 16 * 16 * 3, 3, 16 * 16);
}

/* Gone in the middle: nothing may leak. */
static void
test_abandoned (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autofree guint8 *pixels = make_gradient (64, 64, 3);

  encoder_set_caps (encoder, "RGB", 64, 64, 10, 1);
  for (guint i = 0; i < 3; i++)
    encoder_push (encoder, pixels + (gsize)3 * 64 * 64 * i, i);
}

/* ── errors ── */

/* The message of a type on the encoder's bus says a text. */
static void
assert_message (Encoder *self, GstMessageType type, GQuark domain, int code, const char *text)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (self->bus, type);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  g_assert_error (error, domain, code);
  if (strstr (error->message, text) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, text);
}

static void
test_nothing (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autoptr (GBytes) file = NULL;

  encoder_set_caps (encoder, "RGB", 16, 16, 10, 1);
  file = encoder_finish (encoder);
  g_assert_cmpuint (g_bytes_get_size (file), ==, 0);
  assert_message (encoder, GST_MESSAGE_WARNING, GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE,
                  "There was no picture");
}

static void
check_too_large (const Format *format, int width, int height, const char *limit)
{
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autofree guint8 *pixels = g_malloc0 ((gsize)3 * (gsize)width * (gsize)height);

  encoder_set_caps (encoder, "RGB", width, height, 10, 1);
  g_assert_cmpint (encoder_push (encoder, pixels, 0), ==, GST_FLOW_NOT_NEGOTIATED);
  assert_message (encoder, GST_MESSAGE_ERROR, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, limit);
}

static void
test_too_large (void)
{
  check_too_large (&format_gif, 65536, 1, "GIF: it can have up to 65535 × 65535");
  check_too_large (&format_gif, 1, 65536, "65535");
  check_too_large (&format_webp, 16384, 1, "WebP: it can have up to 16383 × 16383");
}

static void
test_largest (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  check_lossless (&format_gif, "RGB", rand, 65535, 1, 2);
  check_lossless (&format_gif, "RGB", rand, 1, 65535, 2);
  check_lossless (&format_webp, "RGB", rand, 16383, 1, 2);
  check_lossless (&format_apng, "RGB", rand, 70000, 1, 2);
}

static void
test_distorted (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);

  gst_harness_set_src_caps (
      encoder->harness,
      gst_caps_from_string ("video/x-raw,format=RGB,width=16,height=16,framerate=10/1,"
                            "pixel-aspect-ratio=16/11"));
  g_assert_cmpint (
      gst_harness_push (encoder->harness, gst_buffer_new_allocate (NULL, 16 * 16 * 3, NULL)), ==,
      GST_FLOW_NOT_NEGOTIATED);
  assert_message (encoder, GST_MESSAGE_ERROR, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                  "square pixels");
}

static void
test_size_changes (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autofree guint8 *pixels = g_malloc0 (32 * 32 * 3);

  encoder_set_caps (encoder, "RGB", 16, 16, 10, 1);
  encoder_push (encoder, pixels, 0);
  encoder_push (encoder, pixels, 1);
  encoder_set_caps (encoder, "RGB", 32, 16, 10, 1);
  g_assert_cmpint (encoder_push (encoder, pixels, 2), ==, GST_FLOW_NOT_NEGOTIATED);
  assert_message (encoder, GST_MESSAGE_ERROR, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                  "changed from 16 × 16 pixels in RGB to 32 × 16");
}

/* Another rate is no reason to stop. */
static void
test_rate_changes (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (Encoder) encoder = encoder_new (format->element);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (Animation) animation = NULL;
  guint8 pixels[4 * 4 * 3];

  encoder_set_caps (encoder, "RGB", 4, 4, 10, 1);
  for (guint i = 0; i < 4; i++)
    {
      if (i == 2)
        encoder_set_caps (encoder, "RGB", 4, 4, 5, 1);
      memset (pixels, (int)(i * 50), sizeof pixels);
      encoder_push (encoder, pixels, i < 2 ? i : i - 1);
    }
  file = encoder_finish (encoder);
  animation = format->decode (file);
  g_assert_cmpuint (animation_total_ticks (animation), ==, 6 * format->ticks / 10);
}

/* The disk is full: filesink says so, and the encoder stops without a word of its own. */
static void
test_disk_full (gconstpointer data)
{
  const Format *format = data;
  g_autofree char *launch = g_strdup_printf ("appsrc name=src format=time is-live=false ! %s ! "
                                             "filesink location=/dev/full buffer-mode=unbuffered",
                                             format->element);
  g_autoptr (GstElement) pipeline = gst_parse_launch (launch, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstElement) src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  g_autoptr (GstCaps) caps =
      gst_caps_from_string ("video/x-raw,format=RGB,width=16,height=16,framerate=10/1");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  GstFlowReturn flow;

  g_object_set (src, "caps", caps, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 3; i++)
    {
      GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16 * 16 * 3, NULL);

      gst_buffer_memset (buffer, 0, (guint8)i, 16 * 16 * 3);
      GST_BUFFER_PTS (buffer) = i * 100 * GST_MSECOND;
      g_signal_emit_by_name (src, "push-buffer", buffer, &flow);
      gst_buffer_unref (buffer);
    }
  g_signal_emit_by_name (src, "end-of-stream", &flow);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* ── properties ── */

static void
test_properties (gconstpointer data)
{
  const Format *format = data;
  g_autoptr (GstElement) element = gst_element_factory_make (format->element, NULL);
  guint n;
  g_autofree GParamSpec **specs;

  g_object_ref_sink (element);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++)
    if (g_type_is_a (specs[i]->owner_type, GST_TYPE_VIDEO_ENCODER) &&
        specs[i]->owner_type != GST_TYPE_VIDEO_ENCODER)
      {
        g_auto (GValue) value = G_VALUE_INIT;

        g_object_get_property (G_OBJECT (element), specs[i]->name, &value);
        g_assert_true (g_param_value_defaults (specs[i], &value));
        g_object_set_property (G_OBJECT (element), specs[i]->name, &value);
        g_assert_cmpstr (g_param_spec_get_blurb (specs[i]), !=, "");
      }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } of_each[] = {
      {"odd-sizes", test_odd_sizes},
      {"one-picture", test_one_picture},
      {"large", test_large},
      {"frame-rates", test_frame_rates},
      {"timestamps", test_timestamps},
      {"no-times", test_no_times},
      {"loop-count", test_loop_count},
      {"texts", test_texts},
      {"buffer-times", test_buffer_times},
      {"flush", test_flush},
      {"abandoned", test_abandoned},
      {"nothing", test_nothing},
      {"distorted", test_distorted},
      {"size-changes", test_size_changes},
      {"rate-changes", test_rate_changes},
      {"disk-full", test_disk_full},
      {"properties", test_properties},
  };

  const Format *const formats[] = {&format_gif, &format_webp, &format_apng};

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    for (guint k = 0; k < G_N_ELEMENTS (of_each); k++)
      {
        g_autofree char *path =
            g_strdup_printf ("/gst/animation/%s/%s", formats[i]->element, of_each[k].name);

        g_test_add_data_func (path, formats[i], of_each[k].func);
      }
  g_test_add_func ("/gst/animation/too-large", test_too_large);
  g_test_add_func ("/gst/animation/largest", test_largest);
  return g_test_run ();
}
