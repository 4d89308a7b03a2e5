/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffgen's request pads: video to video, and a given first frame. */

#include <string.h>

#include "gen.h"
#include "tpd-pipeline.h"

/* The tiny model's clips. */
#define FRAMES 8
#define SIZE   16
#define BYTES  (3 * SIZE * SIZE)

#define MS   GST_MSECOND
#define NONE GST_CLOCK_TIME_NONE

static const char prompt[] = "a red star";

/* A clip of grey frames of the model's size. */
static TpdClip *
grey_clip (const guint8 *greys, guint n)
{
  guint8 *rgb = g_malloc (n * BYTES);

  for (guint i = 0; i < n; i++)
    memset (rgb + i * BYTES, greys[i], BYTES);
  return tpd_clip_new (n, SIZE, SIZE, 1, 1, g_bytes_new_take (rgb, n * BYTES), NULL);
}

/* What a record says that the clip was made from. */
static void
assert_source (Gen *gen, const char *key, const guint8 *greys, guint n)
{
  g_autofree char *record = gen_record (gen);
  g_autoptr (TpdClip) clip = grey_clip (greys, n);
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, clip->rgb);
  g_autofree char *member = g_strdup_printf ("\"%s\":\"%s\"", key, digest);

  if (strstr (record, member) == NULL)
    g_error ("%s does not have %s", record, member);
}

/* Asserts that frames came out that are the engine's for the request. */
static void
assert_made_by (Gen *gen, TpdRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdPipeline) pipeline = tpd_pipeline_new (g_getenv ("TPDIFF_TEST_MODEL"), NULL, NULL);
  g_autoptr (TpdClip) clip = NULL;

  request->prompt = g_strdup (prompt);
  clip = tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  gen_collect (gen);
  g_assert_cmpuint (gen->shown->len, ==, FRAMES);
  for (guint i = 0; i < FRAMES; i++)
    g_assert_cmpmem (tpd_clip_get_frame (clip, i), BYTES,
                     g_bytes_get_data (gen_shown (gen, i)->bytes, NULL), BYTES);
}

/* ── video to video ── */

/* A cue takes what is on screen in the middle of each eighth of it. 25 frames a second, the n-th of
 * them n bright; a cue from 1 s to 2 s. */
static void
test_video (void)
{
  static const double strengths[] = {0.1, 0.6};
  guint8 greys[FRAMES];

  for (guint i = 0; i < FRAMES; i++)
    greys[i] = (guint8)(25 + 25 * (2 * i + 1) / (2 * FRAMES));
  for (guint s = 0; s < G_N_ELEMENTS (strengths); s++)
    {
      g_autoptr (Gen) gen = gen_new ("", "video/x-raw, format=RGB");
      g_autoptr (TpdRequest) request = tpd_request_new ();

      g_object_set (gen->element, "strength", strengths[s], NULL);
      gen_link_video (gen, SIZE, SIZE);
      for (guint i = 20; i < 51; i++)
        g_assert_cmpint (gen_frame (gen->video, i * 40 * MS, 40 * MS, (guint8)i), ==, GST_FLOW_OK);
      g_assert_cmpint (gen_cue (gen, prompt, 1000 * MS, 1000 * MS), ==, GST_FLOW_OK);
      assert_source (gen, "input", greys, FRAMES);
      gen_collect (gen);
      g_ptr_array_remove_index (gen->shown, 0); /* the gap before it */
      request->input = grey_clip (greys, FRAMES);
      request->strength = strengths[s];
      assert_made_by (gen, request);
    }
}

/* Full strength leaves nothing of the input, to the bit; less leaves something. */
static void
test_full_strength (void)
{
  static const double strengths[] = {1, 0.99};

  for (guint s = 0; s < G_N_ELEMENTS (strengths); s++)
    {
      g_autoptr (GBytes) last = NULL;

      for (guint8 grey = 30; grey <= 220; grey += 190)
        {
          g_autoptr (Gen) gen = gen_new ("", NULL);
          g_autoptr (GBytes) before = g_steal_pointer (&last);

          g_object_set (gen->element, "strength", strengths[s], NULL);
          gen_link_video (gen, SIZE, SIZE);
          gen_frame (gen->video, 0, 1000 * MS, grey);
          g_assert_cmpint (gen_cue (gen, prompt, 0, 1000 * MS), ==, GST_FLOW_OK);
          last = g_bytes_ref (gen_shown (gen, 0)->bytes);
          if (before != NULL)
            g_assert_cmpint (g_bytes_equal (before, last), ==, strengths[s] == 1);
        }
    }
}

/* With a real autoencoder, a clip of little strength is near its input: a bright square on a dark
 * ground. */
static void
test_near (void)
{
  /* mean levels of 255: measured 9.6, most of it the autoencoder's, for a moving disc; 81 for a
   * clip that has nothing to do with its input */
  const double near = 20;
  const guint size = 64;
  g_autofree char *properties =
      g_strdup_printf ("model=\"%s\" steps=3 strength=0.05", g_getenv ("TPDIFF_BUNDLED_MODEL"));
  g_autoptr (Gen) gen = gen_new (properties, "video/x-raw, format=RGB");
  g_autofree guint8 *input = g_malloc (3 * size * size);
  double sum = 0;

  for (guint i = 0; i < 3 * size * size; i++)
    input[i] =
        ABS ((int)(i / 3 % size) - 32) < 12 && ABS ((int)(i / 3 / size) - 32) < 12 ? 210 : 40;
  gen_link_video (gen, (int)size, (int)size);
  gst_harness_push (gen->video, gst_buffer_new_memdup (input, 3 * size * size));
  gst_harness_push_event (gen->video, gst_event_new_eos ());
  g_assert_cmpint (gen_cue (gen, prompt, 0, 1000 * MS), ==, GST_FLOW_OK);
  gen_collect (gen);
  for (guint n = 0; n < gen->shown->len; n++)
    {
      const guint8 *output = g_bytes_get_data (gen_shown (gen, n)->bytes, NULL);

      for (guint i = 0; i < 3 * size * size; i++)
        sum += ABS ((int)output[i] - (int)input[i]);
    }
  sum /= 3.0 * size * size * gen->shown->len;
  g_test_message ("%g levels", sum);
  g_assert_cmpfloat (sum, <, near);
}

/* Frames are brought to the model's size; two cues of a longer video see their own part of it. */
static void
test_cues_of_a_video (void)
{
  static const guint8 first[FRAMES] = {10, 10, 10, 10, 10, 10, 10, 10};
  static const guint8 second[FRAMES] = {20, 20, 20, 20, 30, 30, 30, 30};
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_link_video (gen, 50, 30);
  for (guint i = 0; i < 4; i++)
    gen_frame (gen->video, i * 1000 * MS, NONE, (guint8)(10 * i + 10));
  gst_harness_push_event (gen->video, gst_event_new_eos ());
  gen_cue (gen, prompt, 0, 1000 * MS);
  assert_source (gen, "input", first, FRAMES);
  gen_cue (gen, prompt, 1500 * MS, 1000 * MS);
  assert_source (gen, "input", second, FRAMES);
}

/* Before the first frame there is the first, after the last the last. */
static void
test_video_that_ends (void)
{
  static const guint8 frames[FRAMES] = {10, 10, 10, 10, 10, 10, 20, 20};
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_link_video (gen, SIZE, SIZE);
  gen_frame (gen->video, 500 * MS, 100 * MS, 10);
  gen_frame (gen->video, 750 * MS, 100 * MS, 20);
  gst_harness_push_event (gen->video, gst_event_new_eos ());
  gen_cue (gen, prompt, 0, 1000 * MS);
  assert_source (gen, "input", frames, FRAMES);
}

/* Without any frame the clip is made of its text, with a warning. */
static void
test_no_video (void)
{
  g_autoptr (Gen) gen = gen_new ("", "video/x-raw, format=RGB");
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (GstMessage) message = NULL;

  gen_link_video (gen, SIZE, SIZE);
  gst_harness_push_event (gen->video, gst_event_new_eos ());
  g_assert_cmpint (gen_cue (gen, prompt, 0, 1000 * MS), ==, GST_FLOW_OK);
  message = gen_message (gen, GST_MESSAGE_WARNING);
  assert_made_by (gen, request);
}

/* ── threads ── */

static gpointer
push_cue (gpointer gen)
{
  return GINT_TO_POINTER (gen_cue (gen, prompt, 0, 1000 * MS));
}

/* The cue waits for the video of its time, in small pieces or in gaps. */
static void
test_cue_waits (void)
{
  static const guint8 frames[FRAMES] = {0, 10, 20, 30, 40, 50, 50, 50};
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GThread *thread;

  gen_link_video (gen, SIZE, SIZE);
  thread = g_thread_new ("cue", push_cue, gen);
  for (guint i = 0; i < 6; i++)
    gen_frame (gen->video, i * 125 * MS, 125 * MS, (guint8)(10 * i));
  gst_harness_push_event (gen->video, gst_event_new_gap (750 * MS, 300 * MS));
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_OK);
  assert_source (gen, "input", frames, FRAMES);
}

typedef struct
{
  Gen *gen;
  guint n;  /* frames to push */
  guint ok; /* of them */
} Push;

static gpointer
push_frames (gpointer data)
{
  Push *push = data;
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < push->n && flow == GST_FLOW_OK; i++)
    {
      flow = gen_frame (push->gen->video, i * 10 * MS, 10 * MS, (guint8)i);
      push->ok += flow == GST_FLOW_OK;
    }
  return GINT_TO_POINTER (flow);
}

/* A long video does not fill the memory: it waits for cues, and goes on with them. */
static void
test_video_waits (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  Push push = {gen, 1000, 0};
  GThread *thread;

  gen_link_video (gen, SIZE, SIZE);
  thread = g_thread_new ("video", push_frames, &push);
  g_assert_cmpint (gen_cue (gen, prompt, 2000 * MS, 1000 * MS), ==, GST_FLOW_OK);
  gst_harness_push_event (gen->text, gst_event_new_eos ());
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_EOS);
  g_assert_cmpuint (push.ok, >=, 294); /* up to the last moment wanted, 2.9375 s */
  g_assert_cmpuint (push.ok, <, 400);
}

/* Nobody hangs when the element goes down while each of them waits. */
static void
test_down_while_waiting (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (Gen) gen = gen_new ("", NULL);
      Push push = {gen, 1000, 0};
      GThread *cue = NULL, *video = NULL;

      gen_link_video (gen, SIZE, SIZE);
      if (i == 0)
        cue = g_thread_new ("cue", push_cue, gen);
      else
        video = g_thread_new ("video", push_frames, &push);
      g_usleep (10000); /* long enough for most to wait; the rest goes down as well */
      if (i == 2)
        gst_harness_push_event (gen->video, gst_event_new_flush_start ());
      else
        gst_element_set_state (gen->element, GST_STATE_READY);
      g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (cue != NULL ? cue : video)), ==,
                       GST_FLOW_FLUSHING);
    }
}

/* Who waits for a pad that goes away goes on without it. */
static void
test_release_while_waiting (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GThread *thread;

  gen_link_video (gen, SIZE, SIZE);
  thread = g_thread_new ("cue", push_cue, gen);
  g_usleep (10000); /* as above */
  g_clear_pointer (&gen->video, gst_harness_teardown);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_OK);
}

/* After a flush the pad starts afresh. */
static void
test_video_flush (void)
{
  static const guint8 frames[FRAMES] = {9, 9, 9, 9, 9, 9, 9, 9};
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GstSegment segment;

  gen_link_video (gen, SIZE, SIZE);
  gen_frame (gen->video, 0, 100 * MS, 200);
  gst_harness_push_event (gen->video, gst_event_new_eos ());
  gst_harness_push_event (gen->video, gst_event_new_flush_start ());
  gst_harness_push_event (gen->video, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (gen->video, gst_event_new_segment (&segment));
  gen_frame (gen->video, 0, 1000 * MS, 9);
  gen_cue (gen, prompt, 0, 1000 * MS);
  assert_source (gen, "input", frames, FRAMES);
}

/* ── a first frame ── */

static void
test_image_is_refused (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_link_image (gen, SIZE, SIZE);
  gen_frame (gen->image, 0, NONE, 100);
  gst_harness_push_event (gen->image, gst_event_new_eos ());
  g_assert_cmpint (gen_cue (gen, prompt, 1000 * MS, 1000 * MS), ==, GST_FLOW_ERROR);
  gen_assert_error (gen, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "hold-first-frame");
}

/* The image on screen when a cue begins is its first frame; with a video, the others are that. */
static void
test_image_is_held (void)
{
  static const guint8 images[] = {100, 200};
  g_autoptr (Gen) gen = gen_new ("hold-first-frame=true", NULL);

  gen_link_image (gen, 32, SIZE);
  gen_frame (gen->image, 0, NONE, images[0]);
  gen_frame (gen->image, 1500 * MS, NONE, images[1]);
  gst_harness_push_event (gen->image, gst_event_new_eos ());
  for (guint i = 0; i < 2; i++)
    {
      gen_cue (gen, prompt, (i + 1) * 1000 * MS, 1000 * MS);
      assert_source (gen, "first-frame", images + i, 1);
    }
}

static void
test_image_and_video (void)
{
  static const guint8 image[] = {250}, frames[FRAMES] = {9, 9, 9, 9, 9, 9, 9, 9};
  g_autoptr (Gen) gen = gen_new ("hold-first-frame=true strength=0.3", "video/x-raw, format=RGB");
  g_autoptr (TpdRequest) request = tpd_request_new ();

  gen_link_image (gen, SIZE, SIZE);
  gen_link_video (gen, SIZE, SIZE);
  gen_frame (gen->image, 0, 10000 * MS, image[0]);
  gen_frame (gen->video, 0, 10000 * MS, frames[0]);
  gen_cue (gen, prompt, 0, 1000 * MS);
  request->first_frame = grey_clip (image, 1);
  request->hold_first_frame = TRUE;
  request->input = grey_clip (frames, FRAMES);
  request->strength = 0.3;
  assert_made_by (gen, request);
}

/* ── request pads ── */

/* One of each kind, and again after it was released. */
static void
test_pads (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GstPadTemplate *template = gst_element_get_pad_template (gen->element, "video");

  for (guint i = 0; i < 2; i++)
    {
      GstPad *pad = gst_element_request_pad (gen->element, template, NULL, NULL);

      g_assert_nonnull (pad);
      g_assert_null (gst_element_request_pad (gen->element, template, NULL, NULL));
      gst_element_release_request_pad (gen->element, pad);
      gst_object_unref (pad);
    }
  g_assert_cmpint (gen_cue (gen, prompt, 0, NONE), ==, GST_FLOW_OK);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/gen-clips/video", test_video);
  g_test_add_func ("/gst/gen-clips/full-strength", test_full_strength);
  g_test_add_func ("/gst/gen-clips/near", test_near);
  g_test_add_func ("/gst/gen-clips/cues-of-a-video", test_cues_of_a_video);
  g_test_add_func ("/gst/gen-clips/video-that-ends", test_video_that_ends);
  g_test_add_func ("/gst/gen-clips/no-video", test_no_video);
  g_test_add_func ("/gst/gen-clips/cue-waits", test_cue_waits);
  g_test_add_func ("/gst/gen-clips/video-waits", test_video_waits);
  g_test_add_func ("/gst/gen-clips/down-while-waiting", test_down_while_waiting);
  g_test_add_func ("/gst/gen-clips/release-while-waiting", test_release_while_waiting);
  g_test_add_func ("/gst/gen-clips/video-flush", test_video_flush);
  g_test_add_func ("/gst/gen-clips/image-is-refused", test_image_is_refused);
  g_test_add_func ("/gst/gen-clips/image-is-held", test_image_is_held);
  g_test_add_func ("/gst/gen-clips/image-and-video", test_image_and_video);
  g_test_add_func ("/gst/gen-clips/pads", test_pads);
  return g_test_run ();
}
