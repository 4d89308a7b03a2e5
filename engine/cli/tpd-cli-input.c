/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli-input.h"

#include <math.h>

#ifdef TPD_HAVE_MEDIA
#include "tpd-media-clip.h"
#endif

void
tpd_cli_input_clear (TpdCliInput *self)
{
  g_clear_pointer (&self->video, g_free);
  g_clear_pointer (&self->first_frame, g_free);
}

void
tpd_cli_input_add_options (TpdCliInput *self, GOptionGroup *group, TpdRequest *request)
{
  const GOptionEntry entries[] = {
      {"video", 0, 0, G_OPTION_ARG_FILENAME, &self->video,
       N_ ("Change the video in FILE instead of beginning with noise"), N_ ("FILE")},
      {"strength", 0, 0, G_OPTION_ARG_DOUBLE, &self->strength,
       N_ ("How much to change it: above 0, and 1 changes all of it"), "X"},
      {"first-frame", 0, 0, G_OPTION_ARG_FILENAME, &self->first_frame,
       N_ ("Begin with the picture in FILE, or the first one of a video"), N_ ("FILE")},
      {"hold-first-frame", 0, 0, G_OPTION_ARG_NONE, &request->hold_first_frame,
       N_ ("Do so although the model was not trained for it: other frames follow part of the way"),
       NULL},
      {NULL},
  };

  self->strength = NAN;
  g_option_group_add_entries (group, entries);
}

gboolean
tpd_cli_input_check (const TpdCliInput *self, GError **error)
{
  if (isnan (self->strength))
    return TRUE;
  if (self->video != NULL && self->strength > 0 && self->strength <= 1)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("--strength: expected a number above 0 and at most 1, and --video FILE, got %g"),
               self->strength);
  return FALSE;
}

static gboolean
check_source (const char *digest, const char *name, const char *path, const char *option,
              const char *from, GError **error)
{
  if (digest == NULL || path != NULL)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
               _ ("%s: its clip was made from %s: %s FILE has to give it once more"), from,
               name != NULL ? name : _ ("another one, without a name"), option);
  return FALSE;
}

gboolean
tpd_cli_input_check_sources (const TpdCliInput *self, const TpdRequest *request, const char *from,
                             GError **error)
{
  return check_source (request->input_digest, request->input_name, self->video, "--video", from,
                       error) &&
         check_source (request->first_frame_digest, request->first_frame_name, self->first_frame,
                       "--first-frame", from, error);
}

/* What a record calls it, unless it is given once more under another name. */
static void
set_name (char **name, const char *path)
{
  if (path == NULL || *name != NULL)
    return;
  *name = g_filename_display_basename (path);
}

#ifdef TPD_HAVE_MEDIA
static gboolean
read_clip (const char *path, const TpdModelInfo *info, guint max_frames, TpdClip **clip,
           GCancellable *cancellable, GError **error)
{
  if (path != NULL)
    *clip = tpd_media_clip_read (path, info->width, info->height, max_frames, cancellable, error);
  return path == NULL || *clip != NULL;
}
#else
static gboolean
read_clip (const char *path, const TpdModelInfo *info, guint max_frames, TpdClip **clip,
           GCancellable *cancellable, GError **error)
{
  if (path == NULL)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
               _ ("%s: this tpdiff was built without GStreamer, which reads videos and pictures"),
               path);
  return FALSE;
}
#endif

gboolean
tpd_cli_input_read (const TpdCliInput *self, TpdPipeline *pipeline, TpdRequest *request,
                    GCancellable *cancellable, GError **error)
{
  const TpdModelInfo *info = tpd_model_get_info (tpd_pipeline_get_model (pipeline));

  if (!isnan (self->strength))
    request->strength = self->strength;
  set_name (&request->input_name, self->video);
  set_name (&request->first_frame_name, self->first_frame);
  return read_clip (self->video, info, 0, &request->input, cancellable, error) &&
         read_clip (self->first_frame, info, 1, &request->first_frame, cancellable, error) &&
         tpd_request_check_sources (request, error);
}
