/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-error.h"

/* clang-format off: it would put spaces into the name */
G_DEFINE_QUARK (tpd-error-quark, tpd_error)
/* clang-format on */
