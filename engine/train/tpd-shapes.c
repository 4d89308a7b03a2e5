/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-shapes.h"

#include "../core/tpd-random.h"
#include "../text/tpd-clip-vocabulary.h"

struct _TpdShapes
{
  GObject parent_instance;

  TpdClipSize size;
  TpdWorld world;
  guint64 seed;
  TpdShapesSplit split;
  guint n_objects;
  double paraphrase;
};

enum
{
  PROP_0,
  PROP_FRAMES,
  PROP_HEIGHT,
  PROP_WIDTH,
  PROP_WORLD,
  PROP_SEED,
  PROP_SPLIT,
  PROP_OBJECTS,
  PROP_PARAPHRASE,
  N_PROPS
};

/* Scene and wording have streams of their own: another wording leaves the picture as it is. */
enum
{
  TAG_SCENE = 1,
  TAG_WORDING = 2,
};

static GParamSpec *properties[N_PROPS];

static void tpd_shapes_dataset_init (TpdDatasetInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TpdShapes, tpd_shapes, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TPD_TYPE_DATASET, tpd_shapes_dataset_init))

GType
tpd_shapes_split_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
          {TPD_SHAPES_TRAIN, "TPD_SHAPES_TRAIN", "train"},
          {TPD_SHAPES_HELD_OUT, "TPD_SHAPES_HELD_OUT", "held-out"},
          {0, NULL, NULL},
      };
      g_once_init_leave (&type, g_enum_register_static ("TpdShapesSplit", values));
    }
  return type;
}

GType
tpd_world_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
          {TPD_WORLD_FULL, "TPD_WORLD_FULL", "shapes"},
          {TPD_WORLD_BASIC, "TPD_WORLD_BASIC", "shapes-basic"},
          {0, NULL, NULL},
      };
      g_once_init_leave (&type, g_enum_register_static ("TpdWorld", values));
    }
  return type;
}

TpdShapes *
tpd_shapes_new (TpdWorld world, TpdClipSize size, guint64 seed, TpdShapesSplit split)
{
  return g_object_new (TPD_TYPE_SHAPES, "world", world, "frames", size.frames, "height",
                       size.height, "width", size.width, "seed", seed, "split", split, NULL);
}

static TpdLot
lot_of_clip (TpdShapes *self, guint64 index, guint64 tag)
{
  return (TpdLot){.stream = tpd_random_fork (tpd_random_fork (self->seed, index), tag)};
}

void
tpd_shapes_get_scene (TpdShapes *self, guint64 index, TpdScene *scene)
{
  g_return_if_fail (TPD_IS_SHAPES (self));

  const double unit = MIN (self->size.width, self->size.height);
  TpdLot lot = lot_of_clip (self, index, TAG_SCENE);

  tpd_scene_draw (scene, self->world, self->size.width / unit, self->size.height / unit,
                  self->n_objects, self->split == TPD_SHAPES_HELD_OUT, &lot);
}

char *
tpd_shapes_get_prompt (TpdShapes *self, guint64 index, TpdTraits traits[TPD_SCENE_MAX_OBJECTS],
                       guint *n_objects)
{
  g_return_val_if_fail (TPD_IS_SHAPES (self), NULL);
  TpdScene scene;

  tpd_shapes_get_scene (self, index, &scene);
  for (guint i = 0; i < scene.n_objects; i++)
    traits[i] = scene.objects[i].traits;
  *n_objects = scene.n_objects;
  return tpd_scene_write_caption (&scene, NULL);
}

gboolean
tpd_shapes_write_vocabulary (const char *dir, GError **error)
{
  return tpd_clip_vocabulary_write (dir, tpd_scene_get_words (), TPD_SHAPES_MAX_TOKENS, error);
}

static gboolean
tpd_shapes_read_clip (TpdDataset *dataset, guint64 index, float *rgb, char **caption,
                      GError **error)
{
  TpdShapes *self = TPD_SHAPES (dataset);
  const gsize frame_size = (gsize)self->size.height * self->size.width * 3;
  TpdScene scene;

  tpd_shapes_get_scene (self, index, &scene);
  for (guint i = 0; i < self->size.frames; i++)
    tpd_scene_render (&scene, i / MAX (self->size.frames - 1.0, 1), self->size.height,
                      self->size.width, rgb + i * frame_size);
  if (caption != NULL)
    {
      TpdLot lot = lot_of_clip (self, index, TAG_WORDING);
      const gboolean other = tpd_lot_between (&lot, 0, 1) < self->paraphrase;

      *caption = tpd_scene_write_caption (&scene, other ? &lot : NULL);
    }
  return TRUE;
}

static guint64
tpd_shapes_get_n_clips (TpdDataset *dataset)
{
  return G_MAXUINT64;
}

static TpdClipSize
tpd_shapes_get_size (TpdDataset *dataset)
{
  return TPD_SHAPES (dataset)->size;
}

static void
tpd_shapes_dataset_init (TpdDatasetInterface *iface)
{
  iface->get_n_clips = tpd_shapes_get_n_clips;
  iface->get_size = tpd_shapes_get_size;
  iface->read_clip = tpd_shapes_read_clip;
}

static void
tpd_shapes_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TpdShapes *self = TPD_SHAPES (object);

  switch (id)
    {
    case PROP_FRAMES:
      g_value_set_uint (value, self->size.frames);
      break;
    case PROP_HEIGHT:
      g_value_set_uint (value, self->size.height);
      break;
    case PROP_WIDTH:
      g_value_set_uint (value, self->size.width);
      break;
    case PROP_WORLD:
      g_value_set_enum (value, self->world);
      break;
    case PROP_SEED:
      g_value_set_uint64 (value, self->seed);
      break;
    case PROP_SPLIT:
      g_value_set_enum (value, self->split);
      break;
    case PROP_OBJECTS:
      g_value_set_uint (value, self->n_objects);
      break;
    case PROP_PARAPHRASE:
      g_value_set_double (value, self->paraphrase);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tpd_shapes_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TpdShapes *self = TPD_SHAPES (object);

  switch (id)
    {
    case PROP_FRAMES:
      self->size.frames = g_value_get_uint (value);
      break;
    case PROP_HEIGHT:
      self->size.height = g_value_get_uint (value);
      break;
    case PROP_WIDTH:
      self->size.width = g_value_get_uint (value);
      break;
    case PROP_WORLD:
      self->world = g_value_get_enum (value);
      break;
    case PROP_SEED:
      self->seed = g_value_get_uint64 (value);
      break;
    case PROP_SPLIT:
      self->split = g_value_get_enum (value);
      break;
    case PROP_OBJECTS:
      self->n_objects = g_value_get_uint (value);
      break;
    case PROP_PARAPHRASE:
      self->paraphrase = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tpd_shapes_class_init (TpdShapesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = tpd_shapes_get_property;
  object_class->set_property = tpd_shapes_set_property;

  properties[PROP_FRAMES] = g_param_spec_uint ("frames", NULL, NULL, 1, 4096, 16, flags);
  properties[PROP_HEIGHT] = g_param_spec_uint ("height", NULL, NULL, 8, 8192, 64, flags);
  properties[PROP_WIDTH] = g_param_spec_uint ("width", NULL, NULL, 8, 8192, 64, flags);
  properties[PROP_WORLD] =
      g_param_spec_enum ("world", NULL, NULL, TPD_TYPE_WORLD, TPD_WORLD_FULL, flags);
  properties[PROP_SEED] = g_param_spec_uint64 ("seed", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SPLIT] =
      g_param_spec_enum ("split", NULL, NULL, TPD_TYPE_SHAPES_SPLIT, TPD_SHAPES_TRAIN, flags);
  properties[PROP_OBJECTS] =
      g_param_spec_uint ("objects", NULL, NULL, 0, TPD_SCENE_MAX_OBJECTS, 0, flags);
  properties[PROP_PARAPHRASE] = g_param_spec_double ("paraphrase", NULL, NULL, 0, 1, 0.25, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tpd_shapes_init (TpdShapes *self)
{
}
