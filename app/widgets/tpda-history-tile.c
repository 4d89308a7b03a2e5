/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-history-tile.h"

#include <glib/gi18n.h>
#include <inttypes.h>

struct _TpdaHistoryTile
{
  AdwBin parent_instance;

  /* of the template */
  GtkButton *button;
  GtkPicture *picture;
  GtkToggleButton *star;
  GtkLabel *title;
  GtkLabel *subtitle;

  /* owned */
  TpdaLibrary *library;
  TpdaLibraryItem *item;

  /* state */
  gboolean showing; /* the star follows the item, not the user's hand */
};

G_DEFINE_FINAL_TYPE (TpdaHistoryTile, tpda_history_tile, ADW_TYPE_BIN)

enum
{
  ACTIVATE,
  STAR,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ── words ── */

char *
tpda_history_title (TpdaLibraryItem *item)
{
  const char *prompt = tpda_library_item_get_prompt (item);

  return g_strdup (*prompt != '\0' ? prompt : _ ("No prompt"));
}

static char *
describe_time (gint64 created)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (created / G_USEC_PER_SEC);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  gboolean today = g_date_time_get_year (time) == g_date_time_get_year (now) &&
                   g_date_time_get_day_of_year (time) == g_date_time_get_day_of_year (now);

  /* Translators: when a clip was made; see g_date_time_format() */
  return g_date_time_format (time, today ? _ ("Today, %H:%M") : _ ("%x, %H:%M"));
}

char *
tpda_history_subtitle (TpdaLibraryItem *item)
{
  const TpdRequest *request = tpda_library_item_get_request (item);
  g_autofree char *time = describe_time (tpda_library_item_get_created (item));

  if (request == NULL)
    return g_steal_pointer (&time);
  /* Translators: when a clip was made, and its seed */
  return g_strdup_printf (_ ("%s · seed %" PRIu64), time,
                          tpd_sampler_settings_get_seed (request->settings));
}

/* ── showing it ── */

static void
show_star (TpdaHistoryTile *self)
{
  gboolean favourite = tpda_library_item_get_favourite (self->item);

  self->showing = TRUE;
  gtk_toggle_button_set_active (self->star, favourite);
  self->showing = FALSE;
  gtk_button_set_icon_name (GTK_BUTTON (self->star),
                            favourite ? "starred-symbolic" : "non-starred-symbolic");
}

static void
show_picture (TpdaHistoryTile *self)
{
  g_autofree char *path = tpda_library_get_thumbnail (self->library, self->item);
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (path, NULL);

  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
}

static void
show_words (TpdaHistoryTile *self)
{
  g_autofree char *title = tpda_history_title (self->item);
  g_autofree char *subtitle = tpda_history_subtitle (self->item);
  g_autofree char *open = g_strdup_printf (_ ("Open “%s”"), title);
  g_autofree char *star = g_strdup_printf (_ ("Favourite “%s”"), title);

  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->subtitle, subtitle);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  open, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->star), GTK_ACCESSIBLE_PROPERTY_LABEL, star,
                                  -1);
  /* The grid's cell, which has the focus, is otherwise nameless. */
  if (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (self))),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

void
tpda_history_tile_set_item (TpdaHistoryTile *self, TpdaLibraryItem *item)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  g_signal_connect_swapped (item, "notify::favourite", G_CALLBACK (show_star), self);
  show_picture (self);
  show_words (self);
  show_star (self);
}

TpdaLibraryItem *
tpda_history_tile_get_item (TpdaHistoryTile *self)
{
  return self->item;
}

/* ── clicks ── */

static void
on_clicked (TpdaHistoryTile *self)
{
  g_signal_emit (self, signals[ACTIVATE], 0);
}

static void
on_star_toggled (TpdaHistoryTile *self)
{
  if (!self->showing)
    g_signal_emit (self, signals[STAR], 0, gtk_toggle_button_get_active (self->star));
}

/* ── life cycle ── */

GtkWidget *
tpda_history_tile_new (TpdaLibrary *library)
{
  TpdaHistoryTile *self = g_object_new (TPDA_TYPE_HISTORY_TILE, NULL);

  self->library = g_object_ref (library);
  return GTK_WIDGET (self);
}

static void
tpda_history_tile_dispose (GObject *object)
{
  TpdaHistoryTile *self = TPDA_HISTORY_TILE (object);

  tpda_history_tile_set_item (self, NULL);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (tpda_history_tile_parent_class)->dispose (object);
}

static void
tpda_history_tile_class_init (TpdaHistoryTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_history_tile_dispose;
  gtk_widget_class_set_css_name (widget_class, "historytile");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-history-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryTile, button);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryTile, picture);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryTile, star);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryTile, title);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryTile, subtitle);
  signals[ACTIVATE] = g_signal_new ("activate", TPDA_TYPE_HISTORY_TILE, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
  signals[STAR] = g_signal_new ("star", TPDA_TYPE_HISTORY_TILE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
tpda_history_tile_init (TpdaHistoryTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
  g_signal_connect_swapped (self->star, "toggled", G_CALLBACK (on_star_toggled), self);
}
