/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What made a clip survives in video files: title and settings record go through the muxers, the
 * command reads them back, and makes the clip again, bit for bit. */

#include <string.h>

#include "../cli/run.h"
#include "../tree.h"
#include "play.h"

#define FRAMES      8
#define FRAME_BYTES (16 * 16 * 3 / 2) /* I420 */

#define CLIP                                                                                       \
  "device=cpu prompt=\"a \\\"red\\\" star ★\" negative-prompt=blue seed=7 steps=3 "              \
  "guidance-scale=2.5"

static char *folder;

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* The clip through encoder and muxer into a file; NULL where they are not installed. */
static Play *
record (const char *encoder, const char *muxer, const char *path)
{
  g_autofree char *arguments = NULL;
  g_autoptr (GstElementFactory) has_encoder = gst_element_factory_find (encoder);
  g_autoptr (GstElementFactory) has_muxer = gst_element_factory_find (muxer);

  if (has_encoder == NULL || has_muxer == NULL)
    {
      g_test_skip ("encoder or muxer is not installed");
      return NULL;
    }
  arguments = g_strdup_printf (CLIP " ! %s ! %s ! filesink location=\"%s\"", encoder, muxer, path);
  return play (arguments);
}

static void
test_survives (gconstpointer data)
{
  const char *const *chain = data; /* encoder, muxer, name */
  g_autofree char *path = in_folder (chain[2]);
  g_autoptr (Play) run = record (chain[0], chain[1], path);
  g_autofree char *sent = NULL;
  g_autoptr (Result) json = NULL;
  g_autoptr (Result) text = NULL;
  g_autoptr (JsonObject) report = NULL;

  if (run == NULL)
    return;
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_true (gst_tag_list_get_string (run->tags, GST_TAG_COMMENT, &sent));
  json = run_tpdiff ("inspect", "--json", path, NULL);
  report = parse_output (json);
  g_assert_cmpstr (json_object_get_string_member (report, "record"), ==, sent);
  g_assert_cmpstr (json_object_get_string_member (report, "title"), ==, "a \"red\" star ★");
  g_assert_true (
      g_str_has_prefix (json_object_get_string_member (report, "application"), "TPDiff"));
  g_assert_cmpint (json_object_get_int_member (report, "width"), ==, 16);
  g_assert_cmpint (json_object_get_int_member (report, "frames"), ==, FRAMES);
  text = run_tpdiff ("inspect", path, NULL);
  g_assert_cmpint (text->status, ==, 0);
  g_assert_nonnull (strstr (text->out, "prompt: a \"red\" star ★"));
  g_assert_nonnull (strstr (text->out, "seed: 7"));
}

/* Animated pictures keep it too, each in its way. */
static void
test_animation (gconstpointer data)
{
  const char *const *chain = data;
  g_autofree char *path = in_folder (chain[2]);
  g_autoptr (Play) run = record (chain[0], chain[1], path);
  g_autofree char *sent = NULL;
  g_autoptr (Result) json = NULL;
  g_autoptr (JsonObject) report = NULL;

  if (run == NULL)
    return;
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_true (gst_tag_list_get_string (run->tags, GST_TAG_COMMENT, &sent));
  json = run_tpdiff ("inspect", "--json", path, NULL);
  report = parse_output (json);
  g_assert_cmpstr (json_object_get_string_member (report, "record"), ==, sent);
}

/* The frames of a Y4M file, without headers. */
static GBytes *
read_y4m (const char *path)
{
  GByteArray *frames = g_byte_array_new ();
  g_autofree char *data = NULL;
  gsize length, at;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  at = (gsize)(strchr (data, '\n') + 1 - data);
  while (at < length)
    {
      g_assert_true (g_str_has_prefix (data + at, "FRAME\n"));
      at += strlen ("FRAME\n");
      g_assert_cmpuint (length - at, >=, FRAME_BYTES);
      g_byte_array_append (frames, (guint8 *)data + at, FRAME_BYTES);
      at += FRAME_BYTES;
    }
  return g_byte_array_free_to_bytes (frames);
}

static void
test_again (void)
{
  g_autofree char *film = in_folder ("clip.mkv");
  g_autofree char *again = in_folder ("again.y4m");
  g_autoptr (Play) run = record ("identity", "matroskamux", film);
  g_autoptr (Result) made = NULL;
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  if (run == NULL)
    return;
  before = play_bytes (run, 0, FRAMES);
  made = run_tpdiff ("generate", "--device", "cpu", "--from", film, again, NULL);
  g_test_message ("%s", made->err);
  g_assert_cmpint (made->status, ==, 0);
  after = read_y4m (again);
  g_assert_true (g_bytes_equal (before, after));
}

/* Three clips in a row: from the one record that a muxer keeps, or the three that an encoder keeps,
 * each of them is known, and made again. */
static void
test_several (gconstpointer data)
{
  const char *const *chain = data;
  g_autofree char *path = in_folder (chain[2]);
  g_autofree char *arguments = g_strdup_printf (
      CLIP " clips=3 ! %s ! %s ! filesink location=\"%s\"", chain[0], chain[1], path);
  g_autoptr (GstElementFactory) has_encoder = gst_element_factory_find (chain[0]);
  g_autoptr (GstElementFactory) has_muxer = gst_element_factory_find (chain[1]);
  g_autoptr (Play) run = NULL;
  g_autoptr (Result) text = NULL;
  g_autoptr (Result) json = NULL;
  g_autoptr (Result) missing = NULL;
  g_autoptr (JsonObject) report = NULL;

  if (has_encoder == NULL || has_muxer == NULL)
    {
      g_test_skip ("encoder or muxer is not installed");
      return;
    }
  run = play (arguments);
  g_assert_cmpuint (run->buffers->len, ==, 3 * FRAMES);
  json = run_tpdiff ("inspect", "--json", path, NULL);
  report = parse_output (json);
  g_assert_cmpint (json_object_get_int_member (report, "last_clip"), ==, 3);
  g_assert_cmpint (json_array_get_length (json_object_get_array_member (report, "clips")), ==, 3);
  text = run_tpdiff ("inspect", path, NULL);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u: seed %u, a \"red\" star ★\n", i + 1, 7 + i);

      g_assert_nonnull (strstr (text->out, line));
    }
  missing = run_tpdiff ("generate", "--from", path, "--clip", "4", "never.y4m", NULL);
  assert_refused (missing, 1, "1 … 3");
  g_assert_nonnull (strstr (missing->err, chain[2]));
}

/* Bit for bit, whichever of them the file's record is of. */
static void
test_several_again (void)
{
  g_autofree char *film = in_folder ("three-again.mkv");
  g_autofree char *again = in_folder ("third.y4m");
  g_autofree char *arguments =
      g_strdup_printf (CLIP " clips=3 ! matroskamux ! filesink location=\"%s\"", film);
  g_autoptr (GstElementFactory) has_muxer = gst_element_factory_find ("matroskamux");
  g_autoptr (Play) run = NULL;

  if (has_muxer == NULL)
    {
      g_test_skip ("the muxer is not installed");
      return;
    }
  run = play (arguments);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i + 1);
      g_autoptr (Result) made =
          run_tpdiff ("generate", "--device", "cpu", "--from", film, "--clip", number, again, NULL);
      g_autoptr (GBytes) before = play_bytes (run, i * FRAMES, (i + 1) * FRAMES);
      g_autoptr (GBytes) after = NULL;

      g_test_message ("%s", made->err);
      g_assert_cmpint (made->status, ==, 0);
      after = read_y4m (again);
      g_assert_true (g_bytes_equal (before, after));
    }
}

/* A film of three different cues: each of them is known, and made again bit for bit. */
static void
test_film (gconstpointer data)
{
  static const char script[] = "1\n00:00:00,000 --> 00:00:01,000\na red star\n\n"
                               "2\n00:00:01,000 --> 00:00:02,000\na blue circle\n\n"
                               "3\n00:00:02,000 --> 00:00:03,000\na green square\n\n";
  static const char *const prompts[] = {"1: seed 7, a red star\n", "2: seed 8, a blue circle\n",
                                        "3: seed 9, a green square\n"};
  const char *const *chain = data;
  g_autofree char *path = in_folder (chain[2]);
  g_autofree char *text = in_folder ("script.srt");
  g_autofree char *again = in_folder ("cue.y4m");
  g_autofree char *line = g_strdup_printf (
      "filesrc location=\"%s\" ! subparse ! tpdiffgen name=src model=\"%s\" device=cpu steps=3 "
      "seed=7 ! video/x-raw, format=I420 ! %s ! %s ! filesink location=\"%s\"",
      text, g_getenv ("TPDIFF_TEST_MODEL"), chain[0], chain[1], path);
  g_autoptr (GstElementFactory) has_parser = gst_element_factory_find ("subparse");
  g_autoptr (GstElementFactory) has_encoder = gst_element_factory_find (chain[0]);
  g_autoptr (GstElementFactory) has_muxer = gst_element_factory_find (chain[1]);
  g_autoptr (Play) run = NULL;
  g_autoptr (Result) inspected = NULL;

  if (has_parser == NULL || has_encoder == NULL || has_muxer == NULL)
    {
      g_test_skip ("parser, encoder or muxer is not installed");
      return;
    }
  g_assert_true (g_file_set_contents (text, script, -1, NULL));
  run = play_new_line (line);
  play_to_end (run);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (run->buffers->len, ==, 3 * FRAMES);
  inspected = run_tpdiff ("inspect", path, NULL);
  g_test_message ("%s%s", inspected->out, inspected->err);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i + 1);
      g_autoptr (Result) made =
          run_tpdiff ("generate", "--device", "cpu", "--from", path, "--clip", number, again, NULL);
      g_autoptr (GBytes) before = play_bytes (run, i * FRAMES, (i + 1) * FRAMES);
      g_autoptr (GBytes) after = NULL;

      g_assert_nonnull (strstr (inspected->out, prompts[i]));
      g_test_message ("%s", made->err);
      g_assert_cmpint (made->status, ==, 0);
      after = read_y4m (again);
      g_assert_true (g_bytes_equal (before, after));
    }
}

static GstPadProbeReturn
drop_tags (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  return GST_EVENT_TYPE (info->data) == GST_EVENT_TAG ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* Videos of others have none, and what is no video is said to be none. */
static void
test_others (void)
{
  g_autofree char *film = in_folder ("bare.mkv");
  g_autofree char *noise = in_folder ("noise.mp4");
  g_autofree char *out = in_folder ("never.png");
  g_autofree char *arguments = g_strdup_printf ("! matroskamux ! filesink location=\"%s\"", film);
  g_autoptr (GstElementFactory) has_muxer = gst_element_factory_find ("matroskamux");
  g_autoptr (Play) run = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (Result) text = NULL;
  g_autoptr (Result) again = NULL;
  g_autoptr (Result) garbage = NULL;

  if (has_muxer == NULL)
    {
      g_test_skip ("the muxer is not installed");
      return;
    }
  run = play_new (arguments);
  pad = gst_element_get_static_pad (run->src, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, drop_tags, NULL, NULL);
  play_to_end (run);
  text = run_tpdiff ("inspect", film, NULL);
  g_assert_nonnull (strstr (text->out, "no settings record"));
  again = run_tpdiff ("generate", "--from", film, out, NULL);
  assert_refused (again, 1, "bare.mkv");

  g_assert_true (g_file_set_contents (noise, "no film at all, whatever its name", -1, NULL));
  garbage = run_tpdiff ("inspect", noise, NULL);
  assert_refused (garbage, 1, "noise.mp4");
}

int
main (int argc, char *argv[])
{
  static const char *const mp4[] = {"x264enc", "mp4mux", "clip.mp4"};
  static const char *const webm[] = {"vp8enc", "webmmux", "clip.webm"};
  static const char *const mkv[] = {"identity", "matroskamux", "raw.mkv"};
  static const char *const gif[] = {"tpdiffgifenc", "identity", "clip.gif"};
  static const char *const webp[] = {"tpdiffwebpenc", "identity", "clip.webp"};
  static const char *const apng[] = {"tpdiffapngenc", "identity", "clip.png"};
  static const char *const three_mp4[] = {"x264enc", "mp4mux", "three.mp4"};
  static const char *const three_webm[] = {"vp8enc", "webmmux", "three.webm"};
  static const char *const three_gif[] = {"tpdiffgifenc", "identity", "three.gif"};
  static const char *const three_webp[] = {"tpdiffwebpenc", "identity", "three.webp"};
  static const char *const film_mp4[] = {"x264enc", "mp4mux", "film.mp4"};
  static const char *const film_webm[] = {"vp8enc", "webmmux", "film.webm"};
  static const char *const film_mkv[] = {"identity", "matroskamux", "film.mkv"};
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_test_add_data_func ("/gst/record/mp4", mp4, test_survives);
  g_test_add_data_func ("/gst/record/webm", webm, test_survives);
  g_test_add_data_func ("/gst/record/mkv", mkv, test_survives);
  g_test_add_data_func ("/gst/record/gif", gif, test_animation);
  g_test_add_data_func ("/gst/record/webp", webp, test_animation);
  g_test_add_data_func ("/gst/record/apng", apng, test_animation);
  g_test_add_func ("/gst/record/again", test_again);
  g_test_add_data_func ("/gst/record/several/mp4", three_mp4, test_several);
  g_test_add_data_func ("/gst/record/several/webm", three_webm, test_several);
  g_test_add_data_func ("/gst/record/several/gif", three_gif, test_several);
  g_test_add_data_func ("/gst/record/several/webp", three_webp, test_several);
  g_test_add_func ("/gst/record/several/again", test_several_again);
  g_test_add_data_func ("/gst/record/film/mp4", film_mp4, test_film);
  g_test_add_data_func ("/gst/record/film/webm", film_webm, test_film);
  g_test_add_data_func ("/gst/record/film/mkv", film_mkv, test_film);
  g_test_add_func ("/gst/record/others", test_others);
  status = g_test_run ();
  tree_remove (folder);
  g_free (folder);
  return status;
}
