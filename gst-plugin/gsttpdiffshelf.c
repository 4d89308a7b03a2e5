/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffshelf.h"

typedef struct
{
  char *request; /* as JSON */
  TpdClip *clip;
} Kept;

static void
kept_free (gpointer data)
{
  Kept *self = data;

  g_free (self->request);
  tpd_clip_unref (self->clip);
  g_free (self);
}

void
gst_tpdiff_shelf_init (GstTpdiffShelf *self, guint size)
{
  g_queue_init (&self->clips);
  self->size = size;
}

void
gst_tpdiff_shelf_clear (GstTpdiffShelf *self)
{
  g_queue_clear_full (&self->clips, kept_free);
}

void
gst_tpdiff_shelf_set_size (GstTpdiffShelf *self, guint size)
{
  self->size = size;
  while (self->clips.length > size)
    kept_free (g_queue_pop_tail (&self->clips));
}

TpdClip *
gst_tpdiff_shelf_find (GstTpdiffShelf *self, const TpdRequest *request)
{
  g_autofree char *wanted = tpd_request_to_json (request);

  for (GList *link = self->clips.head; link != NULL; link = link->next)
    {
      Kept *kept = link->data;

      if (!g_str_equal (kept->request, wanted))
        continue;
      g_queue_unlink (&self->clips, link);
      g_queue_push_head_link (&self->clips, link);
      return tpd_clip_ref (kept->clip);
    }
  return NULL;
}

void
gst_tpdiff_shelf_put (GstTpdiffShelf *self, const TpdRequest *request, TpdClip *clip)
{
  Kept *kept = g_new (Kept, 1);

  kept->request = tpd_request_to_json (request);
  kept->clip = tpd_clip_ref (clip);
  g_queue_push_head (&self->clips, kept);
  gst_tpdiff_shelf_set_size (self, self->size);
}
