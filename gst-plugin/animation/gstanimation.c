/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifdef HAVE_GIF
#include "gsttpdiffgifenc.h"
#endif
#ifdef HAVE_WEBP
#include "gsttpdiffwebpenc.h"
#endif
#ifdef HAVE_APNG
#include "gsttpdiffapngenc.h"
#endif

static gboolean
plugin_init (GstPlugin *plugin)
{
  gboolean registered = FALSE;

#ifdef HAVE_GIF
  registered |= GST_ELEMENT_REGISTER (tpdiffgifenc, plugin);
#endif
#ifdef HAVE_WEBP
  registered |= GST_ELEMENT_REGISTER (tpdiffwebpenc, plugin);
#endif
#ifdef HAVE_APNG
  registered |= GST_ELEMENT_REGISTER (tpdiffapngenc, plugin);
#endif
  return registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, tpdiffanimation,
                   "Encoders of animated GIF, WebP and PNG files", plugin_init, PACKAGE_VERSION,
                   "LGPL", "TPDiff", "https://arxiv.org/abs/2503.09566")
