/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cli.h"
#include "tpd-request.h"

G_BEGIN_DECLS

/* The options of every command that makes clips: --model, --device, --prompt, --negative-prompt
 * and, made from the properties of TpdSamplerSettings, the sampler's settings. They write into a
 * request. */
GOptionGroup *tpd_cli_request_options (TpdRequest *request);

G_END_DECLS
