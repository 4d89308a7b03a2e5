/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pyramid/tpd-sampler-settings.h"
#include "tpd-clip.h"

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
 * TPD_DEFAULT_STRENGTH:
 *
 * What changes most of a clip's looks and keeps most of its layout.
 */
#define TPD_DEFAULT_STRENGTH 0.6

/**
 * TpdRequest:
 * @model: (nullable): name or folder of a model; %NULL is the bundled one
 * @device: (nullable): see tpd_device_open(); %NULL is `auto`
 * @prompt: (nullable): what to show; %NULL or empty is unconditional
 * @negative_prompt: (nullable): what to steer away from
 * @settings: how to sample
 * @preview: how often to preview
 * @preview_decoder: what to preview with
 * @input: (nullable): a clip to change (video to video). The whole of it is used, brought to the
 *   model's size (scaled to cover it, cut about the centre) and number of frames
 * @strength: how much to change @input, in (0, 1]: the time, between the clip at 0 and noise at 1,
 *   from which it is sampled anew; 1 does not look at it. The default is %TPD_DEFAULT_STRENGTH
 * @first_frame: (nullable): a clip whose first frame shall be that of the new one
 * @hold_first_frame: whether a denoiser that was not trained with given first frames, as none is
 *   yet, may do it all the same: the frame is held while the others are sampled, and they follow
 *   it part of the way
 * @input_digest: (nullable): SHA-256 of the pixels that @input must have, of a clip that shall be
 *   made again: tpd_request_new_from_json() sets it, and generating without them is an error
 * @input_name: (nullable): what @input is called, for people: a file's name without its folder
 * @first_frame_digest: (nullable): likewise of @first_frame
 * @first_frame_name: (nullable): likewise
 *
 * Everything that determines a clip. Written into exported files, so that they can be made again;
 * clips made from other clips need those as well.
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
  TpdClip *input;
  double strength;
  TpdClip *first_frame;
  gboolean hold_first_frame;
  char *input_digest;
  char *input_name;
  char *first_frame_digest;
  char *first_frame_name;
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
 * tpd_request_fill_in:
 * @other: a request that was made before
 *
 * Takes from @other model, prompts and settings where @self has none: what made a clip, and what
 * shall be different. From what other clips it was made is taken too, but not those clips.
 */
TPD_API void tpd_request_fill_in (TpdRequest *self, const TpdRequest *other);

/**
 * tpd_request_check_sources: (skip)
 *
 * Sets %TPD_ERROR_NOT_FOUND if a clip is missing that this one was made from, and
 * %TPD_ERROR_MISMATCH if another one is in its place.
 *
 * Returns: whether the request has the clips that its record names
 */
TPD_API gboolean tpd_request_check_sources (const TpdRequest *self, GError **error);

/**
 * tpd_request_to_json:
 *
 * The settings record: one line of JSON, versioned, with every setting. The device is left out: it
 * is where, not what. Of the clips that it is made from the record has the SHA-256 of their pixels,
 * and their names where they have any.
 *
 * Returns: (transfer full): the record
 */
TPD_API char *tpd_request_to_json (const TpdRequest *self);

/**
 * tpd_request_new_from_json:
 * @record: what tpd_request_to_json() wrote
 *
 * Clips that it was made from have to be given once more: see tpd_request_check_sources().
 *
 * Sets %TPD_ERROR_INVALID_DATA if it is no such record, %TPD_ERROR_UNSUPPORTED if it is of a
 * version of the future.
 *
 * Returns: (transfer full) (nullable): the request
 */
TPD_API TpdRequest *tpd_request_new_from_json (const char *record, GError **error);

G_END_DECLS
