/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-clip-file.h"

#include <gdk/gdk.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "io/tpd-cover.h"
#include "io/tpd-image.h"
#include "io/tpd-record-file.h"

#define SHAPE "clip" /* the record's additional member */

/* What the picture alone does not say. */
typedef struct
{
  guint n_frames;
  guint fps_n;
  guint fps_d;
} Shape;

/* ── the record ── */

static JsonObject *
parse (const char *record)
{
  g_autoptr (JsonNode) node = json_from_string (record, NULL);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : NULL;
}

static char *
print (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

/* NULL if the record is no JSON. */
static char *
add_shape (const TpdClip *clip)
{
  g_autoptr (JsonObject) object = parse (clip->record);
  JsonObject *shape;
  JsonArray *fps;

  if (object == NULL)
    return NULL;
  shape = json_object_new ();
  fps = json_array_new ();
  json_array_add_int_element (fps, clip->fps_n);
  json_array_add_int_element (fps, clip->fps_d);
  json_object_set_int_member (shape, "frames", clip->n_frames);
  json_object_set_array_member (shape, "fps", fps);
  json_object_set_object_member (object, SHAPE, shape);
  return print (object);
}

/* An integer of at least 1, else 0. */
static guint
count (JsonNode *node)
{
  gint64 n = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;

  return (guint)CLAMP (n, 0, G_MAXINT);
}

static gboolean
read_shape (JsonObject *object, Shape *shape)
{
  JsonNode *node = json_object_get_member (object, SHAPE);
  JsonNode *fps;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  fps = json_object_get_member (json_node_get_object (node), "fps");
  if (fps == NULL || !JSON_NODE_HOLDS_ARRAY (fps) ||
      json_array_get_length (json_node_get_array (fps)) != 2)
    return FALSE;
  shape->n_frames = count (json_object_get_member (json_node_get_object (node), "frames"));
  shape->fps_n = count (json_array_get_element (json_node_get_array (fps), 0));
  shape->fps_d = count (json_array_get_element (json_node_get_array (fps), 1));
  return shape->n_frames > 0 && shape->fps_n > 0 && shape->fps_d > 0;
}

/* The comment of a clip's file; *original is the record without the shape. */
static char *
read_comment (const char *path, Shape *shape, char **original, GError **error)
{
  g_auto (GStrv) records = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (!tpd_record_file_read (path, &records, error))
    return NULL;
  object = records != NULL && records[0] != NULL ? parse (records[0]) : NULL;
  if (object == NULL || !read_shape (object, shape))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s: has no settings record with the shape of a clip", path);
      return NULL;
    }
  json_object_remove_member (object, SHAPE);
  *original = print (object);
  return g_strdup (records[0]);
}

char *
tpda_clip_file_read_record (const char *path, GError **error)
{
  g_autofree char *original = NULL;
  Shape shape;

  return read_comment (path, &shape, &original, error);
}

/* ── writing ── */

gboolean
tpda_clip_file_write (const TpdClip *clip, const char *path, GError **error)
{
  g_autofree char *comment = add_shape (clip);
  TpdImage film = {
      .width = clip->width,
      .height = clip->height * clip->n_frames,
      .rgb = (guint8 *)g_bytes_get_data (clip->rgb, NULL),
      .comment = comment,
  };

  if (comment == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: the settings are no JSON",
                   path);
      return FALSE;
    }
  return tpd_image_write_png (&film, path, error);
}

gboolean
tpda_clip_file_write_thumbnail (const TpdClip *clip, const char *path, GError **error)
{
  double scale = MIN (1, (double)TPDA_THUMBNAIL_SIZE / MAX (clip->width, clip->height));
  guint width = MAX (1, (guint)lround (clip->width * scale));
  guint height = MAX (1, (guint)lround (clip->height * scale));
  g_autoptr (TpdImage) thumbnail = tpd_image_new (width, height);

  tpd_rgb_cover (tpd_clip_get_frame (clip, clip->n_frames / 2), clip->width, clip->height,
                 (gsize)clip->width * 3, width, height, thumbnail->rgb);
  return tpd_image_write_png (thumbnail, path, error);
}

/* ── reading ── */

/* [height, width, 3], without the alpha that cairo's format has. */
static GBytes *
download_rgb (GdkTexture *texture)
{
  gsize n = (gsize)gdk_texture_get_width (texture) * (gsize)gdk_texture_get_height (texture);
  g_autofree guint32 *argb = g_new (guint32, n);
  guint8 *rgb = g_malloc (n * 3);

  gdk_texture_download (texture, (guchar *)argb, (gsize)gdk_texture_get_width (texture) * 4);
  for (gsize i = 0; i < n; i++)
    {
      rgb[3 * i] = (guint8)(argb[i] >> 16);
      rgb[3 * i + 1] = (guint8)(argb[i] >> 8);
      rgb[3 * i + 2] = (guint8)argb[i];
    }
  return g_bytes_new_take (rgb, n * 3);
}

TpdClip *
tpda_clip_file_read (const char *path, GError **error)
{
  g_autofree char *record = NULL;
  Shape shape;
  g_autofree char *comment = read_comment (path, &shape, &record, error);
  g_autoptr (GdkTexture) film = NULL;
  guint height;

  if (comment == NULL)
    return NULL;
  film = gdk_texture_new_from_filename (path, error);
  if (film == NULL)
    return NULL;
  height = (guint)gdk_texture_get_height (film);
  if (height % shape.n_frames != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s: %u rows of pixels are not %u frames", path, height, shape.n_frames);
      return NULL;
    }
  return tpd_clip_new (shape.n_frames, (guint)gdk_texture_get_width (film), height / shape.n_frames,
                       shape.fps_n, shape.fps_d, download_rgb (film), g_steal_pointer (&record));
}
