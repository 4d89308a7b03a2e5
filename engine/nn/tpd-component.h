/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-config.h"
#include "tpd-param.h"

G_BEGIN_DECLS

#define TPD_TYPE_COMPONENT (tpd_component_get_type ())
TPD_API
G_DECLARE_INTERFACE (TpdComponent, tpd_component, TPD, COMPONENT, GObject)

/**
 * TpdComponentInterface:
 * @get_params: (transfer none): its parameters
 * @get_config: (transfer none): its config.json, with the keys of the reference implementation
 *
 * One part of a model directory: a denoiser, an autoencoder, a text encoder.
 */
struct _TpdComponentInterface
{
  GTypeInterface parent_iface;

  TpdParamStore *(*get_params) (TpdComponent *self);
  JsonObject *(*get_config) (TpdComponent *self);
};

/** tpd_component_get_params: Returns: (transfer none): its parameters */
TPD_API TpdParamStore *tpd_component_get_params (TpdComponent *self);
/** tpd_component_get_config: Returns: (transfer none): its config.json */
TPD_API JsonObject *tpd_component_get_config (TpdComponent *self);

G_END_DECLS
