/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a cue to the clip on screen: when, made from what, and what is shown in between. */

#include "gsttpdiffcue.h"
#include "gsttpdiffgen-private.h"
#include "gsttpdiffrequest.h"
#include "gsttpdifftags.h"
#include "io/tpd-record-series.h"

#define GST_CAT_DEFAULT tpdiffgen_debug

/* A stream may have no end; so many clips are remembered. */
#define MAX_RECORDS 1000

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

GstFlowReturn
gst_tpdiff_gen_fill_gap (GstTpdiffGen *self, GstClockTime end)
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

GstFlowReturn
gst_tpdiff_gen_prepare (GstTpdiffGen *self)
{
  const TpdModelInfo *model = gst_tpdiff_gen_get_model (self);

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
  g_autoptr (GstTpdiffFeed) feed = gst_tpdiff_gen_ref_feed (self, member);
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

/* Every clip has a prompt of its own: from no record do others follow. */
static void
tag_clip (GstTpdiffGen *self, const TpdRequest *request)
{
  const guint n = self->n_done;
  char *record = tpd_record_set_series (self->last_clip->record, n, n, n);

  gst_pad_push_event (self->output.pad, gst_event_new_tag (gst_tpdiff_clip_tags (record, request)));
  if (self->records->len < MAX_RECORDS)
    g_ptr_array_add (self->records, record);
  else
    g_free (record);
}

/* As the description for MP4, which keeps the first comment, that of a clip; as the comment for
 * Matroska, which keeps the last. */
void
gst_tpdiff_gen_tag_film (GstTpdiffGen *self)
{
  g_autoptr (GstEvent) last = gst_pad_get_sticky_event (self->output.pad, GST_EVENT_TAG, 0);
  g_autofree char *film = NULL;
  GstTagList *tags;

  if (self->n_done < 2 || last == NULL)
    return;
  g_ptr_array_add (self->records, NULL);
  film = tpd_record_join ((const char *const *)self->records->pdata);
  g_ptr_array_remove_index (self->records, self->records->len - 1);
  gst_event_parse_tag (last, &tags);
  tags = gst_tag_list_copy (tags);
  gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_COMMENT, film, GST_TAG_DESCRIPTION, film,
                    NULL);
  gst_pad_push_event (self->output.pad, gst_event_new_tag (tags));
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
  tag_clip (self, request);
  return GST_FLOW_OK;
}

static GstFlowReturn
play_cue (GstTpdiffGen *self, const char *text, GstClockTime start, GstClockTime duration)
{
  g_autoptr (TpdRequest) request = request_for (self, text);
  GstFlowReturn flow = gst_tpdiff_gen_prepare (self);
  GstTpdiffPlan plan;
  GstTpdiffFit fit;
  guint n_frames;

  if (flow == GST_FLOW_OK)
    flow = gst_tpdiff_gen_fill_gap (self, start);
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

/* ── cues ── */

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
  if (*start < self->last_end && end > *start)
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

GstFlowReturn
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
      flow = text != NULL ? play_cue (self, text, start, duration) : gst_tpdiff_gen_prepare (self);
      if (flow == GST_FLOW_OK)
        flow = gst_tpdiff_gen_fill_gap (self, start + duration);
      self->last_end = self->position;
    }
  gst_buffer_unref (buffer);
  return flow;
}
