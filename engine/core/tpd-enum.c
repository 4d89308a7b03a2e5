/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-enum.h"

const char *
tpd_enum_nick (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  GEnumValue *entry = g_enum_get_value (klass, value);

  g_assert (entry != NULL);
  return entry->value_nick;
}

char **
tpd_enum_nicks (GType type)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  char **nicks = g_new0 (char *, klass->n_values + 1);

  for (guint i = 0; i < klass->n_values; i++)
    nicks[i] = g_strdup (klass->values[i].value_nick);
  return nicks;
}

gboolean
tpd_enum_parse (GType type, const char *nick, int *value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  GEnumValue *entry = g_enum_get_value_by_nick (klass, nick);

  if (entry == NULL)
    return FALSE;
  *value = entry->value;
  return TRUE;
}
