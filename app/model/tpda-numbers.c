/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-numbers.h"

double
tpda_numbers_get (GSettings *settings, const char *key, const char *name)
{
  g_autoptr (GVariant) numbers = g_settings_get_value (settings, key);
  double value = 0;

  g_variant_lookup (numbers, name, "d", &value);
  return value;
}

void
tpda_numbers_set (GSettings *settings, const char *key, const char *name, double value)
{
  g_autoptr (GVariant) before = g_settings_get_value (settings, key);
  GVariantBuilder builder;
  GVariantIter iter;
  const char *other;
  double others;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sd}"));
  g_variant_iter_init (&iter, before);
  while (g_variant_iter_next (&iter, "{&sd}", &other, &others))
    if (!g_str_equal (other, name))
      g_variant_builder_add (&builder, "{sd}", other, others);
  g_variant_builder_add (&builder, "{sd}", name, value);
  g_settings_set_value (settings, key, g_variant_builder_end (&builder));
}
