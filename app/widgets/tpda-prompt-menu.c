/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-prompt-menu.h"

#include <glib/gi18n.h>

#include "tpda-prompts.h"

#define MAX_HEIGHT 360
#define MAX_CHARS  48 /* of a line */

struct _TpdaPromptMenu
{
  AdwBin parent_instance;

  /* owned */
  GSettings *settings; /* NULL until it is set */

  /* of the widget tree */
  GtkMenuButton *button;
};

G_DEFINE_FINAL_TYPE (TpdaPromptMenu, tpda_prompt_menu, ADW_TYPE_BIN)

static guint chosen_signal;

static void
on_clicked (TpdaPromptMenu *self, GtkButton *button)
{
  const char *key = g_object_get_data (G_OBJECT (button), "key");
  g_autofree char *prompt = g_strdup (gtk_button_get_label (button));

  gtk_menu_button_popdown (self->button);
  g_signal_emit (self, chosen_signal, 0, key, prompt);
}

static GtkWidget *
new_item (TpdaPromptMenu *self, const char *key, const char *prompt)
{
  GtkWidget *button = gtk_button_new_with_label (prompt);
  GtkLabel *label = GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button)));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_max_width_chars (label, MAX_CHARS);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "prompt");
  g_object_set_data (G_OBJECT (button), "key", (gpointer)key);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_clicked), self);
  return button;
}

/* Nothing if there are no prompts. */
static void
add_section (TpdaPromptMenu *self, GtkBox *box, const char *title, const char *key,
             const char *const *prompts)
{
  GtkWidget *heading = gtk_label_new (title);

  if (*prompts == NULL)
    {
      g_object_ref_sink (heading);
      g_object_unref (heading);
      return;
    }
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_set_margin_top (heading, 6);
  gtk_widget_set_margin_start (heading, 12);
  gtk_widget_add_css_class (heading, "heading");
  gtk_box_append (box, heading);
  for (; *prompts != NULL; prompts++)
    gtk_box_append (box, new_item (self, key, *prompts));
}

/* Made anew whenever it opens. */
static void
fill (GtkMenuButton *button, gpointer data)
{
  TpdaPromptMenu *self = data;
  g_auto (GStrv) recent = g_settings_get_strv (self->settings, TPDA_PROMPTS);
  g_auto (GStrv) negative = g_settings_get_strv (self->settings, TPDA_PROMPTS_NEGATIVE);
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *window = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  add_section (self, GTK_BOX (box), _ ("Recent"), TPDA_PROMPTS, (const char *const *)recent);
  add_section (self, GTK_BOX (box), _ ("Steered away from"), TPDA_PROMPTS_NEGATIVE,
               (const char *const *)negative);
  add_section (self, GTK_BOX (box), _ ("Examples"), TPDA_PROMPTS, tpda_prompts_get_examples ());
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (window), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (window), MAX_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), box);
  gtk_popover_set_child (GTK_POPOVER (popover), window);
  gtk_menu_button_set_popover (button, popover);
}

void
tpda_prompt_menu_set_settings (TpdaPromptMenu *self, GSettings *settings)
{
  g_set_object (&self->settings, settings);
  gtk_menu_button_set_create_popup_func (self->button, fill, self, NULL);
}

/* ── life cycle ── */

static void
tpda_prompt_menu_dispose (GObject *object)
{
  g_clear_object (&TPDA_PROMPT_MENU (object)->settings);
  G_OBJECT_CLASS (tpda_prompt_menu_parent_class)->dispose (object);
}

static void
tpda_prompt_menu_class_init (TpdaPromptMenuClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tpda_prompt_menu_dispose;
  chosen_signal = g_signal_new ("chosen", TPDA_TYPE_PROMPT_MENU, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
tpda_prompt_menu_init (TpdaPromptMenu *self)
{
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_icon_name (self->button, "document-open-recent-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), _ ("Recent Prompts and Examples"));
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Recent prompts and examples"), -1);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
}
