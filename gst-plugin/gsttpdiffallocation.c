/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffallocation.h"

/* What downstream asks for. */
typedef struct
{
  GstCaps *caps;           /* borrowed */
  GstAllocator *allocator; /* owned, nullable */
  GstAllocationParams params;
  gboolean video_meta; /* it understands GstVideoMeta */
  guint size, min, max;
} Wishes;

static void
read_wishes (GstQuery *query, Wishes *wishes)
{
  GstVideoInfo info;

  gst_allocation_params_init (&wishes->params);
  gst_query_parse_allocation (query, &wishes->caps, NULL);
  if (gst_query_get_n_allocation_params (query) > 0)
    gst_query_parse_nth_allocation_param (query, 0, &wishes->allocator, &wishes->params);
  wishes->video_meta = gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  gst_video_info_from_caps (&info, wishes->caps);
  wishes->size = MAX (wishes->size, (guint)info.size);
}

/* Whether the pool can serve as wished. A pool that refuses a configuration says what it would
 * take instead, which may do. */
static gboolean
configure (GstBufferPool *pool, const Wishes *wishes)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, wishes->caps, wishes->size, wishes->min, wishes->max);
  gst_buffer_pool_config_set_allocator (config, wishes->allocator, &wishes->params);
  if (wishes->video_meta)
    gst_buffer_pool_config_add_option (config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  if (gst_buffer_pool_set_config (pool, config))
    return TRUE;
  config = gst_buffer_pool_get_config (pool);
  if (gst_buffer_pool_config_validate_params (config, wishes->caps, wishes->size, wishes->min,
                                              wishes->max))
    return gst_buffer_pool_set_config (pool, config);
  gst_structure_free (config);
  return FALSE;
}

void
gst_tpdiff_decide_allocation (GstQuery *query)
{
  Wishes wishes = {.max = 0};
  gboolean offered = gst_query_get_n_allocation_pools (query) > 0;
  GstBufferPool *pool = NULL;

  if (offered)
    gst_query_parse_nth_allocation_pool (query, 0, &pool, &wishes.size, &wishes.min, &wishes.max);
  read_wishes (query, &wishes);

  if (pool == NULL || !configure (pool, &wishes))
    {
      gst_clear_object (&pool);
      pool = gst_video_buffer_pool_new ();
      configure (pool, &wishes);
    }
  if (offered)
    gst_query_set_nth_allocation_pool (query, 0, pool, wishes.size, wishes.min, wishes.max);
  else
    gst_query_add_allocation_pool (query, pool, wishes.size, wishes.min, wishes.max);
  if (gst_query_get_n_allocation_params (query) == 0)
    gst_query_add_allocation_param (query, wishes.allocator, &wishes.params);
  gst_object_unref (pool);
  gst_clear_object (&wishes.allocator);
}
