/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../models/tpd-mini-flux.h"
#include "../pyramid/tpd-schedule.h"
#include "../text/tpd-clip-text.h"
#include "tpd-latent-cache.h"
#include "tpd-train-config.h"

G_BEGIN_DECLS

/* What the training of a denoiser works on. All owned. */
typedef struct
{
  TpdDataset *dataset;
  TpdAutoencoderKl *vae;       /* from the model directory; only encodes and decodes */
  TpdClipTokenizer *tokenizer; /* from the model directory */
  TpdClipText *text;           /* trained along, or from the model directory */
  TpdMiniFlux *denoiser;       /* trained */
  TpdLatentCache *cache;       /* the clips, encoded */
  TpdPyramidConfig pyramid;    /* form, stages and the rest */
  TpdSchedule *schedule;
  guint n_tokens;         /* length of a caption, L */
  char *tokenizer_folder; /* where the tokenizer came from */
} TpdDenoiserParts;

/* Reads what the model directories give and initialises the rest from the seed. (transfer full)
 * (nullable) */
TpdDenoiserParts *tpd_denoiser_parts_new (const TpdTrainConfig *config, TpdContext *ctx,
                                          GError **error);
void tpd_denoiser_parts_free (TpdDenoiserParts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdDenoiserParts, tpd_denoiser_parts_free)

/* Encodes n captions, tokens and mask [n, L]; the tensors are in the current scope. */
TpdConditioning tpd_denoiser_parts_condition (TpdDenoiserParts *self, TpdContext *ctx,
                                              const gint32 *tokens, const gint32 *mask, guint n);

/* Writes the model directory `model/` into the output directory, or adds this denoiser to the one
 * that is there: a pyramid's folders are "transformer" and "text_encoder", a vanilla denoiser's
 * (one stage) "transformer_vanilla" and "text_encoder_vanilla". */
gboolean tpd_denoiser_parts_write_model (TpdDenoiserParts *self, TpdContext *ctx,
                                         const TpdTrainConfig *config, GError **error);

G_END_DECLS
