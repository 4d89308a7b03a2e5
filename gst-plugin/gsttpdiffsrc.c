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
 * A position in the stream names a clip, and so a seed: seeking goes anywhere, backwards too, and
 * makes what was not made before. The clips made last are kept (`clips-kept`).
 *
 * A live source (`is-live`) paces its frames by the clock and makes clips ahead (`clips-ahead`).
 * When the next one is late it holds the last frame or repeats the last clip (`underrun`); `stats`
 * says how often.
 *
 * Previews are also to be had as video, from the pad `preview`, which comes when the stream starts:
 * at the frame rate of the stage they come from, so that frame counts double on the way to the
 * clip. They are decoded by a linear map that comes with the model, almost for free, or by its
 * autoencoder (`preview-decoder`).
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

#include "gsttpdiffallocation.h"
#include "gsttpdiffcaps.h"
#include "gsttpdiffmessages.h"
#include "gsttpdiffpreviewpad.h"
#include "gsttpdiffrequest.h"
#include "gsttpdiffsrc-private.h"

GST_DEBUG_CATEGORY_STATIC (tpdiffsrc_debug);
#define GST_CAT_DEFAULT tpdiffsrc_debug

#define DEFAULT_CLIPS       1
#define DEFAULT_CLIPS_KEPT  4
#define DEFAULT_CLIPS_AHEAD 2

enum
{
  PROP_0,
  PROP_CLIPS,
  PROP_CLIPS_KEPT,
  PROP_IS_LIVE,
  PROP_CLIPS_AHEAD,
  PROP_UNDERRUN,
  PROP_STATS,
  PROP_REQUEST, /* what determines a clip, from here on */
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_TPDIFF_VIDEO_CAPS));

G_DEFINE_TYPE_WITH_CODE (GstTpdiffSrc, gst_tpdiff_src, GST_TYPE_PUSH_SRC,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (tpdiffsrc, "tpdiffsrc", GST_RANK_NONE, GST_TYPE_TPDIFF_SRC,
                                       GST_DEBUG_CATEGORY_INIT (tpdiffsrc_debug, "tpdiffsrc", 0,
                                                                "TPDiff video source"))

#define GST_TYPE_TPDIFF_UNDERRUN (gst_tpdiff_underrun_get_type ())

static GType
gst_tpdiff_underrun_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {GST_TPDIFF_UNDERRUN_HOLD, "The last frame of the clip before", "hold"},
      {GST_TPDIFF_UNDERRUN_REPEAT, "The clip before, once more", "repeat"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstTpdiffUnderrun", values));
  return type;
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
  if (!GST_PAD_IS_FLUSHING (GST_BASE_SRC_PAD (src)))
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
  GST_OBJECT_LOCK (self);
  self->info = info;
  gst_tpdiff_timeline_set_rate (&self->timeline, (guint64)MAX (self->n, 0), info.fps_n, info.fps_d);
  src->segment.duration = gst_tpdiff_src_get_duration (self);
  GST_OBJECT_UNLOCK (self);
  gst_element_post_message (GST_ELEMENT (self), gst_message_new_latency (GST_OBJECT (self)));
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

  gst_tpdiff_src_rewind (self);
  GST_OBJECT_LOCK (self);
  gst_tpdiff_timeline_init (&self->timeline, 0, 1);
  self->stats = (GstTpdiffStats){.clips = 0};
  self->failed = FALSE;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_tpdiff_src_stop (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  gst_tpdiff_preview_pad_remove (GST_ELEMENT (self));
  gst_tpdiff_src_rewind (self);
  gst_tpdiff_generator_forget_clips (self->generator);
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->model, tpd_model_info_free);
  gst_video_info_init (&self->info);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_tpdiff_src_unlock (GstBaseSrc *src)
{
  gst_tpdiff_generator_set_flushing (GST_TPDIFF_SRC (src)->generator, TRUE);
  return TRUE;
}

/* The base class holds the stream lock and has dropped the events that it had not sent yet. */
static gboolean
gst_tpdiff_src_unlock_stop (GstBaseSrc *src)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  self->untagged = self->tags != NULL;
  gst_tpdiff_src_restart_live (self);
  GST_OBJECT_LOCK (self);
  self->failed = FALSE;
  GST_OBJECT_UNLOCK (self);
  gst_tpdiff_generator_set_flushing (self->generator, FALSE);
  return TRUE;
}

static gboolean
gst_tpdiff_src_query (GstBaseSrc *src, GstQuery *query)
{
  return gst_tpdiff_src_answer (GST_TPDIFF_SRC (src), query) ||
         GST_BASE_SRC_CLASS (gst_tpdiff_src_parent_class)->query (src, query);
}

static gboolean
gst_tpdiff_src_is_seekable (GstBaseSrc *src)
{
  return !gst_base_src_is_live (src);
}

/* The base class seeks in a live source if the seek comes this way. */
static gboolean
gst_tpdiff_src_send_event (GstElement *element, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK && gst_base_src_is_live (GST_BASE_SRC (element)))
    {
      gst_event_unref (event);
      return FALSE;
    }
  return GST_ELEMENT_CLASS (gst_tpdiff_src_parent_class)->send_event (element, event);
}

static GstStateChangeReturn
gst_tpdiff_src_change_state (GstElement *element, GstStateChange transition)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (element);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    {
      GST_OBJECT_LOCK (self);
      self->clock_moved = TRUE;
      GST_OBJECT_UNLOCK (self);
    }
  return GST_ELEMENT_CLASS (gst_tpdiff_src_parent_class)->change_state (element, transition);
}

/* After an error of ours the base class posts another one, which says no more than that the stream
 * has stopped. The first is the one to read. */
static gboolean
gst_tpdiff_src_post_message (GstElement *element, GstMessage *message)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (element);
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  gboolean again;

  GST_OBJECT_LOCK (self);
  again = is_error && self->failed;
  self->failed = self->failed || is_error;
  GST_OBJECT_UNLOCK (self);
  if (again)
    {
      gst_message_unref (message);
      return TRUE;
    }
  return GST_ELEMENT_CLASS (gst_tpdiff_src_parent_class)->post_message (element, message);
}

/* ── properties ── */

/* The number that a property stands for; NULL if it is none. */
static guint *
number_member (GstTpdiffSrc *self, guint id)
{
  switch (id)
    {
    case PROP_CLIPS:
      return &self->n_clips;
    case PROP_CLIPS_KEPT:
      return &self->n_kept;
    case PROP_CLIPS_AHEAD:
      return &self->n_ahead;
    default:
      return NULL;
    }
}

static void
update_duration (GstTpdiffSrc *self)
{
  GST_OBJECT_LOCK (self);
  GST_BASE_SRC (self)->segment.duration = gst_tpdiff_src_get_duration (self);
  GST_OBJECT_UNLOCK (self);
  gst_element_post_message (GST_ELEMENT (self),
                            gst_message_new_duration_changed (GST_OBJECT (self)));
}

static void
gst_tpdiff_src_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);
  guint *number = number_member (self, id);

  if (id == PROP_IS_LIVE)
    {
      gst_base_src_set_live (GST_BASE_SRC (self), g_value_get_boolean (value));
      return;
    }
  GST_OBJECT_LOCK (self);
  if (number != NULL)
    *number = g_value_get_uint (value);
  else if (id == PROP_UNDERRUN)
    self->underrun = g_value_get_enum (value);
  else
    gst_tpdiff_request_set_property (self->request, value, spec);
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_CLIPS_KEPT)
    gst_tpdiff_generator_set_kept (self->generator, g_value_get_uint (value));
  if (id == PROP_CLIPS || g_str_equal (spec->name, "num-frames"))
    update_duration (self);
}

/* Called with the object lock. */
static GstStructure *
make_stats (GstTpdiffSrc *self)
{
  const GstTpdiffStats *stats = &self->stats;

  return gst_structure_new ("application/x-tpdiff-stats", "clips", G_TYPE_UINT64, stats->clips,
                            "frames", G_TYPE_UINT64, stats->frames, "repeated", G_TYPE_UINT64,
                            stats->repeated, "dropped", G_TYPE_UINT64, stats->dropped, NULL);
}

static void
gst_tpdiff_src_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (object);
  guint *number = number_member (self, id);

  if (id == PROP_IS_LIVE)
    {
      g_value_set_boolean (value, gst_base_src_is_live (GST_BASE_SRC (self)));
      return;
    }
  GST_OBJECT_LOCK (self);
  if (number != NULL)
    g_value_set_uint (value, *number);
  else if (id == PROP_UNDERRUN)
    g_value_set_enum (value, self->underrun);
  else if (id == PROP_STATS)
    g_value_take_boxed (value, make_stats (self));
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
                         G_MAXUINT, DEFAULT_CLIPS, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_CLIPS_KEPT,
      g_param_spec_uint ("clips-kept", "Clips kept",
                         "Number of finished clips to keep in memory, so that seeking back to them "
                         "costs nothing; the others are made again",
                         0, G_MAXUINT, DEFAULT_CLIPS_KEPT, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_IS_LIVE,
      g_param_spec_boolean ("is-live", "Live",
                            "Act like a camera: show frames by the clock, and go on showing "
                            "something when the next clip is late",
                            FALSE, WHEN_READY));
  g_object_class_install_property (
      klass, PROP_CLIPS_AHEAD,
      g_param_spec_uint ("clips-ahead", "Clips ahead",
                         "Number of clips that a live source makes before they are due; a changed "
                         "prompt shows after them",
                         1, G_MAXUINT, DEFAULT_CLIPS_AHEAD, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_UNDERRUN,
      g_param_spec_enum ("underrun", "Underrun",
                         "What a live source shows while the next clip is not ready",
                         GST_TYPE_TPDIFF_UNDERRUN, GST_TPDIFF_UNDERRUN_HOLD, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
                          "Clips and frames shown so far; frames that a live source repeated "
                          "because the next clip was not ready, or dropped because they were late",
                          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_tpdiff_request_install (
      klass, PROP_REQUEST,
      "What the clip shows; unset generates whatever comes. A change applies at the next clip");
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

  element_class->send_event = gst_tpdiff_src_send_event;
  element_class->change_state = gst_tpdiff_src_change_state;
  element_class->post_message = gst_tpdiff_src_post_message;
  gst_element_class_set_static_metadata (element_class, "TPDiff video source", "Source/Video",
                                         "Generates video clips from a prompt with temporal "
                                         "pyramid diffusion",
                                         "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_tpdiff_preview_pad_install (element_class);
  gst_type_mark_as_plugin_api (GST_TYPE_TPDIFF_UNDERRUN, 0);

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
  base_class->do_seek = gst_tpdiff_src_do_seek;
  base_class->is_seekable = gst_tpdiff_src_is_seekable;
  GST_PUSH_SRC_CLASS (klass)->fill = gst_tpdiff_src_fill;
}

static void
gst_tpdiff_src_init (GstTpdiffSrc *self)
{
  self->request = tpd_request_new ();
  self->n_clips = DEFAULT_CLIPS;
  self->n_kept = DEFAULT_CLIPS_KEPT;
  self->n_ahead = DEFAULT_CLIPS_AHEAD;
  self->generator = gst_tpdiff_generator_new (GST_ELEMENT (self));
  gst_tpdiff_generator_set_kept (self->generator, self->n_kept);
  gst_tpdiff_ahead_init (&self->ahead, self->generator);
  gst_video_info_init (&self->info);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_tpdiff_preview_pad_attach (GST_ELEMENT (self));
}
