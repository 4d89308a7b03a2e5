/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-tpdiffsrc
 * @title: tpdiffsrc
 * @short_description: makes video clips from a prompt
 *
 * A video source that generates its clips with temporal pyramid diffusion (TPDiff): the early,
 * noisy steps run at a low frame rate, which doubles from stage to stage.
 *
 * The element produces `clips` clips of the model's length and then ends the stream. A worker
 * thread loads the model and generates; state changes never wait for it. While it works, the
 * element posts progress messages, and previews if asked for (see the property `preview`).
 *
 * ## Examples
 * |[
 * gst-launch-1.0 tpdiffsrc prompt="a small green circle moving left on white" ! videoconvert !
 * autovideosink gst-launch-1.0 tpdiffsrc prompt="a red star" seed=7 ! x264enc ! h264parse ! mp4mux
 * ! filesink location=star.mp4 gst-launch-1.0 tpdiffsrc clips=0 is-live=true ! videoconvert !
 * autovideosink
 * ]|
 */

#include "gsttpdiffsrc.h"

#include "gsttpdiffframe.h"
#include "gsttpdiffmessages.h"
#include "gsttpdiffsettings.h"
#include "tpd-worker.h"

GST_DEBUG_CATEGORY_STATIC (tpdiffsrc_debug);
#define GST_CAT_DEFAULT tpdiffsrc_debug

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_DEVICE,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_PREVIEW,
  PROP_CLIPS,
  PROP_IS_LIVE,
  PROP_FIRST_SETTING, /* the sampler's settings from here on */
};

struct _GstTpdiffSrc
{
  GstPushSrc parent_instance;

  /* properties, under the object lock */
  TpdRequest *request;
  guint n_clips;

  /* owned */
  TpdWorker *worker;

  /* state, under the object lock: other threads look at it */
  TpdModelInfo *model; /* once negotiated */
  TpdJob *job;         /* the clip that the streaming thread waits for */
  gboolean flushing;

  /* state of the streaming thread */
  GstVideoInfo info;
  TpdClip *clip;    /* being pushed */
  guint frame;      /* the next one of it */
  guint n_done;     /* clips */
  guint64 n_pushed; /* frames */
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-raw, format = (string) { I420, RGB }, width = (int) [ 1, max ], "
                     "height = (int) [ 1, max ], framerate = (fraction) [ 1/1000, 1000/1 ], "
                     "pixel-aspect-ratio = (fraction) 1/1, interlace-mode = (string) progressive"));

G_DEFINE_TYPE (GstTpdiffSrc, gst_tpdiff_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (tpdiffsrc, "tpdiffsrc", GST_RANK_NONE, GST_TYPE_TPDIFF_SRC,
                                       GST_DEBUG_CATEGORY_INIT (tpdiffsrc_debug, "tpdiffsrc", 0,
                                                                "TPDiff video source"))

/* ── generation ── */

/* The request for the next clip: the properties, its seed counted up from the first clip's. */
static TpdRequest *
next_request (GstTpdiffSrc *self)
{
  TpdRequest *request;
  guint64 seed;

  GST_OBJECT_LOCK (self);
  request = tpd_request_copy (self->request);
  GST_OBJECT_UNLOCK (self);
  g_object_get (request->settings, "seed", &seed, NULL);
  g_object_set (request->settings, "seed", seed + self->n_done, NULL);
  return request;
}

static void
on_progress (const TpdProgress *progress, gpointer data)
{
  GWeakRef *ref = data;
  g_autoptr (GstElement) element = g_weak_ref_get (ref);

  if (element != NULL)
    gst_tpdiff_post_progress (element, progress);
}

static GWeakRef *
weak_ref_new (gpointer object)
{
  GWeakRef *ref = g_new (GWeakRef, 1);

  g_weak_ref_init (ref, object);
  return ref;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Submits the next clip, unless flushing. Returns a reference to its job. */
static TpdJob *
submit_next (GstTpdiffSrc *self)
{
  g_autoptr (TpdRequest) request = next_request (self);
  TpdJob *job = NULL;

  GST_OBJECT_LOCK (self);
  if (!self->flushing)
    {
      self->job = tpd_worker_submit (self->worker, request, on_progress, weak_ref_new (self),
                                     weak_ref_free);
      job = tpd_job_ref (self->job);
    }
  GST_OBJECT_UNLOCK (self);
  return job;
}

static GstFlowReturn
fail_job (GstTpdiffSrc *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      gst_tpdiff_post_end (GST_ELEMENT (self), GST_PROGRESS_TYPE_CANCELED, "Cancelled");
      return GST_FLOW_FLUSHING;
    }
  gst_tpdiff_post_end (GST_ELEMENT (self), GST_PROGRESS_TYPE_ERROR, error->message);
  gst_tpdiff_post_error (GST_ELEMENT (self), error);
  return GST_FLOW_ERROR;
}

static void
send_tags (GstTpdiffSrc *self)
{
  GstTagList *tags = gst_tag_list_new (GST_TAG_APPLICATION_NAME, "TPDiff", GST_TAG_COMMENT,
                                       self->clip->record, NULL);

  GST_OBJECT_LOCK (self);
  if (self->request->prompt != NULL && *self->request->prompt != '\0')
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, self->request->prompt, NULL);
  GST_OBJECT_UNLOCK (self);
  /* The base class sends it after the segment, before the next buffer. */
  gst_element_send_event (GST_ELEMENT (self), gst_event_new_tag (tags));
}

/* Waits for the next clip. */
static GstFlowReturn
fetch_clip (GstTpdiffSrc *self)
{
  g_autoptr (TpdJob) job = NULL;
  g_autoptr (GError) error = NULL;

  gst_tpdiff_post_start (GST_ELEMENT (self));
  job = submit_next (self);
  if (job == NULL)
    return GST_FLOW_FLUSHING;
  self->clip = tpd_job_wait (job, &error);
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->job, tpd_job_unref);
  GST_OBJECT_UNLOCK (self);
  if (self->clip == NULL)
    return fail_job (self, error);

  gst_tpdiff_post_end (GST_ELEMENT (self), GST_PROGRESS_TYPE_COMPLETE, "Done");
  self->frame = 0;
  send_tags (self);
  return GST_FLOW_OK;
}

static gboolean
is_last_clip_done (GstTpdiffSrc *self)
{
  gboolean done;

  GST_OBJECT_LOCK (self);
  done = self->n_clips > 0 && self->n_done >= self->n_clips;
  GST_OBJECT_UNLOCK (self);
  return done;
}

static void
stamp (GstTpdiffSrc *self, GstBuffer *buffer)
{
  guint64 unit = GST_SECOND * (guint64)GST_VIDEO_INFO_FPS_D (&self->info);
  guint64 fps_n = (guint64)GST_VIDEO_INFO_FPS_N (&self->info);

  GST_BUFFER_OFFSET (buffer) = self->n_pushed;
  GST_BUFFER_OFFSET_END (buffer) = self->n_pushed + 1;
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (self->n_pushed, unit, fps_n);
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (self->n_pushed + 1, unit, fps_n) - GST_BUFFER_PTS (buffer);
  self->n_pushed++;
}

static GstFlowReturn
gst_tpdiff_src_fill (GstPushSrc *src, GstBuffer *buffer)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  GstVideoFrame frame;

  if (self->clip == NULL)
    {
      GstFlowReturn flow = is_last_clip_done (self) ? GST_FLOW_EOS : fetch_clip (self);

      if (flow != GST_FLOW_OK)
        return flow;
    }

  if (!gst_video_frame_map (&frame, &self->info, buffer, GST_MAP_WRITE))
    {
      GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("A video buffer cannot be written to"), (NULL));
      return GST_FLOW_ERROR;
    }
  gst_tpdiff_fill_frame (self->clip, self->frame, &frame);
  gst_video_frame_unmap (&frame);
  stamp (self, buffer);

  if (++self->frame == self->clip->n_frames)
    {
      g_clear_pointer (&self->clip, tpd_clip_unref);
      self->n_done++;
    }
  return GST_FLOW_OK;
}

/* ── negotiation ── */

/* The model's size, any rate. Before the model is known: whatever the template says. */
static GstCaps *
gst_tpdiff_src_get_caps (GstBaseSrc *src, GstCaps *filter)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  GstCaps *caps = gst_pad_get_pad_template_caps (GST_BASE_SRC_PAD (src));

  GST_OBJECT_LOCK (self);
  if (self->model != NULL)
    {
      caps = gst_caps_make_writable (caps);
      gst_caps_set_simple (caps, "width", G_TYPE_INT, (int)self->model->width, "height", G_TYPE_INT,
                           (int)self->model->height, NULL);
    }
  GST_OBJECT_UNLOCK (self);
  if (filter != NULL)
    {
      GstCaps *both = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);

      gst_caps_unref (caps);
      caps = both;
    }
  return caps;
}

/* Prefers the model's own rate; colours are BT.709. */
static GstCaps *
gst_tpdiff_src_fixate (GstBaseSrc *src, GstCaps *caps)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  GstStructure *structure;

  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_fixate_field_string (structure, "format", "I420");
  gst_structure_fixate_field_nearest_fraction (structure, "framerate", (int)self->model->fps_n,
                                               (int)self->model->fps_d);
  if (!gst_structure_has_field (structure, "colorimetry"))
    gst_structure_set (structure, "colorimetry", G_TYPE_STRING,
                       g_strcmp0 (gst_structure_get_string (structure, "format"), "RGB") == 0
                           ? "1:1:5:1" /* full-range RGB with BT.709 transfer and primaries */
                           : "bt709",
                       NULL);
  return GST_BASE_SRC_CLASS (gst_tpdiff_src_parent_class)->fixate (src, caps);
}

/* Runs in the streaming thread: reading the model's description there blocks no state change. */
static gboolean
gst_tpdiff_src_negotiate (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  TpdModelInfo *info;

  g_object_get (self, "model", &name, NULL);
  info = tpd_model_info_read (name, &error);
  if (info == NULL)
    {
      gst_tpdiff_post_error (GST_ELEMENT (self), error);
      return FALSE;
    }
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->model, tpd_model_info_free);
  self->model = info;
  GST_OBJECT_UNLOCK (self);

  if (GST_BASE_SRC_CLASS (gst_tpdiff_src_parent_class)->negotiate (src))
    return TRUE;
  GST_ELEMENT_ERROR (
      self, STREAM, FORMAT,
      ("The model makes clips of %u × %u pixels, which the next element does not take",
       self->model->width, self->model->height),
      ("put videoconvert and videoscale in between"));
  return FALSE;
}

static gboolean
gst_tpdiff_src_set_caps (GstBaseSrc *src, GstCaps *caps)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  if (!gst_video_info_from_caps (&self->info, caps))
    return FALSE;
  gst_base_src_set_blocksize (src, (guint)GST_VIDEO_INFO_SIZE (&self->info));
  return TRUE;
}

/* ── life cycle ── */

static gboolean
gst_tpdiff_src_start (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  self->n_done = 0;
  self->n_pushed = 0;
  return TRUE;
}

static gboolean
gst_tpdiff_src_stop (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  g_clear_pointer (&self->clip, tpd_clip_unref);
  return TRUE;
}

static gboolean
gst_tpdiff_src_unlock (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  GST_OBJECT_LOCK (self);
  self->flushing = TRUE;
  if (self->job != NULL)
    tpd_job_cancel (self->job);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_tpdiff_src_unlock_stop (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  GST_OBJECT_LOCK (self);
  self->flushing = FALSE;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Live sources wait for their timestamps, as cameras do. */
static void
gst_tpdiff_src_get_times (GstBaseSrc *src, GstBuffer *buffer, GstClockTime *start,
                          GstClockTime *end)
{
  if (!gst_base_src_is_live (src))
    return;
  *start = GST_BUFFER_PTS (buffer);
  *end = *start + GST_BUFFER_DURATION (buffer);
}

/* Frames of all clips; 0 while unknown or endless. */
static guint64
total_frames (GstTpdiffSrc *self)
{
  guint64 frames = 0;
  guint wanted;

  GST_OBJECT_LOCK (self);
  g_object_get (self->request->settings, "num-frames", &wanted, NULL);
  if (self->model != NULL)
    frames = (guint64)self->n_clips * (wanted > 0 ? wanted : self->model->n_frames);
  GST_OBJECT_UNLOCK (self);
  return frames;
}

static gboolean
gst_tpdiff_src_query (GstBaseSrc *src, GstQuery *query)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  guint64 frames = total_frames (self);
  GstFormat format;

  if (GST_QUERY_TYPE (query) == GST_QUERY_DURATION && frames > 0 &&
      GST_VIDEO_INFO_FPS_N (&self->info) > 0)
    {
      gst_query_parse_duration (query, &format, NULL);
      if (format == GST_FORMAT_TIME)
        {
          guint64 unit = GST_SECOND * (guint64)GST_VIDEO_INFO_FPS_D (&self->info);

          gst_query_set_duration (query, format,
                                  (gint64)gst_util_uint64_scale (
                                      frames, unit, (guint64)GST_VIDEO_INFO_FPS_N (&self->info)));
          return TRUE;
        }
    }
  return GST_BASE_SRC_CLASS (gst_tpdiff_src_parent_class)->query (src, query);
}

static gboolean
gst_tpdiff_src_is_seekable (GstBaseSrc *src)
{
  return FALSE;
}

/* ── properties ── */

/* The string member that a property stands for. */
static char **
string_member (GstTpdiffSrc *self, guint id)
{
  switch (id)
    {
    case PROP_MODEL:
      return &self->request->model;
    case PROP_DEVICE:
      return &self->request->device;
    case PROP_PROMPT:
      return &self->request->prompt;
    case PROP_NEGATIVE_PROMPT:
      return &self->request->negative_prompt;
    default:
      return NULL;
    }
}

static void
gst_tpdiff_src_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);
  char **text = string_member (self, id);

  if (id == PROP_IS_LIVE)
    {
      gst_base_src_set_live (GST_BASE_SRC (self), g_value_get_boolean (value));
      return;
    }
  GST_OBJECT_LOCK (self);
  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else if (id == PROP_PREVIEW)
    self->request->preview = g_value_get_enum (value);
  else if (id == PROP_CLIPS)
    self->n_clips = g_value_get_uint (value);
  else
    g_object_set_property (G_OBJECT (self->request->settings), spec->name, value);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tpdiff_src_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);
  char **text = string_member (self, id);

  if (id == PROP_IS_LIVE)
    {
      g_value_set_boolean (value, gst_base_src_is_live (GST_BASE_SRC (self)));
      return;
    }
  GST_OBJECT_LOCK (self);
  if (text != NULL)
    g_value_set_string (value, *text);
  else if (id == PROP_PREVIEW)
    g_value_set_enum (value, self->request->preview);
  else if (id == PROP_CLIPS)
    g_value_set_uint (value, self->n_clips);
  else
    g_object_get_property (G_OBJECT (self->request->settings), spec->name, value);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tpdiff_src_dispose (GObject *object)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);

  if (self->worker != NULL)
    tpd_worker_drain (self->worker); /* its job was cancelled when the pad was deactivated */
  g_clear_object (&self->worker);
  G_OBJECT_CLASS (gst_tpdiff_src_parent_class)->dispose (object);
}

static void
gst_tpdiff_src_finalize (GObject *object)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);

  g_clear_pointer (&self->request, tpd_request_free);
  g_clear_pointer (&self->model, tpd_model_info_free);
  G_OBJECT_CLASS (gst_tpdiff_src_parent_class)->finalize (object);
}

#define ANY_TIME   (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define WHEN_READY (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_MODEL,
      g_param_spec_string ("model", "Model",
                           "Name or folder of the model; unset is the bundled one", NULL,
                           WHEN_READY));
  g_object_class_install_property (
      klass, PROP_DEVICE,
      g_param_spec_string ("device", "Device",
                           "Where to compute: auto, cpu, cuda or cuda:N; unset is auto", NULL,
                           WHEN_READY));
  g_object_class_install_property (
      klass, PROP_PROMPT,
      g_param_spec_string ("prompt", "Prompt",
                           "What the clip shows; unset generates whatever comes. A change applies "
                           "at the next clip",
                           NULL, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_NEGATIVE_PROMPT,
      g_param_spec_string ("negative-prompt", "Negative prompt",
                           "What to steer away from; needs a guidance-scale above 1", NULL,
                           ANY_TIME));
  g_object_class_install_property (
      klass, PROP_PREVIEW,
      g_param_spec_enum (
          "preview", "Preview",
          "When to post tpdiff-preview messages with the current estimate of the clip",
          TPD_TYPE_PREVIEW_MODE, TPD_PREVIEW_NONE, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_CLIPS,
      g_param_spec_uint ("clips", "Clips",
                         "Number of clips to make, with seeds counting up; 0 never ends", 0,
                         G_MAXUINT, 1, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_IS_LIVE,
      g_param_spec_boolean ("is-live", "Live", "Act like a live source: pace frames by the clock",
                            FALSE, WHEN_READY));
  gst_tpdiff_install_settings (klass, PROP_FIRST_SETTING);
}

static void
gst_tpdiff_src_class_init (GstTpdiffSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_tpdiff_src_set_property;
  object_class->get_property = gst_tpdiff_src_get_property;
  object_class->dispose = gst_tpdiff_src_dispose;
  object_class->finalize = gst_tpdiff_src_finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (element_class, "TPDiff video source", "Source/Video",
                                         "Generates video clips from a prompt with temporal "
                                         "pyramid diffusion",
                                         "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (TPD_TYPE_PREVIEW_MODE, 0);

  base_class->start = gst_tpdiff_src_start;
  base_class->stop = gst_tpdiff_src_stop;
  base_class->unlock = gst_tpdiff_src_unlock;
  base_class->unlock_stop = gst_tpdiff_src_unlock_stop;
  base_class->get_caps = gst_tpdiff_src_get_caps;
  base_class->fixate = gst_tpdiff_src_fixate;
  base_class->negotiate = gst_tpdiff_src_negotiate;
  base_class->set_caps = gst_tpdiff_src_set_caps;
  base_class->get_times = gst_tpdiff_src_get_times;
  base_class->query = gst_tpdiff_src_query;
  base_class->is_seekable = gst_tpdiff_src_is_seekable;
  GST_PUSH_SRC_CLASS (klass)->fill = gst_tpdiff_src_fill;
}

static void
gst_tpdiff_src_init (GstTpdiffSrc *self)
{
  self->request = tpd_request_new ();
  self->n_clips = 1;
  self->worker = tpd_worker_new ();
  gst_video_info_init (&self->info);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
