/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-stage-list.h"

#include <glib/gi18n.h>

#include "tpda-stage-row.h"

struct _TpdaStageList
{
  GObject parent_instance;

  /* borrowed */
  GtkBox *box;
  TpdaPlayer *player;

  /* owned */
  TpdaJob *job;
  GPtrArray *rows; /* TpdaStageRow, borrowed from the box */
  TpdaStage *picked;

  /* state */
  gboolean comparing;
};

G_DEFINE_FINAL_TYPE (TpdaStageList, tpda_stage_list, G_TYPE_OBJECT)

/* ── what the player shows ── */

/* The finest stage that has an estimate. */
static TpdaStage *
latest_stage (TpdaStageList *self)
{
  TpdaStage *latest = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      TpdaStage *stage = tpda_stage_row_get_stage (self->rows->pdata[i]);

      if (tpda_stage_get_clip (stage) != NULL)
        latest = stage;
    }
  return latest;
}

static char *
stage_caption (TpdaStageList *self, TpdaStage *stage)
{
  return g_strdup_printf (_ ("Stage %u of %u, step %u"), tpda_stage_get_position (stage) + 1,
                          self->rows->len, tpda_stage_get_step (stage));
}

static void
show_stage (TpdaStageList *self, TpdaStage *stage)
{
  g_autofree char *caption = stage_caption (self, stage);

  tpda_player_set_clip (self->player, tpda_stage_get_clip (stage), caption);
}

static void
show (TpdaStageList *self)
{
  TpdaClip *final = self->job != NULL ? tpda_job_get_clip (self->job) : NULL;
  TpdaStage *shown = self->picked != NULL ? self->picked : latest_stage (self);
  gboolean beside = self->comparing && tpda_stage_list_can_compare (self);

  if (self->picked == NULL && final != NULL)
    tpda_player_set_clip (self->player, final, NULL);
  else if (shown != NULL)
    show_stage (self, shown);
  else
    tpda_player_set_clip (self->player, NULL, NULL);
  tpda_player_set_reference (self->player, beside ? final : NULL, beside ? _ ("Final clip") : NULL);
}

void
tpda_stage_list_update (TpdaStageList *self)
{
  show (self);
}

gboolean
tpda_stage_list_can_compare (TpdaStageList *self)
{
  return self->picked != NULL && self->job != NULL && tpda_job_get_clip (self->job) != NULL;
}

/* ── picking ── */

static void
pick (TpdaStageList *self, TpdaStage *stage)
{
  g_set_object (&self->picked, stage);
  for (guint i = 0; i < self->rows->len; i++)
    tpda_stage_row_set_selected (self->rows->pdata[i],
                                 stage != NULL &&
                                     tpda_stage_row_get_stage (self->rows->pdata[i]) == stage);
  show (self);
}

/* Pressing the button of the picked stage lets go of it; a click on a frame goes there. */
static void
on_replay (TpdaStageList *self, double seconds, TpdaStageRow *row)
{
  TpdaStage *stage = tpda_stage_row_get_stage (row);

  pick (self, seconds < 0 && stage == self->picked ? NULL : stage);
  if (seconds < 0)
    tpda_player_play (self->player);
  else
    {
      tpda_player_pause (self->player);
      tpda_player_seek (self->player, seconds);
    }
}

void
tpda_stage_list_set_comparing (TpdaStageList *self, gboolean comparing)
{
  self->comparing = comparing;
  if (comparing && self->picked == NULL && self->rows->len > 0)
    pick (self, tpda_stage_row_get_stage (self->rows->pdata[0]));
  else
    show (self);
}

static void
on_position (TpdaStageList *self)
{
  double position =
      tpda_player_get_clip (self->player) != NULL ? tpda_player_get_position (self->player) : -1;

  for (guint i = 0; i < self->rows->len; i++)
    tpda_stage_row_set_position (self->rows->pdata[i], position);
}

/* ── the rows ── */

static void
remove_rows (TpdaStageList *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    gtk_box_remove (self->box, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
}

static void
add_row (TpdaStageList *self, TpdaStage *stage)
{
  const TpdaPlan *plan = tpda_job_get_plan (self->job);
  GtkWidget *row = tpda_stage_row_new (stage, plan->n_stages, plan->fps);

  gtk_box_append (self->box, row);
  g_ptr_array_add (self->rows, row);
  g_signal_connect_object (row, "replay", G_CALLBACK (on_replay), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (stage, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
}

void
tpda_stage_list_set_job (TpdaStageList *self, TpdaJob *job)
{
  remove_rows (self);
  g_clear_object (&self->picked);
  g_set_object (&self->job, job);
  for (guint i = 0; job != NULL && i < tpda_job_get_plan (job)->n_stages; i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (tpda_job_get_stages (job), i);

      add_row (self, stage);
    }
  show (self);
}

TpdaStageList *
tpda_stage_list_new (GtkBox *box, TpdaPlayer *player)
{
  TpdaStageList *self = g_object_new (TPDA_TYPE_STAGE_LIST, NULL);

  self->box = box;
  self->player = player;
  g_signal_connect_object (player, "notify::position", G_CALLBACK (on_position), self,
                           G_CONNECT_SWAPPED);
  return self;
}

static void
tpda_stage_list_finalize (GObject *object)
{
  TpdaStageList *self = TPDA_STAGE_LIST (object);

  g_clear_object (&self->job);
  g_clear_object (&self->picked);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tpda_stage_list_parent_class)->finalize (object);
}

static void
tpda_stage_list_class_init (TpdaStageListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_stage_list_finalize;
}

static void
tpda_stage_list_init (TpdaStageList *self)
{
  self->rows = g_ptr_array_new ();
}
