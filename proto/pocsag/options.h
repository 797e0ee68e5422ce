/* What may be set of a channel with the pocsag decoder. */
#ifndef HZ_PROTO_POCSAG_OPTIONS_H
#define HZ_PROTO_POCSAG_OPTIONS_H

#include "proto/option.h"
#include "proto/pocsag/text.h"

enum hz_pocsag_keep {
    HZ_POCSAG_KEEP_GOOD, /* only pages that can be trusted */
    HZ_POCSAG_KEEP_ALL,
};

struct hz_pocsag_options {
    struct hz_pocsag_network network;
    enum hz_pocsag_keep keep;
};

extern const struct hz_option hz_pocsag_options[];

#endif
