/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The only header that users of the engine include. */

#include "core/tpd-error.h"
#include "core/tpd-device.h"
#include "core/tpd-tensor.h"
#include "core/tpd-context.h"
#include "nn/tpd-component.h"
#include "pyramid/tpd-denoiser.h"
#include "pyramid/tpd-pyramid-config.h"
#include "pyramid/tpd-sampler-settings.h"
#include "pyramid/tpd-schedule.h"
#include "io/tpd-model.h"
#include "tpd-clip.h"
#include "tpd-progress.h"
#include "tpd-request.h"
#include "tpd-pipeline.h"
#include "tpd-worker.h"
