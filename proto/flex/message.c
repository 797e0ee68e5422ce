#include "proto/flex/message.h"

#include <stdio.h>
#include <string.h>

enum {
    WEAK = 8,  /* words whose second best codeword is tried */
    PAIRS = 4, /* of them, also two at once */
    ETX = 3
};

/* A message with a wrong checksum is told, as doubtful, if its worst word has this quality. */
static const float told_unchecked = 0.6f;

/* Types of vectors. */
enum { SECURE, INSTRUCTION, SHORT, NUMERIC, SPECIAL, ALPHA, BINARY, NUMBERED };

/* The words of a message: their values, and those of the second best codewords. */
struct words {
    const struct hz_bch_word *from[HZ_FLEX_WORDS];
    uint32_t value[HZ_FLEX_WORDS], second[HZ_FLEX_WORDS];
    unsigned n;
};

static uint32_t field(uint32_t value, unsigned from, unsigned bits)
{
    return value >> from & ((1u << bits) - 1);
}

/* Bit i of the message's information, 21 to the word. */
static unsigned bit_at(const struct words *w, size_t i)
{
    return i / 21 < w->n ? w->value[i / 21] >> i % 21 & 1 : 0;
}

static unsigned bits_at(const struct words *w, size_t from, unsigned bits)
{
    unsigned v = 0;
    for (unsigned i = 0; i < bits; i++)
        v |= bit_at(w, from + i) << i;
    return v;
}

/* The sum that checksums of messages are made of; the check field, the low bits of the first word,
 * counts as zeros. */
static unsigned word_sum(const struct words *w, unsigned check_bits)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < w->n; i++) {
        uint32_t v = i == 0 ? w->value[0] >> check_bits << check_bits : w->value[i];
        sum += (v & 0xff) + (v >> 8 & 0xff) + (v >> 16);
    }
    return sum;
}

/* ---- checksums -------------------------------------------------------------------------- */

static bool low_bits_right(const struct words *w, unsigned bits)
{
    return field(~word_sum(w, bits), 0, bits) == field(w->value[0], 0, bits);
}

/* The signature of an alphanumeric message that is whole: over its characters, with or without
 * those that fill the last word. */
static bool signature_right(const struct words *w)
{
    unsigned with = 0, without = 0, end = 0;
    for (size_t at = 21 + 7; at + 7 <= 21u * w->n; at += 7) {
        unsigned c = bits_at(w, at, 7);
        with += c;
        if (c != ETX && c != 0)
            end = with;
    }
    without = end;
    unsigned signature = field(w->value[1], 0, 7);
    return field(~with, 0, 7) == signature || field(~without, 0, 7) == signature;
}

static bool is_right(const struct words *w, const struct hz_flex_page *page)
{
    switch (page->vector) {
    case ALPHA: {
        bool whole = !field(w->value[0], 10, 1) && field(w->value[0], 11, 2) == 3 && w->n > 1;
        return low_bits_right(w, 10) && (!whole || signature_right(w));
    }
    case SECURE:
        return low_bits_right(w, 10);
    case BINARY:
        return low_bits_right(w, 12);
    default: {
        unsigned sum = word_sum(w, 2) & 0xff;
        unsigned check = field(page->vector_value, 17, 4) | field(w->value[0], 0, 2) << 4;
        return field(~((sum & 63) + (sum >> 6)), 0, 6) == check;
    }
    }
}

static void swap(struct words *w, unsigned i)
{
    uint32_t v = w->value[i];
    w->value[i] = w->second[i];
    w->second[i] = v;
}

/* The words that are least sure, the weakest first. */
static unsigned weakest(const struct words *w, unsigned weak[WEAK])
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->n; i++) {
        if (w->second[i] == w->value[i])
            continue;
        unsigned at = n < WEAK ? n : WEAK;
        for (; at > 0 && w->from[weak[at - 1]]->margin > w->from[i]->margin; at--)
            if (at < WEAK)
                weak[at] = weak[at - 1];
        if (at < WEAK)
            weak[at] = i;
        n += n < WEAK;
    }
    return n;
}

/* Whether the checksum is right, if need be with second best codewords, which then are in w. */
static bool make_right(struct words *w, const struct hz_flex_page *page)
{
    unsigned weak[WEAK], n = weakest(w, weak);
    if (is_right(w, page))
        return true;
    for (unsigned i = 0; i < n; i++) {
        swap(w, weak[i]);
        if (is_right(w, page))
            return true;
        swap(w, weak[i]);
    }
    for (unsigned i = 0; i < n && i < PAIRS; i++) {
        for (unsigned k = i + 1; k < n && k < PAIRS; k++) {
            swap(w, weak[i]);
            swap(w, weak[k]);
            if (is_right(w, page))
                return true;
            swap(w, weak[i]);
            swap(w, weak[k]);
        }
    }
    return false;
}

/* ---- contents --------------------------------------------------------------------------- */

static void put(struct hz_flex_page *page, char c)
{
    if (page->len < sizeof page->text)
        page->text[page->len++] = c;
}

/* Characters of seven bits from bit `at` on. ETX fills the end, and zeros fill a fragment. */
static void read_text(const struct words *w, size_t at, struct hz_flex_page *page)
{
    for (; at + 7 <= 21u * w->n; at += 7)
        put(page, (char)bits_at(w, at, 7));
    while (page->len > 0 && (page->text[page->len - 1] == ETX || page->text[page->len - 1] == 0))
        page->len--;
}

static void read_digits(const struct words *w, size_t at, size_t end, struct hz_flex_page *page)
{
    for (; at + 4 <= end; at += 4)
        put(page, "0123456789*U -]["[bits_at(w, at, 4)]);
    while (page->len > 0 && page->text[page->len - 1] == ' ')
        page->len--;
}

static void read_alpha(const struct words *w, struct hz_flex_page *page)
{
    uint32_t head = w->value[0];
    page->more = field(head, 10, 1);
    page->fragment = field(head, 11, 2);
    page->number = field(head, 13, 6);
    page->numbered = true;
    page->maildrop = page->vector == ALPHA && page->fragment == 3 && field(head, 20, 1);
    read_text(w, page->vector == ALPHA && page->fragment == 3 ? 21 + 7 : 21, page);
}

/* Data of a binary message as hexadecimal digits, four bits each, the first one the lowest. The
 * bits that fill its end are the complement of its last one. */
static void read_binary(const struct words *w, struct hz_flex_page *page)
{
    uint32_t head = w->value[0];
    page->more = field(head, 12, 1);
    page->fragment = field(head, 13, 2);
    page->number = field(head, 15, 6);
    page->numbered = true;
    size_t at = 21, end = 21u * w->n;
    if (page->fragment == 3) {
        unsigned bits = field(w->value[1], 4, 4);
        page->bits_per_character = bits > 0 ? bits : 16;
        at += 21;
    }
    if (!page->more && end > at) {
        unsigned fill = bit_at(w, end - 1);
        while (end > at && bit_at(w, end - 1) == fill)
            end--;
    }
    for (; at < end; at += 4)
        put(page, "0123456789abcdef"[bits_at(w, at, end - at < 4 ? (unsigned)(end - at) : 4)]);
}

static void read_numeric(const struct words *w, struct hz_flex_page *page)
{
    page->numbered = page->vector == NUMBERED;
    page->number = page->numbered ? field(w->value[0], 2, 6) : 0;
    page->fragment = 3;
    read_digits(w, page->numbered ? 10 : 2, 21u * w->n, page);
}

/* A vector that is the whole message: digits, or a tone. */
static void read_short(const struct words *more, struct hz_flex_page *page)
{
    unsigned type = field(page->vector_value, 7, 2);
    page->kind = HZ_FLEX_TONE;
    page->fragment = 3;
    if (type != 0) {
        page->tone = (int)field(page->vector_value, 9, 3);
        if (type == 2) {
            page->numbered = true;
            page->number = field(page->vector_value, 12, 6);
        }
        return;
    }
    struct words one = {.n = 1, .value = {page->vector_value}};
    read_digits(&one, 9, 21, page);
    if (more->n > 0) {
        size_t len = page->len;
        while (len < 3)
            page->text[len++] = ' '; /* cut as the end of a message, which it was not */
        page->len = len;
        read_digits(more, 0, 20, page);
    }
    if (page->len > 0)
        page->kind = HZ_FLEX_NUMERIC;
}

static void read_instruction(struct hz_flex_page *page)
{
    page->kind = HZ_FLEX_INSTRUCTION;
    page->fragment = 3;
    page->joins = field(page->vector_value, 7, 3) == 0;
    page->group_frame = field(page->vector_value, 10, 7);
    page->group = field(page->vector_value, 17, 4);
}

static void read_contents(const struct words *w, struct hz_flex_page *page)
{
    static const enum hz_flex_kind kinds[] = {
        [SECURE] = HZ_FLEX_SECURE, [NUMERIC] = HZ_FLEX_NUMERIC, [SPECIAL] = HZ_FLEX_NUMERIC,
        [ALPHA] = HZ_FLEX_ALPHA,   [BINARY] = HZ_FLEX_BINARY,   [NUMBERED] = HZ_FLEX_NUMERIC};
    page->kind = kinds[page->vector];
    if (page->kind == HZ_FLEX_NUMERIC)
        read_numeric(w, page);
    else if (page->kind == HZ_FLEX_BINARY)
        read_binary(w, page);
    else
        read_alpha(w, page);
}

/* ---- where it is ------------------------------------------------------------------------ */

static bool add(const struct hz_flex_phase *phase, unsigned at, struct words *w)
{
    if (at >= HZ_FLEX_WORDS)
        return false;
    w->from[w->n] = &phase->word[at];
    w->value[w->n] = hz_flex_value(phase->word[at].code);
    w->second[w->n++] = hz_flex_value(phase->word[at].second);
    return true;
}

/* The words of the message. That of a long address begins in the word behind the vector. */
static bool collect(const struct hz_flex_phase *phase, unsigned vector,
                    const struct hz_flex_page *page, struct words *w)
{
    bool numeric = page->vector == NUMERIC || page->vector == SPECIAL || page->vector == NUMBERED;
    unsigned at = field(page->vector_value, 7, 7);
    unsigned n = numeric ? field(page->vector_value, 14, 3) + 1 : field(page->vector_value, 14, 7);
    w->n = 0;
    if (n == 0 || n > HZ_FLEX_WORDS || at <= vector)
        return false;
    if (page->is_long && !add(phase, vector + 1, w))
        return false;
    while (w->n < n)
        if (!add(phase, at++, w))
            return false;
    return true;
}

/* Adds the words to the page, and their quality where no checksum covers them. */
static void account(const struct words *w, struct hz_flex_page *page)
{
    for (unsigned i = 0; i < w->n && page->words < HZ_FLEX_PAGE_WORDS; i++) {
        const struct hz_bch_word *word = w->from[i];
        bool swapped = hz_flex_value(word->code) != w->value[i];
        page->raw[page->words++] = swapped ? word->second : word->code;
        page->fixed += word->fixed;
        if (!page->checked && word->quality < page->quality)
            page->quality = word->quality;
    }
}

bool hz_flex_message_read(const struct hz_flex_phase *phase, unsigned vector, bool trusted,
                          struct hz_flex_page *page)
{
    struct words w = {.n = 0};
    if (page->vector == INSTRUCTION) {
        read_instruction(page);
        return true;
    }
    if (page->vector == SHORT) {
        if (page->is_long && field(page->vector_value, 7, 2) == 0)
            add(phase, vector + 1, &w);
        account(&w, page);
        read_short(&w, page);
        return true;
    }
    if (!collect(phase, vector, page, &w))
        return false;
    page->checked = make_right(&w, page);
    page->unchecked = !page->checked;
    account(&w, page);
    if (page->unchecked && !trusted && page->quality < told_unchecked)
        return false;
    read_contents(&w, page);
    return true;
}
