/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-sampler-settings.h"

#include "../core/tpd-enum.h"
#include "tpd-pyramid-config.h"

/* Raise it when a setting changes its meaning; new settings need no new version. */
#define VERSION 1

struct _TpdSamplerSettings
{
  GObject parent_instance;

  guint steps;
  char *stage_steps; /* owned, never NULL */
  guint stages;
  gboolean training_free;
  TpdSolverKind sampler;
  double spacing;
  double guidance_scale;
  double correlation;
  guint num_frames;
  guint64 seed;

  guint given; /* bit i: property i was set, and is not just the default */
};

G_DEFINE_FINAL_TYPE (TpdSamplerSettings, tpd_sampler_settings, G_TYPE_OBJECT)

typedef enum
{
  PROP_STEPS = 1,
  PROP_STAGE_STEPS,
  PROP_STAGES,
  PROP_TRAINING_FREE,
  PROP_SAMPLER,
  PROP_SPACING,
  PROP_GUIDANCE_SCALE,
  PROP_CORRELATION,
  PROP_NUM_FRAMES,
  PROP_SEED,
  N_PROPS
} Property;

static GParamSpec *props[N_PROPS];

static void
tpd_sampler_settings_set_property (GObject *object, guint id, const GValue *value,
                                   GParamSpec *pspec)
{
  TpdSamplerSettings *self = TPD_SAMPLER_SETTINGS (object);

  switch ((Property)id)
    {
    case PROP_STEPS:
      self->steps = g_value_get_uint (value);
      break;
    case PROP_STAGE_STEPS:
      g_free (self->stage_steps);
      self->stage_steps = g_value_dup_string (value);
      if (self->stage_steps == NULL)
        self->stage_steps = g_strdup ("");
      break;
    case PROP_STAGES:
      self->stages = g_value_get_uint (value);
      break;
    case PROP_TRAINING_FREE:
      self->training_free = g_value_get_boolean (value);
      break;
    case PROP_SAMPLER:
      self->sampler = (TpdSolverKind)g_value_get_enum (value);
      break;
    case PROP_SPACING:
      self->spacing = g_value_get_double (value);
      break;
    case PROP_GUIDANCE_SCALE:
      self->guidance_scale = g_value_get_double (value);
      break;
    case PROP_CORRELATION:
      self->correlation = g_value_get_double (value);
      break;
    case PROP_NUM_FRAMES:
      self->num_frames = g_value_get_uint (value);
      break;
    case PROP_SEED:
      self->seed = g_value_get_uint64 (value);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  self->given |= 1u << id;
}

static void
tpd_sampler_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TpdSamplerSettings *self = TPD_SAMPLER_SETTINGS (object);

  switch ((Property)id)
    {
    case PROP_STEPS:
      g_value_set_uint (value, self->steps);
      break;
    case PROP_STAGE_STEPS:
      g_value_set_string (value, self->stage_steps);
      break;
    case PROP_STAGES:
      g_value_set_uint (value, self->stages);
      break;
    case PROP_TRAINING_FREE:
      g_value_set_boolean (value, self->training_free);
      break;
    case PROP_SAMPLER:
      g_value_set_enum (value, self->sampler);
      break;
    case PROP_SPACING:
      g_value_set_double (value, self->spacing);
      break;
    case PROP_GUIDANCE_SCALE:
      g_value_set_double (value, self->guidance_scale);
      break;
    case PROP_CORRELATION:
      g_value_set_double (value, self->correlation);
      break;
    case PROP_NUM_FRAMES:
      g_value_set_uint (value, self->num_frames);
      break;
    case PROP_SEED:
      g_value_set_uint64 (value, self->seed);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tpd_sampler_settings_finalize (GObject *object)
{
  g_free (TPD_SAMPLER_SETTINGS (object)->stage_steps);
  G_OBJECT_CLASS (tpd_sampler_settings_parent_class)->finalize (object);
}

static void
tpd_sampler_settings_class_init (TpdSamplerSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = tpd_sampler_settings_set_property;
  object_class->get_property = tpd_sampler_settings_get_property;
  object_class->finalize = tpd_sampler_settings_finalize;

  props[PROP_STEPS] = g_param_spec_uint (
      "steps", "Steps", "Sampling steps, the total over all stages", 1, 10000, 30, flags);
  props[PROP_STAGE_STEPS] = g_param_spec_string (
      "stage-steps", "Steps per stage",
      "Steps of each stage from the lowest frame rate to the full one, e.g. \"10,10,10\"; empty to "
      "share \"steps\" equally",
      "", flags);
  props[PROP_STAGES] = g_param_spec_uint (
      "stages", "Stages", "Stages of the temporal pyramid; 1 is vanilla diffusion, 0 the model's",
      0, TPD_MAX_STAGES, 0, flags);
  props[PROP_TRAINING_FREE] = g_param_spec_boolean (
      "training-free", "Training-free",
      "Let a vanilla model run in several stages although it was not trained for it", FALSE, flags);
  props[PROP_SAMPLER] =
      g_param_spec_enum ("sampler", "Sampler", "How each stage's equation is solved",
                         TPD_TYPE_SOLVER_KIND, TPD_SOLVER_AB2, flags);
  props[PROP_SPACING] = g_param_spec_double (
      "spacing", "Step spacing",
      "Exponent of the step spacing inside a stage; 1 is even, more makes the first steps smaller",
      0.1, 10, 1, flags);
  props[PROP_GUIDANCE_SCALE] = g_param_spec_double (
      "guidance-scale", "Guidance scale",
      "How strongly to follow the prompt (classifier-free guidance); 1 is without guidance", 0, 100,
      5, flags);
  props[PROP_CORRELATION] = g_param_spec_double (
      "correlation", "Jump correlation",
      "Correlation of the noise added to the two frames of a pair between stages, −1 or more and "
      "below 0; 0 is the model's",
      -1, 0, 0, flags);
  props[PROP_NUM_FRAMES] = g_param_spec_uint (
      "num-frames", "Frames", "Frames of a clip; 0 is the model's", 0, 10000, 0, flags);
  props[PROP_SEED] = g_param_spec_uint64 ("seed", "Seed", "Same seed and settings, same clip", 0,
                                          G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
tpd_sampler_settings_init (TpdSamplerSettings *self)
{
  for (guint i = 1; i < N_PROPS; i++)
    g_object_set_property (G_OBJECT (self), props[i]->name,
                           g_param_spec_get_default_value (props[i]));
  self->given = 0;
}

TpdSamplerSettings *
tpd_sampler_settings_new (void)
{
  return g_object_new (TPD_TYPE_SAMPLER_SETTINGS, NULL);
}

/* Sets in `to` what is given in `from` but not in `except`. */
static void
copy_given (TpdSamplerSettings *to, TpdSamplerSettings *from, guint except)
{
  for (guint i = 1; i < N_PROPS; i++)
    if (from->given & ~except & 1u << i)
      {
        g_auto (GValue) value = G_VALUE_INIT;

        g_object_get_property (G_OBJECT (from), props[i]->name, &value);
        g_object_set_property (G_OBJECT (to), props[i]->name, &value);
      }
}

TpdSamplerSettings *
tpd_sampler_settings_copy (TpdSamplerSettings *self)
{
  TpdSamplerSettings *copy = tpd_sampler_settings_new ();

  copy_given (copy, self, 0);
  return copy;
}

void
tpd_sampler_settings_fill_in (TpdSamplerSettings *self, TpdSamplerSettings *defaults)
{
  guint except;

  g_return_if_fail (TPD_IS_SAMPLER_SETTINGS (self));
  except = self->given;
  if (self->given & 1u << PROP_STEPS) /* these would decide instead */
    except |= 1u << PROP_STAGE_STEPS;
  copy_given (self, defaults, except);
}

/* ── plain getters ── */

guint
tpd_sampler_settings_get_steps (TpdSamplerSettings *self)
{
  return self->steps;
}

const char *
tpd_sampler_settings_get_stage_steps (TpdSamplerSettings *self)
{
  return self->stage_steps;
}

guint
tpd_sampler_settings_get_stages (TpdSamplerSettings *self)
{
  return self->stages;
}

gboolean
tpd_sampler_settings_get_training_free (TpdSamplerSettings *self)
{
  return self->training_free;
}

TpdSolverKind
tpd_sampler_settings_get_sampler (TpdSamplerSettings *self)
{
  return self->sampler;
}

double
tpd_sampler_settings_get_spacing (TpdSamplerSettings *self)
{
  return self->spacing;
}

double
tpd_sampler_settings_get_guidance_scale (TpdSamplerSettings *self)
{
  return self->guidance_scale;
}

double
tpd_sampler_settings_get_correlation (TpdSamplerSettings *self)
{
  return self->correlation;
}

guint
tpd_sampler_settings_get_num_frames (TpdSamplerSettings *self)
{
  return self->num_frames;
}

guint64
tpd_sampler_settings_get_seed (TpdSamplerSettings *self)
{
  return self->seed;
}

/* ── JSON, for any property ── */

static JsonNode *
node_of_value (GParamSpec *pspec, const GValue *value)
{
  JsonNode *node = json_node_alloc ();

  if (G_IS_PARAM_SPEC_UINT (pspec))
    return json_node_init_int (node, g_value_get_uint (value));
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    return json_node_init_int (node, (gint64)g_value_get_uint64 (value));
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return json_node_init_double (node, g_value_get_double (value));
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return json_node_init_boolean (node, g_value_get_boolean (value));
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return json_node_init_string (node,
                                  tpd_enum_nick (pspec->value_type, g_value_get_enum (value)));
  g_assert (G_IS_PARAM_SPEC_STRING (pspec));
  return json_node_init_string (node, g_value_get_string (value));
}

JsonObject *
tpd_sampler_settings_to_json (TpdSamplerSettings *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "version", VERSION);
  for (guint i = 1; i < N_PROPS; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (self), props[i]->name, &value);
      json_object_set_member (object, props[i]->name, node_of_value (props[i], &value));
    }
  return object;
}

/* FALSE if the node is of another kind than the property. */
static gboolean
value_of_node (GParamSpec *pspec, JsonNode *node, GValue *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  gint64 integer = type == G_TYPE_INT64 ? json_node_get_int (node) : -1;
  int number;

  if (G_IS_PARAM_SPEC_UINT (pspec) && integer >= 0 && integer <= G_MAXUINT)
    g_value_set_uint (value, (guint)integer);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec) && integer >= 0)
    g_value_set_uint64 (value, (guint64)integer);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec) && (type == G_TYPE_DOUBLE || type == G_TYPE_INT64))
    g_value_set_double (value, json_node_get_double (node));
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec) && type == G_TYPE_BOOLEAN)
    g_value_set_boolean (value, json_node_get_boolean (node));
  else if (G_IS_PARAM_SPEC_ENUM (pspec) && type == G_TYPE_STRING &&
           tpd_enum_parse (pspec->value_type, json_node_get_string (node), &number))
    g_value_set_enum (value, number);
  else if (G_IS_PARAM_SPEC_STRING (pspec) && type == G_TYPE_STRING)
    g_value_set_string (value, json_node_get_string (node));
  else
    return FALSE;
  /* validate() says whether it had to change the value: it was out of range */
  return !g_param_value_validate (pspec, value);
}

static gboolean
read_member (TpdSamplerSettings *self, const char *name, JsonNode *node, const char *where,
             GError **error)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *got = json_to_string (node, FALSE);

  if (pspec == NULL)
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: there is no setting \"%s\"", where, name);
      return FALSE;
    }
  g_value_init (&value, pspec->value_type);
  if (!value_of_node (pspec, node, &value))
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA, "%s: the setting \"%s\" (%s) cannot be %.80s",
                     where, name, g_param_spec_get_blurb (pspec), got);
      return FALSE;
    }
  g_object_set_property (G_OBJECT (self), name, &value);
  return TRUE;
}

TpdSamplerSettings *
tpd_sampler_settings_from_json (JsonObject *object, const char *where, GError **error)
{
  g_autoptr (TpdSamplerSettings) self = tpd_sampler_settings_new ();
  gint64 version = json_object_get_int_member_with_default (object, "version", VERSION);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (version > VERSION)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                   "%s: settings of version %" G_GINT64_FORMAT ", but this program knows up to %d",
                   where, version, VERSION);
      return NULL;
    }
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    if (!g_str_equal (name, "version") && !read_member (self, name, node, where, error))
      return NULL;
  return g_steal_pointer (&self);
}
