/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-component.h"

G_BEGIN_DECLS

/* Which class of ours a component's config.json is of. */

/* Makes the component that the config in a folder describes: its parameters are declared, not
 * loaded. TPD_ERROR_NOT_FOUND when there is no config; TPD_ERROR_UNSUPPORTED for a class that this
 * program does not know, or that is not of `type`; else the component's own errors. */
TPD_API TpdComponent *tpd_component_class_read (const char *folder, GType type, GError **error);

/* The class name that a config gives, or NULL. */
TPD_API const char *tpd_component_class_name (JsonObject *config);

G_END_DECLS
