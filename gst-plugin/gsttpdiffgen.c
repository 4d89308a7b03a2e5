/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* clang-format off: it would fill the lines of the examples */
/**
 * SECTION:element-tpdiffgen
 * @title: tpdiffgen
 * @short_description: makes a video clip of every line of text that comes in
 *
 * Prompts as a stream: each buffer of text, as subtitle parsers give it, is a cue, and becomes a
 * clip that fills the time and the duration of the cue. How is up to `fit`: `stretch` shows every
 * frame once, slower or faster, `loop` repeats the clip at the model's rate, `natural` shows it
 * once at that rate. A cue without a duration lasts as long as the clip. A cue that begins before
 * the one before it has ended begins when that ends. What lies between cues, or has no text, is a
 * gap: an event, or, with `gap=hold`, the last frame.
 *
 * Frames come with the times at which they change, so the stream's rate is variable; where the next
 * element needs a fixed one, frames are repeated or left out.
 *
 * The request pad `video` takes video to video: the clip of a cue is made from what is on screen
 * there during it, changed as much as `strength` says. The request pad `image` takes the frame that
 * a clip begins with: what is on screen there when its cue begins. No model is trained for that
 * yet; with `hold-first-frame` the frame is held all the same and the others follow it part of the
 * way. Both bring pictures to the model's size, cutting off what sticks out.
 *
 * The seed counts up with every clip, unless `fixed-seed` is set, and begins anew after a flush.
 *
 * Progress and previews are those of tpdiffsrc, the pad `preview` included.
 *
 * A demultiplexer that feeds several pads needs queues in between, as always.
 *
 * ## Examples
 *
 * |[
 * gst-launch-1.0 filesrc location=script.srt ! subparse ! tpdiffgen ! videoconvert ! autovideosink
 * gst-launch-1.0 filesrc location=script.srt ! subparse ! tpdiffgen gap=hold ! videorate \
 *     ! video/x-raw,framerate=24/1 ! x264enc ! mp4mux ! filesink location=film.mp4
 * gst-launch-1.0 filesrc location=script.srt ! subparse ! tpdiffgen name=g strength=0.4 \
 *     ! videoconvert ! autovideosink \
 *     filesrc location=in.mp4 ! decodebin ! videoconvert ! queue ! g.video
 * ]|
 */
/* clang-format on */

#include "gsttpdiffgen-private.h"

#include "gsttpdiffcaps.h"
#include "gsttpdiffmessages.h"
#include "gsttpdiffpreviewpad.h"
#include "gsttpdiffrequest.h"

GST_DEBUG_CATEGORY (tpdiffgen_debug);

#define GST_TYPE_TPDIFF_GAP (gst_tpdiff_gap_get_type ())

static GType
gst_tpdiff_gap_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {GST_TPDIFF_GAP_EVENT, "A gap event", "event"},
      {GST_TPDIFF_GAP_HOLD, "The last frame, held", "hold"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstTpdiffGap", values));
  return type;
}

enum
{
  PROP_0,
  PROP_FIT,
  PROP_GAP,
  PROP_FIXED_SEED,
  PROP_STRENGTH,
  PROP_HOLD_FIRST_FRAME,
  PROP_REQUEST, /* what determines a clip, from here on */
};

static GstStaticPadTemplate text_template =
    GST_STATIC_PAD_TEMPLATE ("text", GST_PAD_SINK, GST_PAD_ALWAYS,
                             GST_STATIC_CAPS ("text/x-raw, format = { utf8, pango-markup }"));

#define RGB_CAPS "video/x-raw, format = (string) RGB"

static GstStaticPadTemplate image_template =
    GST_STATIC_PAD_TEMPLATE ("image", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (RGB_CAPS));

static GstStaticPadTemplate video_template =
    GST_STATIC_PAD_TEMPLATE ("video", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (RGB_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_TPDIFF_VIDEO_CAPS_FROM ("0/1")));

G_DEFINE_TYPE_WITH_CODE (GstTpdiffGen, gst_tpdiff_gen, GST_TYPE_ELEMENT,
                         G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (tpdiffgen, "tpdiffgen", GST_RANK_NONE, GST_TYPE_TPDIFF_GEN,
                                       GST_DEBUG_CATEGORY_INIT (tpdiffgen_debug, "tpdiffgen", 0,
                                                                "TPDiff video from text"))

const TpdModelInfo *
gst_tpdiff_gen_get_model (GstTpdiffGen *self)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  TpdModelInfo *info;

  GST_OBJECT_LOCK (self);
  if (self->model == NULL)
    name = g_strdup (self->request->model);
  info = self->model;
  GST_OBJECT_UNLOCK (self);
  if (info != NULL)
    return info;

  info = tpd_model_info_read (name, &error);
  if (info == NULL)
    {
      gst_tpdiff_post_error (GST_ELEMENT (self), error);
      return NULL;
    }
  GST_OBJECT_LOCK (self);
  if (self->model == NULL)
    self->model = g_steal_pointer (&info);
  g_clear_pointer (&info, tpd_model_info_free);
  info = self->model;
  GST_OBJECT_UNLOCK (self);
  return info;
}

static gboolean
gst_tpdiff_gen_src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gdouble rate = 1;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    gst_event_parse_seek (event, &rate, NULL, NULL, NULL, NULL, NULL, NULL);
  /* a clip is made whole, however late it is */
  if (rate < 0 || GST_EVENT_TYPE (event) == GST_EVENT_QOS)
    {
      gst_event_unref (event);
      return rate > 0;
    }
  return gst_pad_event_default (pad, parent, event);
}

/* ── life cycle ── */

static GstStateChangeReturn
gst_tpdiff_gen_change_state (GstElement *element, GstStateChange transition)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (element);
  GstStateChangeReturn result =
      GST_ELEMENT_CLASS (gst_tpdiff_gen_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      gst_tpdiff_preview_pad_remove (element);
      gst_tpdiff_output_clear (&self->output);
      gst_tpdiff_gen_forget_stream (self);
      GST_OBJECT_LOCK (self);
      g_clear_pointer (&self->model, tpd_model_info_free);
      GST_OBJECT_UNLOCK (self);
    }
  return result;
}

static void
gst_tpdiff_gen_finalize (GObject *object)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (object);

  gst_tpdiff_generator_free (self->generator);
  gst_tpdiff_output_clear (&self->output);
  gst_tpdiff_gen_forget_stream (self);
  g_ptr_array_unref (self->records);
  tpd_request_free (self->request);
  g_clear_pointer (&self->model, tpd_model_info_free);
  g_clear_pointer (&self->image, gst_tpdiff_feed_unref);
  g_clear_pointer (&self->video, gst_tpdiff_feed_unref);
  G_OBJECT_CLASS (gst_tpdiff_gen_parent_class)->finalize (object);
}

/* ── properties ── */

static void
gst_tpdiff_gen_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (object);

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_FIT:
      self->fit = g_value_get_enum (value);
      break;
    case PROP_GAP:
      self->gap = g_value_get_enum (value);
      break;
    case PROP_FIXED_SEED:
      self->fixed_seed = g_value_get_boolean (value);
      break;
    case PROP_STRENGTH:
      self->request->strength = g_value_get_double (value);
      break;
    case PROP_HOLD_FIRST_FRAME:
      self->request->hold_first_frame = g_value_get_boolean (value);
      break;
    default:
      gst_tpdiff_request_set_property (self->request, value, spec);
      break;
    }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tpdiff_gen_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (object);

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_FIT:
      g_value_set_enum (value, self->fit);
      break;
    case PROP_GAP:
      g_value_set_enum (value, self->gap);
      break;
    case PROP_FIXED_SEED:
      g_value_set_boolean (value, self->fixed_seed);
      break;
    case PROP_STRENGTH:
      g_value_set_double (value, self->request->strength);
      break;
    case PROP_HOLD_FIRST_FRAME:
      g_value_set_boolean (value, self->request->hold_first_frame);
      break;
    default:
      gst_tpdiff_request_get_property (self->request, value, spec);
      break;
    }
  GST_OBJECT_UNLOCK (self);
}

#define ANY_TIME (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_FIT,
      g_param_spec_enum ("fit", "Fit", "How a clip fills the duration of its cue",
                         GST_TYPE_TPDIFF_FIT, GST_TPDIFF_FIT_STRETCH, ANY_TIME));
  g_object_class_install_property (klass, PROP_GAP,
                                   g_param_spec_enum ("gap", "Gap", "What comes between cues",
                                                      GST_TYPE_TPDIFF_GAP, GST_TPDIFF_GAP_EVENT,
                                                      ANY_TIME));
  g_object_class_install_property (
      klass, PROP_FIXED_SEED,
      g_param_spec_boolean ("fixed-seed", "Fixed seed",
                            "Make every clip with the same seed instead of counting it up", FALSE,
                            ANY_TIME));
  g_object_class_install_property (
      klass, PROP_STRENGTH,
      g_param_spec_double ("strength", "Strength",
                           "How much to change what comes in at the video pad; 1 changes all of it",
                           0.01, 1, TPD_DEFAULT_STRENGTH, ANY_TIME));
  g_object_class_install_property (
      klass, PROP_HOLD_FIRST_FRAME,
      g_param_spec_boolean ("hold-first-frame", "Hold first frame",
                            "Let clips begin with what comes in at the image pad although the "
                            "model was not trained for it: the other frames follow part of the way",
                            FALSE, ANY_TIME));
  gst_tpdiff_request_install (klass, PROP_REQUEST, "Put in front of the text of every cue");
}

static void
gst_tpdiff_gen_class_init (GstTpdiffGenClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_tpdiff_gen_set_property;
  object_class->get_property = gst_tpdiff_gen_get_property;
  object_class->finalize = gst_tpdiff_gen_finalize;
  install_properties (object_class);

  gst_element_class_set_static_metadata (element_class, "TPDiff video from text", "Converter/Video",
                                         "Generates a video clip for every cue of a text stream "
                                         "with temporal pyramid diffusion",
                                         "The TPDiff developers");
  gst_element_class_add_static_pad_template (element_class, &text_template);
  gst_element_class_add_static_pad_template (element_class, &image_template);
  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_tpdiff_preview_pad_install (element_class);
  gst_type_mark_as_plugin_api (GST_TYPE_TPDIFF_FIT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TPDIFF_GAP, 0);

  element_class->request_new_pad = gst_tpdiff_gen_request_new_pad;
  element_class->release_pad = gst_tpdiff_gen_release_pad;
  element_class->change_state = gst_tpdiff_gen_change_state;
}

static void
gst_tpdiff_gen_init (GstTpdiffGen *self)
{
  GstPad *text = gst_pad_new_from_static_template (&text_template, "text");
  GstPad *src = gst_pad_new_from_static_template (&src_template, "src");

  gst_pad_set_chain_function (text, gst_tpdiff_gen_chain);
  gst_pad_set_event_function (text, gst_tpdiff_gen_text_event);
  gst_pad_set_activatemode_function (text, gst_tpdiff_gen_activate_text);
  gst_element_add_pad (GST_ELEMENT (self), text);
  gst_pad_set_event_function (src, gst_tpdiff_gen_src_event);
  gst_element_add_pad (GST_ELEMENT (self), src);
  gst_tpdiff_output_init (&self->output, GST_ELEMENT (self), src);

  self->request = tpd_request_new ();
  self->records = g_ptr_array_new_with_free_func (g_free);
  self->generator = gst_tpdiff_generator_new (GST_ELEMENT (self));
  gst_tpdiff_preview_pad_attach (GST_ELEMENT (self));
}
