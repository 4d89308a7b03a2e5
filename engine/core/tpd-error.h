/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-macros.h"

G_BEGIN_DECLS

/**
 * TPD_ERROR:
 *
 * Error domain of the engine. See [error@Tpd.Error].
 */
#define TPD_ERROR (tpd_error_quark ())

/**
 * TpdError:
 * @TPD_ERROR_FAILED: anything not named below
 * @TPD_ERROR_NOT_FOUND: a file, a model, a component or a tensor is missing
 * @TPD_ERROR_INVALID_DATA: a file is truncated, corrupt or hostile
 * @TPD_ERROR_MISMATCH: two things that must fit do not: shapes, dtypes, dimensions of two
 * components
 * @TPD_ERROR_INVALID_ARGUMENT: a setting is out of range or contradicts another one
 * @TPD_ERROR_UNSUPPORTED: well-formed, but this program or this model cannot do it
 * @TPD_ERROR_NO_MEMORY: the device has not enough memory
 * @TPD_ERROR_DEVICE: the device is missing, busy, lost, or reported an error
 *
 * What went wrong. Messages name what, which, expected and got; they are complete sentences for the
 * user.
 */
typedef enum
{
  TPD_ERROR_FAILED,
  TPD_ERROR_NOT_FOUND,
  TPD_ERROR_INVALID_DATA,
  TPD_ERROR_MISMATCH,
  TPD_ERROR_INVALID_ARGUMENT,
  TPD_ERROR_UNSUPPORTED,
  TPD_ERROR_NO_MEMORY,
  TPD_ERROR_DEVICE,
} TpdError;

TPD_API GQuark tpd_error_quark (void);

/* Sets a TPD_ERROR whose message quotes what a file holds: whatever that is, the message is one
 * line of valid UTF-8 of bearable length. */
void tpd_error_set (GError **error, TpdError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
