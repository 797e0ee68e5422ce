/* POCSAG from codewords to pages: against words that the recommendation publishes, and codewords,
 * texts and pages composed here bit by bit. */
#include "proto/pocsag/describe.h"
#include "proto/pocsag/page.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <iconv.h>
#include <math.h>
#include <string.h>

static struct hz_bch code;

static void unpack(uint32_t word, uint8_t *bits)
{
    for (int i = 0; i < 32; i++)
        bits[i] = (uint8_t)(word << i >> 31);
}

static struct hz_bch_word read_word(uint32_t word, const float *sure)
{
    uint8_t bits[32];
    float even[32];
    for (int i = 0; i < 32; i++)
        even[i] = 1;
    hz_bch_init(&code);
    unpack(word, bits);
    return hz_bch_read(&code, bits, sure ? sure : even, &hz_pocsag_usual);
}

/* The idle and the sync codeword (ITU-R M.584-2) hold their own check bits. */
Test(pocsag_word, published_codewords)
{
    cr_expect_eq(hz_bch_encode(0x7a89c197 >> 11), 0x7a89c197);
    cr_expect_eq(hz_bch_encode(0x7cd215d8 >> 11), 0x7cd215d8);
    struct hz_bch_word w = read_word(0x7a89c197, NULL);
    cr_expect(w.code == 0x7a89c197 && w.fixed == 0 && w.plain);
    cr_expect_float_eq((double)w.overruled, 0, 1e-9);
}

Test(pocsag_word, any_two_errors_are_repaired)
{
    uint32_t sent = hz_bch_encode(0x12345);
    for (int a = 0; a < 32; a++) {
        for (int b = 0; b < a; b++) {
            struct hz_bch_word w = read_word(sent ^ UINT32_C(1) << a ^ UINT32_C(1) << b, NULL);
            cr_assert(w.code == sent && w.fixed == 2 && w.plain, "bits %d, %d", a, b);
        }
    }
}

/* Five bits of which nobody was sure, far over what the code alone repairs. */
Test(pocsag_word, weak_bits_are_repaired)
{
    uint32_t sent = hz_bch_encode(0xbeef), wrong = 0x04402081 << 3;
    float sure[32];
    for (int i = 0; i < 32; i++)
        sure[i] = wrong << i >> 31 ? 0.1f : 1;
    struct hz_bch_word w = read_word(sent ^ wrong, sure);
    cr_expect_eq(w.code, sent);
    cr_expect_eq(w.fixed, 5);
    cr_expect_not(w.plain);
    cr_expect_float_eq((double)w.overruled, 0.5 / 27.5, 1e-5);
    cr_expect_gt(w.margin, 0);
    static const float nothing[32];
    cr_expect_eq(read_word(sent, nothing).overruled, 1);
}

/* Of all the two million codewords none overrules less; held against each of them. */
Test(pocsag_word, the_likeliest_of_all_codewords, .timeout = 60)
{
    struct hz_rng r;
    hz_rng_init(&r, 8, 1);
    for (int round = 0; round < 12; round++) {
        uint32_t sent = hz_bch_encode(hz_rng_below(&r, 1 << 21)), heard = sent;
        float sure[32], total = 0, by_bit[32];
        for (int i = 0; i < 32; i++) {
            double level = 1;
            for (int k = 0; k < 3; k++)
                level += 0.6 * hz_rng_between(&r, -1, 1);
            sure[i] = by_bit[31 - i] = (float)fabs(level);
            heard ^= level < 0 ? UINT32_C(1) << (31 - i) : 0;
            total += sure[i];
        }
        float best = INFINITY, next = INFINITY;
        uint32_t which = 0;
        for (uint32_t data = 0; data < 1 << 21; data++) {
            uint32_t word = hz_bch_encode(data);
            float cost = 0;
            for (uint32_t d = word ^ heard; d && cost < next; d &= d - 1)
                cost += by_bit[__builtin_ctz(d)];
            next = fminf(next, fmaxf(cost, best));
            which = cost < best ? word : which;
            best = fminf(best, cost);
        }
        struct hz_bch_word w = read_word(heard, sure);
        cr_expect_eq(w.code, which, "%08x, not %08x", w.code, which);
        cr_expect_float_eq((double)w.overruled, (double)(best / total), 1e-5);
        if (best > 0) /* the next one may be out of the search's reach */
            cr_expect_geq((double)w.margin, (double)((next - best) / total) - 1e-5);
    }
}

/* ---- Batches ---- */

/* A batch of idle words in which one has a bit wrong and three that hardly tell, and all have some
 * noise: doubt falls on that word, and less on the others. */
Test(pocsag_batch, doubt_falls_on_the_word_that_gives_reason)
{
    static struct hz_pocsag_soft soft;
    struct hz_pocsag_batch b;
    uint32_t message = hz_bch_encode(1 << 20 | 0x5a5a5);
    hz_bch_init(&code);
    for (unsigned w = 0; w <= HZ_POCSAG_WORDS; w++) {
        unpack(w == 0 ? HZ_POCSAG_SYNC : w == 5 ? message : HZ_POCSAG_IDLE, soft.bit + 32 * w);
        for (unsigned i = 0; i < 32; i++)
            soft.sure[32 * w + i] = 1;
    }
    hz_pocsag_batch_read(&code, &soft, &b);
    for (unsigned w = 0; w < HZ_POCSAG_WORDS; w++)
        cr_expect_float_eq((double)b.word[w].quality, 1, 1e-6);
    soft.bit[32 * 5 + 7] ^= 1;
    for (unsigned i = 8; i < 11; i++)
        soft.sure[32 * 5 + i] = 0.1f;
    hz_pocsag_batch_read(&code, &soft, &b);
    float clear = b.word[4].quality;
    cr_expect_eq(b.word[4].code, message);
    cr_expect(clear > hz_pocsag_quality_kept && clear < b.word[3].quality, "%g", (double)clear);
    for (unsigned w = 0; w <= HZ_POCSAG_WORDS; w++) /* the same word among noise is worth less */
        soft.bit[32 * w + w % 31] ^= w != 5;
    hz_pocsag_batch_read(&code, &soft, &b);
    cr_expect_eq(b.word[4].code, message);
    cr_expect_lt(b.word[4].quality, clear);
}

/* ---- Pages ---- */

static struct hz_bch_word word(uint32_t data)
{
    return (struct hz_bch_word){.code = hz_bch_encode(data), .plain = true, .quality = 1};
}

static uint32_t address_word(uint32_t address, unsigned function)
{
    return (address >> 3) << 2 | function;
}

/* Twenty bits of characters of `bits` bits from bit number `at` on, least significant first. */
static uint32_t message_word(const char *text, unsigned bits, size_t at)
{
    uint32_t data = 1;
    for (size_t i = at; i < at + 20; i++) {
        size_t c = i / bits;
        unsigned value = c < strlen(text) ? (unsigned)text[c] : bits == 4 ? 12 : 0;
        data = data << 1 | (value >> i % bits & 1);
    }
    return data;
}

static struct hz_pocsag_page page_of(const char *text, unsigned bits, unsigned function)
{
    struct hz_pocsag_page p = {0}, done = {0};
    struct hz_bch_word w = word(address_word(1234567, function));
    cr_expect_not(hz_pocsag_page_word(&p, &w, 14, &done));
    for (size_t at = 0; at < strlen(text) * bits; at += 20) {
        w = word(message_word(text, bits, at));
        cr_expect_not(hz_pocsag_page_word(&p, &w, 15, &done));
    }
    w = word(HZ_POCSAG_IDLE >> 11);
    cr_expect(hz_pocsag_page_word(&p, &w, 3, &done));
    cr_expect_eq(p.words, 0);
    return done;
}

Test(pocsag_page, address_function_and_end)
{
    struct hz_pocsag_page p = page_of("", 7, 2), q = {0}, done = {0};
    cr_expect_eq(p.address, 1234567);
    cr_expect_eq(p.function, 2);
    cr_expect_eq(p.words, 1);
    cr_expect_not(p.truncated);
    /* The next address ends a page too; message words without an address are nobody's. */
    struct hz_bch_word message = word(1 << 20 | 5), one = word(address_word(8, 1));
    cr_expect_not(hz_pocsag_page_word(&q, &message, 0, &done));
    cr_expect_eq(q.words, 0);
    cr_expect_not(hz_pocsag_page_word(&q, &one, 0, &done));
    cr_expect_not(hz_pocsag_page_word(&q, &message, 1, &done));
    cr_expect(hz_pocsag_page_word(&q, &one, 5, &done));
    cr_expect_eq(done.address, 8);
    cr_expect_eq(done.words, 2);
    cr_expect_eq(q.address, 10);
    cr_expect(hz_pocsag_page_end(&q, &done));
    cr_expect(done.truncated);
    cr_expect_not(hz_pocsag_page_end(&q, &done));
}

/* A word of zeros is a page for address 2 in its frame, and what a bare carrier reads as. */
Test(pocsag_batch, zeros_in_a_row_are_a_carrier_and_one_is_a_page)
{
    struct hz_pocsag_batch b = {0};
    struct hz_pocsag_page p = {0}, done = {0};
    for (unsigned i = 0; i < HZ_POCSAG_WORDS; i++)
        b.word[i] = word(i == 4 || i > 12 ? 0 : HZ_POCSAG_IDLE >> 11);
    for (unsigned i = 0; i < HZ_POCSAG_WORDS; i++)
        cr_expect_eq(hz_pocsag_batch_silent(&b, i), i > 12, "%u", i);
    hz_pocsag_page_word(&p, &b.word[4], 4, &done);
    cr_assert(hz_pocsag_page_word(&p, &b.word[5], 5, &done));
    cr_expect(done.address == 2 && done.function == 0 && done.words == 1 && !done.truncated);
}

Test(pocsag_page, no_message_is_endless)
{
    struct hz_pocsag_page p = {0}, done = {0};
    struct hz_bch_word message = word(1 << 20 | 5), one = word(address_word(8, 1));
    hz_pocsag_page_word(&p, &one, 0, &done);
    size_t pages = 0;
    for (int i = 0; i < 1000; i++)
        pages += hz_pocsag_page_word(&p, &message, 1, &done);
    cr_expect_eq(pages, 1);
    cr_expect(done.truncated);
    cr_expect_eq(done.words, HZ_POCSAG_PAGE_WORDS);
}

Test(pocsag_page, the_worst_word_counts_and_the_one_that_ends_it)
{
    struct hz_pocsag_page p = {0}, done = {0};
    struct hz_bch_word one = word(address_word(8, 1)), idle = word(HZ_POCSAG_IDLE >> 11);
    idle.quality = 0.25f;
    hz_pocsag_page_word(&p, &one, 0, &done);
    hz_pocsag_page_word(&p, &idle, 0, &done);
    cr_expect_float_eq((double)done.quality, 0.25, 1e-6);
}

static struct hz_pocsag_text text;

static void read_text(const struct hz_pocsag_page *p, enum hz_charset charset,
                      enum hz_contents contents)
{
    struct hz_pocsag_network network = {charset, contents};
    hz_pocsag_text_read(p, &network, &text);
}

Test(pocsag_text, text_and_digits)
{
    struct hz_pocsag_page p = page_of("Gate 7: [call back]", 7, 3);
    read_text(&p, HZ_CHARSET_US, HZ_CONTENTS_AUTO);
    cr_expect_eq(text.kind, HZ_POCSAG_ALPHA);
    cr_expect_not(text.both);
    cr_expect_eq(text.alpha_len, 19);
    cr_expect_eq(memcmp(text.alpha, "Gate 7: [call back]", 19), 0);
    read_text(&p, HZ_CHARSET_GERMAN, HZ_CONTENTS_AUTO);
    cr_expect_eq(memcmp(text.alpha, "Gate 7: Äcall backÜ", text.alpha_len), 0);
    static const char digits[] = {0, 1, 9, 13, 4, 5, 12, 7, 0}; /* "019-45 7" */
    p = page_of(digits + 1, 4, 0);
    read_text(&p, HZ_CHARSET_US, HZ_CONTENTS_AUTO);
    cr_expect_eq(text.kind, HZ_POCSAG_NUMERIC);
    cr_expect_eq(text.numeric_len, 7);
    cr_expect_eq(memcmp(text.numeric, "19-45 7", 7), 0);
    p = page_of("", 4, 1);
    read_text(&p, HZ_CHARSET_US, HZ_CONTENTS_AUTO);
    cr_expect_eq(text.kind, HZ_POCSAG_TONE);
}

/* Against the C library's tables of the same standards. */
Test(pocsag_text, national_characters_are_those_of_the_standards)
{
    static const char *const standards[] = {"ISO646-US", "ISO646-GB", "ISO646-DE", "ISO646-FR",
                                            "ISO646-SE", "ISO646-NO", "ISO646-IT", "ISO646-ES"};
    for (unsigned set = 0; set < HZ_CHARSETS; set++) {
        iconv_t to_utf8 = iconv_open("UTF-8", standards[set]);
        if (to_utf8 == (iconv_t)-1)
            cr_skip_test("iconv has no %s", standards[set]);
        for (char c = 0x20; c < 0x7f; c++) {
            char in[1] = {c}, out[8] = {0}, one[2] = {c, 0}, *from = in, *to = out;
            size_t left = 1, room = sizeof out - 1;
            cr_expect_neq(iconv(to_utf8, &from, &left, &to, &room), (size_t)-1);
            const char *text_of = hz_charset_text(set, c);
            cr_expect_str_eq(text_of ? text_of : one, out, "%s %#x", standards[set], (unsigned)c);
        }
        iconv_close(to_utf8);
    }
}

/* A page of digits, as "0123456789*U -][". */
static struct hz_pocsag_page digits_of(const char *text_of, unsigned function)
{
    static const char digits[] = "0123456789*U -][";
    struct hz_pocsag_page p = {.words = 1, .function = function};
    for (size_t i = 0; i < strlen(text_of) || i % 5; i++) {
        char c = i < strlen(text_of) ? text_of[i] : ' ';
        unsigned value = (unsigned)(strchr(digits, c) - digits);
        for (unsigned k = 0; k < 4; k++)
            p.word[1 + i / 5] |= (value >> k & 1) << (30 - 4 * (i % 5) - k);
        p.words = 2 + i / 5;
    }
    return p;
}

static const char *const texts[] = {
    "BRAND I BYGGNAD STORGATAN 4 3 TR",  /* Swedish */
    "Hj{rtstopp, V}gen 17 \\stersund",   /* with its letters in place of brackets */
    "WOHNUNGSBRAND AM M]HLBACH 12",      /* German */
    "P 1 BRAND WONING DORPSSTRAAT",      /* Dutch */
    "STRUCTURE FIRE 1220 ELM ST APT 4B", /* English */
    "Ring hem",
    "CODE BLUE",
    "OK",
};

static const char *const numbers[] = {"5550199", "08-123 45 67", "U 4711",     "[4] 0171 5550123",
                                      "911",     "12U-7",        "070 555 12", "4711"};

/* Text is text at any function, with the likelier reading first; and nothing hides the other one
 * where it could be meant. */
Test(pocsag_text, contents_tell_what_the_function_does_not)
{
    for (unsigned function = 0; function < 4; function++) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            struct hz_pocsag_page p = page_of(texts[i], 7, function);
            read_text(&p, HZ_CHARSET_US, HZ_CONTENTS_AUTO);
            cr_expect_eq(text.kind, HZ_POCSAG_ALPHA, "%u: %s", function, texts[i]);
            cr_expect_eq(text.both, strlen(texts[i]) < 4, "%u: %s", function, texts[i]);
            cr_expect_eq(memcmp(text.alpha, texts[i], strlen(texts[i])), 0);
        }
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            struct hz_pocsag_page p = digits_of(numbers[i], function);
            read_text(&p, HZ_CHARSET_US, HZ_CONTENTS_AUTO);
            cr_expect(text.kind == HZ_POCSAG_NUMERIC || text.both, "%u: %s", function, numbers[i]);
            cr_expect_eq(text.numeric_len, strlen(numbers[i]));
            cr_expect_eq(memcmp(text.numeric, numbers[i], text.numeric_len), 0);
        }
    }
}

Test(pocsag_text, a_network_that_is_known_is_believed)
{
    static const struct {
        enum hz_contents contents;
        unsigned function;
        enum hz_pocsag_kind kind;
    } of[] = {
        {HZ_CONTENTS_ALPHA, 0, HZ_POCSAG_ALPHA},      {HZ_CONTENTS_NUMERIC, 3, HZ_POCSAG_NUMERIC},
        {HZ_CONTENTS_FUNCTION, 0, HZ_POCSAG_NUMERIC}, {HZ_CONTENTS_FUNCTION, 1, HZ_POCSAG_ALPHA},
        {HZ_CONTENTS_FUNCTION, 3, HZ_POCSAG_ALPHA},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        struct hz_pocsag_page p = digits_of("4711", of[i].function);
        read_text(&p, HZ_CHARSET_US, of[i].contents);
        cr_expect_eq(text.kind, of[i].kind, "%zu", i);
        cr_expect_not(text.both);
    }
}

/* The likelier reading is written first. */
Test(pocsag_text, both_readings_are_told)
{
    static char room[512] = {0};
    struct hz_pocsag_page p = digits_of("5550199", 3);
    struct hz_pocsag_network network = {0};
    struct hz_pocsag_line line = {0};
    struct hz_json j;
    p.quality = 1;
    hz_json_init(&j, room, sizeof room);
    hz_json_open(&j, NULL);
    hz_pocsag_describe(&p, &line, &network, &j);
    hz_json_close(&j);
    const char *numeric = strstr(room, "\"type\":\"numeric\",\"numeric\":\"5550199\",");
    cr_assert_not_null(numeric, "%s", room);
    cr_expect_not_null(strstr(numeric, "\"alpha\":"), "%s", room);
    read_text(&p, HZ_CHARSET_US, HZ_CONTENTS_AUTO);
    cr_expect(text.both);
}
