/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-model.h"

#include <glib/gi18n.h>

struct _TpdaModel
{
  GObject parent_instance;

  /* owned */
  char *id;
  char *name;         /* of the folder */
  JsonObject *report; /* nullable */
  GError *error;      /* why there is no report; nullable */

  /* state */
  gboolean is_added;
};

G_DEFINE_FINAL_TYPE (TpdaModel, tpda_model, G_TYPE_OBJECT)

static guint changed_signal;

TpdaModel *
tpda_model_new (const char *id, gboolean is_added)
{
  TpdaModel *self = g_object_new (TPDA_TYPE_MODEL, NULL);

  self->id = g_strdup (id);
  self->name = g_path_get_basename (id);
  self->is_added = is_added;
  return self;
}

const char *
tpda_model_get_id (TpdaModel *self)
{
  return self->id;
}

gboolean
tpda_model_is_added (TpdaModel *self)
{
  return self->is_added;
}

const char *
tpda_model_get_name (TpdaModel *self)
{
  return self->name;
}

void
tpda_model_forget_report (TpdaModel *self)
{
  g_clear_pointer (&self->report, json_object_unref);
  g_clear_error (&self->error);
}

void
tpda_model_set_report (TpdaModel *self, JsonObject *report, GError *error)
{
  tpda_model_forget_report (self);
  self->report = report;
  self->error = error;
  g_signal_emit (self, changed_signal, 0);
}

JsonObject *
tpda_model_get_report (TpdaModel *self)
{
  return self->report;
}

gboolean
tpda_model_is_known (TpdaModel *self)
{
  return self->report != NULL || self->error != NULL;
}

/* ── what is wrong ── */

GStrv
tpda_model_get_problems (TpdaModel *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *list =
      self->report != NULL ? json_object_get_array_member (self->report, "problems") : NULL;

  if (self->error != NULL)
    g_strv_builder_add (builder, self->error->message);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    g_strv_builder_add (builder, json_array_get_string_element (list, i));
  return g_strv_builder_end (builder);
}

gboolean
tpda_model_works (TpdaModel *self)
{
  g_auto (GStrv) problems = tpda_model_get_problems (self);

  return self->report != NULL && problems[0] == NULL;
}

/* What a file in the model's folder is for. */
static const char *
part_of (const char *file)
{
  static const struct
  {
    const char *prefix, *part;
  } parts[] = {
      {"vae/", N_ ("The autoencoder is missing or broken")},
      {"transformer", N_ ("The denoiser is missing or broken")},
      {"unet", N_ ("The denoiser is missing or broken")},
      {"text_encoder", N_ ("The text encoder is missing or broken")},
      {"tokenizer", N_ ("The vocabulary is missing or broken")},
      {TPD_MODEL_FILE, N_ ("The description of the model is missing or broken")},
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_has_prefix (file, parts[i].prefix))
      return _ (parts[i].part);
  return _ ("The model cannot be used");
}

/* The problem without the folder that all files of the model are in. */
static const char *
skip_folder (TpdaModel *self, const char *problem)
{
  const char *folder =
      self->report != NULL ? json_object_get_string_member (self->report, "path") : self->id;

  if (!g_str_has_prefix (problem, folder) || problem[strlen (folder)] != '/')
    return problem;
  return problem + strlen (folder) + 1;
}

char *
tpda_model_diagnose (TpdaModel *self)
{
  g_auto (GStrv) problems = tpda_model_get_problems (self);
  const char *problem;

  if (problems[0] == NULL)
    return NULL;
  problem = skip_folder (self, problems[0]);
  /* Translators: which part of a model, and what is wrong with which of its files */
  return g_strdup_printf (_ ("%s. %s"), part_of (problem), problem);
}

/* ── what it is ── */

static JsonObject *
components (TpdaModel *self)
{
  return json_object_get_object_member (self->report, "components");
}

/* The components that are denoisers: they know what they were trained with. */
static GPtrArray *
list_denoisers (TpdaModel *self)
{
  GPtrArray *denoisers = g_ptr_array_new ();
  JsonObjectIter iter;
  const char *folder;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, components (self));
  while (json_object_iter_next_ordered (&iter, &folder, &node))
    if (json_object_has_member (json_node_get_object (node), "pyramid"))
      g_ptr_array_add (denoisers, json_node_get_object (node));
  return denoisers;
}

/* "pyramid of 3 stages, vanilla" */
static char *
describe_stages (TpdaModel *self)
{
  g_autoptr (GPtrArray) denoisers = list_denoisers (self);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < denoisers->len; i++)
    {
      JsonObject *pyramid = json_object_get_object_member (denoisers->pdata[i], "pyramid");
      guint n_stages = (guint)json_object_get_int_member (pyramid, "stages");

      if (i > 0)
        g_string_append (text, ", ");
      if (n_stages > 1)
        g_string_append_printf (text, _ ("pyramid of %u stages"), n_stages);
      else
        g_string_append (text, _ ("vanilla"));
    }
  return g_string_free (text, FALSE);
}

static char *
describe_clips (TpdaModel *self)
{
  return g_strdup_printf (_ ("%d frames of %d × %d"),
                          (int)json_object_get_int_member (self->report, "frames"),
                          (int)json_object_get_int_member (self->report, "width"),
                          (int)json_object_get_int_member (self->report, "height"));
}

char *
tpda_model_summarize (TpdaModel *self)
{
  g_autofree char *stages = NULL;
  g_autofree char *clips = NULL;

  if (self->report == NULL)
    return NULL;
  stages = describe_stages (self);
  clips = describe_clips (self);
  return g_strdup_printf ("%s · %s", stages, clips);
}

static char *
describe_form (TpdaModel *self)
{
  g_autoptr (GPtrArray) denoisers = list_denoisers (self);
  JsonObject *pyramid = json_object_get_object_member (denoisers->pdata[0], "pyramid");

  return g_strdup (g_str_equal (json_object_get_string_member (pyramid, "form"), "flow")
                       ? _ ("flow matching")
                       : _ ("DDIM (variance preserving)"));
}

static char *
describe_architecture (TpdaModel *self)
{
  g_autoptr (GPtrArray) denoisers = list_denoisers (self);

  return g_strdup (
      json_object_get_string_member_with_default (denoisers->pdata[0], "class", _ ("unknown")));
}

static char *
format_count (gint64 n)
{
  if (n >= 1000000000)
    return g_strdup_printf (_ ("%.2f billion"), (double)n * 1e-9);
  if (n >= 1000000)
    return g_strdup_printf (_ ("%.2f million"), (double)n * 1e-6);
  return g_strdup_printf (_ ("%.1f thousand"), (double)n * 1e-3);
}

static gint64
count_parameters (TpdaModel *self, const char *folder)
{
  JsonObject *component = json_object_has_member (components (self), folder)
                              ? json_object_get_object_member (components (self), folder)
                              : NULL;

  return component != NULL ? json_object_get_int_member_with_default (component, "parameters", 0)
                           : 0;
}

/* Of what makes a clip by default. */
static char *
describe_parameters (TpdaModel *self)
{
  g_autoptr (GPtrArray) denoisers = list_denoisers (self);
  JsonObject *denoiser = denoisers->pdata[0];
  gint64 n_denoiser = json_object_get_int_member_with_default (denoiser, "parameters", 0);
  gint64 n_text = count_parameters (self, json_object_get_string_member (denoiser, "text_encoder"));
  gint64 n_vae = count_parameters (self, "vae");
  g_autofree char *all = format_count (n_denoiser + n_text + n_vae);
  g_autofree char *of_denoiser = format_count (n_denoiser);

  return g_strdup_printf (_ ("%s, of which %s in the denoiser"), all, of_denoiser);
}

static char *
describe_memory (TpdaModel *self)
{
  gint64 sampling = json_object_get_int_member (self->report, "memory_of_sampling");
  g_autofree char *weights =
      g_format_size ((guint64)json_object_get_int_member (self->report, "memory_of_weights"));
  g_autofree char *all = g_format_size ((guint64)sampling);

  if (sampling == 0)
    return g_strdup_printf (_ ("%s for the weights"), weights);
  return g_strdup_printf (_ ("%s while making a clip, %s of it for the weights"), all, weights);
}

static char *
describe_license (TpdaModel *self)
{
  const char *license = json_object_get_string_member_with_default (self->report, "license", NULL);

  return g_strdup (license != NULL ? license : _ ("not stated"));
}

static char *
describe_dataset (TpdaModel *self)
{
  const char *dataset = json_object_get_string_member_with_default (self->report, "dataset", NULL);

  return g_strdup (dataset != NULL ? dataset : _ ("not stated"));
}

static char *
describe_folder (TpdaModel *self)
{
  return g_strdup (json_object_get_string_member (self->report, "path"));
}

static void
fact_free (gpointer data)
{
  TpdaModelFact *fact = data;

  g_free (fact->title);
  g_free (fact->text);
  g_free (fact);
}

GPtrArray *
tpda_model_list_facts (TpdaModel *self)
{
  static const struct
  {
    const char *title;
    char *(*describe) (TpdaModel *self);
  } known[] = {
      {N_ ("Architecture"), describe_architecture},
      {N_ ("Form"), describe_form},
      {N_ ("Denoisers"), describe_stages},
      {N_ ("Clips"), describe_clips},
      {N_ ("Parameters"), describe_parameters},
      {N_ ("Memory"), describe_memory},
      {N_ ("Trained on"), describe_dataset},
      {N_ ("License"), describe_license},
      {N_ ("Folder"), describe_folder},
  };
  GPtrArray *facts = g_ptr_array_new_with_free_func (fact_free);

  for (guint i = 0; self->report != NULL && i < G_N_ELEMENTS (known); i++)
    {
      TpdaModelFact *fact = g_new (TpdaModelFact, 1);

      *fact = (TpdaModelFact){g_strdup (_ (known[i].title)), known[i].describe (self)};
      g_ptr_array_add (facts, fact);
    }
  return facts;
}

/* ── life cycle ── */

static void
tpda_model_finalize (GObject *object)
{
  TpdaModel *self = TPDA_MODEL (object);

  tpda_model_forget_report (self);
  g_free (self->id);
  g_free (self->name);
  G_OBJECT_CLASS (tpda_model_parent_class)->finalize (object);
}

static void
tpda_model_class_init (TpdaModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_model_finalize;
  changed_signal = g_signal_new ("changed", TPDA_TYPE_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
tpda_model_init (TpdaModel *self)
{
}
