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

#include "gsttpdiffgen.h"

#include "gsttpdiffcaps.h"
#include "gsttpdiffcue.h"
#include "gsttpdifffeed.h"
#include "gsttpdiffgenerator.h"
#include "gsttpdiffmessages.h"
#include "gsttpdiffoutput.h"
#include "gsttpdiffplan.h"
#include "gsttpdiffpreviewpad.h"
#include "gsttpdiffrequest.h"
#include "gsttpdifftags.h"

GST_DEBUG_CATEGORY_STATIC (tpdiffgen_debug);
#define GST_CAT_DEFAULT tpdiffgen_debug

typedef enum
{
  GST_TPDIFF_GAP_EVENT,
  GST_TPDIFF_GAP_HOLD,
} GstTpdiffGap;

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

struct _GstTpdiffGen
{
  GstElement parent_instance;

  /* properties, under the object lock */
  TpdRequest *request; /* its prompt goes in front of every cue's */
  GstTpdiffFit fit;
  GstTpdiffGap gap;
  gboolean fixed_seed;

  /* owned */
  GstTpdiffGenerator *generator;

  /* state, under the object lock */
  TpdModelInfo *model;  /* from its first use until READY */
  GstTpdiffFeed *image; /* owned, nullable: of the request pads */
  GstTpdiffFeed *video;

  /* state of the text pad's streaming thread */
  GstTpdiffOutput output;
  gboolean markup;
  GstClockTime position; /* up to where something has been shown, or is known to be a gap */
  GstClockTime last_end; /* of the last cue */
  TpdClip *last_clip;    /* owned, nullable */
  guint last_frame;      /* shown of it */
  guint n_done;          /* clips */
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

/* ── shared by the streaming threads ── */

/* What the model is, read when first asked for. NULL if it cannot be; that has been posted. */
static const TpdModelInfo *
get_model (GstTpdiffGen *self)
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

/* The feed of a request pad; NULL if there is no such pad. */
static GstTpdiffFeed *
ref_feed (GstTpdiffGen *self, GstTpdiffFeed **member)
{
  GstTpdiffFeed *feed;

  GST_OBJECT_LOCK (self);
  feed = *member != NULL ? gst_tpdiff_feed_ref (*member) : NULL;
  GST_OBJECT_UNLOCK (self);
  return feed;
}

static void
for_each_feed (GstTpdiffGen *self, void (*set) (GstTpdiffFeed *feed, gboolean flag), gboolean flag)
{
  g_autoptr (GstTpdiffFeed) image = ref_feed (self, &self->image);
  g_autoptr (GstTpdiffFeed) video = ref_feed (self, &self->video);

  if (image != NULL)
    set (image, flag);
  if (video != NULL)
    set (video, flag);
}

/* Lets the text pad's thread return from whatever it waits for, or wait again. */
static void
set_flushing (GstTpdiffGen *self, gboolean flushing)
{
  gst_tpdiff_generator_set_flushing (self->generator, flushing);
  gst_tpdiff_output_set_flushing (&self->output, flushing);
  for_each_feed (self, gst_tpdiff_feed_set_released, flushing);
}

/* ── showing clips ── */

static GstFlowReturn
show (GstTpdiffGen *self, TpdClip *clip, guint first_frame, const GstTpdiffPlan *plan)
{
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < plan->n_buffers && flow == GST_FLOW_OK; i++)
    {
      self->last_frame = first_frame + gst_tpdiff_plan_frame (plan, i);
      flow = gst_tpdiff_output_push (&self->output, clip, self->last_frame,
                                     gst_tpdiff_plan_time (plan, i),
                                     gst_tpdiff_plan_time (plan, i + 1));
    }
  self->position = MAX (self->position, plan->start + plan->duration);
  return flow;
}

static gboolean
holds_last_frame (GstTpdiffGen *self)
{
  gboolean hold;

  GST_OBJECT_LOCK (self);
  hold = self->gap == GST_TPDIFF_GAP_HOLD;
  GST_OBJECT_UNLOCK (self);
  return hold && self->last_clip != NULL;
}

/* There is nothing new to show up to that time. */
static GstFlowReturn
fill_gap (GstTpdiffGen *self, GstClockTime end)
{
  GstClockTime begin = self->position;
  GstTpdiffPlan plan;

  if (end <= begin)
    return GST_FLOW_OK;
  if (holds_last_frame (self))
    {
      gst_tpdiff_plan_init_still (&plan, begin, end - begin, &self->output.info);
      return show (self, self->last_clip, self->last_frame, &plan);
    }
  gst_pad_push_event (self->output.pad, gst_event_new_gap (begin, end - begin));
  self->position = end;
  return GST_FLOW_OK;
}

static GstFlowReturn
prepare (GstTpdiffGen *self)
{
  const TpdModelInfo *model = get_model (self);

  return model != NULL ? gst_tpdiff_output_prepare (&self->output, model) : GST_FLOW_ERROR;
}

/* ── making clips ── */

/* The properties, for a cue. */
static TpdRequest *
request_for (GstTpdiffGen *self, const char *text)
{
  TpdRequest *request;
  guint64 seed;
  char *prompt;

  GST_OBJECT_LOCK (self);
  request = tpd_request_copy (self->request);
  seed = tpd_sampler_settings_get_seed (request->settings) + (self->fixed_seed ? 0 : self->n_done);
  GST_OBJECT_UNLOCK (self);
  g_object_set (request->settings, "seed", seed & G_MAXINT64, NULL);
  prompt = request->prompt != NULL && *request->prompt != '\0'
               ? g_strconcat (request->prompt, " ", text, NULL)
               : g_strdup (text);
  g_free (request->prompt);
  request->prompt = prompt;
  return request;
}

/* What is on screen at a request pad during the plan: n frames, or one at its beginning. */
static GstFlowReturn
take (GstTpdiffGen *self, GstTpdiffFeed **member, const GstTpdiffPlan *plan, guint n,
      TpdClip **clip)
{
  g_autoptr (GstTpdiffFeed) feed = ref_feed (self, member);
  const GstSegment *segment = &self->output.segment;
  GstClockTime begin = plan->start, end = plan->start + plan->duration;
  GstFlowReturn flow;

  if (feed == NULL)
    return GST_FLOW_OK;
  gst_segment_clip (segment, GST_FORMAT_TIME, begin, end, &begin, &end);
  begin = gst_segment_to_running_time (segment, GST_FORMAT_TIME, begin);
  end = gst_segment_to_running_time (segment, GST_FORMAT_TIME, end);
  flow = gst_tpdiff_feed_take (
      feed, &(GstTpdiffMoments){begin, member == &self->video ? end - begin : 0, n}, clip);
  if (flow == GST_FLOW_OK && *clip == NULL)
    GST_ELEMENT_WARNING (self, STREAM, FAILED,
                         ("The %s pad has no picture for the cue at %.3f s: it is made without",
                          member == &self->video ? "video" : "image",
                          (double)plan->start / GST_SECOND),
                         (NULL));
  return flow;
}

static GstFlowReturn
make_clip (GstTpdiffGen *self, TpdRequest *request, const GstTpdiffPlan *plan, guint n_frames)
{
  GstFlowReturn flow = take (self, &self->image, plan, 1, &request->first_frame);
  TpdClip *clip = NULL;

  if (flow == GST_FLOW_OK)
    flow = take (self, &self->video, plan, n_frames, &request->input);
  if (flow == GST_FLOW_OK)
    flow = gst_tpdiff_generator_make (self->generator, request, &clip);
  if (flow != GST_FLOW_OK)
    return flow;
  g_clear_pointer (&self->last_clip, tpd_clip_unref);
  self->last_clip = clip;
  self->n_done++;
  gst_pad_push_event (self->output.pad, gst_event_new_tag (gst_tpdiff_clip_tags (clip, request)));
  return GST_FLOW_OK;
}

static GstFlowReturn
play_cue (GstTpdiffGen *self, const char *text, GstClockTime start, GstClockTime duration)
{
  g_autoptr (TpdRequest) request = request_for (self, text);
  GstFlowReturn flow = prepare (self);
  GstTpdiffPlan plan;
  GstTpdiffFit fit;
  guint n_frames;

  if (flow == GST_FLOW_OK)
    flow = fill_gap (self, start);
  if (flow != GST_FLOW_OK)
    return flow;
  GST_OBJECT_LOCK (self);
  fit = self->fit;
  n_frames = gst_tpdiff_request_get_n_frames (request, self->model);
  gst_tpdiff_plan_init (&plan, fit, start, duration, self->model, n_frames, &self->output.info);
  GST_OBJECT_UNLOCK (self);
  if (!gst_segment_clip (&self->output.segment, GST_FORMAT_TIME, plan.start,
                         plan.start + plan.duration, NULL, NULL))
    return GST_FLOW_OK; /* the clip is over before the segment begins */
  flow = make_clip (self, request, &plan, n_frames);
  if (flow == GST_FLOW_OK)
    flow = show (self, self->last_clip, 0, &plan);
  return flow;
}

/* When a cue is shown: not before the last one has ended. FALSE if it is over by then, or outside
 * of the segment. */
static gboolean
place_cue (GstTpdiffGen *self, GstBuffer *buffer, GstClockTime *start, GstClockTime *duration)
{
  const GstSegment *segment = &self->output.segment;
  GstClockTime end;

  *start = GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer)
                                            : MAX (self->last_end, segment->start);
  *duration = GST_BUFFER_DURATION_IS_VALID (buffer) ? GST_BUFFER_DURATION (buffer) : 0;
  end = *start + *duration;
  if (*start<self->last_end && * duration> 0)
    {
      if (end <= self->last_end)
        {
          GST_WARNING_OBJECT (self, "a cue is over before the one before it: left out");
          return FALSE;
        }
      *duration = end - self->last_end;
    }
  *start = MAX (*start, self->last_end);
  return gst_segment_clip (segment, GST_FORMAT_TIME, *start, *start + *duration, NULL, NULL);
}

static GstFlowReturn
gst_tpdiff_gen_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (parent);
  g_autofree char *text = gst_tpdiff_cue_text (buffer, self->markup);
  GstFlowReturn flow = GST_FLOW_OK;
  GstClockTime start, duration;

  if (place_cue (self, buffer, &start, &duration))
    {
      GST_DEBUG_OBJECT (self, "%" GST_TIME_FORMAT " + %" GST_TIME_FORMAT ": %s",
                        GST_TIME_ARGS (start), GST_TIME_ARGS (duration), text);
      flow = text != NULL ? play_cue (self, text, start, duration) : prepare (self);
      if (flow == GST_FLOW_OK)
        flow = fill_gap (self, start + duration);
      self->last_end = self->position;
    }
  gst_buffer_unref (buffer);
  return flow;
}

/* ── the text pad ── */

/* The stream is another one than the text's. (gst_pad_create_stream_id() knows one sink pad only.)
 */
static gboolean
start_stream (GstTpdiffGen *self, GstEvent *event)
{
  g_autofree char *id = NULL;
  const char *text_id;
  GstEvent *ours;
  guint group;

  gst_event_parse_stream_start (event, &text_id);
  id = g_strdup_printf ("%s/clips", text_id);
  ours = gst_event_new_stream_start (id);
  if (gst_event_parse_group_id (event, &group))
    gst_event_set_group_id (ours, group);
  gst_event_set_seqnum (ours, gst_event_get_seqnum (event));
  gst_event_unref (event);
  return gst_pad_push_event (self->output.pad, ours);
}

static gboolean
set_text_caps (GstTpdiffGen *self, GstEvent *event)
{
  const GstStructure *structure;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  structure = gst_caps_get_structure (caps, 0);
  self->markup = g_strcmp0 (gst_structure_get_string (structure, "format"), "pango-markup") == 0;
  gst_event_unref (event);
  return TRUE;
}

/* Text without a time, from a plain file, say, begins at 0. */
static gboolean
set_segment (GstTpdiffGen *self, GstEvent *event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  GstSegment segment;

  gst_event_copy_segment (event, &segment);
  gst_event_unref (event);
  if (segment.format != GST_FORMAT_TIME)
    gst_segment_init (&segment, GST_FORMAT_TIME);
  if (segment.rate < 0)
    {
      GST_ELEMENT_ERROR (self, STREAM, NOT_IMPLEMENTED, ("Prompts cannot be played backwards"),
                         (NULL));
      return FALSE;
    }
  gst_tpdiff_output_set_segment (&self->output, &segment, seqnum);
  self->position = segment.start;
  self->last_end = 0;
  return TRUE;
}

/* Upstream says that there is no text up to some time. */
static gboolean
skip_gap (GstTpdiffGen *self, GstEvent *event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  gst_event_unref (event);
  return prepare (self) == GST_FLOW_OK &&
         fill_gap (self, GST_CLOCK_TIME_IS_VALID (duration) ? time + duration : time) ==
             GST_FLOW_OK;
}

static void
forget_stream (GstTpdiffGen *self)
{
  g_clear_pointer (&self->last_clip, tpd_clip_unref);
  self->position = 0;
  self->last_end = 0;
  self->n_done = 0;
}

static gboolean
gst_tpdiff_gen_text_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (parent);

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_STREAM_START:
      return start_stream (self, event);
    case GST_EVENT_CAPS:
      return set_text_caps (self, event);
    case GST_EVENT_SEGMENT:
      return set_segment (self, event);
    case GST_EVENT_GAP:
      return skip_gap (self, event);
    case GST_EVENT_TAG: /* of the text */
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_EOS:
      for_each_feed (self, gst_tpdiff_feed_set_done, TRUE);
      break;
    case GST_EVENT_FLUSH_START:
      set_flushing (self, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      set_flushing (self, FALSE);
      for_each_feed (self, gst_tpdiff_feed_set_done, FALSE);
      forget_stream (self);
      self->output.discont = TRUE;
      break;
    default:
      break;
    }
  return gst_pad_event_default (pad, parent, event);
}

/* Before a pad stops it waits for its thread, which has to be let go first. */
static gboolean
gst_tpdiff_gen_activate_text (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (parent);

  set_flushing (self, !active);
  if (active)
    for_each_feed (self, gst_tpdiff_feed_set_done, FALSE);
  return mode == GST_PAD_MODE_PUSH;
}

/* ── the other pads ── */

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

static GstFlowReturn
gst_tpdiff_gen_feed_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  const TpdModelInfo *model = get_model (GST_TPDIFF_GEN (parent));
  GstFlowReturn flow = GST_FLOW_ERROR;

  if (model != NULL)
    flow = gst_tpdiff_feed_push (gst_pad_get_element_private (pad), buffer, model->width,
                                 model->height);
  gst_buffer_unref (buffer);
  return flow;
}

/* Nothing of it goes on: the text pad's events are the stream's. */
static gboolean
gst_tpdiff_gen_feed_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstTpdiffFeed *feed = gst_pad_get_element_private (pad);
  gboolean good = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    gst_tpdiff_feed_set_flushing (feed, TRUE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    gst_tpdiff_feed_set_flushing (feed, FALSE);
  else
    good = gst_tpdiff_feed_event (feed, event);
  gst_event_unref (event);
  return good;
}

static gboolean
gst_tpdiff_gen_activate_feed (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  gst_tpdiff_feed_set_flushing (gst_pad_get_element_private (pad), !active);
  return mode == GST_PAD_MODE_PUSH;
}

static GstTpdiffFeed **
feed_member (GstTpdiffGen *self, GstPadTemplate *template)
{
  return g_str_equal (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "video") ? &self->video
                                                                          : &self->image;
}

static GstPad *
gst_tpdiff_gen_request_new_pad (GstElement *element, GstPadTemplate *template, const char *name,
                                const GstCaps *caps)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (element);
  GstTpdiffFeed **member = feed_member (self, template);
  g_autoptr (GstTpdiffFeed) taken = ref_feed (self, member);
  GstPad *pad;

  if (taken != NULL)
    return NULL;
  pad = gst_pad_new_from_template (template, GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
  GST_OBJECT_LOCK (self);
  *member = gst_tpdiff_feed_new ();
  gst_pad_set_element_private (pad, *member);
  GST_OBJECT_UNLOCK (self);
  gst_pad_set_chain_function (pad, gst_tpdiff_gen_feed_chain);
  gst_pad_set_event_function (pad, gst_tpdiff_gen_feed_event);
  gst_pad_set_activatemode_function (pad, gst_tpdiff_gen_activate_feed);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
gst_tpdiff_gen_release_pad (GstElement *element, GstPad *pad)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (element);
  GstTpdiffFeed **member = feed_member (self, GST_PAD_PAD_TEMPLATE (pad));
  GstTpdiffFeed *feed = gst_pad_get_element_private (pad);
  g_autoptr (GstEvent) eos = gst_event_new_eos ();

  gst_pad_set_active (pad, FALSE);
  gst_tpdiff_feed_event (feed, eos); /* whoever waits for it goes on without */
  gst_element_remove_pad (element, pad);
  GST_OBJECT_LOCK (self);
  *member = NULL;
  GST_OBJECT_UNLOCK (self);
  gst_tpdiff_feed_unref (feed);
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
      forget_stream (self);
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
  forget_stream (self);
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
  self->generator = gst_tpdiff_generator_new (GST_ELEMENT (self));
  gst_tpdiff_preview_pad_attach (GST_ELEMENT (self));
}
