/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffanimenc.h"

GST_DEBUG_CATEGORY_STATIC (tpdiffanimenc_debug);
#define GST_CAT_DEFAULT tpdiffanimenc_debug

/* How long the last picture is shown if neither it nor the caps say. */
#define DEFAULT_DURATION (100 * GST_MSECOND)

enum
{
  PROP_0,
  PROP_LOOP_COUNT,
};

typedef struct
{
  /* properties, under the object lock */
  guint loop_count;

  /* owned, of the streaming thread */
  GPtrArray *texts;         /* GstTpdiffAnimText */
  GstVideoCodecFrame *held; /* until it is known when it ends */
  GQueue waiting;           /* GstVideoCodecFrame that were added, for their bytes */

  /* state of the streaming thread */
  GstVideoInfo info;
  gboolean begun;      /* a file */
  guint n_given;       /* pictures of it */
  GstClockTime origin; /* running time at which the first picture begins */
  GstClockTime held_end;
  guint64 held_start; /* in ticks */
  guint ticks;        /* a second has */
  GstFlowReturn flow; /* of the file so far */
} GstTpdiffAnimEncPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstTpdiffAnimEnc, gst_tpdiff_anim_enc, GST_TYPE_VIDEO_ENCODER,
                                  G_ADD_PRIVATE (GstTpdiffAnimEnc);
                                  GST_DEBUG_CATEGORY_INIT (tpdiffanimenc_debug, "tpdiffanimenc", 0,
                                                           "encoders of animations"))

static GstTpdiffAnimEncPrivate *
private_of (GstTpdiffAnimEnc *self)
{
  return gst_tpdiff_anim_enc_get_instance_private (self);
}

static void
post_error (GstTpdiffAnimEnc *self, const GError *error)
{
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR, error->domain, error->code,
                            g_strdup (error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
}

/* Forgets the file and the frames of it. */
static void
forget (GstTpdiffAnimEnc *self)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);

  if (priv->begun)
    GST_TPDIFF_ANIM_ENC_GET_CLASS (self)->end (self);
  priv->begun = FALSE;
  priv->n_given = 0;
  priv->flow = GST_FLOW_OK;
  g_clear_pointer (&priv->held, gst_video_codec_frame_unref);
  g_queue_clear_full (&priv->waiting, (GDestroyNotify)gst_video_codec_frame_unref);
}

/* ── time ── */

/* Running times, so that segments that follow each other, and rates, are encoded as they would be
 * played. */
static void
get_times (GstTpdiffAnimEnc *self, const GstVideoCodecFrame *frame, GstClockTime *begin,
           GstClockTime *end)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  const GstSegment *segment = &GST_VIDEO_ENCODER (self)->input_segment;
  GstClockTime duration = frame->duration;

  if (!GST_CLOCK_TIME_IS_VALID (duration))
    duration = priv->info.fps_n > 0 ? gst_util_uint64_scale (GST_SECOND, (guint64)priv->info.fps_d,
                                                             (guint64)priv->info.fps_n)
                                    : DEFAULT_DURATION;
  *begin = gst_segment_to_running_time (segment, GST_FORMAT_TIME, frame->pts);
  if (!GST_CLOCK_TIME_IS_VALID (*begin))
    *begin = priv->held != NULL ? priv->held_end : 0;
  *end = *begin + duration;
}

/* Of the highest rates, which no such number fits, the durations are rounded like any other's. */
static guint
ticks_for (const GstVideoInfo *info)
{
  guint fps_n = (guint)info->fps_n;

  if (fps_n == 0 || fps_n > G_MAXUINT16)
    return 1000;
  return fps_n * ((999 + fps_n) / fps_n);
}

static guint64
to_ticks (GstTpdiffAnimEnc *self, GstClockTime time)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);

  if (time <= priv->origin)
    return 0;
  return gst_util_uint64_scale_round (time - priv->origin, priv->ticks, GST_SECOND);
}

/* ── pictures ── */

static void
hold (GstTpdiffAnimEnc *self, GstVideoCodecFrame *frame, guint64 start, GstClockTime end)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);

  priv->held = frame;
  priv->held_start = start;
  priv->held_end = end;
}

/* The frame's pixels go, whatever becomes of it: a decoder's pool may have few buffers. */
static gboolean
add_picture (GstTpdiffAnimEnc *self, GstVideoCodecFrame *frame, const GstTpdiffAnimTime *time,
             GError **error)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  GstTpdiffAnimEncClass *klass = GST_TPDIFF_ANIM_ENC_GET_CLASS (self);
  g_autoptr (GstBuffer) pixels = g_steal_pointer (&frame->input_buffer);
  GstVideoFrame picture;
  gboolean added;

  g_queue_push_tail (&priv->waiting, frame);
  if (!priv->begun)
    {
      priv->begun = TRUE;
      if (!klass->begin (self, &priv->info, error))
        return FALSE;
    }
  if (!gst_video_frame_map (&picture, &priv->info, pixels, GST_MAP_READ))
    {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                   "A video buffer cannot be read");
      return FALSE;
    }
  added = klass->add (self, &picture, time, error);
  gst_video_frame_unmap (&picture);
  return added;
}

/* Encodes the held frame, now that it is known that it is shown until `end`. */
static GstFlowReturn
encode (GstTpdiffAnimEnc *self, GstVideoCodecFrame *frame, guint64 start, guint64 end,
        gboolean is_last)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  const GstTpdiffAnimTime time = {start, MAX (end, start + 1) - start, priv->ticks, is_last};
  g_autoptr (GError) error = NULL;

  if (priv->flow != GST_FLOW_OK) /* the file is lost */
    {
      gst_video_codec_frame_unref (frame);
      return priv->flow;
    }
  if (!add_picture (self, frame, &time, &error))
    {
      post_error (self, error);
      priv->flow = GST_FLOW_ERROR;
      return GST_FLOW_ERROR;
    }
  g_assert (!is_last || g_queue_is_empty (&priv->waiting));
  return priv->flow;
}

static GstFlowReturn
gst_tpdiff_anim_enc_handle_frame (GstVideoEncoder *encoder, GstVideoCodecFrame *frame)
{
  GstTpdiffAnimEnc *self = GST_TPDIFF_ANIM_ENC (encoder);
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  GstVideoCodecFrame *held = priv->held;
  guint64 held_start = priv->held_start;
  GstTpdiffAnimEncClass *klass = GST_TPDIFF_ANIM_ENC_GET_CLASS (self);
  GstClockTime begin, end;
  guint64 start;

  get_times (self, frame, &begin, &end);
  if (held == NULL)
    {
      priv->origin = begin;
      priv->ticks = klass->ticks > 0 ? klass->ticks : ticks_for (&priv->info);
      hold (self, frame, 0, end);
      return GST_FLOW_OK;
    }
  start = to_ticks (self, begin);
  if (start < held_start + klass->min_ticks)
    {
      GST_DEBUG_OBJECT (self, "left out, too soon after the last one: %" GST_TIME_FORMAT,
                        GST_TIME_ARGS (begin));
      priv->held_end = MAX (priv->held_end, end);
      return gst_video_encoder_finish_frame (encoder, frame);
    }
  hold (self, frame, start, end);
  return encode (self, held, held_start, start, FALSE);
}

void
gst_tpdiff_anim_enc_give (GstTpdiffAnimEnc *self, GBytes *bytes)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  GstVideoCodecFrame *frame = g_queue_pop_head (&priv->waiting);
  GstFlowReturn flow;

  g_assert (frame != NULL);
  if (bytes != NULL)
    frame->output_buffer = gst_buffer_new_wrapped_bytes (bytes);
  g_clear_pointer (&bytes, g_bytes_unref);
  if (priv->n_given++ == 0)
    GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT (frame);
  flow = gst_video_encoder_finish_frame (GST_VIDEO_ENCODER (self), frame);
  if (priv->flow == GST_FLOW_OK)
    priv->flow = flow;
}

static GstFlowReturn
gst_tpdiff_anim_enc_finish (GstVideoEncoder *encoder)
{
  GstTpdiffAnimEnc *self = GST_TPDIFF_ANIM_ENC (encoder);
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  GstFlowReturn flow = GST_FLOW_OK;

  if (priv->held != NULL)
    flow = encode (self, g_steal_pointer (&priv->held), priv->held_start,
                   to_ticks (self, priv->held_end), TRUE);
  else
    GST_ELEMENT_WARNING (self, STREAM, ENCODE,
                         ("There was no picture to make an animation of: the %s file will be empty",
                          GST_TPDIFF_ANIM_ENC_GET_CLASS (self)->format),
                         (NULL));
  forget (self);
  return flow;
}

/* ── life ── */

static gboolean
check_size (GstTpdiffAnimEnc *self, const GstVideoInfo *info)
{
  GstTpdiffAnimEncClass *klass = GST_TPDIFF_ANIM_ENC_GET_CLASS (self);

  if ((guint)MAX (info->width, info->height) <= klass->max_size)
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                     ("%d × %d pixels are too many for %s: it can have up to %u × %u", info->width,
                      info->height, klass->format, klass->max_size, klass->max_size),
                     ("put videoscale and a caps filter in front"));
  return FALSE;
}

static gboolean
check_shape (GstTpdiffAnimEnc *self, const GstVideoInfo *info)
{
  if (info->par_n == info->par_d && !GST_VIDEO_INFO_IS_INTERLACED (info))
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                     ("%s has square pixels and whole pictures; this video is %s and has pixels of "
                      "%d to %d",
                      GST_TPDIFF_ANIM_ENC_GET_CLASS (self)->format,
                      gst_video_interlace_mode_to_string (info->interlace_mode), info->par_n,
                      info->par_d),
                     ("put deinterlace, videoscale and a caps filter in front"));
  return FALSE;
}

static gboolean
check_unchanged (GstTpdiffAnimEnc *self, const GstVideoInfo *info)
{
  const GstVideoInfo *last = &private_of (self)->info;

  if (private_of (self)->held == NULL ||
      (info->width == last->width && info->height == last->height &&
       GST_VIDEO_INFO_FORMAT (info) == GST_VIDEO_INFO_FORMAT (last)))
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                     ("The video changed from %d × %d pixels in %s to %d × %d in %s, but all "
                      "pictures of a %s file have to be alike",
                      last->width, last->height, GST_VIDEO_INFO_NAME (last), info->width,
                      info->height, GST_VIDEO_INFO_NAME (info),
                      GST_TPDIFF_ANIM_ENC_GET_CLASS (self)->format),
                     ("put videoscale, videoconvert and a caps filter in front"));
  return FALSE;
}

static gboolean
gst_tpdiff_anim_enc_set_format (GstVideoEncoder *encoder, GstVideoCodecState *state)
{
  GstTpdiffAnimEnc *self = GST_TPDIFF_ANIM_ENC (encoder);
  GstTpdiffAnimEncPrivate *priv = private_of (self);
  GstCaps *caps;

  if (!check_size (self, &state->info) || !check_shape (self, &state->info) ||
      !check_unchanged (self, &state->info))
    return FALSE;
  priv->info = state->info;
  caps = gst_pad_get_pad_template_caps (GST_VIDEO_ENCODER_SRC_PAD (encoder));
  gst_video_codec_state_unref (gst_video_encoder_set_output_state (encoder, caps, state));
  if (priv->info.fps_n > 0)
    {
      GstClockTime frame =
          gst_util_uint64_scale (GST_SECOND, (guint64)priv->info.fps_d, (guint64)priv->info.fps_n);

      gst_video_encoder_set_latency (encoder, frame, frame);
    }
  return gst_video_encoder_negotiate (encoder);
}

static gboolean
gst_tpdiff_anim_enc_sink_event (GstVideoEncoder *encoder, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_TAG)
    {
      GstTagList *tags;

      gst_event_parse_tag (event, &tags);
      gst_tpdiff_anim_texts_add (private_of (GST_TPDIFF_ANIM_ENC (encoder))->texts, tags);
    }
  return GST_VIDEO_ENCODER_CLASS (gst_tpdiff_anim_enc_parent_class)->sink_event (encoder, event);
}

/* After a flush a file begins anew: filesink has gone back to its beginning. */
static gboolean
gst_tpdiff_anim_enc_flush (GstVideoEncoder *encoder)
{
  forget (GST_TPDIFF_ANIM_ENC (encoder));
  return TRUE;
}

static gboolean
gst_tpdiff_anim_enc_stop (GstVideoEncoder *encoder)
{
  GstTpdiffAnimEnc *self = GST_TPDIFF_ANIM_ENC (encoder);

  forget (self);
  g_ptr_array_set_size (private_of (self)->texts, 0);
  return TRUE;
}

guint
gst_tpdiff_anim_enc_get_loop_count (GstTpdiffAnimEnc *self)
{
  guint count;

  GST_OBJECT_LOCK (self);
  count = private_of (self)->loop_count;
  GST_OBJECT_UNLOCK (self);
  return count;
}

const GPtrArray *
gst_tpdiff_anim_enc_get_texts (GstTpdiffAnimEnc *self)
{
  return private_of (self)->texts;
}

static void
gst_tpdiff_anim_enc_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GST_OBJECT_LOCK (object);
  private_of (GST_TPDIFF_ANIM_ENC (object))->loop_count = g_value_get_uint (value);
  GST_OBJECT_UNLOCK (object);
}

static void
gst_tpdiff_anim_enc_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_value_set_uint (value, gst_tpdiff_anim_enc_get_loop_count (GST_TPDIFF_ANIM_ENC (object)));
}

static void
gst_tpdiff_anim_enc_finalize (GObject *object)
{
  g_ptr_array_unref (private_of (GST_TPDIFF_ANIM_ENC (object))->texts);
  G_OBJECT_CLASS (gst_tpdiff_anim_enc_parent_class)->finalize (object);
}

static void
gst_tpdiff_anim_enc_class_init (GstTpdiffAnimEncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstVideoEncoderClass *encoder_class = GST_VIDEO_ENCODER_CLASS (klass);

  object_class->set_property = gst_tpdiff_anim_enc_set_property;
  object_class->get_property = gst_tpdiff_anim_enc_get_property;
  object_class->finalize = gst_tpdiff_anim_enc_finalize;
  g_object_class_install_property (
      object_class, PROP_LOOP_COUNT,
      g_param_spec_uint ("loop-count", "Loop count",
                         "How many times the animation is shown; 0 repeats it for ever", 0,
                         G_MAXUINT16, 0, GST_TPDIFF_ANIM_SETTING));

  encoder_class->set_format = gst_tpdiff_anim_enc_set_format;
  encoder_class->handle_frame = gst_tpdiff_anim_enc_handle_frame;
  encoder_class->finish = gst_tpdiff_anim_enc_finish;
  encoder_class->sink_event = gst_tpdiff_anim_enc_sink_event;
  encoder_class->flush = gst_tpdiff_anim_enc_flush;
  encoder_class->stop = gst_tpdiff_anim_enc_stop;
  gst_type_mark_as_plugin_api (GST_TYPE_TPDIFF_ANIM_ENC, 0);
}

static void
gst_tpdiff_anim_enc_init (GstTpdiffAnimEnc *self)
{
  GstTpdiffAnimEncPrivate *priv = private_of (self);

  priv->texts = gst_tpdiff_anim_texts_new ();
  g_queue_init (&priv->waiting);
  gst_video_info_init (&priv->info);
}
