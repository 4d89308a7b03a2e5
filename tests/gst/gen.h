/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "tpd-request.h"

G_BEGIN_DECLS

/* A tpdiffgen with the tiny model, whose pads a test feeds itself. What it makes of a cue is there
 * when gen_cue() returns. */
typedef struct
{
  GstElement *element;
  GstHarness *text; /* its text pad, and what comes out */
  GstHarness *video;
  GstHarness *image;
  GstBus *bus;
  GPtrArray *shown; /* Shown, in order */
  guint n_eos;
} Gen;

/* What came out: a buffer, or a gap. */
typedef struct
{
  gboolean gap;
  GstClockTime pts;
  GstClockTime duration;
  GBytes *bytes; /* NULL for a gap */
} Shown;

/* properties: as for gst-launch, e.g. "fit=loop gap=hold"; sink_caps: (nullable) of downstream */
Gen *gen_new (const char *properties, const char *sink_caps);
void gen_free (Gen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Gen, gen_free)

/* Links a request pad, RGB frames of that size. */
void gen_link_video (Gen *self, int width, int height);
void gen_link_image (Gen *self, int width, int height);

/* Pushes a cue. GST_CLOCK_TIME_NONE for no time, no duration. */
GstFlowReturn gen_cue (Gen *self, const char *text, GstClockTime pts, GstClockTime duration);

/* Pushes a frame of one grey into a request pad's harness. */
GstFlowReturn gen_frame (GstHarness *pad, GstClockTime pts, GstClockTime duration, guint8 grey);

/* Collects what has come out into self->shown. */
void gen_collect (Gen *self);

/* The n-th thing that came out so far. */
const Shown *gen_shown (Gen *self, guint n);

/* Asserts that the n-th thing is a buffer (or gap) of exactly that time. */
void gen_assert_shown (Gen *self, guint n, gboolean gap, GstClockTime begin, GstClockTime end);

/* The settings record of the last clip; free it. */
char *gen_record (Gen *self);

/* What the last clip was made from, as its record has it; free it. */
TpdRequest *gen_request (Gen *self);

/* The next message of that type on the bus; asserts that there is one. Unref it. */
GstMessage *gen_message (Gen *self, GstMessageType type);

/* Asserts that there is an error of that kind on the bus which says `text`. */
void gen_assert_error (Gen *self, GQuark domain, int code, const char *text);

G_END_DECLS
