/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffmessages.h"

#include "gsttpdiffframe.h"
#include "gsttpdiffpreviewpad.h"

#define PROGRESS_CODE "generate"

static void
post (GstElement *element, GstProgressType type, double fraction, const char *text)
{
  GstMessage *message = gst_message_new_progress (GST_OBJECT (element), type, PROGRESS_CODE, text);

  gst_structure_set (gst_message_writable_structure (message), "percent", G_TYPE_INT,
                     (int)(100 * fraction), NULL);
  gst_element_post_message (element, message);
}

void
gst_tpdiff_post_start (GstElement *element)
{
  post (element, GST_PROGRESS_TYPE_START, 0, "Preparing");
}

void
gst_tpdiff_post_end (GstElement *element, GstProgressType type, const char *text)
{
  post (element, type, 1, text);
}

static const GEnumValue *
phase_value (TpdPhase phase)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (TPD_TYPE_PHASE);

  return g_enum_get_value (klass, (int)phase); /* the values are static */
}

static char *
progress_text (const TpdProgress *progress)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%.0f %% %s", 100 * progress->fraction,
                          phase_value (progress->phase)->value_name);
  if (progress->phase == TPD_PHASE_SAMPLE)
    g_string_append_printf (text, ", stage %u of %u, step %u of %u",
                            progress->n_stages - progress->stage + 1, progress->n_stages,
                            progress->step, progress->n_steps);
  if (progress->seconds_left >= 0)
    g_string_append_printf (text, ", %.1f s left", progress->seconds_left);
  return g_string_free (text, FALSE);
}

static void
post_structure (GstElement *element, GstStructure *structure)
{
  gst_element_post_message (element, gst_message_new_element (GST_OBJECT (element), structure));
}

static void
warn_of_unknown_words (GstElement *element, char **words)
{
  g_autofree char *list = g_strjoinv (", ", words);

  GST_ELEMENT_WARNING (element, LIBRARY, SETTINGS, ("The model does not know: %s", list),
                       ("the prompt has words that are not in the model's vocabulary"));
}

void
gst_tpdiff_post_progress (GstElement *element, const TpdProgress *progress)
{
  g_autofree char *text = progress_text (progress);

  if (progress->unknown_words != NULL)
    warn_of_unknown_words (element, progress->unknown_words);
  post (element, GST_PROGRESS_TYPE_CONTINUE, progress->fraction, text);
  post_structure (
      element, gst_structure_new ("tpdiff-progress", "phase", G_TYPE_STRING,
                                  phase_value (progress->phase)->value_nick, "stage", G_TYPE_UINT,
                                  progress->stage, "stages", G_TYPE_UINT, progress->n_stages,
                                  "step", G_TYPE_UINT, progress->step, "steps", G_TYPE_UINT,
                                  progress->n_steps, "fraction", G_TYPE_DOUBLE, progress->fraction,
                                  "seconds-left", G_TYPE_DOUBLE, progress->seconds_left,
                                  "monotonic-time", G_TYPE_INT64, g_get_monotonic_time (), NULL));
  if (progress->preview != NULL)
    {
      GstSample *sample = gst_tpdiff_clip_sample (progress->preview);

      post_structure (
          element, gst_structure_new ("tpdiff-preview", "stage", G_TYPE_UINT, progress->stage,
                                      "stages", G_TYPE_UINT, progress->n_stages, "step",
                                      G_TYPE_UINT, progress->step, "steps", G_TYPE_UINT,
                                      progress->n_steps, "sample", GST_TYPE_SAMPLE, sample, NULL));
      gst_sample_unref (sample);
      gst_tpdiff_preview_pad_offer (element, progress);
    }
}

/* The GStreamer domain and code that fit an error of the engine. */
static GQuark
error_domain (const GError *error, int *code)
{
  if (error->domain != TPD_ERROR)
    {
      *code = GST_RESOURCE_ERROR_READ;
      return GST_RESOURCE_ERROR;
    }
  switch (error->code)
    {
    case TPD_ERROR_NOT_FOUND:
      *code = GST_RESOURCE_ERROR_NOT_FOUND;
      return GST_RESOURCE_ERROR;
    case TPD_ERROR_NO_MEMORY:
      *code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
      return GST_RESOURCE_ERROR;
    case TPD_ERROR_DEVICE:
      *code = GST_RESOURCE_ERROR_OPEN_READ_WRITE;
      return GST_RESOURCE_ERROR;
    case TPD_ERROR_INVALID_DATA: /* the model's files are the resource, */
    case TPD_ERROR_MISMATCH:     /* the stream is what comes out */
      *code = GST_RESOURCE_ERROR_READ;
      return GST_RESOURCE_ERROR;
    case TPD_ERROR_INVALID_ARGUMENT:
    case TPD_ERROR_UNSUPPORTED:
      *code = GST_LIBRARY_ERROR_SETTINGS;
      return GST_LIBRARY_ERROR;
    default:
      *code = GST_LIBRARY_ERROR_FAILED;
      return GST_LIBRARY_ERROR;
    }
}

void
gst_tpdiff_post_error (GstElement *element, const GError *error)
{
  int code;
  GQuark domain = error_domain (error, &code);

  gst_element_message_full (
      element, GST_MESSAGE_ERROR, domain, code, g_strdup (error->message),
      g_strdup_printf ("%s %d", g_quark_to_string (error->domain), error->code), __FILE__,
      GST_FUNCTION, __LINE__);
}
