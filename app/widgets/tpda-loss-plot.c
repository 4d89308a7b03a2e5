/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-loss-plot.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define LEFT     52 /* room for the numbers of the loss */
#define RIGHT    12
#define TOP      34 /* and for the legend */
#define BOTTOM   40 /* and for the updates */
#define GAP      6
#define MIN_TICK 56 /* pixels between two of them, at least */

#define SMALLEST_WIDTH 220
#define NATURAL_HEIGHT 260

struct _TpdaLossPlot
{
  GtkWidget parent_instance;

  /* borrowed */
  const TpdaTrainingLog *log;
};

G_DEFINE_FINAL_TYPE (TpdaLossPlot, tpda_loss_plot, GTK_TYPE_WIDGET)

/* Of stages 1 to 4, and of what has none: apart for eyes that tell few colours, too. */
static const char *const light_colors[] = {"#5e5c64", "#1c71d8", "#c64600", "#26a269", "#813d9c"};
static const char *const dark_colors[] = {"#c0bfbc", "#62a0ea", "#ffa348", "#57e389", "#dc8add"};

/* What a drawing needs: the part of the widget for curves, and the numbers at its edges. */
typedef struct
{
  double x, y, width, height;
  double last_step;
  double low, high; /* of the loss */
  GdkRGBA text;
} Frame;

static GdkRGBA
stage_color (guint k)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GdkRGBA color;

  k = MIN (k, G_N_ELEMENTS (light_colors) - 1);
  gdk_rgba_parse (&color, dark ? dark_colors[k] : light_colors[k]);
  return color;
}

static char *
stage_name (guint k)
{
  return k > 0 ? g_strdup_printf (_ ("Stage %u"), k) : g_strdup (_ ("Loss"));
}

/* ── the range ── */

static void
include_points (Frame *frame, const GArray *points)
{
  for (guint i = 0; i < points->len; i++)
    {
      const TpdaLossPoint *point = &g_array_index (points, TpdaLossPoint, i);

      frame->low = MIN (frame->low, point->smooth);
      frame->high = MAX (frame->high, point->smooth);
      frame->last_step = MAX (frame->last_step, (double)point->step);
    }
}

/* 1, 2 or 5 times a power of ten: so that at most n steps are in the range. */
static double
nice_step (double range, double n)
{
  double raw = MAX (range / MAX (n, 1), 1e-9);
  double power = pow (10, floor (log10 (raw)));
  double factor = raw / power;

  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

static gboolean
find_frame (TpdaLossPlot *self, Frame *frame)
{
  double step;

  *frame = (Frame){
      .x = LEFT,
      .y = TOP,
      .width = gtk_widget_get_width (GTK_WIDGET (self)) - LEFT - RIGHT,
      .height = gtk_widget_get_height (GTK_WIDGET (self)) - TOP - BOTTOM,
      .last_step = 1,
      .low = INFINITY,
      .high = -INFINITY,
  };
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &frame->text);
  for (guint k = 0; self->log != NULL && k < TPDA_TRAINING_LOG_STAGES; k++)
    include_points (frame, tpda_training_log_get_points (self->log, k));
  if (!isfinite (frame->low) || frame->width < 1 || frame->height < 1)
    return FALSE;
  step = nice_step (MAX (frame->high - frame->low, 0.01), frame->height / MIN_TICK);
  frame->low = floor (frame->low / step) * step;
  frame->high = MAX (ceil (frame->high / step) * step, frame->low + step);
  return TRUE;
}

static double
x_of (const Frame *frame, double step)
{
  return frame->x + frame->width * step / frame->last_step;
}

static double
y_of (const Frame *frame, double loss)
{
  return frame->y + frame->height * (frame->high - loss) / (frame->high - frame->low);
}

/* ── text and lines ── */

/* at: where in the text's width the point x is, 0 for its start, 1 for its end; y is its middle. */
static double
draw_text (TpdaLossPlot *self, GtkSnapshot *snapshot, const char *text, double x, double y,
           double at, const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float)(x - at * width), (float)(y - height / 2.0)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  return width;
}

static void
draw_line (GtkSnapshot *snapshot, const Frame *frame, double y)
{
  GdkRGBA color = frame->text;

  color.alpha *= 0.15f;
  gtk_snapshot_append_color (
      snapshot, &color,
      &GRAPHENE_RECT_INIT ((float)frame->x, (float)round (y), (float)frame->width, 1));
}

static void
draw_axes (TpdaLossPlot *self, GtkSnapshot *snapshot, const Frame *frame)
{
  double y_step = nice_step (frame->high - frame->low, frame->height / MIN_TICK);
  double x_step = MAX (1, nice_step (frame->last_step, frame->width / (1.5 * MIN_TICK)));
  double bottom = frame->y + frame->height;

  for (double loss = frame->low; loss < frame->high + y_step / 2; loss += y_step)
    {
      g_autofree char *text = g_strdup_printf ("%.4g", fabs (loss) < y_step / 2 ? 0 : loss);

      draw_line (snapshot, frame, y_of (frame, loss));
      draw_text (self, snapshot, text, frame->x - GAP, y_of (frame, loss), 1, &frame->text);
    }
  for (double step = 0; step <= frame->last_step; step += x_step)
    {
      g_autofree char *text = g_strdup_printf ("%.0f", step);

      draw_text (self, snapshot, text, x_of (frame, step), bottom + GAP + 7, 0.5, &frame->text);
    }
  draw_text (self, snapshot, _ ("Updates"), frame->x + frame->width, bottom + 30, 1, &frame->text);
  draw_text (self, snapshot, _ ("Loss, smoothed"), GAP, TOP / 2.0 - 2, 0, &frame->text);
}

/* From the right, the first stage to train being the last of the list. */
static void
draw_legend (TpdaLossPlot *self, GtkSnapshot *snapshot, const Frame *frame)
{
  double x = frame->x + frame->width;

  for (guint k = 0; k < TPDA_TRAINING_LOG_STAGES; k++)
    {
      g_autofree char *name = stage_name (k);
      GdkRGBA color = stage_color (k);

      if (tpda_training_log_get_points (self->log, k)->len == 0)
        continue;
      x -= draw_text (self, snapshot, name, x, TOP / 2.0 - 2, 1, &frame->text) + GAP;
      gtk_snapshot_append_color (snapshot, &color,
                                 &GRAPHENE_RECT_INIT ((float)x - 12, TOP / 2.0f - 4, 12, 4));
      x -= 12 + 2 * GAP;
    }
}

/* ── curves ── */

static void
draw_curve (cairo_t *cr, const Frame *frame, const GArray *points, const GdkRGBA *color)
{
  double last_x = -1;

  gdk_cairo_set_source_rgba (cr, color);
  for (guint i = 0; i < points->len; i++)
    {
      const TpdaLossPoint *point = &g_array_index (points, TpdaLossPoint, i);
      double x = x_of (frame, (double)point->step);

      if (x - last_x < 0.5 && i + 1 < points->len)
        continue; /* more would not be seen */
      cairo_line_to (cr, x, y_of (frame, point->smooth));
      last_x = x;
    }
  cairo_stroke (cr);
}

static void
draw_curves (TpdaLossPlot *self, GtkSnapshot *snapshot, const Frame *frame)
{
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT ((float)frame->x, (float)frame->y - 2, (float)frame->width,
                                     (float)frame->height + 4));

  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint k = TPDA_TRAINING_LOG_STAGES; k-- > 0;)
    {
      GdkRGBA color = stage_color (k);

      draw_curve (cr, frame, tpda_training_log_get_points (self->log, k), &color);
    }
  cairo_destroy (cr);
}

static void
tpda_loss_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TpdaLossPlot *self = TPDA_LOSS_PLOT (widget);
  Frame frame;

  if (!find_frame (self, &frame))
    {
      draw_text (self, snapshot, _ ("The loss is shown here"), gtk_widget_get_width (widget) / 2.0,
                 gtk_widget_get_height (widget) / 2.0, 0.5, &frame.text);
      return;
    }
  draw_axes (self, snapshot, &frame);
  draw_legend (self, snapshot, &frame);
  draw_curves (self, snapshot, &frame);
}

/* ── for those who do not see it ── */

static void
describe (TpdaLossPlot *self)
{
  GString *text = g_string_new (NULL);

  for (guint k = TPDA_TRAINING_LOG_STAGES; self->log != NULL && k-- > 0;)
    {
      const GArray *points = tpda_training_log_get_points (self->log, k);
      g_autofree char *name = stage_name (k);

      if (points->len > 0)
        g_string_append_printf (text, "%s%s: %.3g", text->len > 0 ? ", " : "", name,
                                g_array_index (points, TpdaLossPoint, points->len - 1).smooth);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Course of the loss"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
}

void
tpda_loss_plot_set_log (TpdaLossPlot *self, const TpdaTrainingLog *log)
{
  self->log = log;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ── life cycle ── */

static void
tpda_loss_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? SMALLEST_WIDTH : NATURAL_HEIGHT;
  *natural = *minimum;
}

static void
tpda_loss_plot_class_init (TpdaLossPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = tpda_loss_plot_measure;
  widget_class->snapshot = tpda_loss_plot_snapshot;
  gtk_widget_class_set_css_name (widget_class, "lossplot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tpda_loss_plot_init (TpdaLossPlot *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self), "numeric");
}
