/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-judge.h"

void
tpd_score_add (TpdScore *self, const TpdTraits *intended, const TpdVerdict *verdict)
{
  const gboolean color = verdict->found && verdict->traits.color == intended->color;
  const gboolean figure = verdict->found && verdict->traits.figure == intended->figure;
  const gboolean motion =
      verdict->found && verdict->motion_is_clear && verdict->traits.motion == intended->motion;

  self->n_clips++;
  self->n_found += verdict->found;
  self->n_color += color;
  self->n_figure += figure;
  self->n_motion += motion;
  self->n_size += verdict->found && verdict->traits.size == intended->size;
  self->n_all += color && figure && motion;
  self->flicker += verdict->flicker;
  self->background_flicker += verdict->background_flicker;
  self->figures[intended->figure][0]++;
  self->figures[intended->figure][1] += figure;
  self->colors[intended->color][0]++;
  self->colors[intended->color][1] += color;
  self->motions[intended->motion][0]++;
  self->motions[intended->motion][1] += motion;
}

static double
share (guint part, guint whole)
{
  return whole > 0 ? (double)part / whole : 0;
}

/* {"red": 0.97, …}, without what never was asked for. */
static void
add_table (JsonBuilder *builder, const char *name, const guint (*counts)[2], guint n,
           const char *(*get_word) (guint))
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++)
    if (counts[i][0] > 0)
      {
        json_builder_set_member_name (builder, get_word (i));
        json_builder_add_double_value (builder, share (counts[i][1], counts[i][0]));
      }
  json_builder_end_object (builder);
}

static const char *
color_word (guint i)
{
  return tpd_color_get_word (i);
}

static const char *
figure_word (guint i)
{
  return tpd_figure_get_word (i);
}

static const char *
motion_words (guint i)
{
  return tpd_motion_get_words (i);
}

JsonNode *
tpd_score_to_json (const TpdScore *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const double n = MAX (self->n_clips, 1);
  const struct
  {
    const char *name;
    double value;
  } figures[] = {
      {"found", self->n_found / n},   {"color", self->n_color / n},
      {"shape", self->n_figure / n},  {"motion", self->n_motion / n},
      {"size", self->n_size / n},     {"all", self->n_all / n},
      {"flicker", self->flicker / n}, {"background_flicker", self->background_flicker / n},
  };

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "clips");
  json_builder_add_int_value (builder, self->n_clips);
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      json_builder_set_member_name (builder, figures[i].name);
      json_builder_add_double_value (builder, figures[i].value);
    }
  add_table (builder, "by_color", self->colors, TPD_N_COLORS, color_word);
  add_table (builder, "by_shape", self->figures, TPD_N_FIGURES, figure_word);
  add_table (builder, "by_motion", self->motions, TPD_N_MOTIONS, motion_words);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
