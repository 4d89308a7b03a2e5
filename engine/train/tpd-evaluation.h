/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../io/tpd-image.h"
#include "../tpd-pipeline.h"
#include "tpd-judge.h"
#include "tpd-shapes.h"

G_BEGIN_DECLS

/* How good is a model of the dataset `shapes` or `shapes-basic`? Its clips are judged beside clips
 * whose quality is known, of the same prompts and by the same judge, so that the figures bring
 * their own scale. */

/**
 * TpdTrial:
 * @TPD_TRIAL_GENERATED: the model's clips
 * @TPD_TRIAL_REAL: rendered clips: what the judge itself gets wrong
 * @TPD_TRIAL_DECODED: rendered clips, encoded and decoded: what the autoencoder costs
 * @TPD_TRIAL_SHUFFLED: the model's clips against the prompts of others: chance
 * @TPD_TRIAL_FROZEN: the first frame of rendered clips all the time: motion must fail, unless the
 * prompt asks for none
 *
 * What is judged. All have 8 bits a channel, as a user sees them.
 */
typedef enum
{
  TPD_TRIAL_GENERATED,
  TPD_TRIAL_REAL,
  TPD_TRIAL_DECODED,
  TPD_TRIAL_SHUFFLED,
  TPD_TRIAL_FROZEN,
} TpdTrial;
#define TPD_N_TRIALS 5

/** tpd_trial_get_name: (skip) Returns: a word for tables and JSON, e.g. "generated" */
TPD_API const char *tpd_trial_get_name (TpdTrial trial);

/**
 * TpdEvaluationPlan: (skip)
 * @n_clips: prompts to judge, at least 2
 * @batch: clips made at a time
 * @n_shown: how many go on the contact sheet; 0 for no sheet
 * @world: the dataset that gives the prompts
 * @split: the combinations of figure, colour and motion to ask for
 *
 * Prompts are clips 0 … n_clips − 1 with one object of the dataset whose seed is that of the
 * request; clip i is sampled with that seed + i.
 */
typedef struct
{
  guint n_clips;
  guint batch;
  guint n_shown;
  TpdWorld world;
  TpdShapesSplit split;
} TpdEvaluationPlan;

/**
 * TpdEvaluation: (skip)
 * @scores: of each trial
 * @seconds: spent generating, without the judge
 * @sheet: (nullable): rows in pairs: the model's clip, and a rendered one of the same prompt
 *
 * What came out. Start from all zeros.
 */
typedef struct
{
  TpdScore scores[TPD_N_TRIALS];
  double seconds;
  TpdImage *sheet; /* owned */
} TpdEvaluation;

TPD_API void tpd_evaluation_clear (TpdEvaluation *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TpdEvaluation, tpd_evaluation_clear)

/**
 * TpdEvaluationProgress: (skip)
 * @done: clips done, with the part of the batch under way
 * @n_clips: clips in all
 * @seconds_left: negative while unknown
 * @unknown_words: (nullable) (array zero-terminated=1): words of all prompts that the model does
 * not know; told once, in the first report
 *
 * How far an evaluation is.
 */
typedef struct
{
  double done;
  guint n_clips;
  double seconds_left;
  char **unknown_words;
} TpdEvaluationProgress;

/** TpdEvaluationFunc: (skip) called at the start and after every step. */
typedef void (*TpdEvaluationFunc) (const TpdEvaluationProgress *progress, gpointer data);

/**
 * tpd_evaluation_run: (skip)
 * @request: how to sample; its prompt is not read
 *
 * Errors are those of tpd_pipeline_generate(), cancellation included, and
 * %TPD_ERROR_INVALID_ARGUMENT for clips of fewer than 3 frames, in which no motion can be judged.
 */
TPD_API gboolean tpd_evaluation_run (TpdEvaluation *self, TpdPipeline *pipeline,
                                     const TpdRequest *request, const TpdEvaluationPlan *plan,
                                     TpdEvaluationFunc progress, gpointer data,
                                     GCancellable *cancellable, GError **error);

/** tpd_evaluation_get_flicker: (skip)
 * Returns: flicker of a trial's clips as a multiple of the rendered clips' */
TPD_API double tpd_evaluation_get_flicker (const TpdEvaluation *self, TpdTrial trial);

/**
 * tpd_evaluation_to_json: (skip)
 *
 * Returns: (transfer full): {"clips", "seconds_per_clip", "trials": {"generated":
 * {"flicker_ratio", … as in tpd_score_to_json()}, …}}
 */
TPD_API JsonNode *tpd_evaluation_to_json (const TpdEvaluation *self);

G_END_DECLS
