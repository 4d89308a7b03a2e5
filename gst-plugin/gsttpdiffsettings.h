/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "tpd-request.h"

G_BEGIN_DECLS

/* The sampler's settings are defined once, as the properties of TpdSamplerSettings. An element
 * installs them as its own. */

/* Installs every setting as a property of the class, with ids from first_id up. */
void gst_tpdiff_install_settings (GObjectClass *klass, guint first_id);

G_END_DECLS
