/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings come back out of a film of several clips, in every container. */

#include <gst/gst.h>

#include "../tree.h"
#include "tpda-clip-record.h"

#define FIRST_PROMPT "a red star"
#define FIRST_SEED   7

#define SETTINGS "model=\"%s\" device=cpu steps=3 seed=%d ! video/x-raw, format=%s ! "

typedef struct
{
  const char *name;
  const char *format;
  const char *encoder, *muxer;
} Container;

static const Container containers[] = {
    {"film.mkv", "I420", "identity", "matroskamux"},
    {"film.webm", "I420", "vp8enc", "webmmux"},
    {"film.gif", "RGB", "tpdiffgifenc", "identity"},
    {"film.webp", "RGB", "tpdiffwebpenc", "identity"},
    {"film.png", "RGB", "tpdiffapngenc", "identity"},
};

typedef struct
{
  char *folder;
  char *path; /* of the film */
} Fixture;

static void
set_up (Fixture *self, gconstpointer container)
{
  self->folder = g_dir_make_tmp ("tpda-record-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, ((const Container *)container)->name, NULL);
}

static void
tear_down (Fixture *self, gconstpointer container)
{
  tree_remove (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

/* FALSE, and the test is skipped, where an element is not installed. */
static gboolean
has_elements (const char *const *names)
{
  for (; *names != NULL; names++)
    {
      g_autoptr (GstElementFactory) factory = gst_element_factory_find (*names);

      if (factory == NULL)
        {
          g_autofree char *reason = g_strdup_printf ("there is no element %s", *names);

          g_test_skip (reason);
          return FALSE;
        }
    }
  return TRUE;
}

/* Writes what comes from the source, a beginning of a pipeline, into the film. */
static void
write_film (Fixture *self, const Container *container, const char *source)
{
  g_autofree char *start =
      g_strdup_printf (SETTINGS, g_getenv ("TPDIFF_TEST_MODEL"), FIRST_SEED, container->format);
  g_autofree char *line = g_strdup_printf ("%s %s %s ! %s ! filesink location=\"%s\"", source,
                                           start, container->encoder, container->muxer, self->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  g_assert_no_error (error);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message =
      gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  g_assert_no_error (error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static void
assert_restores_first (Fixture *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TpdRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  tpda_clip_record_read_async (file, NULL, on_read, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  request = tpda_clip_record_read_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (request->prompt, ==, FIRST_PROMPT);
  g_assert_cmpuint (tpd_sampler_settings_get_seed (request->settings), ==, FIRST_SEED);
}

/* Each with a prompt of its own. */
static void
test_cues (Fixture *self, gconstpointer data)
{
  static const char script[] = "1\n00:00:00,000 --> 00:00:01,000\n" FIRST_PROMPT "\n\n"
                               "2\n00:00:01,000 --> 00:00:02,000\na blue circle\n\n";
  const Container *container = data;
  g_autofree char *text = g_build_filename (self->folder, "script.srt", NULL);
  g_autofree char *source =
      g_strdup_printf ("filesrc location=\"%s\" ! subparse ! tpdiffgen", text);

  if (!has_elements ((const char *const[]){"subparse", container->encoder, container->muxer, NULL}))
    return;
  g_assert_true (g_file_set_contents (text, script, -1, NULL));
  write_film (self, container, source);
  assert_restores_first (self);
}

/* Alike but for the seed, which counts up: Matroska keeps the record of the last one. */
static void
test_clips (Fixture *self, gconstpointer data)
{
  const Container *container = data;

  if (!has_elements ((const char *const[]){container->encoder, container->muxer, NULL}))
    return;
  write_film (self, container, "tpdiffsrc clips=3 prompt=\"" FIRST_PROMPT "\"");
  assert_restores_first (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    {
      g_autofree char *cues = g_strconcat ("/app/clip-record/cues/", containers[i].name, NULL);
      g_autofree char *clips = g_strconcat ("/app/clip-record/clips/", containers[i].name, NULL);

      g_test_add (cues, Fixture, &containers[i], set_up, test_cues, tear_down);
      g_test_add (clips, Fixture, &containers[i], set_up, test_clips, tear_down);
    }
  return g_test_run ();
}
