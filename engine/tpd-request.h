/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pyramid/tpd-sampler-settings.h"

G_BEGIN_DECLS

#define TPD_TYPE_REQUEST (tpd_request_get_type ())
TPD_API GType tpd_request_get_type (void);

/**
 * TpdPreviewMode:
 * @TPD_PREVIEW_NONE: no previews
 * @TPD_PREVIEW_STAGE: the estimate at the end of each stage
 * @TPD_PREVIEW_STEP: the estimate after each step
 *
 * How often the current estimate of the clip is decoded and shown while sampling.
 */
typedef enum
{
  TPD_PREVIEW_NONE,
  TPD_PREVIEW_STAGE,
  TPD_PREVIEW_STEP,
} TpdPreviewMode;

#define TPD_TYPE_PREVIEW_MODE (tpd_preview_mode_get_type ())
TPD_API GType tpd_preview_mode_get_type (void);

/**
 * TpdPreviewDecoder:
 * @TPD_PREVIEW_DECODER_AUTO: the projection if the model has one, else the autoencoder
 * @TPD_PREVIEW_DECODER_PROJECTION: the model's linear projection: almost free, blurred
 * @TPD_PREVIEW_DECODER_VAE: the model's autoencoder: as sharp and as slow as the clip itself
 *
 * What turns previews into pictures.
 */
typedef enum
{
  TPD_PREVIEW_DECODER_AUTO,
  TPD_PREVIEW_DECODER_PROJECTION,
  TPD_PREVIEW_DECODER_VAE,
} TpdPreviewDecoder;

#define TPD_TYPE_PREVIEW_DECODER (tpd_preview_decoder_get_type ())
TPD_API GType tpd_preview_decoder_get_type (void);

/**
 * TpdRequest:
 * @model: (nullable): name or folder of a model; %NULL is the bundled one
 * @device: (nullable): see tpd_device_open(); %NULL is `auto`
 * @prompt: (nullable): what to show; %NULL or empty is unconditional
 * @negative_prompt: (nullable): what to steer away from
 * @settings: how to sample
 * @preview: how often to preview
 * @preview_decoder: what to preview with
 *
 * Everything that determines a clip. Written into exported files, so that they can be made again.
 */
typedef struct
{
  char *model;
  char *device;
  char *prompt;
  char *negative_prompt;
  TpdSamplerSettings *settings;
  TpdPreviewMode preview;
  TpdPreviewDecoder preview_decoder;
} TpdRequest;

/**
 * tpd_request_new:
 *
 * Returns: (transfer full): a request with default settings
 */
TPD_API TpdRequest *tpd_request_new (void);

/**
 * tpd_request_copy:
 *
 * Returns: (transfer full): a deep copy
 */
TPD_API TpdRequest *tpd_request_copy (const TpdRequest *self);

TPD_API void tpd_request_free (TpdRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdRequest, tpd_request_free)

/**
 * tpd_request_to_json:
 *
 * The settings record: one line of JSON, versioned, with every setting. The device is left out: it
 * is where, not what.
 *
 * Returns: (transfer full): the record
 */
TPD_API char *tpd_request_to_json (const TpdRequest *self);

/**
 * tpd_request_new_from_json:
 * @record: what tpd_request_to_json() wrote
 *
 * Sets %TPD_ERROR_INVALID_DATA if it is no such record.
 *
 * Returns: (transfer full) (nullable): the request
 */
TPD_API TpdRequest *tpd_request_new_from_json (const char *record, GError **error);

G_END_DECLS
