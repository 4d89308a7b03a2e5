/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "core/tpd-enum.h"
#include "tpd-cli-settings.h"
#include "train/tpd-evaluation.h"

/* Prompts on the contact sheet. */
#define N_SHOWN 16

typedef struct
{
  int n_clips;
  int batch;
  char *dataset;
  char *split;
  char *sheet;
  gboolean json;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->dataset);
  g_free (self->split);
  g_free (self->sheet);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ── the table ── */

static double
percent (guint part, guint whole)
{
  return 100.0 * part / MAX (whole, 1);
}

static void
print_scores (const TpdEvaluation *evaluation)
{
  printf ("%-12s %7s %7s %7s %7s %7s %7s %8s\n", _ ("percent"), _ ("found"), _ ("color"),
          _ ("shape"), _ ("motion"), _ ("size"), _ ("all"), _ ("flicker"));
  for (guint i = 0; i < TPD_N_TRIALS; i++)
    {
      const TpdScore *score = &evaluation->scores[i];
      const guint n = score->n_clips;

      printf ("%-12s %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f %8.2f\n", tpd_trial_get_name (i),
              percent (score->n_found, n), percent (score->n_color, n),
              percent (score->n_figure, n), percent (score->n_motion, n),
              percent (score->n_size, n), percent (score->n_all, n),
              tpd_evaluation_get_flicker (evaluation, i));
    }
}

/* One line for each word that prompts asked for: right of how many. */
static void
print_breakdown (const char *title, const guint (*counts)[2], guint n,
                 const char *(*get_word) (guint))
{
  printf ("\n%s\n", title);
  for (guint i = 0; i < n; i++)
    if (counts[i][0] > 0)
      printf ("  %-28s %4u of %4u  %5.1f %%\n", get_word (i), counts[i][1], counts[i][0],
              percent (counts[i][1], counts[i][0]));
}

static const char *
figure_word (guint i)
{
  return tpd_figure_get_word (i);
}

static const char *
motion_words (guint i)
{
  return tpd_motion_get_words (i);
}

static void
print_table (const TpdEvaluation *evaluation)
{
  const TpdScore *score = &evaluation->scores[TPD_TRIAL_GENERATED];

  print_scores (evaluation);
  print_breakdown (_ ("generated: shape right, by shape"), score->figures, TPD_N_FIGURES,
                   figure_word);
  print_breakdown (_ ("generated: motion right, by motion"), score->motions, TPD_N_MOTIONS,
                   motion_words);
  printf (_ ("\n%u clips, %.2f s each; flicker is a multiple of that of real clips\n"),
          score->n_clips, evaluation->seconds / MAX (score->n_clips, 1));
}

/* ── the command ── */

static void
show_progress (const TpdEvaluationProgress *progress, gpointer data)
{
  tpd_cli_warn_of_unknown_words (progress->unknown_words);
  if (progress->seconds_left < 0)
    tpd_cli_progress (_ ("clip %.0f of %u"), progress->done, progress->n_clips);
  else
    tpd_cli_progress (_ ("clip %.0f of %u, %.0f s left"), progress->done, progress->n_clips,
                      progress->seconds_left);
}

static gboolean
parse (int argc, char **argv, Options *options, TpdRequest *request, int *split, GError **error)
{
  const GOptionEntry entries[] = {
      {"clips", 0, 0, G_OPTION_ARG_INT, &options->n_clips, N_ ("How many to judge (default 500)"),
       "N"},
      {"batch", 0, 0, G_OPTION_ARG_INT, &options->batch,
       N_ ("How many to make at a time (default 8)"), "N"},
      {"dataset", 0, 0, G_OPTION_ARG_STRING, &options->dataset,
       N_ ("Prompts: shapes or shapes-basic (default: the model's)"), "NAME"},
      {"split", 0, 0, G_OPTION_ARG_STRING, &options->split,
       N_ ("Prompts: held-out (default), never seen in training, or train"), "SPLIT"},
      {"sheet", 0, 0, G_OPTION_ARG_FILENAME, &options->sheet,
       N_ ("Contact sheet to write, a PNG: a clip, below it a real one of the same prompt, …"),
       "FILE"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print JSON"), NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group = tpd_cli_request_options (request);

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_description (
      context, _ ("Makes clips of the dataset that the model was trained on and has a judge "
                  "without any network say "
                  "whether colour, shape and motion are what the prompt asked for. It judges real "
                  "clips too, as they are (what the judge gets wrong), through the autoencoder "
                  "(what that costs) and standing still (motion must fail), and the model's clips "
                  "against other prompts (chance). --seed chooses prompts and noise."));
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1 || request->prompt != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   argc > 1
                       ? _ ("Unexpected argument \"%s\"")
                       : _ ("The prompts are the dataset's: --prompt \"%s\" has no place here"),
                   argc > 1 ? argv[1] : request->prompt);
      return FALSE;
    }
  if (options->split != NULL && !tpd_enum_parse (TPD_TYPE_SHAPES_SPLIT, options->split, split))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--split is \"%s\", expected train or held-out"), options->split);
      return FALSE;
    }
  if (options->n_clips < 2 || options->n_clips > 100000 || options->batch < 1 ||
      options->batch > 1024)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("Expected 2 to 100000 --clips and a --batch of 1 to 1024, got %d and %d"),
                   options->n_clips, options->batch);
      return FALSE;
    }
  return TRUE;
}

/* A model that does not say what it learned from is asked for everything. */
static gboolean
choose_world (const Options *options, TpdPipeline *pipeline, TpdWorld *world, GError **error)
{
  const TpdModelInfo *info = tpd_model_get_info (tpd_pipeline_get_model (pipeline));
  const char *dataset = options->dataset != NULL ? options->dataset
                        : info->dataset != NULL  ? info->dataset
                                                 : tpd_enum_nick (TPD_TYPE_WORLD, TPD_WORLD_FULL);
  int value;

  if (!tpd_enum_parse (TPD_TYPE_WORLD, dataset, &value))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("There is no judge for the dataset \"%s\", expected shapes or shapes-basic"),
                   dataset);
      return FALSE;
    }
  *world = value;
  return TRUE;
}

gboolean
tpd_cli_evaluate (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_auto (Options) options = {.n_clips = 500, .batch = 8};
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdPipeline) pipeline = NULL;
  g_auto (TpdEvaluation) evaluation = {0};
  TpdEvaluationPlan plan;
  int split = TPD_SHAPES_HELD_OUT;

  if (!parse (argc, argv, &options, request, &split, error))
    return FALSE;
  plan = (TpdEvaluationPlan){
      .n_clips = (guint)options.n_clips,
      .batch = (guint)options.batch,
      .n_shown = options.sheet != NULL ? N_SHOWN : 0,
      .split = split,
  };
  pipeline = tpd_pipeline_new (request->model, request->device, error);
  if (pipeline == NULL || !choose_world (&options, pipeline, &plan.world, error) ||
      !tpd_evaluation_run (&evaluation, pipeline, request, &plan, show_progress, NULL, cancellable,
                           error))
    return FALSE;
  tpd_cli_progress_end ();
  if (options.json)
    tpd_cli_print_json (tpd_evaluation_to_json (&evaluation));
  else
    print_table (&evaluation);
  return options.sheet == NULL || tpd_image_write_png (evaluation.sheet, options.sheet, error);
}
