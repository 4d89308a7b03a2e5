/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that makes a clip: embed PROMPT FILE.gif [PRESET]
 *
 *   cc embed.c $(pkg-config --cflags --libs gstreamer-1.0)
 *
 * Nothing but GStreamer is needed to build it. */

#include <gst/gst.h>

/* While it works, tpdiffsrc says for programs what its PROGRESS messages say for people. */
static void
on_element_message (GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  double fraction;

  if (gst_structure_has_name (structure, "tpdiff-progress") &&
      gst_structure_get_double (structure, "fraction", &fraction))
    g_print ("\r%3.0f %%", 100 * fraction);
}

/* Returns: whether this was the last message. */
static gboolean
on_message (GstMessage *message, GError **error)
{
  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ELEMENT:
      on_element_message (message);
      return FALSE;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, error, NULL);
      return TRUE;
    default:
      return GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    }
}

static void
run (GstElement *pipeline, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gboolean done = FALSE;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!done)
    {
      g_autoptr (GstMessage) message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);

      done = on_message (message, error);
    }
  gst_element_set_state (pipeline, GST_STATE_NULL); /* cancels a clip under way */
}

int
main (int argc, char *argv[])
{
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  if (argc < 3)
    {
      g_printerr ("usage: embed PROMPT FILE.gif [PRESET]\n");
      return 2;
    }
  pipeline = gst_parse_launch ("tpdiffsrc name=source ! tpdiffgifenc ! filesink name=sink", &error);
  if (error == NULL)
    {
      /* Not in the text above: a prompt may have quotes. */
      source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
      sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
      g_object_set (source, "prompt", argv[1], NULL);
      g_object_set (sink, "location", argv[2], NULL);
      if (argc > 3 && !gst_preset_load_preset (GST_PRESET (source), argv[3]))
        g_printerr ("there is no preset \"%s\"\n", argv[3]);
      run (pipeline, &error);
    }
  if (error != NULL)
    {
      g_printerr ("\n%s\n", error->message);
      return 1;
    }
  g_print ("\n%s\n", argv[2]);
  return 0;
}
