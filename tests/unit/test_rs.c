/* Reed-Solomon codes: of radiosondes, and of VDL mode 2. */
#include "dsp/rs.h"
#include "dsp/rslist.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <string.h>

/* RS41: first root 1. VDL mode 2: first root a^120 (its words are reversed here). CCSDS: roots
 * a^(11 k), first 112. */
static const struct {
    unsigned polynomial, first, step, parity;
    size_t n;
} codes[] = {{0x11d, 0, 1, 24, 156}, {0x187, 120, 1, 6, 255}, {0x187, 112, 11, 32, 255}};
enum { CODES = sizeof codes / sizeof codes[0] };

static void make(int code, struct hz_rs *rs)
{
    hz_rs_init(rs, codes[code].polynomial, codes[code].first, codes[code].step, codes[code].parity);
}

static void make_word(const struct hz_rs *rs, struct hz_rng *r, uint8_t *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        word[i] = (uint8_t)hz_rng_below(r, 256);
    hz_rs_encode(rs, word, n);
}

/* Changes `count` different octets, and lists them. */
static void damage(struct hz_rng *r, uint8_t *word, size_t n, unsigned count, uint8_t *where)
{
    for (unsigned k = 0; k < count;) {
        uint8_t at = (uint8_t)hz_rng_below(r, (uint32_t)n);
        if (memchr(where, at, k))
            continue;
        where[k++] = at;
        word[at] ^= (uint8_t)(1 + hz_rng_below(r, 255));
    }
}

Test(rs, a_codeword_has_no_syndromes)
{
    struct hz_rs rs;
    struct hz_rng r;
    hz_rng_init(&r, 1, 1);
    for (int c = 0; c < CODES; c++) {
        uint8_t word[HZ_RS_ORDER], s[HZ_RS_PARITY_MAX], zero[HZ_RS_PARITY_MAX] = {0};
        make(c, &rs);
        make_word(&rs, &r, word, codes[c].n);
        hz_rs_syndromes(&rs, word, codes[c].n, s);
        cr_expect_arr_eq(s, zero, rs.parity);
    }
}

/* Every mixture of errors and erasures with 2 e + f <= parity. */
Test(rs, errors_and_erasures_up_to_the_limit_are_corrected)
{
    struct hz_rs rs;
    struct hz_rng r;
    hz_rng_init(&r, 2, 1);
    for (int c = 0; c < CODES; c++) {
        make(c, &rs);
        for (unsigned f = 0; f <= rs.parity; f++) {
            uint8_t word[HZ_RS_ORDER], sent[HZ_RS_ORDER], where[2 * HZ_RS_PARITY_MAX];
            unsigned e = (rs.parity - f) / 2;
            make_word(&rs, &r, word, codes[c].n);
            memcpy(sent, word, sizeof sent);
            damage(&r, word, codes[c].n, e + f, where);
            int fixed = hz_rs_decode(&rs, word, codes[c].n, where, f);
            cr_expect_eq(fixed, (int)(e + f), "code %d: %u errors, %u erasures: %d", c, e, f,
                         fixed);
            cr_expect_arr_eq(word, sent, codes[c].n);
        }
    }
}

Test(rs, erasures_that_were_right_do_no_harm)
{
    struct hz_rs rs;
    struct hz_rng r;
    uint8_t word[HZ_RS_ORDER], sent[HZ_RS_ORDER], where[HZ_RS_PARITY_MAX];
    hz_rng_init(&r, 3, 1);
    make(0, &rs);
    make_word(&rs, &r, word, codes[0].n);
    memcpy(sent, word, sizeof sent);
    damage(&r, word, codes[0].n, 7, where);
    cr_expect_eq(
        hz_rs_decode(&rs, word, codes[0].n, (uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10), 7);
    cr_expect_arr_eq(word, sent, codes[0].n);
}

Test(rs, too_many_errors_are_refused)
{
    struct hz_rs rs;
    struct hz_rng r;
    hz_rng_init(&r, 4, 1);
    make(0, &rs);
    for (int i = 0; i < 200; i++) {
        uint8_t word[HZ_RS_ORDER], was[HZ_RS_ORDER], where[64];
        make_word(&rs, &r, word, codes[0].n);
        damage(&r, word, codes[0].n, 13 + hz_rng_below(&r, 40), where);
        memcpy(was, word, sizeof was);
        cr_expect_eq(hz_rs_decode(&rs, word, codes[0].n, NULL, 0), -1);
        cr_expect_arr_eq(word, was, codes[0].n);
    }
}

Test(rs, syndromes_follow_a_change)
{
    struct hz_rs rs;
    struct hz_rng r;
    hz_rng_init(&r, 5, 1);
    for (int c = 0; c < CODES; c++) {
        uint8_t word[HZ_RS_ORDER], s[HZ_RS_PARITY_MAX], again[HZ_RS_PARITY_MAX];
        make(c, &rs);
        make_word(&rs, &r, word, codes[c].n);
        hz_rs_syndromes(&rs, word, codes[c].n, s);
        hz_rs_change(&rs, s, 77, 0x5a);
        word[77] ^= 0x5a;
        hz_rs_syndromes(&rs, word, codes[c].n, again);
        cr_expect_arr_eq(s, again, rs.parity);
    }
}

/* Thirty events of even odds, of which fifteen have happened: more than the code corrects. */
Test(rs, the_list_finds_what_is_out_of_reach)
{
    struct hz_rs rs;
    struct hz_rng r;
    struct hz_rslist_event events[30];
    uint8_t word[HZ_RS_ORDER], sent[HZ_RS_ORDER], was[HZ_RS_ORDER];
    unsigned tried;
    hz_rng_init(&r, 6, 1);
    make(0, &rs);
    make_word(&rs, &r, word, codes[0].n);
    memcpy(sent, word, sizeof sent);
    for (unsigned i = 0; i < 30; i++) {
        events[i] = (struct hz_rslist_event){0, 1, {(uint8_t)(5 * i)}, {(uint8_t)(1 + i)}};
        word[5 * i] ^= i < 15 ? (uint8_t)(1 + i) : 0;
    }
    memcpy(was, word, sizeof was);
    cr_expect_eq(hz_rslist_run(&rs, word, codes[0].n, NULL, 0, events, 0, 10, NULL, NULL, &tried),
                 -1);
    cr_expect_eq(tried, 10);
    cr_expect_arr_eq(word, was, codes[0].n);
    cr_expect_eq(
        hz_rslist_run(&rs, word, codes[0].n, NULL, 0, events, 30, 1000, NULL, NULL, &tried), 15);
    cr_expect_arr_eq(word, sent, codes[0].n);
    cr_expect_lt(tried, 1000);
}
