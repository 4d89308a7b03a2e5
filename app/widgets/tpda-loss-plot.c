/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-loss-plot.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define LEFT     52 /* room for the numbers of the loss */
#define RIGHT    12
#define TOP      34 /* and for the legend */
#define BOTTOM   40 /* and for what was done, and by which training */
#define GAP      6
#define MIN_TICK 56 /* pixels between two of them, at least */

#define SMALLEST_WIDTH 220
#define NATURAL_HEIGHT 260

#define KEY_WIDTH  26 /* of a line in the legend, three dashes */
#define AXIS_WIDTH 64 /* kept for the name of the horizontal axis */

/* Of the other training's curves, in pixels. */
static const double dashes[] = {5, 5};

enum
{
  THIS,
  OTHER,
  N_TRAININGS,
};

struct _TpdaLossPlot
{
  GtkWidget parent_instance;

  /* borrowed, nullable */
  TpdaTraining *trainings[N_TRAININGS];

  TpdaLossAxis axis;
};

G_DEFINE_FINAL_TYPE (TpdaLossPlot, tpda_loss_plot, GTK_TYPE_WIDGET)

/* Of stages 1 to 4, and of what has none: apart for eyes that tell few colours, too. */
static const char *const light_colors[] = {"#5e5c64", "#1c71d8", "#c64600", "#26a269", "#813d9c"};
static const char *const dark_colors[] = {"#c0bfbc", "#62a0ea", "#ffa348", "#57e389", "#dc8add"};

/* What a drawing needs: the part of the widget for curves, and the numbers at its edges. */
typedef struct
{
  double x, y, width, height;
  double last;      /* of the horizontal axis, which begins at 0 */
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

/* (nullable) */
static const GArray *
get_points (TpdaLossPlot *self, guint training, guint k)
{
  return self->trainings[training] != NULL
             ? tpda_training_log_get_points (tpda_training_get_log (self->trainings[training]), k)
             : NULL;
}

static gboolean
has_points (TpdaLossPlot *self, guint training, guint k)
{
  const GArray *points = get_points (self, training, k);

  return points != NULL && points->len > 0;
}

/* Where a point is on the horizontal axis. */
static double
position (TpdaLossPlot *self, const TpdaLossPoint *point)
{
  return self->axis == TPDA_LOSS_AXIS_COMPUTE ? point->flops * 1e-12 : (double)point->step;
}

static char *
stage_name (guint k)
{
  return k > 0 ? g_strdup_printf (_ ("Stage %u"), k) : g_strdup (_ ("Loss"));
}

/* ── the range ── */

static void
include_points (TpdaLossPlot *self, Frame *frame, const GArray *points)
{
  for (guint i = 0; points != NULL && i < points->len; i++)
    {
      const TpdaLossPoint *point = &g_array_index (points, TpdaLossPoint, i);

      frame->low = MIN (frame->low, point->smooth);
      frame->high = MAX (frame->high, point->smooth);
      frame->last = MAX (frame->last, position (self, point));
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
      .last = self->axis == TPDA_LOSS_AXIS_COMPUTE ? 1e-9 : 1,
      .low = INFINITY,
      .high = -INFINITY,
  };
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &frame->text);
  for (guint k = 0; k < TPDA_TRAINING_LOG_STAGES; k++)
    for (guint i = 0; i < N_TRAININGS; i++)
      include_points (self, frame, get_points (self, i, k));
  if (!isfinite (frame->low) || frame->width < 1 || frame->height < 1)
    return FALSE;
  step = nice_step (MAX (frame->high - frame->low, 0.01), frame->height / MIN_TICK);
  frame->low = floor (frame->low / step) * step;
  frame->high = MAX (ceil (frame->high / step) * step, frame->low + step);
  return TRUE;
}

static double
x_of (const Frame *frame, double done)
{
  return frame->x + frame->width * done / frame->last;
}

static double
y_of (const Frame *frame, double loss)
{
  return frame->y + frame->height * (frame->high - loss) / (frame->high - frame->low);
}

/* ── text and lines ── */

/* at: where in the text's width the point x is, 0 for its start, 1 for its end; y is its middle. */
static double
draw_layout (GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, double at,
             const GdkRGBA *color)
{
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float)(x - at * width), (float)(y - height / 2.0)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  return width;
}

static double
draw_text (TpdaLossPlot *self, GtkSnapshot *snapshot, const char *text, double x, double y,
           double at, const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);

  return draw_layout (snapshot, layout, x, y, at, color);
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
  double x_step = nice_step (frame->last, frame->width / (1.5 * MIN_TICK));
  double bottom = frame->y + frame->height;

  for (double loss = frame->low; loss < frame->high + y_step / 2; loss += y_step)
    {
      g_autofree char *text = g_strdup_printf ("%.4g", fabs (loss) < y_step / 2 ? 0 : loss);

      draw_line (snapshot, frame, y_of (frame, loss));
      draw_text (self, snapshot, text, frame->x - GAP, y_of (frame, loss), 1, &frame->text);
    }
  if (self->axis == TPDA_LOSS_AXIS_UPDATES)
    x_step = MAX (1, x_step);
  for (double done = 0; done <= frame->last; done += x_step)
    {
      g_autofree char *text = g_strdup_printf ("%.10g", done);

      draw_text (self, snapshot, text, x_of (frame, done), bottom + GAP + 7, 0.5, &frame->text);
    }
  draw_text (self, snapshot, self->axis == TPDA_LOSS_AXIS_COMPUTE ? _ ("Teraflop") : _ ("Updates"),
             frame->x + frame->width, bottom + 30, 1, &frame->text);
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

      if (!has_points (self, THIS, k) && !has_points (self, OTHER, k))
        continue;
      x -= draw_text (self, snapshot, name, x, TOP / 2.0 - 2, 1, &frame->text) + GAP;
      gtk_snapshot_append_color (snapshot, &color,
                                 &GRAPHENE_RECT_INIT ((float)x - 12, TOP / 2.0f - 4, 12, 4));
      x -= 12 + 2 * GAP;
    }
}

/* ── curves ── */

static cairo_t *
begin_curves (GtkSnapshot *snapshot, double x, double y, double width, double height)
{
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT ((float)x, (float)y, (float)width, (float)height));

  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  return cr;
}

static void
set_dashes (cairo_t *cr, guint training)
{
  cairo_set_dash (cr, dashes, training == OTHER ? G_N_ELEMENTS (dashes) : 0, 0);
}

/* The start and the end of a name tell more than its middle, where both names have no room. */
static double
draw_name (TpdaLossPlot *self, GtkSnapshot *snapshot, guint training, double x, double y,
           const Frame *frame)
{
  const char *name = tpda_training_get_name (self->trainings[training]);
  const double room = (frame->x + frame->width - AXIS_WIDTH) / N_TRAININGS - KEY_WIDTH - 4 * GAP;
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), name);

  pango_layout_set_width (layout, (int)(MAX (room, 0) * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
  return draw_layout (snapshot, layout, x, y, 0, &frame->text);
}

/* Which lines are whose, if there are two. */
static void
draw_names (TpdaLossPlot *self, GtkSnapshot *snapshot, const Frame *frame)
{
  double x = GAP;
  double y = frame->y + frame->height + 30;

  for (guint i = 0; self->trainings[OTHER] != NULL && i < N_TRAININGS; i++)
    {
      cairo_t *cr = begin_curves (snapshot, x, y - 2, KEY_WIDTH, 4);

      gdk_cairo_set_source_rgba (cr, &frame->text);
      set_dashes (cr, i);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x + KEY_WIDTH, y);
      cairo_stroke (cr);
      cairo_destroy (cr);
      x += KEY_WIDTH + GAP;
      x += draw_name (self, snapshot, i, x, y, frame) + 2 * GAP;
    }
}

static void
draw_curve (TpdaLossPlot *self, cairo_t *cr, const Frame *frame, const GArray *points,
            const GdkRGBA *color)
{
  double last_x = -1;

  gdk_cairo_set_source_rgba (cr, color);
  for (guint i = 0; points != NULL && i < points->len; i++)
    {
      const TpdaLossPoint *point = &g_array_index (points, TpdaLossPoint, i);
      double x = x_of (frame, position (self, point));

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
  cairo_t *cr = begin_curves (snapshot, frame->x, frame->y - 2, frame->width, frame->height + 4);

  for (guint i = N_TRAININGS; i-- > 0;)
    {
      set_dashes (cr, i);
      for (guint k = TPDA_TRAINING_LOG_STAGES; k-- > 0;)
        {
          GdkRGBA color = stage_color (k);

          draw_curve (self, cr, frame, get_points (self, i, k), &color);
        }
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
  draw_names (self, snapshot, &frame);
}

/* ── for those who do not see it ── */

/* "Stage 2: 0.31, Stage 1: 0.28" */
static void
describe_losses (TpdaLossPlot *self, guint training, GString *text)
{
  const gsize start = text->len;

  for (guint k = TPDA_TRAINING_LOG_STAGES; k-- > 0;)
    {
      const GArray *points = get_points (self, training, k);
      g_autofree char *name = stage_name (k);

      if (has_points (self, training, k))
        g_string_append_printf (text, "%s%s: %.3g", text->len > start ? ", " : "", name,
                                g_array_index (points, TpdaLossPoint, points->len - 1).smooth);
    }
}

static void
describe (TpdaLossPlot *self)
{
  TpdaTraining *other = self->trainings[OTHER];
  g_autofree char *label = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  label = other != NULL ? g_strdup_printf (_ ("Course of the loss, compared with %s"),
                                           tpda_training_get_name (other))
                        : g_strdup (_ ("Course of the loss"));
  describe_losses (self, THIS, text);
  if (other != NULL)
    {
      g_string_append_printf (text, "; %s: ", tpda_training_get_name (other));
      describe_losses (self, OTHER, text);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

void
tpda_loss_plot_show (TpdaLossPlot *self, TpdaTraining *training, TpdaTraining *other,
                     TpdaLossAxis axis)
{
  self->trainings[THIS] = training;
  self->trainings[OTHER] = other;
  self->axis = axis;
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
