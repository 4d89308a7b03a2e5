/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "io/tpd-safetensors.h"

/* Reads every byte of a tensor: the sanitizer knows whether they are all there. */
static guint
read_through (const TpdHostTensor *tensor)
{
  gsize n = tpd_dtype_size (tensor->dtype);
  const guint8 *bytes = tensor->data;
  guint sum = 0;

  for (int i = 0; i < tensor->n_dims; i++)
    n *= (gsize)tensor->shape[i];
  g_assert (n == 0 || (guintptr)bytes % tpd_dtype_size (tensor->dtype) == 0);
  for (gsize i = 0; i < n; i++)
    sum += bytes[i];
  return sum;
}

static void
feed (const uint8_t *data, size_t n)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, n);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdSafetensors) file = tpd_safetensors_new_from_bytes (bytes, "fuzz", &error);
  static volatile guint sink;

  if (file == NULL)
    {
      g_assert (error->domain == TPD_ERROR && g_utf8_validate (error->message, -1, NULL) &&
                strchr (error->message, '\n') == NULL);
      return;
    }
  for (const char *const *name = tpd_safetensors_get_names (file); *name != NULL; name++)
    {
      TpdHostTensor tensor;

      g_assert (tpd_safetensors_lookup (file, *name, &tensor));
      sink += read_through (&tensor);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n)
{
  g_autofree guint8 *repaired = g_memdup2 (data, n);

  feed (data, n);
  /* Most mutations would end at a wrong header length: try again with one that reaches up to the
   * last '}'. */
  for (size_t i = n; i > 8; i--)
    if (repaired[i - 1] == '}')
      {
        const guint64 length = GUINT64_TO_LE ((guint64)i - 8);

        memcpy (repaired, &length, 8);
        feed (repaired, n);
        break;
      }
  return 0;
}
