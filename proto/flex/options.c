#include "proto/flex/options.h"

static const char *const keeps[] = {
    [HZ_FLEX_KEEP_GOOD] = "good", [HZ_FLEX_KEEP_ALL] = "all", [HZ_FLEX_KEEP_ALL + 1] = NULL};

const struct hz_option hz_flex_options[] = {
    {.name = "keep",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_flex_options, keep),
     .choices = keeps,
     .fallback = "good",
     .help = "`good`, or `all`: messages of a low `quality`, which are not to be trusted, too"},
    {.name = "charset",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_flex_options, charset),
     .choices = hz_charset_names,
     .fallback = "us",
     .help = "whose 7-bit characters the texts are in; nothing on the air tells"},
    {0},
};
