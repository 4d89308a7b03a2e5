/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <stdio.h>

#include "io/tpd-image.h"
#include "io/tpd-y4m.h"
#include "tpd-cli-clip-file.h"
#include "tpd-cli-input.h"
#include "tpd-cli-settings.h"
#include "tpd-pipeline.h"

static void
show_progress (const TpdProgress *progress, gpointer data)
{
  tpd_cli_warn_of_unknown_words (progress->unknown_words);
  if (progress->phase != TPD_PHASE_SAMPLE)
    tpd_cli_progress ("%3.0f %%", 100 * progress->fraction);
  else if (progress->seconds_left < 0)
    tpd_cli_progress (_ ("%3.0f %%  stage %u of %u"), 100 * progress->fraction,
                      progress->n_stages - progress->stage + 1, progress->n_stages);
  else
    tpd_cli_progress (_ ("%3.0f %%  stage %u of %u, step %u of %u, %.1f s left"),
                      100 * progress->fraction, progress->n_stages - progress->stage + 1,
                      progress->n_stages, progress->step, progress->n_steps,
                      progress->seconds_left);
}

/* ── the three kinds of output ── */

static gboolean
write_y4m (const TpdClip *clip, const char *path, GError **error)
{
  g_autoptr (TpdY4mWriter) writer =
      tpd_y4m_writer_open (path, clip->width, clip->height, clip->fps_n, clip->fps_d, error);

  if (writer == NULL)
    return FALSE;
  for (guint i = 0; i < clip->n_frames; i++)
    if (!tpd_y4m_writer_write (writer, tpd_clip_get_frame (clip, i), error))
      return FALSE;
  return tpd_y4m_writer_commit (writer, error);
}

static gboolean
write_sheet (const TpdClip *clip, const char *path, GError **error)
{
  const guint8 *frames = tpd_clip_get_frame (clip, 0);
  g_autoptr (TpdImage) sheet =
      tpd_image_new_contact_sheet (&frames, 1, clip->n_frames, clip->height, clip->width, 1);

  sheet->comment = g_strdup (clip->record);
  return tpd_image_write_png (sheet, path, error);
}

static gboolean
write_frames (const TpdClip *clip, const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be made: %s"),
                   folder, g_strerror (errno));
      return FALSE;
    }
  for (guint i = 0; i < clip->n_frames; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u.png", i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (TpdImage) frame = tpd_image_new (clip->width, clip->height);

      frame->comment = g_strdup (clip->record);
      memcpy (frame->rgb, tpd_clip_get_frame (clip, i), (gsize)clip->width * clip->height * 3);
      if (!tpd_image_write_png (frame, path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_clip (const TpdClip *clip, const char *path, GError **error)
{
  if (g_str_has_suffix (path, ".y4m") || g_str_equal (path, "-"))
    return write_y4m (clip, g_str_equal (path, "-") ? "/dev/stdout" : path, error);
  if (g_str_has_suffix (path, ".png"))
    return write_sheet (clip, path, error);
  return write_frames (clip, path, error);
}

/* Refuses before minutes of work what would fail after them. */
static gboolean
check_output (const char *path, GError **error)
{
  const char *dot = strrchr (path, '.');

  if (dot == NULL || strchr (dot, '/') != NULL || g_str_has_suffix (path, ".y4m") ||
      g_str_has_suffix (path, ".png") || g_str_has_suffix (path, "/"))
    return TRUE;
  g_set_error (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      _ ("%s: expected a name ending in .y4m (video), .png (all frames in one picture) or / "
         "(a folder of frames); for other formats use the tpdiffsrc element"),
      path);
  return FALSE;
}

/* What the command line says, besides the output and the request itself. */
typedef struct
{
  char *from;
  gint64 clip; /* of that file; 0 is the first that there is */
  TpdCliInput input;
} Options;

static void
options_clear (Options *self)
{
  g_clear_pointer (&self->from, g_free);
  tpd_cli_input_clear (&self->input);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What the command does not say is as in the file. */
static gboolean
fill_in_from (TpdRequest *request, const Options *options, GError **error)
{
  g_autoptr (TpdRequest) before = NULL;

  if (options->from == NULL)
    return TRUE;
  before = tpd_cli_clip_file_read_request (options->from, options->clip, error);
  if (before == NULL)
    return FALSE;
  tpd_request_fill_in (request, before);
  return tpd_cli_input_check_sources (&options->input, request, options->from, error);
}

static gboolean
parse_options (int *argc, char ***argv, TpdRequest *request, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
      {"from", 0, 0, G_OPTION_ARG_FILENAME, &options->from,
       N_ ("Make the clip in FILE again; other options change what it was made with"), N_ ("FILE")},
      {"clip", 0, 0, G_OPTION_ARG_INT64, &options->clip,
       N_ ("Which of several clips in that file: 1 is the first (see tpdiff inspect FILE)"), "N"},
      {NULL},
  };
  GOptionGroup *group = tpd_cli_request_options (request);
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("OUTPUT"));

  g_option_group_add_entries (group, entries);
  tpd_cli_input_add_options (&options->input, group, request);
  g_option_context_set_main_group (context, group);
  g_option_context_set_description (
      context, _ ("OUTPUT is a file ending in .y4m (video) or .png (all frames in one picture), a "
                  "folder for frames, or - for a Y4M stream on standard output. For MP4, WebM and "
                  "all other formats use the GStreamer element tpdiffsrc."));
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
check_options (int argc, char **argv, const Options *options, GError **error)
{
  if (argc != 2)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("Expected the name of one output"));
      return FALSE;
    }
  if (options->clip < 0 || (options->clip > 0 && options->from == NULL))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("--clip: expected the number of a clip, from 1 on, and --from FILE"));
      return FALSE;
    }
  return check_output (argv[1], error) && tpd_cli_input_check (&options->input, error);
}

gboolean
tpd_cli_generate (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_auto (Options) options = {NULL};
  g_autoptr (TpdPipeline) pipeline = NULL;
  g_autoptr (TpdClip) clip = NULL;

  if (!parse_options (&argc, &argv, request, &options, error) ||
      !check_options (argc, argv, &options, error) || !fill_in_from (request, &options, error))
    return FALSE;
  pipeline = tpd_pipeline_new (request->model, request->device, error);
  if (pipeline == NULL ||
      !tpd_cli_input_read (&options.input, pipeline, request, cancellable, error))
    return FALSE;
  clip = tpd_pipeline_generate (pipeline, request, show_progress, NULL, cancellable, error);
  return clip != NULL && write_clip (clip, argv[1], error);
}
