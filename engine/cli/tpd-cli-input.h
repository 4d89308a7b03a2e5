/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cli.h"
#include "tpd-pipeline.h"

G_BEGIN_DECLS

/* What a clip is made from besides its prompt: a video to change, a picture to begin with. */
typedef struct
{
  char *video;
  double strength; /* NAN if it was not given */
  char *first_frame;
} TpdCliInput;

void tpd_cli_input_clear (TpdCliInput *self);

/* The options --video, --strength, --first-frame and --hold-first-frame. */
void tpd_cli_input_add_options (TpdCliInput *self, GOptionGroup *group, TpdRequest *request);

/* Whether they go together, before minutes of work. */
gboolean tpd_cli_input_check (const TpdCliInput *self, GError **error);

/* Whether what the clip in `from` was made from is given, before a model is loaded. */
gboolean tpd_cli_input_check_sources (const TpdCliInput *self, const TpdRequest *request,
                                      const char *from, GError **error);

/* Reads the files into the request, at the size of the pipeline's model. Errors name them; one is
 * that a clip made again was made from others. */
gboolean tpd_cli_input_read (const TpdCliInput *self, TpdPipeline *pipeline, TpdRequest *request,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
