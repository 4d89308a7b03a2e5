/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What every target implements: feeds n bytes from a stranger to a parser. They must not crash it,
 * and what it accepts must be sound (assertions). libFuzzer's signature, so that it can drive the
 * same targets. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);
