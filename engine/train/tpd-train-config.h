/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/* What is trained. */
typedef enum
{
  TPD_TRAIN_DENOISER = 1 << 0,
  TPD_TRAIN_VAE = 1 << 1,
  TPD_TRAIN_PREVIEW = 1 << 2, /* an autoencoder's projection for previews */
} TpdTrainJob;

/* All settings of a training. Their one definition, with names, ranges, defaults and help, is the
 * table in tpd-train-config.c; the command line, the checkpoint and the model card derive from it.
 * Strings are owned. */
typedef struct
{
  TpdTrainJob job;

  /* what from and where to */
  char *out;       /* directory to write */
  char *model_out; /* model directory to write; NULL for one in `out` */
  char *model;     /* model directory that gives what is not trained */
  char *tokenizer; /* its folder, if not the model's */
  char *init_from; /* model directory whose denoiser or autoencoder is trained further, or NULL */
  char *config;    /* JSON file with the configs of the components to make */
  char *device;
  gint64 threads;

  /* data */
  char *dataset;
  gint64 data_seed;
  gint64 size;
  gint64 frames;
  gint64 clips;
  char *cache;

  /* optimisation */
  gint64 seed;
  gint64 batch;
  gint64 accumulate;
  gint64 steps;
  double minutes;
  double teraflop;
  double lr;
  char *lr_schedule;
  gint64 warmup;
  double weight_decay;
  double beta2;
  double clip;
  double ema;

  /* the method */
  gint64 stages;
  char *form;
  char *downsample;
  char *velocity_unit;
  char *stage_weights;
  char *time_spacing;
  char *align;
  gint64 align_pool;
  char *text_encoder;
  double text_rate;
  double caption_dropout;

  /* autoencoder */
  char *part;
  double latent_noise;
  gint64 crop;
  double kl_weight;
  double edge_weight;
  double latent_std;

  /* watching and saving */
  double checkpoint_minutes;
  gint64 sample_every;
  gint64 sample_steps;
  double sample_guidance;
  char *dtype;
} TpdTrainConfig;

typedef enum
{
  TPD_SETTING_INT,
  TPD_SETTING_DOUBLE,
  TPD_SETTING_STRING,
} TpdSettingType;

/* One line of the table. */
typedef struct
{
  const char *name; /* as on the command line, without dashes in front */
  guint jobs;       /* TpdTrainJob flags: where it means something */
  TpdSettingType type;
  gsize offset;          /* in TpdTrainConfig */
  const char *initial;   /* the default, as one would type it; NULL for none */
  double min, max;       /* of numbers */
  const char *choices;   /* of strings: "a|b|c"; NULL for any */
  gboolean resumable;    /* may differ when a training goes on */
  const char *arg_label; /* e.g. "N" */
  const char *help;
} TpdTrainSetting;

/** tpd_train_settings: (skip) Returns: the table */
TPD_API const TpdTrainSetting *tpd_train_settings (guint *n);

/** tpd_train_config_new: (skip) Returns: (transfer full): the defaults of a job */
TPD_API TpdTrainConfig *tpd_train_config_new (TpdTrainJob job);
TPD_API void tpd_train_config_free (TpdTrainConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdTrainConfig, tpd_train_config_free)

/**
 * tpd_train_config_set: (skip)
 * @name: of a setting
 * @value: as typed
 *
 * Sets %TPD_ERROR_INVALID_ARGUMENT, naming setting, expected and got.
 */
TPD_API gboolean tpd_train_config_set (TpdTrainConfig *self, const char *name, const char *value,
                                       GError **error);

/** tpd_train_config_to_json: (skip) Returns: (transfer full): all settings of its job */
TPD_API JsonObject *tpd_train_config_to_json (const TpdTrainConfig *self);

/**
 * tpd_train_config_check_resume: (skip)
 * @saved: settings of the checkpoint
 *
 * Sets %TPD_ERROR_INVALID_ARGUMENT when a setting that decides the results differs.
 */
TPD_API gboolean tpd_train_config_check_resume (const TpdTrainConfig *self, JsonObject *saved,
                                                GError **error);

/**
 * tpd_train_config_learning_rate: (skip)
 * @step: 1 on the first update
 * @progress: part of the budget that is used, 0 … 1
 *
 * lr · min (1, step / warmup) · decay (progress), where decay is 1 (`constant`) or falls from 1 to
 * 1/20 along half a cosine (`cosine`).
 */
TPD_API double tpd_train_config_learning_rate (const TpdTrainConfig *self, gint64 step,
                                               double progress);

G_END_DECLS
