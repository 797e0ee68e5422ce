#include "proto/rs41/words.h"

#include <math.h>
#include <string.h>

/* More erased octets would let random words pass: with 22 of 24 every one. */
enum { ERASED = 10 };

static int bits_changed(const uint8_t *a, const uint8_t *b, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += __builtin_popcount(a[i] ^ b[i]);
    return count;
}

static void read_word(const struct hz_rs41_words *w, unsigned word, uint8_t *out)
{
    for (size_t i = 0; i < hz_rs41_word_len(w->len); i++)
        out[i] = w->octet[hz_rs41_word_at(word, i)];
}

/* The word is right: into the frame. */
static void keep(struct hz_rs41_words *w, unsigned word, const uint8_t *is)
{
    uint8_t was[HZ_RS_ORDER];
    read_word(w, word, was);
    w->fixed += bits_changed(was, is, hz_rs41_word_len(w->len));
    w->right[word] = true;
    for (size_t i = 0; i < hz_rs41_word_len(w->len); i++)
        w->octet[hz_rs41_word_at(word, i)] = is[i];
}

static bool complete(const struct hz_rs41_words *w)
{
    return w->right[0] && w->right[1];
}

static uint8_t octet_of(const uint8_t *bits, size_t at)
{
    unsigned value = 0;
    for (unsigned k = 0; k < 8; k++)
        value |= (unsigned)bits[8 * at + k] << k;
    return (uint8_t)(value ^ hz_rs41_white(at));
}

bool hz_rs41_words_hard(const struct hz_rs *rs, const uint8_t *bits, struct hz_rs41_words *w)
{
    uint8_t is[HZ_RS_ORDER];
    for (size_t at = 0; at < w->len; at++) {
        unsigned word = 0;
        uint8_t i;
        if (!hz_rs41_word_of(at, &word, &i) || !w->right[word])
            w->octet[at] = octet_of(bits, at);
    }
    for (unsigned word = 0; word < HZ_RS41_WORDS; word++) {
        if (w->right[word])
            continue;
        read_word(w, word, is);
        if (hz_rs_decode(rs, is, hz_rs41_word_len(w->len), NULL, 0) >= 0)
            keep(w, word, is);
    }
    return complete(w);
}

/* The octets of a word that an event changes. */
static void part_of(const struct hz_cpm_event *e, const struct hz_rs41_words *w, unsigned word,
                    struct hz_rslist_event *out)
{
    out->n = 0;
    for (uint32_t mask = e->mask; mask; mask &= mask - 1) {
        size_t bit = e->last - (size_t)__builtin_ctz(mask), at = bit / 8;
        unsigned in = 0, k = 0;
        uint8_t i = 0;
        if (at >= w->len || !hz_rs41_word_of(at, &in, &i) || in != word)
            continue;
        while (k < out->n && out->at[k] != i)
            k++;
        if (k == HZ_RSLIST_OCTETS)
            continue;
        if (k == out->n) {
            out->at[out->n] = i;
            out->change[out->n++] = 0;
        }
        out->change[k] ^= (uint8_t)(1u << bit % 8);
    }
}

/* The different octets of the cheapest events, at most so many. */
static unsigned weakest(const struct hz_rslist_event *events, size_t n, uint8_t *out, unsigned most)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < events[i].n && count < most; k++)
            if (!memchr(out, events[i].at[k], count))
                out[count++] = events[i].at[k];
    return count;
}

static bool soft_word(const struct hz_rs *rs, const struct hz_rs41_doubts *doubts, unsigned tries,
                      struct hz_rs41_words *w, unsigned word, unsigned *spent)
{
    struct hz_rslist_event events[HZ_RS41_EVENTS];
    uint8_t is[HZ_RS_ORDER], erased[ERASED];
    size_t n = 0, len = hz_rs41_word_len(w->len);
    unsigned tried = 0;
    for (size_t i = 0; i < doubts->n; i++) {
        part_of(&doubts->event[i], w, word, &events[n]);
        events[n].odds = doubts->event[i].cost * doubts->scale;
        n += events[n].n > 0;
    }
    read_word(w, word, is);
    unsigned count = weakest(events, n, erased, ERASED);
    for (unsigned erase = 2; erase <= count; erase += 2) {
        ++*spent;
        if (hz_rs_decode(rs, is, len, erased, erase) >= 0) {
            keep(w, word, is);
            return true;
        }
    }
    bool found = hz_rslist_run(rs, is, len, NULL, 0, events, n, tries, NULL, NULL, &tried) >= 0;
    *spent += tried;
    if (found)
        keep(w, word, is);
    return found;
}

bool hz_rs41_words_soft(const struct hz_rs *rs, const struct hz_rs41_doubts *doubts, unsigned tries,
                        struct hz_rs41_words *w, unsigned *spent)
{
    for (unsigned word = 0; word < HZ_RS41_WORDS; word++)
        if (!w->right[word])
            soft_word(rs, doubts, tries, w, word, spent);
    return complete(w);
}
