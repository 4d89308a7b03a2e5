/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-scene.h"

G_BEGIN_DECLS

/**
 * TpdShapesSplit:
 * @TPD_SHAPES_TRAIN: nine tenths of the combinations of figure, colour and motion
 * @TPD_SHAPES_HELD_OUT: the others, which training never sees
 *
 * Which combinations a [class@Tpd.Shapes] shows.
 */
typedef enum
{
  TPD_SHAPES_TRAIN,
  TPD_SHAPES_HELD_OUT,
} TpdShapesSplit;

#define TPD_TYPE_SHAPES_SPLIT (tpd_shapes_split_get_type ())
TPD_API GType tpd_shapes_split_get_type (void);

#define TPD_TYPE_WORLD (tpd_world_get_type ())
TPD_API GType tpd_world_get_type (void);

#define TPD_TYPE_SHAPES (tpd_shapes_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdShapes, tpd_shapes, TPD, SHAPES, GObject)

/**
 * TpdShapes:
 *
 * The procedural datasets `shapes` and `shapes-basic`: clips such as "a large red star bouncing on
 * a dark blue gradient", as many as one likes. Clip and caption depend on the seed, the properties
 * and the index alone.
 *
 * Properties, all of them construct-only: `frames`, `height`, `width` (16, 64, 64), `world`
 * (the values are called as the datasets), `seed`, `split`, `objects` (how many in a clip: 1, 2, or
 * 0 for one or, now and then, two) and `paraphrase` (the share of captions in other words than the
 * plainest, from 0 to 1).
 */

/**
 * tpd_shapes_new:
 * @world: how much there is to learn
 * @size: of its clips
 * @seed: of its random numbers
 * @split: the combinations to show
 *
 * Returns: (transfer full): the dataset, as many objects in a clip as the world has, one caption in
 * four paraphrased
 */
TPD_API TpdShapes *tpd_shapes_new (TpdWorld world, TpdClipSize size, guint64 seed,
                                   TpdShapesSplit split);

/**
 * tpd_shapes_get_prompt:
 * @index: number of the clip
 * @traits: (out caller-allocates) (array fixed-size=2): what the prompt says of each object
 * @n_objects: (out): how many objects it names
 *
 * The plain caption of a clip and what it means, for judging what a model makes of it.
 *
 * Returns: (transfer full): the prompt
 */
TPD_API char *tpd_shapes_get_prompt (TpdShapes *self, guint64 index,
                                     TpdTraits traits[TPD_SCENE_MAX_OBJECTS], guint *n_objects);

/**
 * tpd_shapes_get_scene: (skip)
 * @index: number of the clip
 * @scene: (out): everything that it shows
 */
TPD_API void tpd_shapes_get_scene (TpdShapes *self, guint64 index, TpdScene *scene);

/* Tokens that are enough for every caption, start and end included. */
#define TPD_SHAPES_MAX_TOKENS 32

/**
 * tpd_shapes_write_vocabulary:
 * @dir: (type filename): the folder to write
 * @error: return location: as for tpd_clip_vocabulary_write()
 *
 * A vocabulary in CLIP's file format in which each word of the captions is one token.
 *
 * Returns: whether all went well
 */
TPD_API gboolean tpd_shapes_write_vocabulary (const char *dir, GError **error);

G_END_DECLS
