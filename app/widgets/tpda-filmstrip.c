/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-filmstrip.h"

#include <adwaita.h>

#define GAP             2
#define SMALLEST_CELL   6
#define LARGEST_CELL    72
#define FADE_MS         250
#define RADIUS          3
#define MARK_WIDTH      2
#define FALLBACK_ASPECT 1.0 /* of cells before the first picture */

struct _TpdaFilmstrip
{
  GtkWidget parent_instance;

  /* owned */
  TpdaStage *stage;
  TpdaClip *clip;
  TpdaClip *last; /* while it fades out */
  AdwAnimation *fade;

  /* state */
  double faded;    /* 0 to 1 */
  double position; /* seconds */
};

G_DEFINE_FINAL_TYPE (TpdaFilmstrip, tpda_filmstrip, GTK_TYPE_WIDGET)

static guint frame_activated_signal;

/* ── geometry ── */

static guint
count_cells (TpdaFilmstrip *self)
{
  if (self->stage == NULL)
    return 1;
  return MAX (1, tpda_stage_get_n_frames (self->stage) * tpda_stage_get_stride (self->stage));
}

static double
cell_width (TpdaFilmstrip *self, double width)
{
  guint n = count_cells (self);

  return MIN (LARGEST_CELL, (width - GAP * (n - 1.0)) / n);
}

static double
cell_aspect (TpdaFilmstrip *self)
{
  const TpdClip *data;

  if (self->clip == NULL)
    return FALLBACK_ASPECT;
  data = tpda_clip_get_data (self->clip);
  return (double)data->width / data->height;
}

static void
tpda_filmstrip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  TpdaFilmstrip *self = TPDA_FILMSTRIP (widget);
  int n = (int)count_cells (self);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = n * (SMALLEST_CELL + GAP) - GAP;
      *natural = n * (LARGEST_CELL + GAP) - GAP;
    }
  else
    *minimum = *natural =
        (int)((for_size < 0 ? SMALLEST_CELL : cell_width (self, for_size)) / cell_aspect (self));
}

static GtkSizeRequestMode
tpda_filmstrip_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* ── drawing ── */

static void
draw_picture (TpdaFilmstrip *self, GtkSnapshot *snapshot, guint frame, const graphene_rect_t *cell)
{
  gboolean fading =
      self->last != NULL && self->faded < 1 && frame < tpda_clip_get_n_frames (self->last);

  if (fading)
    {
      gtk_snapshot_push_cross_fade (snapshot, self->faded);
      gtk_snapshot_append_texture (snapshot, tpda_clip_get_texture (self->last, frame), cell);
      gtk_snapshot_pop (snapshot);
    }
  else if (self->faded < 1)
    gtk_snapshot_push_opacity (snapshot, self->faded);
  gtk_snapshot_append_texture (snapshot, tpda_clip_get_texture (self->clip, frame), cell);
  if (fading || self->faded < 1)
    gtk_snapshot_pop (snapshot);
}

/* The final frame's cell that is marked, or -1. */
static int
marked_frame (TpdaFilmstrip *self)
{
  if (self->position < 0 || self->clip == NULL)
    return -1;
  return (int)tpda_clip_get_frame_at (self->clip, self->position);
}

static void
draw_cell (TpdaFilmstrip *self, GtkSnapshot *snapshot, guint i, const graphene_rect_t *cell,
           const GdkRGBA *color)
{
  guint stride = tpda_stage_get_stride (self->stage);
  gboolean computed = i % stride == 0;
  guint frame = i / stride;
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, cell, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (
      snapshot,
      &(GdkRGBA){color->red, color->green, color->blue, color->alpha * (computed ? 0.16f : 0.05f)},
      cell);
  if (computed && self->clip != NULL && frame < tpda_clip_get_n_frames (self->clip))
    draw_picture (self, snapshot, frame, cell);
  gtk_snapshot_pop (snapshot);

  if (computed && (int)frame == marked_frame (self))
    gtk_snapshot_append_border (snapshot, &outline,
                                (float[4]){MARK_WIDTH, MARK_WIDTH, MARK_WIDTH, MARK_WIDTH},
                                (GdkRGBA[4]){*color, *color, *color, *color});
}

static void
tpda_filmstrip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TpdaFilmstrip *self = TPDA_FILMSTRIP (widget);
  double width = cell_width (self, gtk_widget_get_width (widget));
  GdkRGBA color;

  if (self->stage == NULL || width < 1)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  for (guint i = 0; i < count_cells (self); i++)
    draw_cell (self, snapshot, i,
               &GRAPHENE_RECT_INIT ((float)(i * (width + GAP)), 0, (float)width,
                                    (float)gtk_widget_get_height (widget)),
               &color);
}

/* ── what is shown ── */

static void
on_fade (double value, gpointer data)
{
  TpdaFilmstrip *self = data;

  self->faded = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_stage_changed (TpdaFilmstrip *self)
{
  TpdaClip *clip = tpda_stage_get_clip (self->stage);

  if (clip == self->clip)
    return;
  g_set_object (&self->last, self->clip);
  if (g_set_object (&self->clip, clip) && self->last == NULL)
    gtk_widget_queue_resize (GTK_WIDGET (self)); /* the aspect is known now */
  adw_animation_reset (self->fade);
  adw_animation_play (self->fade);
}

void
tpda_filmstrip_set_stage (TpdaFilmstrip *self, TpdaStage *stage)
{
  if (self->stage != NULL)
    g_signal_handlers_disconnect_by_data (self->stage, self);
  g_set_object (&self->stage, stage);
  g_clear_object (&self->clip);
  g_clear_object (&self->last);
  if (stage != NULL)
    {
      g_set_object (&self->clip, tpda_stage_get_clip (stage));
      g_signal_connect_swapped (stage, "changed", G_CALLBACK (on_stage_changed), self);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
tpda_filmstrip_set_position (TpdaFilmstrip *self, double seconds)
{
  int before = marked_frame (self);

  self->position = seconds;
  if (marked_frame (self) != before)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_released (TpdaFilmstrip *self, int n_press, double x, double y)
{
  double width = cell_width (self, gtk_widget_get_width (GTK_WIDGET (self))) + GAP;
  guint frame;

  if (self->clip == NULL || x < 0)
    return;
  frame = (guint)(x / width) / tpda_stage_get_stride (self->stage);
  if (frame < tpda_clip_get_n_frames (self->clip))
    g_signal_emit (self, frame_activated_signal, 0, frame);
}

static void
tpda_filmstrip_dispose (GObject *object)
{
  TpdaFilmstrip *self = TPDA_FILMSTRIP (object);

  if (self->stage != NULL)
    g_signal_handlers_disconnect_by_data (self->stage, self);
  g_clear_object (&self->stage);
  g_clear_object (&self->clip);
  g_clear_object (&self->last);
  g_clear_object (&self->fade);
  G_OBJECT_CLASS (tpda_filmstrip_parent_class)->dispose (object);
}

static void
tpda_filmstrip_class_init (TpdaFilmstripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_filmstrip_dispose;
  widget_class->measure = tpda_filmstrip_measure;
  widget_class->get_request_mode = tpda_filmstrip_get_request_mode;
  widget_class->snapshot = tpda_filmstrip_snapshot;
  gtk_widget_class_set_css_name (widget_class, "filmstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  frame_activated_signal = g_signal_new ("frame-activated", TPDA_TYPE_FILMSTRIP, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
tpda_filmstrip_init (TpdaFilmstrip *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->position = -1;
  self->faded = 1;
  self->fade = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, FADE_MS,
                                        adw_callback_animation_target_new (on_fade, self, NULL));
  g_signal_connect_swapped (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
