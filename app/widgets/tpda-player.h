/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "tpda-clip.h"

G_BEGIN_DECLS

typedef enum
{
  TPDA_REPEAT_LOOP,
  TPDA_REPEAT_PING_PONG,
  TPDA_REPEAT_ONCE,
} TpdaRepeat;

#define TPDA_TYPE_REPEAT (tpda_repeat_get_type ())
GType tpda_repeat_get_type (void);

/* Plays a clip, and beside it, in step, another one to compare it with. The property `position`
 * (seconds) says where it is. */
#define TPDA_TYPE_PLAYER (tpda_player_get_type ())
G_DECLARE_FINAL_TYPE (TpdaPlayer, tpda_player, TPDA, PLAYER, GtkWidget)

/* Shows a clip under a caption, and plays on where the last one was. Both may be NULL. */
void tpda_player_set_clip (TpdaPlayer *self, TpdaClip *clip, const char *caption);

/* The clip beside it, NULL for none. */
void tpda_player_set_reference (TpdaPlayer *self, TpdaClip *clip, const char *caption);

/* Borrowed. */
TpdaClip *tpda_player_get_clip (TpdaPlayer *self);

/* Adds a button to the end of the controls. */
void tpda_player_add_control (TpdaPlayer *self, GtkWidget *button);

void tpda_player_play (TpdaPlayer *self);
void tpda_player_pause (TpdaPlayer *self);
gboolean tpda_player_is_playing (TpdaPlayer *self);

double tpda_player_get_position (TpdaPlayer *self);
void tpda_player_seek (TpdaPlayer *self, double seconds);

G_END_DECLS
