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

  /* state */
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

static void
tpda_clip_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TpdaClipView *self = TPDA_CLIP_VIEW (widget);
  double ratio = aspect_ratio (self);
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  double shown = MIN (width, height * ratio);
  graphene_rect_t area;

  if (self->clip == NULL || shown < 1)
    return;
  if (self->zoom > 0)
    shown = (double)tpda_clip_get_data (self->clip)->width * self->zoom /
            gtk_widget_get_scale_factor (widget);
  graphene_rect_init (&area, (float)floor ((width - shown) / 2),
                      (float)floor ((height - shown / ratio) / 2), (float)shown,
                      (float)(shown / ratio));
  gtk_snapshot_append_texture (snapshot, texture_for (self, shown), &area);
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
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}
