#include "sim/flex.h"

#include "sim/bch.h"

#include <string.h>

enum { WORDS = 88, PHASES = 4, WORD_BITS = 32 };

/* One phase as it is filled. */
struct phase {
    uint32_t info[WORDS]; /* 21 bits of each word, the first one sent the lowest */
    unsigned message;     /* words of messages */
    unsigned pages[HZ_SIM_FLEX_PAGES], n;
};

static uint32_t field(uint32_t v, unsigned from, unsigned bits)
{
    return v >> from & ((1u << bits) - 1);
}

/* The codeword of 21 bits, of which bit 0 is sent first, as the word's most significant bit. */
static uint32_t codeword(uint32_t info)
{
    uint32_t data = 0;
    for (int i = 0; i < 21; i++) {
        data = data << 1 | (info >> i & 1);
    }
    return hz_sim_bch(data);
}

/* Sets the check field, bits 0 to 3, so that the nibbles sum up to 15. */
static uint32_t with_sum(uint32_t v)
{
    unsigned sum =
        field(v, 4, 4) + field(v, 8, 4) + field(v, 12, 4) + field(v, 16, 4) + field(v, 20, 1);
    return (v & ~15u) | (~sum & 15u);
}

/* ---- messages --------------------------------------------------------------------------- */

static void put_bits(uint32_t *words, size_t at, unsigned bits, uint32_t value)
{
    for (unsigned i = 0; i < bits; i++, at++) {
        words[at / 21] |= (value >> i & 1) << at % 21;
    }
}

static unsigned sum_of(const uint32_t *words, unsigned n)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i++) {
        sum += (words[i] & 0xff) + (words[i] >> 8 & 0xff) + (words[i] >> 16);
    }
    return sum;
}

/* Writes the message into zeroed words. Returns their number. */
static unsigned put_alpha(const struct hz_sim_flex_page *p, uint32_t *words)
{
    size_t len = strlen(p->text), at = 21;
    unsigned sum = 0;
    put_bits(words, 10, 1, (uint32_t)p->more);
    put_bits(words, 11, 2, p->fragment);
    put_bits(words, 13, 6, p->number);
    if (p->fragment == 3) {
        for (size_t i = 0; i < len; i++) {
            sum += (unsigned char)p->text[i];
        }
        put_bits(words, at, 7, ~sum & 127);
        at += 7;
    }
    for (size_t i = 0; i < len; i++, at += 7) {
        put_bits(words, at, 7, (unsigned char)p->text[i] & 127);
    }
    for (; at % 21 != 0; at += 7) {
        put_bits(words, at, 7, p->more ? 0 : 3);
    }
    unsigned n = (unsigned)(at / 21);
    put_bits(words, 0, 10, ~sum_of(words, n) & 1023);
    return n;
}

static unsigned put_numeric(const struct hz_sim_flex_page *p, uint32_t *words, unsigned *check)
{
    static const char digits[] = "0123456789*U -][";
    size_t at = 2;
    for (const char *c = p->text; *c; c++, at += 4) {
        const char *digit = strchr(digits, *c);
        put_bits(words, at, 4, digit != NULL ? (uint32_t)(digit - digits) : 12);
    }
    unsigned n = (unsigned)(at + 20) / 21;
    for (; at + 4 <= 21 * n; at += 4) {
        put_bits(words, at, 4, 12);
    }
    unsigned sum = sum_of(words, n) & 255;
    *check = ~((sum & 63) + (sum >> 6)) & 63;
    put_bits(words, 0, 2, *check >> 4);
    return n;
}

/* ---- phases ----------------------------------------------------------------------------- */

/* The words of an address: one, or two of a long one. */
static unsigned put_address(uint64_t capcode, uint32_t words[2])
{
    if (capcode < 2101249) {
        words[0] = (uint32_t)capcode + 0x8000;
        return 1;
    }
    uint64_t rest = capcode - 2068480 - 1; /* sets 1-2, then 1-3 and 1-4 */
    words[0] = (uint32_t)(rest % 32768) + 1;
    uint32_t high = (uint32_t)(rest / 32768);
    words[1] = capcode <= 1075843072 ? 0x1fffff - high : high + 1933312;
    return 2;
}

/* Fills in a phase. Returns how many of its pages found room. */
static unsigned fill(const struct hz_sim_flex_frame *f, struct phase *p)
{
    uint32_t message[HZ_SIM_FLEX_PAGES][WORDS] = {{0}};
    unsigned addresses = 0, need = 0, sent = 0, length[HZ_SIM_FLEX_PAGES], check[HZ_SIM_FLEX_PAGES];
    for (unsigned i = 0; i < p->n; i++) {
        const struct hz_sim_flex_page *page = &f->page[p->pages[i]];
        uint32_t address[2];
        size_t most = page->kind == HZ_SIM_FLEX_ALPHA     ? 240
                      : page->kind == HZ_SIM_FLEX_NUMERIC ? 41
                                                          : 0;
        if (most > 0 && strlen(page->text) > most) {
            break;
        }
        unsigned own = put_address(page->capcode, address);
        length[i] = page->kind == HZ_SIM_FLEX_ALPHA     ? put_alpha(page, message[i])
                    : page->kind == HZ_SIM_FLEX_NUMERIC ? put_numeric(page, message[i], &check[i])
                                                        : 0;
        if (1 + 2 * (addresses + own) + need + length[i] > WORDS) {
            break;
        }
        addresses += own;
        need += length[i];
        sent++;
    }
    unsigned address_at = 1, vector_at = 1 + addresses, message_at = 1 + 2 * addresses;
    p->info[0] = with_sum(vector_at << 10);
    for (unsigned i = 0; i < sent; i++) {
        const struct hz_sim_flex_page *page = &f->page[p->pages[i]];
        uint32_t address[2];
        unsigned own = put_address(page->capcode, address), from = 0;
        memcpy(p->info + address_at, address, own * sizeof *address);
        if (own == 2 && length[i] > 0) { /* its message begins behind the vector */
            p->info[vector_at + 1] = message[i][0];
            from = 1;
        }
        uint32_t where = message_at << 7;
        if (page->kind == HZ_SIM_FLEX_ALPHA) {
            p->info[vector_at] = with_sum(5u << 4 | where | length[i] << 14);
        } else if (page->kind == HZ_SIM_FLEX_NUMERIC) {
            p->info[vector_at] =
                with_sum(3u << 4 | where | (length[i] - 1) << 14 | (check[i] & 15) << 17);
        } else {
            p->info[vector_at] = with_sum(2u << 4 | 1u << 7);
        }
        for (unsigned k = from; k < length[i]; k++) {
            p->info[message_at++] = message[i][k];
        }
        address_at += own;
        vector_at += own;
    }
    for (unsigned i = message_at; i < WORDS; i++) {
        p->info[i] = i % 2 == 0 ? 0 : 0x1fffff;
    }
    return sent;
}

/* ---- symbols ---------------------------------------------------------------------------- */

/* Both halves of the codes of A, by mode. */
static uint32_t code_of(const struct hz_sim_flex_frame *f)
{
    uint32_t high =
        f->baud == 1600 ? (f->levels == 2 ? 0x78f3 : 0x4f97) : (f->levels == 2 ? 0x84e7 : 0x215f);
    return high << 16 | 0x5939;
}

/* Bits of 1600 baud, two levels: two symbols each. */
static size_t put_head(float *symbols, size_t n, uint32_t bits, unsigned count)
{
    for (int i = (int)count - 1; i >= 0; i--) {
        float x = bits >> i & 1 ? 1 : -1;
        symbols[n++] = x;
        symbols[n++] = x;
    }
    return n;
}

/* The second synchronisation: 25 ms at the symbol rate of the data. */
static size_t put_second(const struct hz_sim_flex_frame *f, float *symbols, size_t n)
{
    const uint32_t code = 0xed84;
    unsigned each = f->baud == 1600 ? 2 : 1, lead = f->baud == 1600 ? 4 : 24;
    unsigned total = f->baud == 1600 ? 40 : 80;
    for (unsigned i = 0; i < total; i++) {
        unsigned from = i < lead ? 0 : i - lead, bit;
        if (i < lead) {
            bit = i % 2 == 0;
        } else if (from < 16) {
            bit = code >> (15 - from) & 1;
        } else if (from < 16 + lead) {
            bit = (from - 16) % 2;
        } else {
            bit = ~code >> (31 + lead - from) & 1;
        }
        for (unsigned k = 0; k < each; k++) {
            symbols[n++] = bit ? 1 : -1;
        }
    }
    return n;
}

/* Bit k of a phase's data: blocks of eight words, by columns. */
static unsigned bit_of(const uint32_t *code, size_t k)
{
    size_t block = k / 256, word = 8 * block + k % 8, bit = k % 256 / 8;
    return code[word] >> (31 - bit) & 1;
}

unsigned hz_sim_flex(const struct hz_sim_flex_frame *f, float symbols[HZ_SIM_FLEX_SYMBOLS])
{
    struct phase phase[PHASES];
    uint32_t code[PHASES][WORDS];
    unsigned each = f->baud / 1600, sides = f->levels / 2, phases = each * sides, sent = 0;
    memset(phase, 0, sizeof phase);
    for (unsigned i = 0; i < f->pages; i++) {
        struct phase *p = &phase[i % phases];
        p->pages[p->n++] = i;
    }
    for (unsigned p = 0; p < phases; p++) {
        sent += fill(f, &phase[p]);
        for (unsigned w = 0; w < WORDS; w++) {
            code[p][w] = codeword(phase[p].info[w]);
        }
    }
    uint32_t a = code_of(f);
    size_t n = put_head(symbols, 0, 0xaaaaaaaa, 32);
    n = put_head(symbols, n, a, 32);
    n = put_head(symbols, n, 0x5555, 16);
    n = put_head(symbols, n, ~a, 32);
    n = put_head(symbols, n, codeword(with_sum(f->cycle << 4 | f->number << 8)), 32);
    n = put_second(f, symbols, n);
    for (size_t k = 0; k < (size_t)WORDS * WORD_BITS * each; k++) {
        unsigned first = (unsigned)(k % each) * sides;
        unsigned side = bit_of(code[first], k / each);
        unsigned inner = sides == 2 ? bit_of(code[first + 1], k / each) : 0;
        float x = (side ? 1.0f : -1.0f) * (inner ? 1.0f / 3 : 1);
        for (unsigned r = 0; r < 2 / each; r++) {
            symbols[n++] = x;
        }
    }
    return sent;
}
