/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffanimtexts.h"

/* The tags that are kept, with their names in PNG and in XMP. gst_tag_list_to_xmp_buffer() knows no
 * comments, and the comment is what a clip can be made again from. */
static const struct
{
  const char *tag;
  const char *keyword;
  const char *xmp;
} known[] = {
    {GST_TAG_TITLE, "Title", "dc:title"},
    {GST_TAG_ARTIST, "Author", "dc:creator"},
    {GST_TAG_DESCRIPTION, "Description", "dc:description"},
    {GST_TAG_COPYRIGHT, "Copyright", "dc:rights"},
    {GST_TAG_APPLICATION_NAME, "Software", "xmp:CreatorTool"},
    {GST_TAG_COMMENT, "Comment", "exif:UserComment"},
};

static void
text_free (GstTpdiffAnimText *text)
{
  g_free (text->text);
  g_free (text);
}

GPtrArray *
gst_tpdiff_anim_texts_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)text_free);
}

static void
add_text (GPtrArray *texts, const char *keyword, const char *string)
{
  GstTpdiffAnimText *text;

  for (guint i = 0; i < texts->len; i++)
    {
      const GstTpdiffAnimText *other = gst_tpdiff_anim_texts_get (texts, i);

      if (g_str_equal (other->keyword, keyword) && g_str_equal (other->text, string))
        return;
    }
  text = g_new (GstTpdiffAnimText, 1);
  text->keyword = keyword;
  text->text = g_strdup (string);
  g_ptr_array_add (texts, text);
}

void
gst_tpdiff_anim_texts_add (GPtrArray *texts, const GstTagList *tags)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    for (guint n = 0; n < gst_tag_list_get_tag_size (tags, known[i].tag); n++)
      {
        const char *string;

        if (gst_tag_list_peek_string_index (tags, known[i].tag, n, &string))
          add_text (texts, known[i].keyword, string);
      }
}

static const char *
first_text (const GPtrArray *texts, const char *keyword)
{
  for (guint i = 0; i < texts->len; i++)
    if (g_str_equal (gst_tpdiff_anim_texts_get (texts, i)->keyword, keyword))
      return gst_tpdiff_anim_texts_get (texts, i)->text;
  return NULL;
}

/* The kinds of values that XMP gives these properties. */
static void
append_property (GString *packet, const char *name, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  if (g_str_equal (name, "xmp:CreatorTool"))
    g_string_append_printf (packet, "<%s>%s</%s>\n", name, escaped, name);
  else if (g_str_equal (name, "dc:creator"))
    g_string_append_printf (packet, "<%s><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></%s>\n", name,
                            escaped, name);
  else
    g_string_append_printf (
        packet, "<%s><rdf:Alt><rdf:li xml:lang=\"x-default\">%s</rdf:li></rdf:Alt></%s>\n", name,
        escaped, name);
}

char *
gst_tpdiff_anim_texts_to_xmp (const GPtrArray *texts)
{
  GString *packet;

  if (texts->len == 0)
    return NULL;
  packet = g_string_new (
      "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
      "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:exif=\"http://ns.adobe.com/exif/1.0/\">\n");
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      const char *text = first_text (texts, known[i].keyword);

      if (text != NULL)
        append_property (packet, known[i].xmp, text);
    }
  g_string_append (packet, "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>");
  return g_string_free (packet, FALSE);
}
