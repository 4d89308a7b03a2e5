/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/* Symbols are hidden unless marked. */
#define TPD_API __attribute__ ((visibility ("default"))) extern
