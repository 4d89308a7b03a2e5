/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../pyramid/tpd-pyramid-config.h"
#include "../pyramid/tpd-sampler-settings.h"
#include "tpd-model-path.h"

G_BEGIN_DECLS

/**
 * TpdDenoiserInfo:
 * @folder: where its config and weights are, e.g. "transformer" or "transformer_vanilla"
 * @text_encoder: the folder of the text encoder that it understands, "text_encoder" by default
 * @pyramid: what it was trained with
 *
 * One of a model's denoisers.
 */
typedef struct
{
  char *folder;
  char *text_encoder;
  TpdPyramidConfig pyramid;
} TpdDenoiserInfo;

#define TPD_TYPE_MODEL_INFO (tpd_model_info_get_type ())
TPD_API GType tpd_model_info_get_type (void);

/**
 * TpdModelInfo:
 * @path: the model's folder
 * @name: what to call it; its folder's name if the file does not say
 * @license: (nullable): SPDX expression
 * @dataset: (nullable): what it was trained on, by the name that `tpdiff train` knows
 * @n_frames: frames of a clip
 * @width: in pixels
 * @height: in pixels
 * @fps_n: frames per second, numerator
 * @fps_d: denominator
 * @defaults: sampler settings that suit it
 * @denoisers: (array length=n_denoisers): what it can sample with; the first is the default
 *
 * What `tpdiff.json` says of a model. Reading it loads no weights:
 *
 *     {"version": 1, "name": "shapes-64", "license": "CC0-1.0", "dataset": "shapes",
 *      "frames": 16, "width": 64, "height": 64, "fps": 8,              (or [30000, 1001])
 *      "denoisers": {"transformer": {"form": "flow", "stages": 3, …},  (TpdPyramidConfig)
 *                    "transformer_vanilla": {"text_encoder": "text_encoder_vanilla", …}},
 *      "defaults": {"steps": 12, "guidance-scale": 3.0, …}}            (TpdSamplerSettings)
 */
typedef struct
{
  char *path;
  char *name;
  char *license;
  char *dataset;
  guint n_frames;
  guint width;
  guint height;
  guint fps_n;
  guint fps_d;
  TpdSamplerSettings *defaults;
  TpdDenoiserInfo *denoisers;
  guint n_denoisers;
} TpdModelInfo;

/**
 * tpd_model_info_read:
 * @model: (nullable): name or folder, see tpd_model_find()
 * @error: return location: %TPD_ERROR_NOT_FOUND; %TPD_ERROR_INVALID_DATA naming file, key, expected
 * and got; %TPD_ERROR_UNSUPPORTED for a file of the future
 *
 * Returns: (transfer full) (nullable): what the model is
 */
TPD_API TpdModelInfo *tpd_model_info_read (const char *model, GError **error);

/* The same from the file's JSON; `where` names the file in messages. */
TpdModelInfo *tpd_model_info_parse (JsonObject *json, const char *path, const char *where,
                                    GError **error);

/**
 * tpd_model_info_write:
 *
 * Writes `tpdiff.json` into the model's folder, which must exist. The components' folders it names
 * should be complete by then: the file is what makes the folder a model.
 */
TPD_API gboolean tpd_model_info_write (const TpdModelInfo *self, GError **error);

/**
 * tpd_model_info_new:
 *
 * Returns: (transfer full): a model in @path without denoisers: 16 frames of 64 × 64 pixels, 8 a
 * second
 */
TPD_API TpdModelInfo *tpd_model_info_new (const char *path);

/**
 * tpd_model_info_add_denoiser:
 * @text_encoder: (nullable): folder of its text encoder, if not "text_encoder"
 *
 * Adds a denoiser, or replaces what is said of the one in that folder.
 */
TPD_API void tpd_model_info_add_denoiser (TpdModelInfo *self, const char *folder,
                                          const char *text_encoder,
                                          const TpdPyramidConfig *pyramid);

/**
 * tpd_model_info_pick_denoiser: (skip)
 * @stages: K, or 0 for the model's default
 * @training_free: whether a denoiser trained without stages may run with K > 1 of them
 * @error: return location: %TPD_ERROR_UNSUPPORTED, naming what there is
 *
 * The denoiser to sample with. A network trained with K = 3 never saw the full frame rate at high
 * noise, so running it with one stage would not be vanilla diffusion: each denoiser serves the
 * number of stages it was trained with, except that a vanilla one can be run with jumps when
 * explicitly asked for.
 *
 * Returns: (transfer none) (nullable): the denoiser
 */
TPD_API const TpdDenoiserInfo *tpd_model_info_pick_denoiser (const TpdModelInfo *self, guint stages,
                                                             gboolean training_free,
                                                             GError **error);

TPD_API TpdModelInfo *tpd_model_info_copy (const TpdModelInfo *self);
TPD_API void tpd_model_info_free (TpdModelInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdModelInfo, tpd_model_info_free)

G_END_DECLS
