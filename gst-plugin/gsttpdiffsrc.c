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
 * A live source (`is-live`) paces its frames by the clock. When a clip took longer to make than the
 * one before it took to show, its timestamps go on from the current running time.
 *
 * Previews are also to be had as video, from the pad `preview`, which comes when the stream starts: at the frame rate of the
 * stage they come from, so that frame counts double on the way to the clip. They are decoded by a
 * linear map that comes with the model, almost for free, or by its autoencoder
 * (`preview-decoder`).
 *
 * ## Examples
 *
 * |[
 * gst-launch-1.0 tpdiffsrc prompt="a small green circle" ! videoconvert ! autovideosink
 * gst-launch-1.0 tpdiffsrc prompt="a red star" ! x264enc ! h264parse ! mp4mux \
 *     ! filesink location=star.mp4
 * gst-launch-1.0 tpdiffsrc clips=0 is-live=true ! videoconvert ! autovideosink
 * gst-launch-1.0 tpdiffsrc name=s preview=stage clips=0 is-live=true ! videoconvert \
 *     ! autovideosink  s.preview ! videoconvert ! autovideosink
 * ]|
 */

#include "gsttpdiffsrc.h"

#include "gsttpdiffallocation.h"
#include "gsttpdiffcaps.h"
#include "gsttpdiffframe.h"
#include "gsttpdiffgenerator.h"
#include "gsttpdiffmessages.h"
#include "gsttpdiffpreviewpad.h"
#include "gsttpdiffrequest.h"
#include "gsttpdifftags.h"

GST_DEBUG_CATEGORY_STATIC (tpdiffsrc_debug);
#define GST_CAT_DEFAULT tpdiffsrc_debug

enum
{
  PROP_0,
  PROP_CLIPS,
  PROP_IS_LIVE,
  PROP_REQUEST, /* what determines a clip, from here on */
};

struct _GstTpdiffSrc
{
  GstPushSrc parent_instance;

  /* properties, under the object lock */
  TpdRequest *request;
  guint n_clips;

  /* owned */
  GstTpdiffGenerator *generator;

  /* state, under the object lock: other threads look at it */
  TpdModelInfo *model; /* once negotiated */
  GstVideoInfo info;   /* likewise; written by the streaming thread */
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

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_TPDIFF_VIDEO_CAPS));

G_DEFINE_TYPE_WITH_CODE (GstTpdiffSrc, gst_tpdiff_src, GST_TYPE_PUSH_SRC,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL))
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

static void
send_tags (GstTpdiffSrc *self, const TpdRequest *request)
{
  /* The base class queues it: it goes after the segment, before the next buffer. Not through
   * gst_element_send_event(): that takes the state lock, and who holds it may be waiting for this
   * thread to end. */
  GST_ELEMENT_CLASS (gst_tpdiff_src_parent_class)
      ->send_event (GST_ELEMENT (self),
                    gst_event_new_tag (gst_tpdiff_clip_tags (self->clip, request)));
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
  GstFlowReturn flow = gst_tpdiff_generator_make (self->generator, request, &self->clip);

  if (flow != GST_FLOW_OK)
    return flow;
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

  if (self->clip == NULL)
    {
      GstFlowReturn flow = is_last_clip_done (self) ? GST_FLOW_EOS : fetch_clip (self);

      if (flow != GST_FLOW_OK)
        return flow;
    }

  if (!gst_tpdiff_fill_buffer (self->clip, self->frame, &self->info, buffer))
    {
      GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("A video buffer cannot be written to"), (NULL));
      return GST_FLOW_ERROR;
    }
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
  caps = gst_tpdiff_caps_of_model (caps, self->model);
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

  caps = gst_tpdiff_fixate_rate (caps, self->model);
  return GST_BASE_SRC_CLASS (gst_tpdiff_src_parent_class)->fixate (src, caps);
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
    gst_tpdiff_post_not_negotiated (GST_ELEMENT (self), self->model);
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
  return TRUE;
}

static gboolean
gst_tpdiff_src_decide_allocation (GstBaseSrc *src, GstQuery *query)
{
  gst_tpdiff_decide_allocation (query);
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

  gst_tpdiff_preview_pad_remove (GST_ELEMENT (self));
  g_clear_pointer (&self->clip, tpd_clip_unref);
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->model, tpd_model_info_free);
  gst_video_info_init (&self->info);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
set_flushing (GstTpdiffSrc *self, gboolean flushing)
{
  GST_OBJECT_LOCK (self);
  self->flushing = flushing;
  GST_OBJECT_UNLOCK (self);
  gst_tpdiff_generator_set_flushing (self->generator, flushing);
}

static gboolean
gst_tpdiff_src_unlock (GstBaseSrc *src)
{
  set_flushing (GST_TPDIFF_SRC (src), TRUE);
  return TRUE;
}

static gboolean
gst_tpdiff_src_unlock_stop (GstBaseSrc *src)
{
  set_flushing (GST_TPDIFF_SRC (src), FALSE);
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
  if (self->model == NULL)
    return 0;
  return (guint64)self->n_clips * gst_tpdiff_request_get_n_frames (self->request, self->model);
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

static void
gst_tpdiff_src_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);

  if (id == PROP_IS_LIVE)
    {
      gst_base_src_set_live (GST_BASE_SRC (self), g_value_get_boolean (value));
      return;
    }
  GST_OBJECT_LOCK (self);
  if (id == PROP_CLIPS)
    self->n_clips = g_value_get_uint (value);
  else
    gst_tpdiff_request_set_property (self->request, value, spec);
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_CLIPS || g_str_equal (spec->name, "num-frames"))
    gst_element_post_message (GST_ELEMENT (self),
                              gst_message_new_duration_changed (GST_OBJECT (self)));
}

static void
gst_tpdiff_src_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);

  if (id == PROP_IS_LIVE)
    {
      g_value_set_boolean (value, gst_base_src_is_live (GST_BASE_SRC (self)));
      return;
    }
  GST_OBJECT_LOCK (self);
  if (id == PROP_CLIPS)
    g_value_set_uint (value, self->n_clips);
  else
    gst_tpdiff_request_get_property (self->request, value, spec);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tpdiff_src_finalize (GObject *object)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);

  gst_tpdiff_generator_free (self->generator);
  tpd_request_free (self->request);
  g_clear_pointer (&self->model, tpd_model_info_free);
  G_OBJECT_CLASS (gst_tpdiff_src_parent_class)->finalize (object);
}

#define ANY_TIME   (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define WHEN_READY (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_CLIPS,
      g_param_spec_uint ("clips", "Clips",
                         "Number of clips to make, with seeds counting up; 0 never ends", 0,
                         G_MAXUINT, 1, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_IS_LIVE,
      g_param_spec_boolean ("is-live", "Live", "Act like a live source: pace frames by the clock",
                            FALSE, WHEN_READY));
  gst_tpdiff_request_install (klass, PROP_REQUEST);
}

static void
gst_tpdiff_src_class_init (GstTpdiffSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_tpdiff_src_set_property;
  object_class->get_property = gst_tpdiff_src_get_property;
  object_class->finalize = gst_tpdiff_src_finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (element_class, "TPDiff video source", "Source/Video",
                                         "Generates video clips from a prompt with temporal "
                                         "pyramid diffusion",
                                         "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_tpdiff_preview_pad_install (element_class);

  base_class->start = gst_tpdiff_src_start;
  base_class->stop = gst_tpdiff_src_stop;
  base_class->unlock = gst_tpdiff_src_unlock;
  base_class->unlock_stop = gst_tpdiff_src_unlock_stop;
  base_class->get_caps = gst_tpdiff_src_get_caps;
  base_class->fixate = gst_tpdiff_src_fixate;
  base_class->negotiate = gst_tpdiff_src_negotiate;
  base_class->decide_allocation = gst_tpdiff_src_decide_allocation;
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
  self->generator = gst_tpdiff_generator_new (GST_ELEMENT (self));
  gst_video_info_init (&self->info);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_tpdiff_preview_pad_attach (GST_ELEMENT (self));
}
