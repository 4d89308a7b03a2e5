/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* A pipeline that has played: what came out of the element called "src", and what it said. */
typedef struct
{
  GstElement *pipeline;
  GstElement *src;
  GPtrArray *buffers;  /* GstBuffer that left src, with the clip's last sticky events before them */
  GstCaps *caps;       /* of the last of them */
  GstTagList *tags;    /* likewise */
  GPtrArray *messages; /* GstMessage of src, in order */
  guint n_eos;         /* EOS events that left src */
} Play;

/* Builds a pipeline of the element called "src" and others, all on one line. */
Play *play_new_line (const char *line);

/* Builds "tpdiffsrc name=src model=TINY ARGUMENTS"; ARGUMENTS goes on with links, e.g.
 * "clips=2 ! fakesink". */
Play *play_new (const char *arguments);

/* Plays to the end of the stream or the first error of any element. */
void play_to_end (Play *self);

/* play_new() and play_to_end() */
Play *play (const char *arguments);

/* Takes messages off the bus, those of src into self->messages, until one of that type has come
 * from src or from the pipeline, or, for GST_MESSAGE_UNKNOWN, until none is left. */
void play_wait_for (Play *self, GstMessageType type);

void play_free (Play *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Play, play_free)

/* All bytes of frames from … to-1. Free with g_bytes_unref(). */
GBytes *play_bytes (Play *self, guint from, guint to);

/* The n-th message of src of that type; NULL if there is none. */
GstMessage *play_message (Play *self, GstMessageType type, guint n);

/* The structure of the n-th element message of that name; NULL if there is none. */
const GstStructure *play_structure (Play *self, const char *name, guint n);

guint play_count (Play *self, const char *name);

/* Asserts that src has posted one error, of that domain and code, and that its text has `text` in
 * it. */
void play_assert_error (Play *self, GQuark domain, int code, const char *text);

/* A copy of the tiny model to change; play_model_remove() deletes and frees it. */
char *play_model_copy (void);
void play_model_remove (char *model);

G_END_DECLS
