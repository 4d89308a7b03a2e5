/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-progress.h"

G_DEFINE_BOXED_TYPE (TpdProgress, tpd_progress, tpd_progress_copy, tpd_progress_free)

GType
tpd_phase_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {TPD_PHASE_ENCODE, "Reading the prompt", "encode"},
      {TPD_PHASE_SAMPLE, "Sampling", "sample"},
      {TPD_PHASE_DECODE, "Decoding", "decode"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TpdPhase", values));
  return type;
}

TpdProgress *
tpd_progress_copy (const TpdProgress *self)
{
  TpdProgress *copy = g_memdup2 (self, sizeof *self);

  copy->unknown_words = g_strdupv (self->unknown_words);
  if (self->preview != NULL)
    tpd_clip_ref (self->preview);
  return copy;
}

void
tpd_progress_free (TpdProgress *self)
{
  g_strfreev (self->unknown_words);
  g_clear_pointer (&self->preview, tpd_clip_unref);
  g_free (self);
}
