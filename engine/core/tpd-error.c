/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-error.h"

G_DEFINE_QUARK (tpd - error - quark, tpd_error)
