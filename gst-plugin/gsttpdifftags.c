/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdifftags.h"

GstTagList *
gst_tpdiff_clip_tags (const char *record, const TpdRequest *request)
{
  GstTagList *tags =
      gst_tag_list_new (GST_TAG_APPLICATION_NAME, "TPDiff", GST_TAG_COMMENT, record, NULL);

  if (request->prompt != NULL && *request->prompt != '\0')
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, request->prompt, NULL);
  return tags;
}
