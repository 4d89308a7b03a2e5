/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-component.h"

G_DEFINE_INTERFACE (TpdComponent, tpd_component, G_TYPE_OBJECT)

static void
tpd_component_default_init (TpdComponentInterface *iface)
{
}

TpdParamStore *
tpd_component_get_params (TpdComponent *self)
{
  g_return_val_if_fail (TPD_IS_COMPONENT (self), NULL);
  return TPD_COMPONENT_GET_IFACE (self)->get_params (self);
}

JsonObject *
tpd_component_get_config (TpdComponent *self)
{
  g_return_val_if_fail (TPD_IS_COMPONENT (self), NULL);
  return TPD_COMPONENT_GET_IFACE (self)->get_config (self);
}
