/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-clip.h"

G_BEGIN_DECLS

/**
 * TpdPhase:
 * @TPD_PHASE_ENCODE: reading the prompt
 * @TPD_PHASE_SAMPLE: sampling, stage by stage
 * @TPD_PHASE_DECODE: latents to pixels
 *
 * What a generation is doing.
 */
typedef enum
{
  TPD_PHASE_ENCODE,
  TPD_PHASE_SAMPLE,
  TPD_PHASE_DECODE,
} TpdPhase;

#define TPD_TYPE_PHASE (tpd_phase_get_type ())
TPD_API GType tpd_phase_get_type (void);

#define TPD_TYPE_PROGRESS (tpd_progress_get_type ())
TPD_API GType tpd_progress_get_type (void);

/**
 * TpdProgress:
 * @phase: what is being done
 * @stage: the current stage, K down to 1; 0 outside sampling
 * @n_stages: K; 0 outside sampling
 * @step: steps done in all stages
 * @n_steps: steps of all stages
 * @fraction: share of the whole work done, 0 to 1; it never falls
 * @seconds_left: estimated time left; negative while unknown
 * @unknown_words: (nullable) (array zero-terminated=1): words of the prompts that the model does
 * not know; told once, in the first report
 * @preview: (nullable): the current estimate of the clip, at the stage's own frame rate, if
 * previews were asked for and one is due
 *
 * How far a generation is.
 */
typedef struct
{
  TpdPhase phase;
  guint stage;
  guint n_stages;
  guint step;
  guint n_steps;
  double fraction;
  double seconds_left;
  char **unknown_words;
  TpdClip *preview;
} TpdProgress;

/**
 * tpd_progress_copy:
 *
 * Reports are the generating thread's; keep a copy to look at one in another.
 *
 * Returns: (transfer full): a copy, which shares the preview
 */
TPD_API TpdProgress *tpd_progress_copy (const TpdProgress *self);
TPD_API void tpd_progress_free (TpdProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdProgress, tpd_progress_free)

/**
 * TpdProgressFunc:
 * @progress: (transfer none): how far it is; valid during the call
 * @data: (closure): what was given with the function
 *
 * Called in the thread that generates; return quickly.
 */
typedef void (*TpdProgressFunc) (const TpdProgress *progress, gpointer data);

G_END_DECLS
