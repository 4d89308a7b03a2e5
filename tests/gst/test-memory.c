/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the frames of tpdiffsrc lie: in what downstream offers, as far as it will do. */

#include <gst/video/gstvideopool.h>
#include <string.h>

#include "play.h"

#define FRAMES 8
#define ALIGN  127 /* a mask: 128 bytes */

/* ── a pool that takes nothing ── */

#define PICKY_TYPE_POOL (picky_pool_get_type ())
G_DECLARE_FINAL_TYPE (PickyPool, picky_pool, PICKY, POOL, GstBufferPool)

struct _PickyPool
{
  GstBufferPool parent_instance;
};

G_DEFINE_FINAL_TYPE (PickyPool, picky_pool, GST_TYPE_BUFFER_POOL)

static gboolean
picky_pool_set_config (GstBufferPool *pool, GstStructure *config)
{
  return FALSE;
}

static void
picky_pool_class_init (PickyPoolClass *klass)
{
  GST_BUFFER_POOL_CLASS (klass)->set_config = picky_pool_set_config;
}

static void
picky_pool_init (PickyPool *self)
{
}

/* ── what downstream says ── */

typedef struct
{
  GstBufferPool *pool;   /* to offer; NULL for none */
  GstVideoAlignment gap; /* around the pictures of that pool */
  gboolean meta;         /* knows GstVideoMeta */
  gsize align;           /* of memory, for whoever allocates */
} Offer;

static void
configure (const Offer *offer, GstCaps *caps, guint size)
{
  GstStructure *config = gst_buffer_pool_get_config (offer->pool);

  gst_buffer_pool_config_set_params (config, caps, size, 2, 0);
  gst_buffer_pool_config_add_option (config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  gst_buffer_pool_config_add_option (config, GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
  gst_buffer_pool_config_set_video_alignment (config, &offer->gap);
  g_assert_true (gst_buffer_pool_set_config (offer->pool, config));
}

/* Answers the allocation query in place of the sink. */
static GstPadProbeReturn
on_query (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);
  const Offer *offer = data;
  GstAllocationParams params;
  GstVideoInfo video;
  GstCaps *caps;

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  gst_query_parse_allocation (query, &caps, NULL);
  g_assert_true (gst_video_info_from_caps (&video, caps));
  if (GST_IS_VIDEO_BUFFER_POOL (offer->pool))
    configure (offer, caps, (guint)video.size);
  if (offer->pool != NULL)
    gst_query_add_allocation_pool (query, offer->pool, (guint)video.size, 2, 0);
  if (offer->meta)
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  gst_allocation_params_init (&params);
  params.align = offer->align;
  gst_query_add_allocation_param (query, NULL, &params);
  return GST_PAD_PROBE_HANDLED;
}

static Play *
play_into (const char *arguments, Offer *offer)
{
  Play *run = play_new (arguments);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (run->pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, on_query, offer, NULL);
  play_to_end (run);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  return run;
}

/* ── what comes of it ── */

/* Row by row, whatever the strides. */
static void
assert_same_pictures (Play *run, Play *expected)
{
  GstVideoInfo info;

  g_assert_true (gst_video_info_from_caps (&info, run->caps));
  for (guint i = 0; i < FRAMES; i++)
    {
      GstVideoFrame got, right;

      g_assert_true (gst_video_frame_map (&got, &info, run->buffers->pdata[i], GST_MAP_READ));
      g_assert_true (
          gst_video_frame_map (&right, &info, expected->buffers->pdata[i], GST_MAP_READ));
      for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES (&got); p++)
        for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (&got, p); y++)
          {
            gsize row = (gsize)GST_VIDEO_FRAME_COMP_WIDTH (&got, p) *
                        (gsize)GST_VIDEO_FRAME_COMP_PSTRIDE (&got, p);
            const guint8 *a = GST_VIDEO_FRAME_PLANE_DATA (&got, p);
            const guint8 *b = GST_VIDEO_FRAME_PLANE_DATA (&right, p);

            g_assert_cmpmem (a + y * GST_VIDEO_FRAME_PLANE_STRIDE (&got, p), row,
                             b + y * GST_VIDEO_FRAME_PLANE_STRIDE (&right, p), row);
          }
      gst_video_frame_unmap (&got);
      gst_video_frame_unmap (&right);
    }
}

/* Downstream's buffers, with bytes left free around and between the rows. */
static void
test_pool_with_odd_strides (void)
{
  const char *const lines[] = {"! fakesink name=sink",
                               "! video/x-raw,format=RGB ! fakesink name=sink"};

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GstBufferPool) pool = gst_object_ref_sink (gst_video_buffer_pool_new ());
      Offer offer = {.pool = pool, .meta = TRUE};
      g_autoptr (Play) run = NULL;
      g_autoptr (Play) expected = play (lines[i]);
      GstVideoMeta *meta;

      gst_video_alignment_reset (&offer.gap);
      offer.gap.padding_left = 6;
      offer.gap.padding_right = 34;
      offer.gap.padding_top = 2;
      offer.gap.padding_bottom = 4;
      run = play_into (lines[i], &offer);
      for (guint n = 0; n < FRAMES; n++)
        g_assert_true (((GstBuffer *)run->buffers->pdata[n])->pool == pool);
      meta = gst_buffer_get_video_meta (run->buffers->pdata[0]);
      g_assert_nonnull (meta);
      g_assert_cmpint (meta->stride[0], >=, 16 + 6 + 34);
      g_assert_cmpuint (meta->offset[0], >, 0);
      assert_same_pictures (run, expected);
    }
}

/* Downstream does not know what strides are, so there are none to know. */
static void
test_no_meta (void)
{
  Offer offer = {.meta = FALSE};
  g_autoptr (Play) run = play_into ("! fakesink name=sink", &offer);
  g_autoptr (Play) expected = play ("! fakesink");
  g_autoptr (GBytes) bytes = play_bytes (run, 0, FRAMES);
  g_autoptr (GBytes) right = play_bytes (expected, 0, FRAMES);

  g_assert_null (gst_buffer_get_video_meta (run->buffers->pdata[0]));
  g_assert_true (g_bytes_equal (bytes, right));
}

static void
test_alignment (void)
{
  Offer offer = {.meta = TRUE, .align = ALIGN};
  g_autoptr (Play) run = play_into ("! fakesink name=sink", &offer);

  for (guint i = 0; i < FRAMES; i++)
    {
      GstMapInfo map;

      g_assert_true (gst_buffer_map (run->buffers->pdata[i], &map, GST_MAP_READ));
      g_assert_cmpuint (GPOINTER_TO_SIZE (map.data) & ALIGN, ==, 0);
      gst_buffer_unmap (run->buffers->pdata[i], &map);
    }
}

/* A pool that cannot be had is done without. */
static void
test_picky_pool (void)
{
  g_autoptr (GstBufferPool) pool = gst_object_ref_sink (g_object_new (PICKY_TYPE_POOL, NULL));
  Offer offer = {.pool = pool, .meta = TRUE};
  g_autoptr (Play) run = play_into ("! fakesink name=sink", &offer);
  g_autoptr (Play) expected = play ("! fakesink");

  g_assert_true (((GstBuffer *)run->buffers->pdata[0])->pool != pool);
  assert_same_pictures (run, expected);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/memory/pool-with-odd-strides", test_pool_with_odd_strides);
  g_test_add_func ("/gst/memory/no-meta", test_no_meta);
  g_test_add_func ("/gst/memory/alignment", test_alignment);
  g_test_add_func ("/gst/memory/picky-pool", test_picky_pool);
  return g_test_run ();
}
