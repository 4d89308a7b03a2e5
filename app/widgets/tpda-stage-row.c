/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-stage-row.h"

#include <glib/gi18n.h>

#include "tpda-filmstrip.h"
#include "tpda-plan.h"

struct _TpdaStageRow
{
  GtkWidget parent_instance;

  /* owned */
  TpdaStage *stage;

  /* of the template */
  GtkWidget *box;
  GtkLabel *title;
  GtkLabel *status;
  GtkToggleButton *replay_button;
  TpdaFilmstrip *filmstrip;
  GtkProgressBar *progress;

  /* state */
  gboolean selecting; /* the button is told, not pressed */
};

G_DEFINE_FINAL_TYPE (TpdaStageRow, tpda_stage_row, GTK_TYPE_WIDGET)

static guint replay_signal;

static char *
describe_running (TpdaStage *stage)
{
  double left = tpda_stage_get_left (stage);
  g_autofree char *time = left >= 0 ? tpda_format_seconds (left) : NULL;

  if (time == NULL)
    return g_strdup_printf (_ ("Step %u of %u"), tpda_stage_get_step (stage),
                            tpda_stage_get_n_steps (stage));
  return g_strdup_printf (_ ("Step %u of %u · about %s left"), tpda_stage_get_step (stage),
                          tpda_stage_get_n_steps (stage), time);
}

static char *
describe (TpdaStage *stage)
{
  switch (tpda_stage_get_state (stage))
    {
    case TPDA_STAGE_WAITING:
      return g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%u step", "%u steps", tpda_stage_get_n_steps (stage)),
          tpda_stage_get_n_steps (stage));
    case TPDA_STAGE_RUNNING:
      return describe_running (stage);
    case TPDA_STAGE_DONE:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u step in %.1f s",
                                           "%u steps in %.1f s", tpda_stage_get_n_steps (stage)),
                              tpda_stage_get_n_steps (stage), tpda_stage_get_elapsed (stage));
    default:
      g_assert_not_reached ();
    }
}

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
update (TpdaStageRow *self)
{
  g_autofree char *status = describe (self->stage);
  TpdaStageState state = tpda_stage_get_state (self->stage);

  gtk_label_set_text (self->status, status);
  gtk_progress_bar_set_fraction (self->progress, (double)tpda_stage_get_step (self->stage) /
                                                     tpda_stage_get_n_steps (self->stage));
  gtk_widget_set_sensitive (GTK_WIDGET (self->replay_button),
                            tpda_stage_get_clip (self->stage) != NULL);
  set_class (GTK_WIDGET (self), "running", state == TPDA_STAGE_RUNNING);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, status, -1);
}

static void
set_titles (TpdaStageRow *self, guint n_stages, double fps)
{
  guint number = tpda_stage_get_position (self->stage) + 1;
  guint n_frames = tpda_stage_get_n_frames (self->stage);
  g_autofree char *title =
      n_stages == 1
          ? g_strdup_printf (_ ("All %u frames, %.4g a second"), n_frames, fps)
          : g_strdup_printf (_ ("Stage %u of %u · %u frames, %.4g a second"), number, n_stages,
                             n_frames, fps / tpda_stage_get_stride (self->stage));
  g_autofree char *replay = g_strdup_printf (_ ("Replay stage %u"), number);
  g_autofree char *frames = g_strdup_printf (_ ("Frames of stage %u"), number);
  g_autofree char *progress = g_strdup_printf (_ ("Progress of stage %u"), number);

  gtk_label_set_text (self->title, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->replay_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, replay, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filmstrip), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  frames, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  progress, -1);
}

GtkWidget *
tpda_stage_row_new (TpdaStage *stage, guint n_stages, double fps)
{
  TpdaStageRow *self = g_object_new (TPDA_TYPE_STAGE_ROW, NULL);

  self->stage = g_object_ref (stage);
  tpda_filmstrip_set_stage (self->filmstrip, stage);
  set_titles (self, n_stages, fps);
  g_signal_connect_object (stage, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

TpdaStage *
tpda_stage_row_get_stage (TpdaStageRow *self)
{
  return self->stage;
}

void
tpda_stage_row_set_selected (TpdaStageRow *self, gboolean selected)
{
  self->selecting = TRUE;
  gtk_toggle_button_set_active (self->replay_button, selected);
  self->selecting = FALSE;
  set_class (GTK_WIDGET (self), "selected", selected);
}

void
tpda_stage_row_set_position (TpdaStageRow *self, double seconds)
{
  tpda_filmstrip_set_position (self->filmstrip, seconds);
}

static void
on_replay_toggled (TpdaStageRow *self)
{
  if (!self->selecting)
    g_signal_emit (self, replay_signal, 0, -1.0);
}

static void
on_frame_activated (TpdaStageRow *self, guint frame)
{
  TpdaClip *clip = tpda_stage_get_clip (self->stage);

  g_signal_emit (self, replay_signal, 0,
                 (frame + 0.5) * tpda_clip_get_duration (clip) / tpda_clip_get_n_frames (clip));
}

static void
tpda_stage_row_dispose (GObject *object)
{
  TpdaStageRow *self = TPDA_STAGE_ROW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->stage);
  G_OBJECT_CLASS (tpda_stage_row_parent_class)->dispose (object);
}

static void
tpda_stage_row_class_init (TpdaStageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_stage_row_dispose;
  g_type_ensure (TPDA_TYPE_FILMSTRIP);
  gtk_widget_class_set_css_name (widget_class, "stagerow");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-stage-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaStageRow, box);
  gtk_widget_class_bind_template_child (widget_class, TpdaStageRow, title);
  gtk_widget_class_bind_template_child (widget_class, TpdaStageRow, status);
  gtk_widget_class_bind_template_child (widget_class, TpdaStageRow, replay_button);
  gtk_widget_class_bind_template_child (widget_class, TpdaStageRow, filmstrip);
  gtk_widget_class_bind_template_child (widget_class, TpdaStageRow, progress);
  replay_signal = g_signal_new ("replay", TPDA_TYPE_STAGE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void
tpda_stage_row_init (TpdaStageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->replay_button, "toggled", G_CALLBACK (on_replay_toggled), self);
  g_signal_connect_swapped (self->filmstrip, "frame-activated", G_CALLBACK (on_frame_activated),
                            self);
}
