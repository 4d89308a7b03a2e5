/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-train-config.h"

#include <math.h>

#define BOTH     (TPD_TRAIN_DENOISER | TPD_TRAIN_VAE)
#define DENOISER TPD_TRAIN_DENOISER
#define VAE      TPD_TRAIN_VAE
#define PREVIEW  TPD_TRAIN_PREVIEW
#define ALL      (BOTH | PREVIEW)

/* What the learning rate falls to along the cosine. */
#define COSINE_FLOOR 0.05

#define INT(job, id, name, initial, min, max, resumable, label, help)                              \
  {                                                                                                \
    name, job, TPD_SETTING_INT, G_STRUCT_OFFSET (TpdTrainConfig, id), initial, min, max, NULL,     \
        resumable, label, help                                                                     \
  }
#define DOUBLE(job, id, name, initial, min, max, resumable, label, help)                           \
  {                                                                                                \
    name, job, TPD_SETTING_DOUBLE, G_STRUCT_OFFSET (TpdTrainConfig, id), initial, min, max, NULL,  \
        resumable, label, help                                                                     \
  }
#define STRING(job, id, name, initial, choices, resumable, label, help)                            \
  {                                                                                                \
    name, job, TPD_SETTING_STRING, G_STRUCT_OFFSET (TpdTrainConfig, id), initial, 0, 0, choices,   \
        resumable, label, help                                                                     \
  }

/* clang-format off */
static const TpdTrainSetting settings[] = {
  STRING (BOTH,     out,             "out",             NULL,      NULL, TRUE,  "DIR",  "where checkpoints, samples, the log and the model go"),
  STRING (DENOISER, model_out,       "model-out",       NULL,      NULL, TRUE,  "DIR",  "model directory to write, or to add this denoiser to (default: model in --out)"),
  STRING (DENOISER | PREVIEW, model, "model",           NULL,      NULL, TRUE,  "DIR",  "model directory that gives the autoencoder and the tokenizer (and a frozen text encoder)"),
  STRING (DENOISER, tokenizer,       "tokenizer",       NULL,      NULL, TRUE,  "DIR",  "the tokenizer, if not the model directory's"),
  STRING (BOTH,     init_from,       "init-from",       NULL,      NULL, FALSE, "DIR",  "model directory with what to go on training: a denoiser of as many stages or, for a pyramid, a vanilla one; an autoencoder (default: a new one)"),
  STRING (BOTH,     config,          "config",          "shapes-64",      NULL, TRUE,  "FILE", "JSON file with the configs of the components to train, or the name of a preset"),
  STRING (ALL,      device,          "device",          "auto",    NULL, TRUE,  "NAME", "cpu, cuda, cuda:N or auto"),
  INT    (ALL,      threads,         "threads",         "0",       0, 1024, TRUE, "N",  "processor threads; 0 for all"),

  STRING (ALL,      dataset,         "dataset",         "shapes",  "shapes|shapes-basic", FALSE, "NAME", "clips to learn from"),
  INT    (ALL,      data_seed,       "data-seed",       "1",       0, G_MAXINT64, FALSE, "N", "seed of a procedural dataset"),
  INT    (ALL,      size,            "size",            "64",      8, 4096, FALSE, "N",  "height and width of the clips"),
  INT    (ALL,      frames,          "frames",          "16",      1, 4096, FALSE, "N",  "frames of a clip"),
  INT    (ALL,      clips,           "clips",           "20000",   1, G_MAXINT32, FALSE, "N",  "number of different clips to learn from"),
  STRING (DENOISER, cache,           "cache",           NULL,      NULL, TRUE,  "FILE", "where encoded clips are kept (default: latents.cache in the directory above --out)"),

  INT    (BOTH,     seed,            "seed",            "0",       0, G_MAXINT64, FALSE, "N", "seed of everything random"),
  INT    (BOTH,     batch,           "batch",           "32",      1, 65536, FALSE, "N", "clips (autoencoder: frames) a pass"),
  INT    (BOTH,     accumulate,      "accumulate",      "1",       1, 65536, FALSE, "N", "passes an update"),
  INT    (BOTH,     steps,           "steps",           "0",       0, G_MAXINT64, TRUE, "N", "end after N updates; 0 for no such limit"),
  DOUBLE (BOTH,     minutes,         "minutes",         "0",       0, 1e9, TRUE, "N",    "end after N minutes of training; 0 for no such limit"),
  DOUBLE (BOTH,     teraflop,        "teraflop",        "0",       0, 1e15, TRUE, "N",   "end after N · 10¹² floating-point operations of matrix products, convolutions and attention; 0 for no such limit"),
  DOUBLE (BOTH,     lr,              "lr",              "1e-3",    0, 1, FALSE, "X",     "learning rate"),
  STRING (BOTH,     lr_schedule,     "lr-schedule",     "cosine",  "constant|cosine", FALSE, "NAME", "course of the learning rate over the budget: constant or cosine"),
  INT    (BOTH,     warmup,          "warmup",          "100",     0, G_MAXINT32, FALSE, "N", "updates over which the learning rate rises"),
  DOUBLE (BOTH,     weight_decay,    "weight-decay",    "0.01",    0, 1, FALSE, "X",     "AdamW's weight decay"),
  DOUBLE (BOTH,     beta2,           "beta2",           "0.99",    0, 0.999999, FALSE, "X", "AdamW's second moment decay"),
  DOUBLE (BOTH,     clip,            "clip",            "1",       0, 1e9, FALSE, "X",   "largest norm of the gradient; 0 for no limit"),
  DOUBLE (BOTH,     ema,             "ema",             "0.999",   0, 0.999999, FALSE, "X", "decay of the average of the weights, which samples and the model use; 0 for none"),

  INT    (DENOISER, stages,          "stages",          "3",       1, 4, FALSE, "K",     "stages of the pyramid; 1 for vanilla diffusion"),
  STRING (DENOISER, form,            "form",            "flow",    "flow|ddim", FALSE, "NAME", "diffusion form: flow or ddim"),
  STRING (DENOISER, downsample,      "downsample",      "stride",  "stride|mean", FALSE, "NAME", "how frames are dropped: stride or mean"),
  STRING (DENOISER, velocity_unit,   "velocity-unit",   "global",  "global|stage", FALSE, "NAME", "scale of the target: global or stage (flow only)"),
  STRING (DENOISER, stage_weights,   "stage-weights",   NULL,      NULL, FALSE, "LIST",  "how often each stage is trained, from stage K down to 1, e.g. 1,1,2 (default: equally)"),
  STRING (DENOISER, time_spacing,    "time-spacing",    NULL,      NULL, FALSE, "LIST",  "exponent of the draw of times in each stage, from stage K down to 1: 1 is even, more draws more of the noisy ones (default: even)"),
  STRING (DENOISER, align,           "align",           "none",    "none|clips|deviations", FALSE, "NAME", "data-noise alignment: none, clips (the paper's) or deviations (from each clip's mean)"),
  INT    (DENOISER, align_pool,      "align-pool",      "1",       1, 64, FALSE, "N",    "batches aligned together"),
  STRING (DENOISER, text_encoder,    "text-encoder",    "joint",   "joint|frozen", FALSE, "NAME", "joint: trained with the denoiser; frozen: taken from --model"),
  DOUBLE (DENOISER, text_rate,       "text-rate",       "0.1",     0, 1, FALSE, "X",     "part of the learning rate for a joint text encoder; at the full rate its attention may harden until words no longer matter"),
  DOUBLE (DENOISER, caption_dropout, "caption-dropout", "0.1",     0, 1, FALSE, "X",     "part of captions left out, for guidance"),

  STRING (VAE,      part,            "part",            "both",    "both|decoder", FALSE, "NAME", "what is trained; decoder: the encoder of --init-from, and so the latents, stay as they are"),
  DOUBLE (VAE,      latent_noise,    "latent-noise",    "0",       0, 10, FALSE, "X",    "decoder alone: largest deviation of noise added to latents as denoisers see them, so that it learns to do without what they get wrong"),
  INT    (VAE,      crop,            "crop",            "0",       0, 4096, TRUE, "N",  "learn from square parts of frames of this size; 0 for whole frames"),
  DOUBLE (VAE,      kl_weight,       "kl-weight",       "1e-4",    0, 1e3, FALSE, "X",   "weight of the Kullback-Leibler term, per latent number"),
  DOUBLE (VAE,      edge_weight,     "edge-weight",     "1",       0, 1e3, FALSE, "X",   "weight of the error of horizontal and vertical differences"),
  DOUBLE (VAE,      latent_std,      "latent-std",      "1",       1e-3, 1e3, TRUE, "X",   "standard deviation that scaling_factor gives the latents; more than 1 where backgrounds, which a caption tells, vary most"),

  DOUBLE (BOTH,     checkpoint_minutes, "checkpoint-minutes", "5", 0, 1e6, TRUE, "N",    "minutes between checkpoints; 0 for the end alone"),
  INT    (BOTH,     sample_every,    "sample-every",    "0",       0, G_MAXINT32, TRUE, "N", "updates between sample sheets (PNG); 0 for none"),
  INT    (DENOISER, sample_steps,    "sample-steps",    "30",      1, 1000, TRUE, "N",   "sampler steps of a sample sheet"),
  DOUBLE (DENOISER, sample_guidance, "sample-guidance", "3",       1, 100, TRUE, "X",    "guidance scale of a sample sheet"),
  STRING (BOTH,     dtype,           "dtype",           "f32",     "f32|bf16|f16", TRUE, "NAME", "number type of the saved model: f32, bf16 or f16"),
};
/* clang-format on */

/* Where a job's defaults differ from the denoiser's. */
static const struct
{
  TpdTrainJob job;
  const char *name, *initial;
} other_initials[] = {
    {VAE, "batch", "64"}, {VAE, "lr", "2e-3"},        {VAE, "weight-decay", "0"},
    {VAE, "ema", "0.99"}, {PREVIEW, "clips", "1024"},
};

const TpdTrainSetting *
tpd_train_settings (guint *n)
{
  *n = G_N_ELEMENTS (settings);
  return settings;
}

static const TpdTrainSetting *
find_setting (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].name, name))
      return &settings[i];
  return NULL;
}

TpdTrainConfig *
tpd_train_config_new (TpdTrainJob job)
{
  TpdTrainConfig *self = g_new0 (TpdTrainConfig, 1);

  self->job = job;
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].initial != NULL)
      tpd_train_config_set (self, settings[i].name, settings[i].initial, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (other_initials); i++)
    if (job == other_initials[i].job)
      tpd_train_config_set (self, other_initials[i].name, other_initials[i].initial, NULL);
  return self;
}

void
tpd_train_config_free (TpdTrainConfig *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].type == TPD_SETTING_STRING)
      g_free (G_STRUCT_MEMBER (char *, self, settings[i].offset));
  g_free (self);
}

static gboolean
is_choice (const char *choices, const char *value)
{
  g_auto (GStrv) list = g_strsplit (choices, "|", -1);

  return g_strv_contains ((const char *const *)list, value);
}

static gboolean
set_number (TpdTrainConfig *self, const TpdTrainSetting *setting, const char *value, GError **error)
{
  const gboolean integer = setting->type == TPD_SETTING_INT;
  gint64 whole = 0;
  char *end = NULL;
  double number = g_ascii_strtod (value, &end);
  gboolean valid = end != value && *end == '\0' && number >= setting->min && number <= setting->max;

  if (valid && integer)
    valid = g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &whole, NULL);
  if (!valid)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "--%s should be %s from %g to %g, but is \"%s\"", setting->name,
                   integer ? "an integer" : "a number", setting->min, setting->max, value);
      return FALSE;
    }
  if (integer)
    G_STRUCT_MEMBER (gint64, self, setting->offset) = whole;
  else
    G_STRUCT_MEMBER (double, self, setting->offset) = number;
  return TRUE;
}

gboolean
tpd_train_config_set (TpdTrainConfig *self, const char *name, const char *value, GError **error)
{
  const TpdTrainSetting *setting = find_setting (name);

  if (setting == NULL)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT, "There is no setting named \"%s\"",
                   name);
      return FALSE;
    }
  if (setting->type != TPD_SETTING_STRING)
    return set_number (self, setting, value, error);
  if (setting->choices != NULL && !is_choice (setting->choices, value))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "--%s should be one of %s, but is \"%s\"", name, setting->choices, value);
      return FALSE;
    }
  g_free (G_STRUCT_MEMBER (char *, self, setting->offset));
  G_STRUCT_MEMBER (char *, self, setting->offset) = g_strdup (value);
  return TRUE;
}

static JsonNode *
setting_to_json (const TpdTrainConfig *self, const TpdTrainSetting *setting)
{
  JsonNode *node = json_node_alloc ();
  const char *string;

  switch (setting->type)
    {
    case TPD_SETTING_INT:
      return json_node_init_int (node, G_STRUCT_MEMBER (gint64, self, setting->offset));
    case TPD_SETTING_DOUBLE:
      return json_node_init_double (node, G_STRUCT_MEMBER (double, self, setting->offset));
    default:
      string = G_STRUCT_MEMBER (char *, self, setting->offset);
      return string != NULL ? json_node_init_string (node, string) : json_node_init_null (node);
    }
}

JsonObject *
tpd_train_config_to_json (const TpdTrainConfig *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].jobs & self->job)
      json_object_set_member (object, settings[i].name, setting_to_json (self, &settings[i]));
  return object;
}

/* Numbers are compared as written, so that 1 and 1.0 after a round trip are the same. */
static gboolean
same_value (JsonNode *a, JsonNode *b)
{
  if (JSON_NODE_HOLDS_VALUE (a) && JSON_NODE_HOLDS_VALUE (b) &&
      json_node_get_value_type (a) != G_TYPE_STRING &&
      json_node_get_value_type (b) != G_TYPE_STRING)
    return json_node_get_double (a) == json_node_get_double (b);
  return json_node_equal (a, b);
}

gboolean
tpd_train_config_check_resume (const TpdTrainConfig *self, JsonObject *saved, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (JsonNode) now = setting_to_json (self, &settings[i]);
      JsonNode *before = json_object_get_member (saved, settings[i].name);
      g_autofree char *now_text = NULL;
      g_autofree char *before_text = NULL;

      if (!(settings[i].jobs & self->job) || settings[i].resumable || before == NULL ||
          same_value (now, before))
        continue;
      now_text = json_to_string (now, FALSE);
      before_text = json_to_string (before, FALSE);
      g_set_error (
          error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
          "The checkpoint in \"%s\" was trained with --%s %s, not %s; use that, or another "
          "--out",
          self->out, settings[i].name, before_text, now_text);
      return FALSE;
    }
  return TRUE;
}

double
tpd_train_config_learning_rate (const TpdTrainConfig *self, gint64 step, double progress)
{
  double rate = self->lr;

  if (step < self->warmup)
    rate *= (double)step / self->warmup;
  if (g_str_equal (self->lr_schedule, "cosine"))
    rate *= COSINE_FLOOR + (1 - COSINE_FLOOR) * 0.5 * (1 + cos (G_PI * CLAMP (progress, 0, 1)));
  return rate;
}
