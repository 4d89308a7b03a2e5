/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-context.h"
#include "tpd-storage.h"

G_BEGIN_DECLS

/* (transfer none) */
TpdStream *tpd_context_get_stream (TpdContext *self);

G_END_DECLS
