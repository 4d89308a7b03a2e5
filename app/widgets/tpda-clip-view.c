/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-clip-view.h"

#include <math.h>

/* What an empty view, or one that fits, asks for. */
#define NATURAL_SIZE 300
#define MINIMUM_SIZE 96

struct _TpdaClipView
{
  GtkWidget parent_instance;

  /* owned */
  TpdaClip *clip;

  /* borrowed, NULL without a wipe */
  TpdaClipView *other;
  GtkAdjustment *divider;

  /* state */
  double grabbed; /* where the divider was when its dragging began, pixels from the left */
  guint frame;
  gboolean pixels;
  guint zoom;
};

G_DEFINE_FINAL_TYPE (TpdaClipView, tpda_clip_view, GTK_TYPE_WIDGET)

static double
aspect_ratio (TpdaClipView *self)
{
  if (self->clip == NULL)
    return 1;
  return (double)tpda_clip_get_data (self->clip)->width / tpda_clip_get_data (self->clip)->height;
}

static void
tpda_clip_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  TpdaClipView *self = TPDA_CLIP_VIEW (widget);
  double ratio = aspect_ratio (self);
  double fit = NATURAL_SIZE * MIN (1, 1 / ratio); /* its height */

  if (self->zoom > 0 && self->clip != NULL)
    {
      const TpdClip *data = tpda_clip_get_data (self->clip);
      guint size = orientation == GTK_ORIENTATION_HORIZONTAL ? data->width : data->height;

      *minimum = *natural = (int)(size * self->zoom) / gtk_widget_get_scale_factor (widget);
      return;
    }
  *minimum = MINIMUM_SIZE;
  *natural = (int)(orientation == GTK_ORIENTATION_HORIZONTAL ? fit * ratio : fit);
  *natural = MAX (*natural, *minimum);
}

/* The frame's texture for a width on the screen. */
static GdkTexture *
texture_for (TpdaClipView *self, double width)
{
  double scale = width * gtk_widget_get_scale_factor (GTK_WIDGET (self)) /
                 tpda_clip_get_data (self->clip)->width;

  if (!self->pixels || scale <= 1)
    return tpda_clip_get_texture (self->clip, self->frame);
  return tpda_clip_get_pixels (self->clip, self->frame, (guint)ceil (scale));
}

/* Where the clip is in the widget; FALSE if nothing is to be drawn. */
static gboolean
find_area (TpdaClipView *self, graphene_rect_t *area)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double ratio = aspect_ratio (self);
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  double shown = MIN (width, height * ratio);

  if (self->clip == NULL || shown < 1)
    return FALSE;
  if (self->zoom > 0)
    shown = (double)tpda_clip_get_data (self->clip)->width * self->zoom /
            gtk_widget_get_scale_factor (widget);
  graphene_rect_init (area, (float)floor ((width - shown) / 2),
                      (float)floor ((height - shown / ratio) / 2), (float)shown,
                      (float)(shown / ratio));
  return TRUE;
}

/* ── the wipe ── */

static gboolean
is_mirrored (TpdaClipView *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* From the left. */
static float
divider_x (TpdaClipView *self, const graphene_rect_t *area)
{
  double part = gtk_adjustment_get_value (self->divider);

  return area->origin.x + roundf (area->size.width * (float)(is_mirrored (self) ? 1 - part : part));
}

static void
draw_other (TpdaClipView *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  const GdkRGBA dark = {0, 0, 0, 0.6f};
  const GdkRGBA light = {1, 1, 1, 1};
  float x = divider_x (self, area);
  graphene_rect_t beyond = *area;

  if (is_mirrored (self))
    beyond.size.width = x - area->origin.x;
  else
    {
      beyond.origin.x = x;
      beyond.size.width = area->origin.x + area->size.width - x;
    }
  gtk_snapshot_push_clip (snapshot, &beyond);
  gtk_snapshot_append_texture (snapshot, texture_for (self->other, area->size.width), area);
  gtk_snapshot_pop (snapshot);
  /* Seen on every picture. */
  gtk_snapshot_append_color (snapshot, &dark,
                             &GRAPHENE_RECT_INIT (x - 2, area->origin.y, 4, area->size.height));
  gtk_snapshot_append_color (snapshot, &light,
                             &GRAPHENE_RECT_INIT (x - 1, area->origin.y, 2, area->size.height));
}

static void
move_divider (TpdaClipView *self, double x)
{
  graphene_rect_t area;
  double part;

  if (self->divider == NULL || !find_area (self, &area))
    return;
  part = (x - area.origin.x) / area.size.width;
  gtk_adjustment_set_value (self->divider, is_mirrored (self) ? 1 - part : part);
}

static void
on_drag_begin (TpdaClipView *self, double x, double y)
{
  self->grabbed = x;
  move_divider (self, x);
}

static void
on_drag_update (TpdaClipView *self, double dx, double dy)
{
  move_divider (self, self->grabbed + dx);
}

void
tpda_clip_view_set_wipe (TpdaClipView *self, TpdaClipView *other, GtkAdjustment *divider)
{
  if (self->divider != NULL)
    g_signal_handlers_disconnect_by_data (self->divider, self);
  self->other = other;
  self->divider = divider;
  if (divider != NULL)
    g_signal_connect_object (divider, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ── one frame ── */

static void
tpda_clip_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TpdaClipView *self = TPDA_CLIP_VIEW (widget);
  graphene_rect_t area;

  if (!find_area (self, &area))
    return;
  gtk_snapshot_append_texture (snapshot, texture_for (self, area.size.width), &area);
  if (self->other != NULL && self->other->clip != NULL)
    draw_other (self, snapshot, &area);
}

void
tpda_clip_view_set_clip (TpdaClipView *self, TpdaClip *clip)
{
  if (!g_set_object (&self->clip, clip))
    return;
  if (clip != NULL)
    self->frame = MIN (self->frame, tpda_clip_get_n_frames (clip) - 1);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

TpdaClip *
tpda_clip_view_get_clip (TpdaClipView *self)
{
  return self->clip;
}

gboolean
tpda_clip_view_set_frame (TpdaClipView *self, guint frame)
{
  if (self->clip == NULL)
    return FALSE;
  frame = MIN (frame, tpda_clip_get_n_frames (self->clip) - 1);
  if (frame == self->frame)
    return FALSE;
  self->frame = frame;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

guint
tpda_clip_view_get_frame (TpdaClipView *self)
{
  return self->frame;
}

void
tpda_clip_view_set_pixels (TpdaClipView *self, gboolean pixels)
{
  self->pixels = pixels;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tpda_clip_view_set_zoom (TpdaClipView *self, guint zoom)
{
  self->zoom = zoom;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
tpda_clip_view_dispose (GObject *object)
{
  g_clear_object (&TPDA_CLIP_VIEW (object)->clip);
  G_OBJECT_CLASS (tpda_clip_view_parent_class)->dispose (object);
}

static void
tpda_clip_view_class_init (TpdaClipViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tpda_clip_view_dispose;
  widget_class->measure = tpda_clip_view_measure;
  widget_class->snapshot = tpda_clip_view_snapshot;
  gtk_widget_class_set_css_name (widget_class, "clipview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tpda_clip_view_init (TpdaClipView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
