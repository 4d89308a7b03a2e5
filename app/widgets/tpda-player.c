/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-player.h"

#include <glib/gi18n.h>
#include <math.h>

#include "tpda-clip-view.h"

struct _TpdaPlayer
{
  GtkWidget parent_instance;

  /* of the template */
  GtkWidget *box;
  TpdaClipView *view;
  GtkLabel *caption;
  GtkWidget *reference_box;
  TpdaClipView *reference;
  GtkLabel *reference_caption;
  GtkWidget *controls;
  GtkButton *play_button;
  GtkAdjustment *adjustment;
  GtkLabel *time_label;
  GtkBox *extras;
  GtkToggleButton *wipe_button;
  GtkWidget *divider_scale;
  GtkAdjustment *divider;

  /* owned */
  char *name; /* of the clip; NULL for none */

  /* how to play */
  int speed; /* percent */
  TpdaRepeat repeat;
  int zoom;
  gboolean pixels;

  /* state */
  double position;  /* seconds */
  double direction; /* −1 on the way back */
  guint tick;       /* 0 while paused */
  gint64 ticked;    /* the frame clock's time of the last tick, µs */
  gboolean moving;  /* the adjustment follows the position, not the user's hand */
};

G_DEFINE_FINAL_TYPE (TpdaPlayer, tpda_player, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SPEED,
  PROP_REPEAT,
  PROP_ZOOM,
  PROP_PIXELS,
  PROP_POSITION,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

GType
tpda_repeat_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {TPDA_REPEAT_LOOP, "Loop", "loop"},
      {TPDA_REPEAT_PING_PONG, "Back and forth", "ping-pong"},
      {TPDA_REPEAT_ONCE, "Once", "once"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TpdaRepeat", values));
  return type;
}

/* ── position ── */

static double
duration (TpdaPlayer *self)
{
  TpdaClip *clip = tpda_clip_view_get_clip (self->view);

  return clip != NULL ? tpda_clip_get_duration (clip) : 0;
}

static gboolean
show_frame (TpdaClipView *view, double position)
{
  TpdaClip *clip = tpda_clip_view_get_clip (view);

  return clip != NULL && tpda_clip_view_set_frame (view, tpda_clip_get_frame_at (clip, position));
}

static void
show_time (TpdaPlayer *self)
{
  TpdaClip *clip = tpda_clip_view_get_clip (self->view);
  g_autofree char *text = NULL;

  if (clip != NULL)
    /* Translators: number of the frame that is shown, number of frames */
    text = g_strdup_printf (_ ("%u / %u"), tpda_clip_view_get_frame (self->view) + 1,
                            tpda_clip_get_n_frames (clip));
  gtk_label_set_text (self->time_label, text != NULL ? text : "");
}

static void
show_position (TpdaPlayer *self)
{
  show_time (self);
  self->moving = TRUE;
  gtk_adjustment_set_value (self->adjustment, self->position);
  self->moving = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_POSITION]);
}

void
tpda_player_seek (TpdaPlayer *self, double seconds)
{
  self->position = CLAMP (seconds, 0, duration (self));
  show_frame (self->view, self->position);
  show_frame (self->reference, self->position);
  gtk_widget_queue_draw (GTK_WIDGET (self->view)); /* may show both */
  show_position (self);
}

/* The same while playing: between two frames there is nothing to draw. */
static void
move_on (TpdaPlayer *self)
{
  gboolean moved = show_frame (self->view, self->position);

  if (show_frame (self->reference, self->position) || moved)
    {
      show_position (self);
      gtk_widget_queue_draw (GTK_WIDGET (self->view)); /* may show both */
    }
}

double
tpda_player_get_position (TpdaPlayer *self)
{
  return self->position;
}

static void
on_value_changed (TpdaPlayer *self)
{
  if (!self->moving)
    tpda_player_seek (self, gtk_adjustment_get_value (self->adjustment));
}

/* ── playing ── */

static void
show_play_button (TpdaPlayer *self)
{
  gboolean playing = self->tick != 0;
  const char *label = playing ? _ ("Pause") : _ ("Play");

  gtk_button_set_icon_name (self->play_button, playing ? "media-playback-pause-symbolic"
                                                       : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->play_button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

/* Where the position is after some seconds; FALSE if playing ends there. */
static gboolean
advance (TpdaPlayer *self, double seconds)
{
  double end = duration (self);
  double position = self->position + self->direction * seconds * self->speed / 100;

  if (position >= 0 && position < end)
    self->position = position;
  else if (self->repeat == TPDA_REPEAT_PING_PONG)
    {
      /* The last frame was shown; turning just before its end does not show it twice as long. */
      self->direction = position < 0 ? 1 : -1;
      self->position = CLAMP (position < 0 ? -position : 2 * end - position, 0, end);
    }
  else if (self->repeat == TPDA_REPEAT_ONCE)
    {
      self->position = end;
      return FALSE;
    }
  else
    self->position = fmod (MAX (position, 0), end);
  return TRUE;
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TpdaPlayer *self = TPDA_PLAYER (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  double seconds = self->ticked != 0 ? (double)(now - self->ticked) / G_USEC_PER_SEC : 0;
  gboolean on;

  self->ticked = now;
  if (duration (self) <= 0)
    return G_SOURCE_CONTINUE;
  on = advance (self, seconds);
  if (!on)
    self->tick = 0;
  move_on (self);
  if (!on)
    show_play_button (self);
  return on;
}

void
tpda_player_play (TpdaPlayer *self)
{
  if (self->tick != 0)
    return;
  self->direction = 1;
  self->ticked = 0;
  if (self->repeat == TPDA_REPEAT_ONCE && self->position >= duration (self))
    self->position = 0;
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
  show_play_button (self);
}

void
tpda_player_pause (TpdaPlayer *self)
{
  if (self->tick == 0)
    return;
  gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  show_play_button (self);
}

gboolean
tpda_player_is_playing (TpdaPlayer *self)
{
  return self->tick != 0;
}

static void
toggle (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaPlayer *self = TPDA_PLAYER (widget);

  if (self->tick != 0)
    tpda_player_pause (self);
  else
    tpda_player_play (self);
}

/* One frame on or back, around the ends. */
static void
step (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TpdaPlayer *self = TPDA_PLAYER (widget);
  TpdaClip *clip = tpda_clip_view_get_clip (self->view);
  int n, frame;

  if (clip == NULL)
    return;
  tpda_player_pause (self);
  n = (int)tpda_clip_get_n_frames (clip);
  frame = ((int)tpda_clip_view_get_frame (self->view) + g_variant_get_int32 (parameter) + n) % n;
  tpda_player_seek (self, (frame + 0.5) * duration (self) / n);
}

/* ── what is shown ── */

static gboolean
is_wiping (TpdaPlayer *self)
{
  return tpda_clip_view_get_clip (self->reference) != NULL &&
         gtk_toggle_button_get_active (self->wipe_button);
}

/* Both in the order in which they are seen. */
static void
show_caption (TpdaPlayer *self)
{
  g_autofree char *both = NULL;

  if (is_wiping (self) && self->name != NULL)
    both = g_strdup_printf ("%s | %s", self->name, gtk_label_get_text (self->reference_caption));
  gtk_label_set_text (self->caption, both != NULL ? both : self->name != NULL ? self->name : "");
  gtk_widget_set_visible (GTK_WIDGET (self->caption), self->name != NULL);
}

void
tpda_player_set_clip (TpdaPlayer *self, TpdaClip *clip, const char *caption)
{
  tpda_clip_view_set_clip (self->view, clip);
  g_free (self->name);
  self->name = g_strdup (caption);
  show_caption (self);
  gtk_widget_set_sensitive (self->controls, clip != NULL);
  gtk_adjustment_set_upper (self->adjustment, duration (self));
  tpda_player_seek (self, self->position);
}

/* Side by side, or both in one picture with a divider between them. The slider below it is the
 * divider for the keyboard and for screen readers. */
static void
arrange (TpdaPlayer *self)
{
  gboolean both = tpda_clip_view_get_clip (self->reference) != NULL;
  gboolean wipe = is_wiping (self);

  gtk_widget_set_visible (self->reference_box, both && !wipe);
  gtk_widget_set_visible (self->divider_scale, wipe);
  show_caption (self);
  tpda_clip_view_set_wipe (self->view, wipe ? self->reference : NULL, wipe ? self->divider : NULL);
}

void
tpda_player_set_reference (TpdaPlayer *self, TpdaClip *clip, const char *caption)
{
  tpda_clip_view_set_clip (self->reference, clip);
  gtk_label_set_text (self->reference_caption, caption != NULL ? caption : "");
  gtk_widget_set_visible (GTK_WIDGET (self->wipe_button), clip != NULL);
  show_frame (self->reference, self->position);
  arrange (self);
}

TpdaClip *
tpda_player_get_clip (TpdaPlayer *self)
{
  return tpda_clip_view_get_clip (self->view);
}

void
tpda_player_add_control (TpdaPlayer *self, GtkWidget *button)
{
  gtk_box_append (self->extras, button);
}

/* ── properties ── */

static void
tpda_player_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  TpdaPlayer *self = TPDA_PLAYER (object);

  switch (id)
    {
    case PROP_SPEED:
      self->speed = g_value_get_int (value);
      break;
    case PROP_REPEAT:
      self->repeat = g_value_get_enum (value);
      self->direction = 1;
      break;
    case PROP_ZOOM:
      self->zoom = g_value_get_int (value);
      tpda_clip_view_set_zoom (self->view, (guint)self->zoom);
      tpda_clip_view_set_zoom (self->reference, (guint)self->zoom);
      break;
    case PROP_PIXELS:
      self->pixels = g_value_get_boolean (value);
      tpda_clip_view_set_pixels (self->view, self->pixels);
      tpda_clip_view_set_pixels (self->reference, self->pixels);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tpda_player_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TpdaPlayer *self = TPDA_PLAYER (object);

  switch (id)
    {
    case PROP_SPEED:
      g_value_set_int (value, self->speed);
      break;
    case PROP_REPEAT:
      g_value_set_enum (value, (int)self->repeat);
      break;
    case PROP_ZOOM:
      g_value_set_int (value, self->zoom);
      break;
    case PROP_PIXELS:
      g_value_set_boolean (value, self->pixels);
      break;
    case PROP_POSITION:
      g_value_set_double (value, self->position);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tpda_player_dispose (GObject *object)
{
  TpdaPlayer *self = TPDA_PLAYER (object);

  tpda_player_pause (self);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (tpda_player_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  props[PROP_SPEED] = g_param_spec_int ("speed", NULL, NULL, 1, 1000, 100, flags);
  props[PROP_REPEAT] =
      g_param_spec_enum ("repeat", NULL, NULL, TPDA_TYPE_REPEAT, TPDA_REPEAT_LOOP, flags);
  props[PROP_ZOOM] = g_param_spec_int ("zoom", NULL, NULL, 0, 64, 0, flags);
  props[PROP_PIXELS] = g_param_spec_boolean ("pixels", NULL, NULL, FALSE, flags);
  props[PROP_POSITION] = g_param_spec_double ("position", NULL, NULL, 0, G_MAXDOUBLE, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (klass, N_PROPS, props);
}

static void
install_actions (GtkWidgetClass *klass)
{
  gtk_widget_class_install_action (klass, "player.toggle", NULL, toggle);
  gtk_widget_class_install_action (klass, "player.step", "i", step);
  gtk_widget_class_install_property_action (klass, "player.speed", "speed");
  gtk_widget_class_install_property_action (klass, "player.repeat", "repeat");
  gtk_widget_class_install_property_action (klass, "player.zoom", "zoom");
  gtk_widget_class_install_property_action (klass, "player.pixels", "pixels");
  gtk_widget_class_add_binding_action (klass, GDK_KEY_space, 0, "player.toggle", NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_comma, 0, "player.step", "i", -1);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_period, 0, "player.step", "i", 1);
}

static void
tpda_player_class_init (TpdaPlayerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tpda_player_set_property;
  object_class->get_property = tpda_player_get_property;
  object_class->dispose = tpda_player_dispose;
  install_properties (object_class);
  install_actions (widget_class);

  g_type_ensure (TPDA_TYPE_CLIP_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tpdiff/Studio/widgets/tpda-player.ui");
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, box);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, view);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, caption);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, reference_box);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, reference);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, reference_caption);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, controls);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, play_button);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, adjustment);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, time_label);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, extras);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, wipe_button);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, divider_scale);
  gtk_widget_class_bind_template_child (widget_class, TpdaPlayer, divider);
}

static void
tpda_player_init (TpdaPlayer *self)
{
  self->speed = 100;
  self->direction = 1;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_sensitive (self->controls, FALSE);
  g_signal_connect_swapped (self->adjustment, "value-changed", G_CALLBACK (on_value_changed), self);
  g_signal_connect_swapped (self->wipe_button, "toggled", G_CALLBACK (arrange), self);
}
