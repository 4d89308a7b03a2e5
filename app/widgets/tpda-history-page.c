/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-history-page.h"

#include "tpda-history-tile.h"
#include "tpda-history-viewer.h"

struct _TpdaHistoryPage
{
  AdwBin parent_instance;

  /* of the template */
  AdwFlap *flap;
  TpdaHistoryViewer *viewer;
  GtkSearchEntry *search;
  GtkToggleButton *favourites;
  GtkStack *stack;
  GtkWidget *empty_page;
  GtkWidget *nothing_page;
  GtkWidget *grid_page;
  GtkGridView *grid;

  /* owned */
  TpdaLibrary *library;
  GtkFilter *filter;
  GListModel *shown; /* the items that pass it */
};

G_DEFINE_FINAL_TYPE (TpdaHistoryPage, tpda_history_page, ADW_TYPE_BIN)

enum
{
  USE_SETTINGS,
  EXPORTED,
  REMOVED,
  FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ── which are shown ── */

static gboolean
is_shown (gpointer item, gpointer data)
{
  TpdaHistoryPage *self = data;

  if (gtk_toggle_button_get_active (self->favourites) && !tpda_library_item_get_favourite (item))
    return FALSE;
  return tpda_library_item_matches (item, gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
on_filter_changed (TpdaHistoryPage *self)
{
  if (self->filter != NULL)
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
on_items_changed (TpdaHistoryPage *self)
{
  guint n = g_list_model_get_n_items (tpda_library_get_items (self->library));
  guint n_shown = g_list_model_get_n_items (self->shown);

  gtk_stack_set_visible_child (self->stack, n == 0         ? self->empty_page
                                            : n_shown == 0 ? self->nothing_page
                                                           : self->grid_page);
  gtk_widget_set_sensitive (GTK_WIDGET (self->search), n > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->favourites), n > 0);
}

static void
find (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (TPDA_HISTORY_PAGE (widget)->search));
}

/* ── the clip that is open ── */

static void
close_viewer (TpdaHistoryPage *self)
{
  adw_flap_set_reveal_flap (self->flap, FALSE);
  tpda_history_viewer_set_item (self->viewer, NULL);
}

static void
open_item (TpdaHistoryPage *self, TpdaLibraryItem *item)
{
  tpda_history_viewer_set_item (self->viewer, item);
  adw_flap_set_reveal_flap (self->flap, TRUE);
}

static void
on_flap_revealed (TpdaHistoryPage *self)
{
  if (!adw_flap_get_reveal_flap (self->flap))
    tpda_history_viewer_set_item (self->viewer, NULL);
}

static void
on_use_settings (TpdaHistoryPage *self, TpdaLibraryItem *item)
{
  g_signal_emit (self, signals[USE_SETTINGS], 0, item);
}

static void
on_exported (TpdaHistoryPage *self, const char *path)
{
  g_signal_emit (self, signals[EXPORTED], 0, path);
}

static void
on_remove (TpdaHistoryPage *self, TpdaLibraryItem *item)
{
  g_autoptr (TpdaLibraryItem) removed = g_object_ref (item);

  close_viewer (self);
  tpda_library_remove (self->library, removed);
  g_signal_emit (self, signals[REMOVED], 0, removed);
}

/* ── the grid ── */

static void
on_tile_activated (TpdaHistoryPage *self, TpdaHistoryTile *tile)
{
  open_item (self, tpda_history_tile_get_item (tile));
}

static void
on_star (TpdaHistoryPage *self, gboolean favourite, TpdaHistoryTile *tile)
{
  g_autoptr (TpdaLibraryItem) item = g_object_ref (tpda_history_tile_get_item (tile));
  g_autoptr (GError) error = NULL;

  if (!tpda_library_set_favourite (self->library, item, favourite, &error))
    g_signal_emit (self, signals[FAILED], 0, error->message);
  if (gtk_toggle_button_get_active (self->favourites))
    on_filter_changed (self);
}

static void
on_activated (TpdaHistoryPage *self, guint position)
{
  g_autoptr (TpdaLibraryItem) item = g_list_model_get_item (self->shown, position);

  open_item (self, item);
}

static void
on_setup (TpdaHistoryPage *self, GtkListItem *cell)
{
  GtkWidget *tile = tpda_history_tile_new (self->library);

  g_signal_connect_object (tile, "activate", G_CALLBACK (on_tile_activated), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (tile, "star", G_CALLBACK (on_star), self, G_CONNECT_SWAPPED);
  gtk_list_item_set_child (cell, tile);
}

static void
on_bind (TpdaHistoryPage *self, GtkListItem *cell)
{
  tpda_history_tile_set_item (TPDA_HISTORY_TILE (gtk_list_item_get_child (cell)),
                              gtk_list_item_get_item (cell));
}

static void
on_unbind (TpdaHistoryPage *self, GtkListItem *cell)
{
  tpda_history_tile_set_item (TPDA_HISTORY_TILE (gtk_list_item_get_child (cell)), NULL);
}

static void
set_up_grid (TpdaHistoryPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkNoSelection) selection = NULL;

  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  gtk_grid_view_set_factory (self->grid, factory);
  g_object_unref (factory);
  selection = gtk_no_selection_new (g_object_ref (self->shown));
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (selection));
}

void
tpda_history_page_set_up (TpdaHistoryPage *self, TpdaLibrary *library, GSettings *settings)
{
  GListModel *items = tpda_library_get_items (library);

  self->library = g_object_ref (library);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  self->shown =
      G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (items), g_object_ref (self->filter)));
  tpda_history_viewer_set_up (self->viewer, library, settings);
  set_up_grid (self);
  /* After the filter, which listens to the same signal and did so first. */
  g_signal_connect_object (items, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  on_items_changed (self);
}

/* ── life cycle ── */

static void
tpda_history_page_dispose (GObject *object)
{
  TpdaHistoryPage *self = TPDA_HISTORY_PAGE (object);

  /* Others may hold the filter, which asks this page, longer than it lives. */
  if (self->filter != NULL)
    gtk_custom_filter_set_filter_func (GTK_CUSTOM_FILTER (self->filter), NULL, NULL, NULL);
  g_clear_object (&self->filter);
  g_clear_object (&self->shown);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (tpda_history_page_parent_class)->dispose (object);
}

static void
install_signals (void)
{
  const GType type = TPDA_TYPE_HISTORY_PAGE;

  signals[USE_SETTINGS] = g_signal_new ("use-settings", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, TPDA_TYPE_LIBRARY_ITEM);
  signals[EXPORTED] = g_signal_new ("exported", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[REMOVED] = g_signal_new ("removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, TPDA_TYPE_LIBRARY_ITEM);
  signals[FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tpda_history_page_class_init (TpdaHistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_history_page_dispose;
  install_signals ();
  g_type_ensure (TPDA_TYPE_HISTORY_VIEWER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, flap);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, viewer);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, search);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, favourites);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, nothing_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, grid_page);
  gtk_widget_class_bind_template_child (widget_class, TpdaHistoryPage, grid);
  gtk_widget_class_install_action (widget_class, "history.find", NULL, find);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "history.find",
                                       NULL);
}

static void
tpda_history_page_init (TpdaHistoryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (on_filter_changed), self);
  g_signal_connect_swapped (self->favourites, "toggled", G_CALLBACK (on_filter_changed), self);
  g_signal_connect_swapped (self->grid, "activate", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->flap, "notify::reveal-flap", G_CALLBACK (on_flap_revealed), self);
  g_signal_connect_swapped (self->viewer, "use-settings", G_CALLBACK (on_use_settings), self);
  g_signal_connect_swapped (self->viewer, "exported", G_CALLBACK (on_exported), self);
  g_signal_connect_swapped (self->viewer, "remove", G_CALLBACK (on_remove), self);
  g_signal_connect_swapped (self->viewer, "close", G_CALLBACK (close_viewer), self);
}
