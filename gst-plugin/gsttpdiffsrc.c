/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* clang-format off: it would fill the lines of the examples */
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
 * A live source (`is-live`) paces its frames by the clock. When a clip took longer to make than the
 * one before it took to show, its timestamps go on from the current running time.
 *
 * ## Examples
 *
 * |[
 * gst-launch-1.0 tpdiffsrc prompt="a small green circle" ! videoconvert ! autovideosink
 * gst-launch-1.0 tpdiffsrc prompt="a red star" ! x264enc ! h264parse ! mp4mux ! filesink
 * location=star.mp4 gst-launch-1.0 tpdiffsrc clips=0 is-live=true ! videoconvert ! autovideosink
 * ]|
 */
/* clang-format on */

#include "gsttpdiffsrc.h"

#include "gsttpdiffframe.h"
#include "gsttpdiffjob.h"
#include "gsttpdiffmessages.h"
#include "gsttpdiffsettings.h"

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
  GstVideoInfo info;   /* likewise; written by the streaming thread */
  GstTpdiffJob *job;   /* the clip that the streaming thread waits for */
  gboolean flushing;

  /* state of the streaming thread */
  TpdClip *clip;       /* being pushed */
  guint frame;         /* the next one of it */
  guint n_done;        /* clips */
  guint64 n_pushed;    /* frames */
  GstClockTime origin; /* frame n_origin is shown then; those after it by the frame rate */
  guint64 n_origin;
  gboolean discont;
};

/* I420 first: encoders take it. The colours are what they are, so caps that ask for others find no
 * match, and videoconvert's help. */
#define SIZE_AND_RATE                                                                              \
  "width = (int) [ 1, max ], height = (int) [ 1, max ], "                                          \
  "framerate = (fraction) [ 1/1000, 1000/1 ], pixel-aspect-ratio = (fraction) 1/1, "               \
  "interlace-mode = (string) progressive"

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-raw, format = (string) I420, colorimetry = (string) bt709, "
                     "chroma-site = (string) jpeg, " SIZE_AND_RATE ";"
                     "video/x-raw, format = (string) RGB, colorimetry = (string) "
                     "{ " GST_TPDIFF_RGB_COLORIMETRY ", sRGB }, " SIZE_AND_RATE));

G_DEFINE_TYPE (GstTpdiffSrc, gst_tpdiff_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (tpdiffsrc, "tpdiffsrc", GST_RANK_NONE, GST_TYPE_TPDIFF_SRC,
                                       GST_DEBUG_CATEGORY_INIT (tpdiffsrc_debug, "tpdiffsrc", 0,
                                                                "TPDiff video source"))

/* ── time ── */

/* When frame n begins. */
static GstClockTime
time_of_frame (GstTpdiffSrc *self, guint64 n)
{
  return self->origin + gst_util_uint64_scale (n - self->n_origin,
                                               GST_SECOND * (guint64)self->info.fps_d,
                                               (guint64)self->info.fps_n);
}

/* Lets the next frame begin at a time, and later ones follow by the frame rate. */
static void
restart_time (GstTpdiffSrc *self, GstClockTime origin)
{
  self->origin = origin;
  self->n_origin = self->n_pushed;
}

/* Live frames whose time has passed would be dropped: go on from now. */
static void
catch_up (GstTpdiffSrc *self)
{
  GstClockTime now;

  if (!gst_base_src_is_live (GST_BASE_SRC (self)))
    return;
  now = gst_element_get_current_running_time (GST_ELEMENT (self));
  if (GST_CLOCK_TIME_IS_VALID (now) && now > time_of_frame (self, self->n_pushed))
    {
      restart_time (self, now);
      self->discont = TRUE;
    }
}

static void
stamp (GstTpdiffSrc *self, GstBuffer *buffer)
{
  GST_BUFFER_OFFSET (buffer) = self->n_pushed;
  GST_BUFFER_OFFSET_END (buffer) = self->n_pushed + 1;
  GST_BUFFER_PTS (buffer) = time_of_frame (self, self->n_pushed);
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = time_of_frame (self, self->n_pushed + 1) - GST_BUFFER_PTS (buffer);
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
  self->n_pushed++;
}

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
  seed = tpd_sampler_settings_get_seed (request->settings);
  g_object_set (request->settings, "seed", (seed + self->n_done) & G_MAXINT64, NULL);
  return request;
}

/* Gives the worker the next clip, unless flushing. */
static GstTpdiffJob *
submit (GstTpdiffSrc *self, const TpdRequest *request)
{
  GstTpdiffJob *job = NULL;

  GST_OBJECT_LOCK (self);
  if (!self->flushing)
    {
      self->job = gst_tpdiff_job_new (self->worker, request);
      job = gst_tpdiff_job_ref (self->job);
    }
  GST_OBJECT_UNLOCK (self);
  return job;
}

static void
forget_job (GstTpdiffSrc *self)
{
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->job, gst_tpdiff_job_unref);
  GST_OBJECT_UNLOCK (self);
}

static void
send_tags (GstTpdiffSrc *self, const TpdRequest *request)
{
  GstTagList *tags = gst_tag_list_new (GST_TAG_APPLICATION_NAME, "TPDiff", GST_TAG_COMMENT,
                                       self->clip->record, NULL);

  if (request->prompt != NULL && *request->prompt != '\0')
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, request->prompt, NULL);
  /* The base class queues it: it goes after the segment, before the next buffer. Not through
   * gst_element_send_event(): that takes the state lock, and who holds it may be waiting for this
   * thread to end. */
  GST_ELEMENT_CLASS (gst_tpdiff_src_parent_class)
      ->send_event (GST_ELEMENT (self), gst_event_new_tag (tags));
}

/* The model on disk may have been replaced since its size was negotiated. */
static GstFlowReturn
check_size (GstTpdiffSrc *self)
{
  if (self->clip->width == (guint)GST_VIDEO_INFO_WIDTH (&self->info) &&
      self->clip->height == (guint)GST_VIDEO_INFO_HEIGHT (&self->info))
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                     ("The model makes clips of %u × %u pixels, but said %d × %d before",
                      self->clip->width, self->clip->height, GST_VIDEO_INFO_WIDTH (&self->info),
                      GST_VIDEO_INFO_HEIGHT (&self->info)),
                     (NULL));
  return GST_FLOW_ERROR;
}

/* Waits for the next clip. */
static GstFlowReturn
fetch_clip (GstTpdiffSrc *self)
{
  g_autoptr (TpdRequest) request = next_request (self);
  g_autoptr (GstTpdiffJob) job = submit (self, request);
  g_autoptr (GError) error = NULL;

  if (job == NULL)
    return GST_FLOW_FLUSHING;
  self->clip = gst_tpdiff_job_wait (job, GST_ELEMENT (self), &error);
  forget_job (self);
  if (self->clip == NULL)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? GST_FLOW_FLUSHING
                                                                     : GST_FLOW_ERROR;
  self->frame = 0;
  catch_up (self);
  send_tags (self, request);
  return check_size (self);
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

/* Prefers the model's own rate. */
static GstCaps *
gst_tpdiff_src_fixate (GstBaseSrc *src, GstCaps *caps)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  gst_structure_fixate_field_nearest_fraction (gst_caps_get_structure (caps, 0), "framerate",
                                               (int)self->model->fps_n, (int)self->model->fps_d);
  return GST_BASE_SRC_CLASS (gst_tpdiff_src_parent_class)->fixate (src, caps);
}

static void
post_not_negotiated (GstTpdiffSrc *self)
{
  GST_ELEMENT_ERROR (
      self, STREAM, FORMAT,
      ("The model makes clips of %u × %u pixels, and the next element does not take them as I420 "
       "or RGB with BT.709 colours",
       self->model->width, self->model->height),
      ("put videoconvertscale in between"));
}

static gboolean
is_flushing (GstTpdiffSrc *self)
{
  gboolean flushing;

  GST_OBJECT_LOCK (self);
  flushing = self->flushing;
  GST_OBJECT_UNLOCK (self);
  return flushing;
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
  if (!is_flushing (self))
    post_not_negotiated (self);
  return FALSE;
}

static gboolean
gst_tpdiff_src_set_caps (GstBaseSrc *src, GstCaps *caps)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  GstVideoInfo info;

  if (!gst_video_info_from_caps (&info, caps))
    return FALSE;
  if (self->n_pushed > 0) /* perhaps at another rate */
    restart_time (self, time_of_frame (self, self->n_pushed));
  GST_OBJECT_LOCK (self);
  self->info = info;
  GST_OBJECT_UNLOCK (self);
  gst_base_src_set_blocksize (src, (guint)GST_VIDEO_INFO_SIZE (&info));
  return TRUE;
}

/* ── life cycle ── */

static gboolean
gst_tpdiff_src_start (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  self->n_done = 0;
  self->n_pushed = 0;
  self->discont = FALSE;
  restart_time (self, 0);
  return TRUE;
}

static gboolean
gst_tpdiff_src_stop (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  g_clear_pointer (&self->clip, tpd_clip_unref);
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->model, tpd_model_info_free);
  gst_video_info_init (&self->info);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_tpdiff_src_unlock (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  GST_OBJECT_LOCK (self);
  self->flushing = TRUE;
  if (self->job != NULL)
    gst_tpdiff_job_cancel (self->job);
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

/* Frames of all clips; 0 while unknown or endless. Called with the object lock. */
static guint64
total_frames (GstTpdiffSrc *self)
{
  g_autoptr (TpdSamplerSettings) settings = NULL;
  guint wanted;

  if (self->model == NULL)
    return 0;
  settings = tpd_sampler_settings_copy (self->request->settings);
  tpd_sampler_settings_fill_in (settings, self->model->defaults);
  wanted = tpd_sampler_settings_get_num_frames (settings);
  return (guint64)self->n_clips * (wanted > 0 ? wanted : self->model->n_frames);
}

static gboolean
convert (GstTpdiffSrc *self, GstFormat from, gint64 value, GstFormat to, gint64 *result)
{
  GstVideoInfo info;

  GST_OBJECT_LOCK (self);
  info = self->info;
  GST_OBJECT_UNLOCK (self);
  return GST_VIDEO_INFO_FPS_N (&info) > 0 &&
         gst_video_info_convert (&info, from, value, to, result);
}

static gboolean
query_duration (GstTpdiffSrc *self, GstQuery *query)
{
  GstFormat format;
  gint64 duration;
  guint64 frames;

  gst_query_parse_duration (query, &format, NULL);
  GST_OBJECT_LOCK (self);
  frames = total_frames (self);
  GST_OBJECT_UNLOCK (self);
  if (frames == 0 || !convert (self, GST_FORMAT_DEFAULT, (gint64)frames, format, &duration))
    return FALSE;
  gst_query_set_duration (query, format, duration);
  return TRUE;
}

static gboolean
query_convert (GstTpdiffSrc *self, GstQuery *query)
{
  GstFormat from, to;
  gint64 value, result;

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (!convert (self, from, value, to, &result))
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);
  return TRUE;
}

static gboolean
gst_tpdiff_src_query (GstBaseSrc *src, GstQuery *query)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  if ((GST_QUERY_TYPE (query) == GST_QUERY_DURATION && query_duration (self, query)) ||
      (GST_QUERY_TYPE (query) == GST_QUERY_CONVERT && query_convert (self, query)))
    return TRUE;
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
  if (id == PROP_CLIPS || g_str_equal (spec->name, "num-frames"))
    gst_element_post_message (GST_ELEMENT (self),
                              gst_message_new_duration_changed (GST_OBJECT (self)));
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
    /* Its job was cancelled when the pad was deactivated; the process may end after this. */
    tpd_worker_drain (self->worker);
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
