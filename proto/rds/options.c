#include "proto/rds/options.h"

static const char *const keeps[] = {"changes", "all", NULL};
static const char *const regions[] = {"europe", "america", NULL};

const struct hz_option hz_rds_options[] = {
    {.name = "keep",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_rds_options, keep),
     .choices = keeps,
     .fallback = "changes",
     .help =
         "`changes`: a message for each new name, text and time, and one of all that is known each "
         "five seconds; or `all`: each of the eleven groups a second, too"},
    {.name = "region",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_rds_options, region),
     .choices = regions,
     .fallback = "europe",
     .help = "whose programme types: `europe` (and most of the world), or `america`: RBDS, with "
             "call signs"},
    {0},
};
