/* What may be set of a channel with the flex decoder. */
#ifndef HZ_PROTO_FLEX_OPTIONS_H
#define HZ_PROTO_FLEX_OPTIONS_H

#include "proto/link/charset.h"
#include "proto/option.h"

enum hz_flex_keep {
    HZ_FLEX_KEEP_GOOD, /* only messages that can be trusted */
    HZ_FLEX_KEEP_ALL,
};

struct hz_flex_options {
    enum hz_flex_keep keep;
    enum hz_charset charset;
};

extern const struct hz_option hz_flex_options[];

#endif
