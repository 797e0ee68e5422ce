/* What a page says: digits of four bits, or characters of seven, least significant bit first
 * (ITU-R M.584-2, annex 1); nothing in it tells which. Both readings are made; which one is meant
 * is judged by how likely each is (proto/pocsag/likely.h), or known of the network. Pure. */
#ifndef HZ_PROTO_POCSAG_TEXT_H
#define HZ_PROTO_POCSAG_TEXT_H

#include "proto/link/charset.h"
#include "proto/link/contents.h"
#include "proto/pocsag/page.h"

enum hz_pocsag_kind { HZ_POCSAG_TONE, HZ_POCSAG_NUMERIC, HZ_POCSAG_ALPHA };

enum { HZ_POCSAG_TEXT_MAX = 2 * (HZ_POCSAG_PAGE_WORDS - 1) * 20 / 7 + 1 }; /* bytes */

struct hz_pocsag_text {
    enum hz_pocsag_kind kind; /* the likelier one */
    bool both;                /* the other kind is possible too */
    char numeric[HZ_POCSAG_TEXT_MAX], alpha[HZ_POCSAG_TEXT_MAX]; /* UTF-8; zero bytes are text */
    size_t numeric_len, alpha_len;                               /* bytes, without padding */
};

/* What a channel's configuration says about its network. */
struct hz_pocsag_network {
    enum hz_charset charset;
    enum hz_contents contents;
};

void hz_pocsag_text_read(const struct hz_pocsag_page *p, const struct hz_pocsag_network *network,
                         struct hz_pocsag_text *out);

#endif
