/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffgen.h"
#include "gsttpdiffsrc.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (tpdiffsrc, plugin) && GST_ELEMENT_REGISTER (tpdiffgen, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, tpdiff,
                   "Video generation with temporal pyramid diffusion", plugin_init, PACKAGE_VERSION,
                   "LGPL", "TPDiff", "https://arxiv.org/abs/2503.09566")
