/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check-private.h"

/* Exit status that test runners take for "skipped". */
#define SKIPPED 77

static const struct
{
  const char *name;
  void (*run) (TpdCheck *check);
} checks[] = {
#define TPD_OP(op, ...) {#op, check_##op},
#include "ops/tpd-ops.def"
#undef TPD_OP
};

void
tpd_check_fail (TpdCheck *check, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  check->n_failures++;
  if (check->n_failures <= 10)
    g_printerr ("# %s: %s\n", check->op, message);
}

static gboolean
run_check (TpdCheck *check, guint i, guint number)
{
  check->op = checks[i].name;
  check->n_cases = check->n_failures = 0;
  checks[i].run (check);
  if (!check->json)
    g_print ("%s %u - %s (%u failures in %u cases)\n", check->n_failures > 0 ? "not ok" : "ok",
             number, check->op, check->n_failures, check->n_cases);
  return check->n_failures == 0;
}

/* Runs the op of that name, or all. */
static guint
run_checks (TpdCheck *check, const char *name)
{
  guint number = 0, n_failed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    if (name == NULL || g_str_equal (name, checks[i].name))
      n_failed += run_check (check, i, ++number) ? 0 : 1;
  if (!check->json)
    g_print ("1..%u\n", number);
  return number == 0 ? 1 : n_failed;
}

int
main (int argc, char *argv[])
{
  g_autofree char *device_name = NULL;
  g_autofree char *op = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdDevice) device = NULL;
  g_autoptr (TpdDevice) cpu = NULL;
  g_autoptr (TpdContext) context = NULL;
  g_autoptr (TpdContext) reference = NULL;
  TpdCheck check = {0};
  const GOptionEntry entries[] = {
      {"device", 'd', 0, G_OPTION_ARG_STRING, &device_name, "Device to check (cpu)", "NAME"},
      {"op", 'o', 0, G_OPTION_ARG_STRING, &op, "Check this op alone", "OP"},
      {"bench", 'b', 0, G_OPTION_ARG_NONE, &check.bench, "Measure speed too", NULL},
      {"json", 'j', 0, G_OPTION_ARG_NONE, &check.json, "Measurements as JSON lines", NULL},
      {NULL}};
  g_autoptr (GOptionContext) options = g_option_context_new ("- checks a device's tensor ops");

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  device = tpd_device_open (device_name != NULL ? device_name : "cpu", &error);
  if (device == NULL)
    {
      g_print ("1..0 # SKIP %s\n", error->message);
      return SKIPPED;
    }
  cpu = tpd_device_open ("cpu", NULL);
  check.context = context = tpd_context_new (device, &error);
  check.reference = reference = tpd_context_new (cpu, NULL);
  if (context == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return run_checks (&check, op) == 0 ? 0 : 1;
}
