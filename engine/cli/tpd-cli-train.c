/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli-train-check.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "train/tpd-denoiser-trainer.h"
#include "train/tpd-preview-fit.h"
#include "train/tpd-train-setup.h"
#include "train/tpd-vae-trainer.h"

/* Updates between lines of progress where stderr is no terminal. */
#define LINES_EVERY 50

/* ── options ── */

static gboolean
set_option (const char *name, const char *value, gpointer config, GError **error)
{
  return tpd_train_config_set (config, name + strlen ("--"), value, error);
}

/* The help of a setting with its default. Lives forever, as GOption wants it. */
static const char *
describe (const TpdTrainSetting *setting, JsonObject *defaults)
{
  JsonNode *node = json_object_get_member (defaults, setting->name);
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_NULL (node))
    return _ (setting->help);
  if (setting->type == TPD_SETTING_STRING)
    text = g_strdup_printf (_ ("%s (default %s)"), _ (setting->help), json_node_get_string (node));
  else
    text = g_strdup_printf (_ ("%s (default %g)"), _ (setting->help), json_node_get_double (node));
  return g_intern_string (text);
}

/* An option for each setting of the job, --check, and the end. */
static GOptionEntry *
make_entries (const TpdTrainConfig *config, gboolean *check)
{
  guint n;
  const TpdTrainSetting *settings = tpd_train_settings (&n);
  g_autoptr (JsonObject) defaults = tpd_train_config_to_json (config);
  GOptionEntry *entries = g_new0 (GOptionEntry, n + 2);
  guint n_entries = 0;

  for (guint i = 0; i < n; i++)
    if (settings[i].jobs & config->job)
      entries[n_entries++] = (GOptionEntry){
          .long_name = settings[i].name,
          .arg = G_OPTION_ARG_CALLBACK,
          .arg_data = set_option,
          .description = describe (&settings[i], defaults),
          .arg_description = settings[i].arg_label,
      };
  if (config->job != TPD_TRAIN_PREVIEW)
    entries[n_entries] = (GOptionEntry){
        .long_name = "check",
        .arg = G_OPTION_ARG_NONE,
        .arg_data = check,
        .description = _ ("load everything, print what would be learned from, and end"),
    };
  return entries;
}

static const char *
summarize (TpdTrainJob job)
{
  switch (job)
    {
    case TPD_TRAIN_VAE:
      return _ ("Trains an autoencoder; the result is in DIR/vae.");
    case TPD_TRAIN_PREVIEW:
      return _ ("Fits the linear map that decodes previews cheaply to the autoencoder of the model "
                "in --model; the result is in its vae/preview.safetensors.");
    case TPD_TRAIN_DENOISER:
    default:
      return _ ("Trains a denoiser, \"tpdiff train vae\" an autoencoder, \"tpdiff train preview\" "
                "what decodes previews; the model is in DIR/model.");
    }
}

static const char *
describe_use (TpdTrainJob job)
{
  return job == TPD_TRAIN_PREVIEW
             ? _ ("It takes seconds, and needs to be done for models from elsewhere only: "
                  "\"tpdiff train vae\" does it by itself.")
             : _ ("A training that was interrupted goes on when the same command is given again.");
}

/* What every training must be told. */
static gboolean
check_complete (const TpdTrainConfig *config, GError **error)
{
  const char *missing = NULL;

  if (config->job == TPD_TRAIN_PREVIEW)
    missing = config->model == NULL ? _ ("--model DIR is missing") : NULL;
  else if (config->out == NULL)
    missing = _ ("--out DIR is missing");
  else if (config->steps == 0 && config->minutes == 0 && config->teraflop == 0)
    missing = _ ("How long? Give --steps, --minutes or --teraflop");
  if (missing != NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, missing);
  return missing == NULL;
}

static gboolean
parse (TpdTrainConfig *config, gboolean *check, int argc, char **argv, GError **error)
{
  g_autofree GOptionEntry *entries = make_entries (config, check);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("train", "", "", config, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);
  g_option_context_set_summary (context, summarize (config->job));
  g_option_context_set_description (context, describe_use (config->job));
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("Unexpected argument \"%s\""), argv[1]);
      return FALSE;
    }
  return check_complete (config, error);
}

/* ── progress ── */

/* "1:02:03" */
static char *
format_seconds (double seconds)
{
  gint64 whole = CLAMP (seconds, 0, 1e9);

  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60),
                          (int)(whole % 60));
}

/* The smoothed loss of every stage met so far: "k1 0.31  k2 0.28". */
static char *
format_losses (const double *losses, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint k = 0; k < n; k++)
    if (!isnan (losses[k]) && k == 0)
      g_string_append_printf (text, "loss %.4f", losses[k]);
    else if (!isnan (losses[k]))
      g_string_append_printf (text, "%sk%u %.4f", text->len > 0 ? "  " : "loss ", k, losses[k]);
  return g_string_free (text, FALSE);
}

#define MAX_STAGES 8

typedef struct
{
  double losses[MAX_STAGES + 1]; /* NAN for a stage not met yet */
  double seconds;                /* smoothed time of an update */
  gboolean terminal;
} Display;

static void
on_progress (TpdTrainer *trainer, const TpdTrainProgress *progress, gpointer data)
{
  Display *display = data;
  double left = progress->total_seconds * (1 / MAX (progress->used, 1e-9) - 1);
  g_autofree char *losses = NULL;
  g_autofree char *time_left = format_seconds (left);

  display->losses[MIN (progress->stage, MAX_STAGES)] = progress->smooth_loss;
  display->seconds += (display->seconds == 0 ? 1 : 0.05) * (progress->seconds - display->seconds);
  losses = format_losses (display->losses, G_N_ELEMENTS (display->losses));
  if (display->terminal)
    tpd_cli_progress ("step %" G_GINT64_FORMAT "  %s  lr %.2g  %.2f s/step  %.0f %%  %s left",
                      progress->step, losses, progress->learning_rate, display->seconds,
                      100 * progress->used, time_left);
  else if (progress->step % LINES_EVERY == 0 || progress->step == 1)
    fprintf (stderr, "step %" G_GINT64_FORMAT "  %s  lr %.2g  %.2f s/step  %.0f %%  %s left\n",
             progress->step, losses, progress->learning_rate, display->seconds,
             100 * progress->used, time_left);
}

/* ── the command ── */

static TpdContext *
open_device (const TpdTrainConfig *config, GError **error)
{
  g_autoptr (TpdDevice) device = tpd_device_open (config->device, error);
  TpdContext *ctx = device != NULL ? tpd_context_new (device, error) : NULL;
  g_autofree char *description = ctx != NULL ? tpd_device_describe (device) : NULL;

  if (ctx != NULL)
    fprintf (stderr, "%s\n", description);
  return ctx;
}

static gboolean
fit_preview (const TpdTrainConfig *config, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdContext) ctx = open_device (config, error);
  g_autoptr (TpdDataset) dataset = ctx != NULL ? tpd_train_setup_dataset (config, error) : NULL;
  g_autofree char *vae = g_build_filename (config->model, "vae", NULL);
  double psnr;

  if (dataset == NULL ||
      !tpd_preview_fit_folder (vae, ctx, dataset, (guint)config->clips, &psnr, cancellable, error))
    return FALSE;
  fprintf (stderr, _ ("%s/%s: %.1f dB from what the autoencoder makes of %d frames\n"), vae,
           TPD_PREVIEW_PROJECTION_FILE, psnr, (int)config->clips);
  return TRUE;
}

static TpdTrainer *
make_trainer (TpdTrainConfig *config, GError **error)
{
  g_autoptr (TpdTrainConfig) owned = config;
  g_autoptr (TpdContext) ctx = open_device (config, error);

  if (ctx == NULL)
    return NULL;
  return config->job == TPD_TRAIN_VAE
             ? tpd_vae_trainer_new (g_steal_pointer (&owned), ctx, error)
             : tpd_denoiser_trainer_new (g_steal_pointer (&owned), ctx, error);
}

/* "train vae", "train preview"; without such a word, a denoiser. */
static TpdTrainJob
read_job (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], "vae"))
    return TPD_TRAIN_VAE;
  if (argc > 1 && g_str_equal (argv[1], "preview"))
    return TPD_TRAIN_PREVIEW;
  return TPD_TRAIN_DENOISER;
}

gboolean
tpd_cli_train (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  const TpdTrainJob job = read_job (argc, argv);
  const int skipped = job == TPD_TRAIN_DENOISER ? 0 : 1;
  g_autoptr (TpdTrainConfig) config = tpd_train_config_new (job);
  g_autoptr (TpdTrainer) trainer = NULL;
  g_autofree char *out = NULL;
  Display display = {.terminal = isatty (STDERR_FILENO)};
  gboolean check = FALSE;

  for (guint k = 0; k < G_N_ELEMENTS (display.losses); k++)
    display.losses[k] = NAN;
  if (!parse (config, &check, argc - skipped, argv + skipped, error))
    return FALSE;
  if (config->threads > 0)
    {
      g_autofree char *threads = g_strdup_printf ("%" G_GINT64_FORMAT, config->threads);

      g_setenv ("TPDIFF_THREADS", threads, TRUE);
    }
  if (job == TPD_TRAIN_PREVIEW)
    return fit_preview (config, cancellable, error);
  out = g_strdup (config->out);
  trainer = make_trainer (g_steal_pointer (&config), error);
  if (trainer == NULL)
    return FALSE;
  if (check)
    return tpd_cli_train_check (tpd_trainer_get_config (trainer), error);
  g_signal_connect (trainer, "progress", G_CALLBACK (on_progress), &display);
  if (tpd_trainer_run (trainer, cancellable, error))
    return TRUE;
  tpd_cli_progress_end ();
  if (g_cancellable_is_cancelled (cancellable))
    fprintf (stderr, _ ("Saved after step %lld in %s; the same command goes on from there.\n"),
             (long long)tpd_trainer_get_step (trainer), out);
  return FALSE;
}
