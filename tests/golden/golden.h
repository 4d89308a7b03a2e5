/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "io/tpd-safetensors.h"
#include "nn/tpd-component.h"

/* What tests against the files of tests/golden/data share. */

/* The device to test: the CPU, or what the environment variable TPDIFF_TEST_DEVICE names. */
TpdDevice *golden_device (void);

/* A file of the data folder; aborts the test if it cannot be read. */
TpdSafetensors *golden_open (const char *name);

/* JSON text of a file's metadata as an object. */
JsonObject *golden_json (TpdSafetensors *file, const char *key);

/* One tensor of a file in the current scope, in the file's dtype. */
TpdTensor *golden_tensor (TpdContext *ctx, TpdSafetensors *file, const char *name);

/* Fails unless ‖got − expected‖ ≤ tolerance · ‖expected‖, with f32 `got` in the shape that the
 * file's tensor `name` has. Where the file holds zeros, got may be rounding noise. */
void golden_compare (TpdContext *ctx, TpdTensor *got, TpdSafetensors *file, const char *name,
                     double tolerance);

/* Compares the gradients of all parameters with the file's tensors "grad.param.NAME". */
void golden_compare_param_grads (TpdContext *ctx, TpdParamStore *store, TpdSafetensors *file,
                                 double tolerance);
