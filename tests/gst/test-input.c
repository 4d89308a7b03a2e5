/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiff generate from videos and pictures, which GStreamer decodes: the record of what was made
 * has the pixels that it was made from, as a checksum. */

#include <string.h>

#include "../cli/run.h"
#include "../tree.h"
#include "io/tpd-image.h"
#include "play.h"
#include "tpd-request.h"

/* The tiny model's clips. */
#define FRAMES      8
#define SIZE        16
#define FRAME_BYTES (3 * SIZE * SIZE)

#define USAGE  2
#define FAILED 1

static char *folder;

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static gboolean
has_elements (void)
{
  static const char *const names[] = {"matroskamux", "pngdec", "videoconvert"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GstElementFactory) factory = gst_element_factory_find (names[i]);

      if (factory == NULL)
        {
          g_test_skip ("an element is not installed");
          return FALSE;
        }
    }
  return TRUE;
}

/* A film of n clips without any compression, and, once more through GStreamer, its frames. */
static GBytes *
make_film (const char *path, guint n_clips)
{
  g_autofree char *arguments =
      g_strdup_printf ("steps=3 clips=%u ! matroskamux ! filesink location=\"%s\"", n_clips, path);
  g_autoptr (Play) made = play (arguments);
  g_autofree char *line = g_strdup_printf ("filesrc location=\"%s\" ! matroskademux ! videoconvert "
                                           "! video/x-raw, format=RGB ! identity name=src "
                                           "! fakesink",
                                           path);
  g_autoptr (Play) shown = play_new_line (line);

  g_assert_cmpuint (made->buffers->len, ==, n_clips * FRAMES);
  play_to_end (shown);
  g_assert_cmpuint (shown->buffers->len, ==, n_clips * FRAMES);
  return play_bytes (shown, 0, n_clips * FRAMES);
}

/* A picture of the model's size. */
static void
make_picture (const char *path, GBytes **pixels)
{
  g_autoptr (TpdImage) image = tpd_image_new (SIZE, SIZE);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < FRAME_BYTES; i++)
    image->rgb[i] = (guint8)(i * 37);
  *pixels = g_bytes_new (image->rgb, FRAME_BYTES);
  tpd_image_write_png (image, path, &error);
  g_assert_no_error (error);
}

#define generate(output, ...)                                                                      \
  run_tpdiff ("generate", "--device", "cpu", "--model", g_getenv ("TPDIFF_TEST_MODEL"), "--steps", \
              "3", output, __VA_ARGS__, NULL)

/* The settings record of a clip that was made. */
static JsonObject *
record_of (const Result *made, const char *path)
{
  g_autoptr (Result) inspected = run_tpdiff ("inspect", "--json", path, NULL);
  g_autoptr (JsonObject) report = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_test_message ("%s", made->err);
  g_assert_cmpint (made->status, ==, 0);
  report = parse_output (inspected);
  node = json_from_string (json_object_get_string_member (report, "record"), NULL);
  return json_node_dup_object (node);
}

static void
assert_pixels (JsonObject *record, const char *member, GBytes *pixels)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, pixels);

  g_assert_cmpstr (json_object_get_string_member (record, member), ==, digest);
}

#define generate_from(made, output, ...)                                                           \
  run_tpdiff ("generate", "--device", "cpu", "--from", made, output, __VA_ARGS__, NULL)

static void
assert_same_file (const char *path, const char *other)
{
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;
  gsize n, m;

  g_assert_true (g_file_get_contents (path, &a, &n, NULL));
  g_assert_true (g_file_get_contents (other, &b, &m, NULL));
  g_assert_cmpmem (a, n, b, m);
}

static void
test_video (void)
{
  g_autofree char *film = in_folder ("film.mkv");
  g_autofree char *sheet = in_folder ("changed.png");
  g_autofree char *plain = in_folder ("default.png");
  g_autoptr (GBytes) pixels = NULL;
  g_autoptr (Result) made = NULL, made_plain = NULL;
  g_autoptr (JsonObject) record = NULL, record_plain = NULL;

  if (!has_elements ())
    return;
  pixels = make_film (film, 1);
  made = generate (sheet, "--video", film, "--strength", "0.25");
  record = record_of (made, sheet);
  assert_pixels (record, "input", pixels);
  g_assert_cmpfloat (json_object_get_double_member (record, "strength"), ==, 0.25);
  made_plain = generate (plain, "--video", film);
  record_plain = record_of (made_plain, plain);
  g_assert_cmpfloat (json_object_get_double_member (record_plain, "strength"), ==,
                     TPD_DEFAULT_STRENGTH);
}

/* With strength 1 nothing of it is left. */
static void
test_full_strength (void)
{
  g_autofree char *film = in_folder ("unseen.mkv");
  g_autofree char *changed = in_folder ("changed.y4m");
  g_autofree char *plain = in_folder ("plain.y4m");
  g_autoptr (GBytes) pixels = NULL;
  g_autoptr (Result) made = NULL, made_plain = NULL;

  if (!has_elements ())
    return;
  pixels = make_film (film, 1);
  made = generate (changed, "--video", film, "--strength", "1");
  made_plain = generate (plain, "--seed", "0");
  g_assert_cmpint (made->status, ==, 0);
  g_assert_cmpint (made_plain->status, ==, 0);
  assert_same_file (changed, plain);
}

/* Made again bit for bit, record and all, from the same file and no other. */
static void
test_video_again (void)
{
  g_autofree char *film = in_folder ("source.mkv");
  g_autofree char *other = in_folder ("other.mkv");
  g_autofree char *sheet = in_folder ("from-source.png");
  g_autofree char *again = in_folder ("from-source-again.png");
  g_autoptr (GBytes) pixels = NULL;
  g_autoptr (GBytes) other_pixels = NULL;
  g_autoptr (Result) made = NULL, inspected = NULL, alone = NULL, wrong = NULL, remade = NULL;

  if (!has_elements ())
    return;
  pixels = make_film (film, 1);
  other_pixels = make_film (other, 2);
  made = generate (sheet, "--video", film, "--strength", "0.25");
  g_assert_cmpint (made->status, ==, 0);
  inspected = run_tpdiff ("inspect", sheet, NULL);
  g_assert_nonnull (strstr (inspected->out, "source.mkv"));
  alone = generate_from (sheet, again, NULL);
  assert_refused (alone, FAILED, "source.mkv: --video FILE");
  wrong = generate_from (sheet, again, "--video", other);
  assert_refused (wrong, FAILED, "SHA-256");
  g_assert_false (g_file_test (again, G_FILE_TEST_EXISTS));
  remade = generate_from (sheet, again, "--video", film);
  g_test_message ("%s", remade->err);
  g_assert_cmpint (remade->status, ==, 0);
  assert_same_file (sheet, again);
}

/* Of a film that is too long for memory every second frame. */
static void
test_long_video (void)
{
  const guint n_clips = 65; /* 520 frames, 512 are kept */
  g_autofree char *film = in_folder ("long.mkv");
  g_autofree char *sheet = in_folder ("long.png");
  g_autoptr (GBytes) all = NULL;
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  g_autoptr (GBytes) pixels = NULL;
  g_autoptr (Result) made = NULL;
  g_autoptr (JsonObject) record = NULL;

  if (!has_elements ())
    return;
  all = make_film (film, n_clips);
  for (guint i = 0; i < n_clips * FRAMES; i += 2)
    g_byte_array_append (kept, (const guint8 *)g_bytes_get_data (all, NULL) + i * FRAME_BYTES,
                         FRAME_BYTES);
  pixels = g_byte_array_free_to_bytes (g_steal_pointer (&kept));
  made = generate (sheet, "--video", film);
  record = record_of (made, sheet);
  assert_pixels (record, "input", pixels);
}

/* The picture, or the first one of the video, in the file is what the clip begins with. */
static void
assert_begins_with (const char *path, GBytes *pixels)
{
  g_autofree char *sheet = g_strconcat (path, ".made.png", NULL);
  g_autofree char *again = g_strconcat (path, ".again.png", NULL);
  g_autoptr (Result) made = generate (sheet, "--first-frame", path, "--hold-first-frame");
  g_autoptr (JsonObject) record = record_of (made, sheet);
  g_autoptr (Result) alone = generate_from (sheet, again, NULL);
  g_autoptr (Result) remade = NULL;

  assert_pixels (record, "first-frame", pixels);
  assert_refused (alone, FAILED, "--first-frame FILE");
  remade = generate_from (sheet, again, "--first-frame", path);
  g_assert_cmpint (remade->status, ==, 0);
  assert_same_file (sheet, again);
}

/* Refused where the model knows nothing of it, unless it shall try. */
static void
test_first_frame (void)
{
  g_autofree char *picture = in_folder ("picture.png");
  g_autofree char *sheet = in_folder ("from-picture.png");
  g_autoptr (GBytes) pixels = NULL;
  g_autoptr (Result) refused = NULL;

  if (!has_elements ())
    return;
  make_picture (picture, &pixels);
  refused = generate (sheet, "--first-frame", picture);
  assert_refused (refused, FAILED, "not trained to go on from a given first frame");
  g_assert_false (g_file_test (sheet, G_FILE_TEST_EXISTS));
  assert_begins_with (picture, pixels);
}

/* The first one of a video, which goes on. */
static void
test_first_frame_of_video (void)
{
  g_autofree char *film = in_folder ("begins.mkv");
  g_autoptr (GBytes) all = NULL;
  g_autoptr (GBytes) first = NULL;

  if (!has_elements ())
    return;
  all = make_film (film, 2);
  first = g_bytes_new_from_bytes (all, 0, FRAME_BYTES);
  assert_begins_with (film, first);
}

static void
test_refused (void)
{
  g_autofree char *noise = in_folder ("noise.mp4");
  g_autofree char *out = in_folder ("never.png");
  g_autoptr (Result) missing = generate (out, "--video", "/nonexistent.mkv");
  g_autoptr (Result) strong = generate (out, "--video", "x.mkv", "--strength", "1.5");
  g_autoptr (Result) zero = generate (out, "--video", "x.mkv", "--strength", "0");
  g_autoptr (Result) alone = generate (out, "--strength", "0.5");
  g_autoptr (Result) garbage = NULL;

  g_assert_true (g_file_set_contents (noise, "no film at all, whatever its name", -1, NULL));
  garbage = generate (out, "--video", noise);
  assert_refused (missing, FAILED, "/nonexistent.mkv: there is no such file");
  assert_refused (strong, USAGE, "got 1.5");
  assert_refused (zero, USAGE, "got 0");
  assert_refused (alone, USAGE, "--video FILE");
  assert_refused (garbage, FAILED, "noise.mp4");
  g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tpd-XXXXXX", NULL);
  g_test_add_func ("/gst/input/video", test_video);
  g_test_add_func ("/gst/input/video-again", test_video_again);
  g_test_add_func ("/gst/input/full-strength", test_full_strength);
  g_test_add_func ("/gst/input/long-video", test_long_video);
  g_test_add_func ("/gst/input/first-frame", test_first_frame);
  g_test_add_func ("/gst/input/first-frame-of-video", test_first_frame_of_video);
  g_test_add_func ("/gst/input/refused", test_refused);
  status = g_test_run ();
  tree_remove (folder);
  g_free (folder);
  return status;
}
