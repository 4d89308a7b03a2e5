/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-pyramid-config.h"

#include "../core/tpd-config.h"
#include "../core/tpd-enum.h"

G_DEFINE_ENUM_TYPE (TpdDownsampling, tpd_downsampling,
                    G_DEFINE_ENUM_VALUE (TPD_DOWNSAMPLING_STRIDE, "stride"),
                    G_DEFINE_ENUM_VALUE (TPD_DOWNSAMPLING_MEAN, "mean"))
G_DEFINE_ENUM_TYPE (TpdVelocityUnit, tpd_velocity_unit,
                    G_DEFINE_ENUM_VALUE (TPD_VELOCITY_UNIT_GLOBAL, "global"),
                    G_DEFINE_ENUM_VALUE (TPD_VELOCITY_UNIT_STAGE, "stage"))
G_DEFINE_ENUM_TYPE (TpdPrediction, tpd_prediction,
                    G_DEFINE_ENUM_VALUE (TPD_PREDICTION_VELOCITY, "velocity"),
                    G_DEFINE_ENUM_VALUE (TPD_PREDICTION_EPSILON, "epsilon"),
                    G_DEFINE_ENUM_VALUE (TPD_PREDICTION_V, "v"))
G_DEFINE_BOXED_TYPE (TpdPyramidConfig, tpd_pyramid_config, tpd_pyramid_config_copy,
                     tpd_pyramid_config_free)

void
tpd_pyramid_config_init (TpdPyramidConfig *self, TpdForm form, guint n_stages)
{
  *self = (TpdPyramidConfig){
      .form = form,
      .n_stages = n_stages,
      .prediction = form == TPD_FORM_FLOW ? TPD_PREDICTION_VELOCITY : TPD_PREDICTION_EPSILON,
      .correlation = -1,
      .betas = TPD_BETAS_SD15,
  };
}

TpdPyramidConfig *
tpd_pyramid_config_copy (const TpdPyramidConfig *self)
{
  return g_memdup2 (self, sizeof *self);
}

void
tpd_pyramid_config_free (TpdPyramidConfig *self)
{
  g_free (self);
}

/* ── validation ── */

static gboolean
boundaries_are_valid (const TpdPyramidConfig *self, GError **error)
{
  double previous = 0;

  if (self->n_boundaries == 0)
    return TRUE;
  if (self->n_boundaries != self->n_stages - 1)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "%u stages meet at %u boundaries, but %u are given", self->n_stages,
                   self->n_stages - 1, self->n_boundaries);
      return FALSE;
    }
  for (guint i = 0; i < self->n_boundaries; i++)
    {
      if (!(self->boundaries[i] > previous && self->boundaries[i] < 1))
        {
          g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                       "Stage boundaries should rise strictly between 0 and 1, but number %u is %g "
                       "after %g",
                       i + 1, self->boundaries[i], previous);
          return FALSE;
        }
      previous = self->boundaries[i];
    }
  return TRUE;
}

static gboolean
prediction_fits_form (const TpdPyramidConfig *self, GError **error)
{
  gboolean flow = self->form == TPD_FORM_FLOW;

  if (flow != (self->prediction == TPD_PREDICTION_VELOCITY))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "A network of the form \"%s\" should predict %s, but the prediction is \"%s\"",
                   tpd_enum_nick (TPD_TYPE_FORM, self->form),
                   flow ? "\"velocity\"" : "\"epsilon\" or \"v\"",
                   tpd_enum_nick (TPD_TYPE_PREDICTION, self->prediction));
      return FALSE;
    }
  if (!flow && self->velocity_unit == TPD_VELOCITY_UNIT_STAGE)
    {
      g_set_error (
          error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
          "The velocity unit \"stage\" belongs to flow matching, but the form is \"ddim\"");
      return FALSE;
    }
  return TRUE;
}

static gboolean
betas_are_valid (const TpdBetas *betas, GError **error)
{
  if (betas->start > 0 && betas->end >= betas->start && betas->end < 1 && betas->n >= 2 &&
      betas->n <= 100000)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
               "Betas should satisfy 0 < start ≤ end < 1 with 2 to 100000 timesteps, but are %g to "
               "%g with %u",
               betas->start, betas->end, betas->n);
  return FALSE;
}

gboolean
tpd_pyramid_config_validate (const TpdPyramidConfig *self, GError **error)
{
  if (self->n_stages < 1 || self->n_stages > TPD_MAX_STAGES)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "A pyramid has 1 to %d stages, not %u", TPD_MAX_STAGES, self->n_stages);
      return FALSE;
    }
  if (!(self->correlation >= -1 && self->correlation < 0))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "The jump correlation should be at least −1 and below 0, but is %g",
                   self->correlation);
      return FALSE;
    }
  if (!boundaries_are_valid (self, error) || !prediction_fits_form (self, error))
    return FALSE;
  return self->form == TPD_FORM_FLOW || betas_are_valid (&self->betas, error);
}

/* ── JSON ── */

static void
set_enum (JsonObject *object, const char *key, GType type, int value)
{
  json_object_set_string_member (object, key, tpd_enum_nick (type, value));
}

JsonObject *
tpd_pyramid_config_to_json (const TpdPyramidConfig *self)
{
  JsonObject *object = json_object_new ();

  set_enum (object, "form", TPD_TYPE_FORM, self->form);
  json_object_set_int_member (object, "stages", self->n_stages);
  if (self->n_boundaries > 0)
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < self->n_boundaries; i++)
        json_array_add_double_element (array, self->boundaries[i]);
      json_object_set_array_member (object, "boundaries", array);
    }
  set_enum (object, "downsampling", TPD_TYPE_DOWNSAMPLING, self->downsampling);
  set_enum (object, "prediction_type", TPD_TYPE_PREDICTION, self->prediction);
  set_enum (object, "velocity_unit", TPD_TYPE_VELOCITY_UNIT, self->velocity_unit);
  json_object_set_boolean_member (object, "causal_first_frame", self->causal_first_frame);
  json_object_set_double_member (object, "correlation", self->correlation);
  if (self->form == TPD_FORM_DDIM)
    {
      set_enum (object, "beta_schedule", TPD_TYPE_BETA_SCHEDULE, self->betas.schedule);
      json_object_set_double_member (object, "beta_start", self->betas.start);
      json_object_set_double_member (object, "beta_end", self->betas.end);
      json_object_set_int_member (object, "num_train_timesteps", self->betas.n);
      json_object_set_boolean_member (object, "set_alpha_to_one", self->betas.set_alpha_to_one);
    }
  return object;
}

static gboolean
read_enum (JsonObject *object, const char *where, const char *key, GType type, gpointer value,
           GError **error)
{
  g_auto (GStrv) nicks = tpd_enum_nicks (type);
  const char *nick = NULL;

  if (!tpd_config_get_string (object, where, key, (const char *const *)nicks, &nick, error))
    return FALSE;
  if (nick != NULL)
    tpd_enum_parse (type, nick, value);
  return TRUE;
}

static gboolean
read_boundaries (TpdPyramidConfig *self, JsonObject *object, const char *where, GError **error)
{
  guint n = TPD_MAX_STAGES - 1;

  if (!json_object_has_member (object, "boundaries") ||
      json_object_get_null_member (object, "boundaries"))
    return TRUE;
  if (!tpd_config_get_doubles (object, where, "boundaries", self->boundaries, &n, error))
    return FALSE;
  self->n_boundaries = n;
  return TRUE;
}

static gboolean
read_betas (TpdBetas *betas, JsonObject *object, const char *where, GError **error)
{
  gint64 n = betas->n;

  if (!read_enum (object, where, "beta_schedule", TPD_TYPE_BETA_SCHEDULE, &betas->schedule,
                  error) ||
      !tpd_config_get_double (object, where, "beta_start", &betas->start, error) ||
      !tpd_config_get_double (object, where, "beta_end", &betas->end, error) ||
      !tpd_config_get_int (object, where, "num_train_timesteps", 2, 100000, &n, error) ||
      !tpd_config_get_bool (object, where, "set_alpha_to_one", &betas->set_alpha_to_one, error))
    return FALSE;
  betas->n = (guint)n;
  return TRUE;
}

gboolean
tpd_pyramid_config_from_json (TpdPyramidConfig *self, JsonObject *object, const char *where,
                              GError **error)
{
  TpdForm form = TPD_FORM_FLOW;
  gint64 n_stages = 0;

  for (const char *const *key = (const char *const[]){"form", "stages", NULL}; *key != NULL; key++)
    if (!json_object_has_member (object, *key))
      {
        g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "%s: \"%s\" is missing", where,
                     *key);
        return FALSE;
      }
  if (!read_enum (object, where, "form", TPD_TYPE_FORM, &form, error) ||
      !tpd_config_get_int (object, where, "stages", 1, TPD_MAX_STAGES, &n_stages, error))
    return FALSE;
  tpd_pyramid_config_init (self, form, (guint)n_stages);
  if (!read_boundaries (self, object, where, error) ||
      !read_enum (object, where, "downsampling", TPD_TYPE_DOWNSAMPLING, &self->downsampling,
                  error) ||
      !read_enum (object, where, "prediction_type", TPD_TYPE_PREDICTION, &self->prediction,
                  error) ||
      !read_enum (object, where, "velocity_unit", TPD_TYPE_VELOCITY_UNIT, &self->velocity_unit,
                  error) ||
      !tpd_config_get_bool (object, where, "causal_first_frame", &self->causal_first_frame,
                            error) ||
      !tpd_config_get_double (object, where, "correlation", &self->correlation, error) ||
      !read_betas (&self->betas, object, where, error))
    return FALSE;
  if (!tpd_pyramid_config_validate (self, error))
    {
      g_prefix_error (error, "%s: ", where);
      return FALSE;
    }
  return TRUE;
}
