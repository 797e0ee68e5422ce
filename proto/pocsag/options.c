#include "proto/pocsag/options.h"

static const char *const keeps[] = {
    [HZ_POCSAG_KEEP_GOOD] = "good", [HZ_POCSAG_KEEP_ALL] = "all", [HZ_POCSAG_KEEP_ALL + 1] = NULL};

const struct hz_option hz_pocsag_options[] = {
    {.name = "keep",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_pocsag_options, keep),
     .choices = keeps,
     .fallback = "good",
     .help = "`good`, or `all`: pages of a low `quality`, which are not to be trusted, too"},
    {.name = "charset",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_pocsag_options, network.charset),
     .choices = hz_charset_names,
     .fallback = "us",
     .help = "whose 7-bit characters the texts are in; nothing on the air tells"},
    {.name = "contents",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_pocsag_options, network.contents),
     .choices = hz_contents_names,
     .fallback = "auto",
     .help = "what this network's pages hold: `auto` (as each looks like; both readings where it "
             "could be either), `function` (0 digits, else text), `alpha`, `numeric`"},
    {0},
};
