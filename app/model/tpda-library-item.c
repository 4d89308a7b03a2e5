/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-library-item.h"

struct _TpdaLibraryItem
{
  GObject parent_instance;

  /* owned */
  char *id;
  char *record;
  TpdRequest *request;
  char *haystack; /* the prompts, folded for searches */

  /* state */
  gint64 created;
  gboolean favourite;
};

G_DEFINE_FINAL_TYPE (TpdaLibraryItem, tpda_library_item, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_FAVOURITE,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

/* Case and composition do not matter. */
static char *
fold (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (normal, -1);
}

TpdaLibraryItem *
tpda_library_item_new (const char *id, gint64 created, const char *record, gboolean favourite)
{
  TpdaLibraryItem *self = g_object_new (TPDA_TYPE_LIBRARY_ITEM, NULL);
  g_autofree char *prompts = NULL;

  self->id = g_strdup (id);
  self->created = created;
  self->record = g_strdup (record);
  self->favourite = favourite;
  self->request = tpd_request_new_from_json (record, NULL);
  if (self->request != NULL && self->request->negative_prompt != NULL)
    prompts = g_strdup_printf ("%s\n%s", tpda_library_item_get_prompt (self),
                               self->request->negative_prompt);
  self->haystack = fold (prompts != NULL ? prompts : tpda_library_item_get_prompt (self));
  return self;
}

const char *
tpda_library_item_get_id (TpdaLibraryItem *self)
{
  return self->id;
}

gint64
tpda_library_item_get_created (TpdaLibraryItem *self)
{
  return self->created;
}

const char *
tpda_library_item_get_record (TpdaLibraryItem *self)
{
  return self->record;
}

gboolean
tpda_library_item_get_favourite (TpdaLibraryItem *self)
{
  return self->favourite;
}

const TpdRequest *
tpda_library_item_get_request (TpdaLibraryItem *self)
{
  return self->request;
}

const char *
tpda_library_item_get_prompt (TpdaLibraryItem *self)
{
  return self->request != NULL && self->request->prompt != NULL ? self->request->prompt : "";
}

gboolean
tpda_library_item_matches (TpdaLibraryItem *self, const char *search)
{
  g_autofree char *folded = fold (search);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t\n", -1);

  for (char **word = words; *word != NULL; word++)
    if (strstr (self->haystack, *word) == NULL)
      return FALSE;
  return TRUE;
}

int
tpda_library_item_compare (gconstpointer a, gconstpointer b, gpointer unused)
{
  const TpdaLibraryItem *left = a;
  const TpdaLibraryItem *right = b;

  if (left->created != right->created)
    return left->created > right->created ? -1 : 1;
  return g_strcmp0 (right->id, left->id);
}

void
tpda_library_item_set_favourite (TpdaLibraryItem *self, gboolean favourite)
{
  if (self->favourite == favourite)
    return;
  self->favourite = favourite;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FAVOURITE]);
}

static void
tpda_library_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_FAVOURITE)
    g_value_set_boolean (value, TPDA_LIBRARY_ITEM (object)->favourite);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
tpda_library_item_finalize (GObject *object)
{
  TpdaLibraryItem *self = TPDA_LIBRARY_ITEM (object);

  g_free (self->id);
  g_free (self->record);
  g_clear_pointer (&self->request, tpd_request_free);
  g_free (self->haystack);
  G_OBJECT_CLASS (tpda_library_item_parent_class)->finalize (object);
}

static void
tpda_library_item_class_init (TpdaLibraryItemClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = tpda_library_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = tpda_library_item_finalize;
  props[PROP_FAVOURITE] = g_param_spec_boolean ("favourite", NULL, NULL, FALSE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);
}

static void
tpda_library_item_init (TpdaLibraryItem *self)
{
}
