/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "io/tpd-model.h"
#include "tpd-progress.h"
#include "tpd-request.h"

G_BEGIN_DECLS

#define TPD_TYPE_PIPELINE (tpd_pipeline_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdPipeline, tpd_pipeline, TPD, PIPELINE, GObject)

/**
 * TpdPipeline:
 *
 * From a prompt to a clip: text encoder, pyramid sampler, autoencoder. Blocking; one thread at a
 * time. For a thread of its own see [class@Tpd.Worker].
 */

/**
 * tpd_pipeline_new:
 * @model: (nullable): name or folder of a model; %NULL is the bundled one
 * @device: (nullable): see tpd_device_open()
 * @error: return location: as tpd_device_open() and tpd_model_open()
 *
 * Opens the device and loads the model, unless somebody else has it loaded already.
 *
 * Returns: (transfer full) (nullable): a pipeline
 */
TPD_API TpdPipeline *tpd_pipeline_new (const char *model, const char *device, GError **error);

/**
 * tpd_pipeline_matches:
 * @model: (nullable): a model as given there
 * @device: (nullable): a device as given there
 *
 * Returns: whether tpd_pipeline_new() was called with these arguments
 */
TPD_API gboolean tpd_pipeline_matches (TpdPipeline *self, const char *model, const char *device);

/**
 * tpd_pipeline_get_model:
 *
 * Returns: (transfer none): its model
 */
TPD_API TpdModel *tpd_pipeline_get_model (TpdPipeline *self);

/**
 * tpd_pipeline_get_context: (skip)
 *
 * Returns: (transfer none): where it computes
 */
TPD_API TpdContext *tpd_pipeline_get_context (TpdPipeline *self);

/**
 * tpd_pipeline_generate:
 * @request: what to make; its model and device are not read
 * @progress: (scope call) (closure data) (nullable): told after every step
 * @data: for @progress
 * @cancellable: (nullable): looked at before every step and every few decoded frames
 * @error: return location
 *
 * Makes one clip. The same request gives the same bytes on the same device.
 *
 * Sets %G_IO_ERROR_CANCELLED, %TPD_ERROR_INVALID_ARGUMENT for settings that contradict each other
 * or the model, %TPD_ERROR_NO_MEMORY, %TPD_ERROR_DEVICE.
 *
 * Returns: (transfer full) (nullable): the clip
 */
TPD_API TpdClip *tpd_pipeline_generate (TpdPipeline *self, const TpdRequest *request,
                                        TpdProgressFunc progress, gpointer data,
                                        GCancellable *cancellable, GError **error);

/**
 * tpd_pipeline_generate_batch:
 * @request: how to make them; its prompt is not read
 * @prompts: (array length=n_prompts): what each clip shows
 * @progress: (scope call) (nullable): told after every step; previews are of the first clip
 *
 * Makes several clips side by side, which takes less time than one after the other, and more
 * memory. Clip i is that of tpd_pipeline_generate() with prompts[i] and the request's seed + i, up
 * to rounding, and its record says so. Errors are the same.
 *
 * Returns: (transfer full) (nullable) (element-type TpdClip): a clip for each prompt
 */
TPD_API GPtrArray *tpd_pipeline_generate_batch (TpdPipeline *self, const TpdRequest *request,
                                                const char *const *prompts, guint n_prompts,
                                                TpdProgressFunc progress, gpointer data,
                                                GCancellable *cancellable, GError **error);

G_END_DECLS
