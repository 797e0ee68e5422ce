#include "proto/flex/page.h"

#include "proto/flex/message.h"

#include <string.h>

enum {
    SHORT_BASE = 0x8000,
    SHORT_LAST = 0x1e0000,
    LONG_3 = 0x1e0001,
    LONG_4 = 0x1e8001,
    LONG_4_LAST = 0x1f0000,
    LONG_2 = 0x1f7fff,
    IDLE = 0x1fffff,
};

/* An address is told if the next codeword overrules at least this much more: it has no checksum. */
static const float address_margin = 0.01f;

static uint32_t field(uint32_t value, unsigned from, unsigned bits)
{
    return value >> from & ((1u << bits) - 1);
}

bool hz_flex_sum_right(uint32_t v)
{
    unsigned sum = field(v, 0, 4) + field(v, 4, 4) + field(v, 8, 4) + field(v, 12, 4) +
                   field(v, 16, 4) + field(v, 20, 1);
    return (sum & 15) == 15;
}

/* The value of a word with a sum over its nibbles, or of its second best codeword. A word with a
 * wrong sum is believed where all of the frame is as received: that network sends no sums. */
static bool summed(const struct hz_flex_walk *w, unsigned at, uint32_t *value)
{
    const struct hz_bch_word *word = &w->phase->word[at];
    *value = hz_flex_value(word->code);
    if (hz_flex_sum_right(*value) || w->trusted)
        return true;
    *value = hz_flex_value(word->second);
    return hz_flex_sum_right(*value);
}

bool hz_flex_walk_begin(struct hz_flex_walk *w, const struct hz_flex_phase *phase)
{
    uint32_t info;
    *w = (struct hz_flex_walk){.phase = phase, .trusted = phase->whole};
    uint32_t first = hz_flex_value(phase->word[0].code);
    if (first == 0 || first == IDLE || !summed(w, 0, &info))
        return false;
    w->first = w->next = field(info, 8, 2) + 1;
    w->vectors = field(info, 10, 6);
    return w->vectors > w->first;
}

/* The bank of a word of a long address, 1 to 4; 0: it is none. */
static unsigned bank_of(uint32_t value)
{
    if (value >= 1 && value <= SHORT_BASE)
        return 1;
    if (value >= LONG_2 && value < IDLE)
        return 2;
    if (value >= LONG_3 && value < LONG_4)
        return 3;
    return value >= LONG_4 && value <= LONG_4_LAST ? 4 : 0;
}

/* Capcode of a long address of two words; 0: they are none. The sets are 1-2, 1-3, 1-4 and 2-3. */
static uint64_t long_capcode(uint32_t one, uint32_t two)
{
    unsigned first = bank_of(one), second = bank_of(two);
    if (first == 1 && second == 2)
        return (uint64_t)(IDLE - two) * 32768 + 2068480 + one;
    if (first == 1 && (second == 3 || second == 4))
        return (uint64_t)(two - 1933312) * 32768 + 2068480 + one;
    if (first == 2 && second == 3)
        return (uint64_t)(two - 1867776) * 32768 + (one - 2064383) + 2068479;
    return 0;
}

static void take_word(const struct hz_flex_walk *w, unsigned at, struct hz_flex_page *page)
{
    if (page->words == HZ_FLEX_PAGE_WORDS)
        return;
    const struct hz_bch_word *word = &w->phase->word[at];
    page->raw[page->words++] = word->code;
    page->fixed += word->fixed;
    page->quality = page->quality < word->quality ? page->quality : word->quality;
}

/* The capcode of the address at w->next. False: there is none. */
static bool read_address(const struct hz_flex_walk *w, struct hz_flex_page *page)
{
    unsigned at = w->next;
    uint32_t value = hz_flex_value(w->phase->word[at].code);
    if (value == 0 || value == IDLE)
        return false;
    take_word(w, at, page);
    page->capcode = (uint64_t)value - SHORT_BASE;
    page->is_long = bank_of(value) > 0;
    if (!page->is_long)
        return true;
    if (at + 1 >= w->vectors)
        return false;
    take_word(w, at + 1, page);
    page->capcode = long_capcode(value, hz_flex_value(w->phase->word[at + 1].code));
    return page->capcode != 0;
}

static bool address_is_sure(const struct hz_flex_walk *w, const struct hz_flex_page *page)
{
    for (unsigned i = 0; i <= page->is_long; i++)
        if (w->phase->word[w->next + i].margin <= address_margin)
            return false;
    return true;
}

/* Reads the page of the address at w->next. False: it is not to be told. */
static bool read_page(struct hz_flex_walk *w, struct hz_flex_page *page)
{
    *page = (struct hz_flex_page){.quality = 1, .tone = -1};
    unsigned vector = w->vectors + w->next - w->first;
    if (vector >= HZ_FLEX_WORDS)
        return false;
    bool address = read_address(w, page);
    if (page->words == 0)
        return false; /* idle: nothing was sent */
    if (!address || !address_is_sure(w, page) || !summed(w, vector, &page->vector_value)) {
        w->refused++;
        return false;
    }
    take_word(w, vector, page);
    page->vector = field(page->vector_value, 4, 3);
    if (!hz_flex_message_read(w->phase, vector, w->trusted, page)) {
        w->refused++;
        return false;
    }
    return true;
}

bool hz_flex_walk_next(struct hz_flex_walk *w, struct hz_flex_page *page)
{
    while (w->next < w->vectors) {
        bool told = read_page(w, page);
        w->next += 1 + page->is_long;
        if (told)
            return true;
    }
    return false;
}
