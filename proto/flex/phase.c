#include "proto/flex/phase.h"

uint32_t hz_flex_value(uint32_t code)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 21; i++)
        value |= (code >> (31 - i) & 1) << i;
    return value;
}

/* Where bit k of word w of a phase is: the blocks are sent by columns. */
static size_t place(unsigned w, unsigned k)
{
    return (size_t)(w / 8) * HZ_FLEX_BLOCK + 8 * k + w % 8;
}

static void gather(const struct hz_flex_soft *soft, unsigned w, uint8_t *bits, float *sure)
{
    float mean = 0;
    for (unsigned k = 0; k < HZ_BCH_BITS; k++) {
        bits[k] = soft->bit[place(w, k)];
        sure[k] = soft->sure[place(w, k)];
        mean += sure[k] / HZ_BCH_BITS;
    }
    for (unsigned k = 0; k < HZ_BCH_BITS; k++)
        sure[k] = sure[k] < 2 * mean ? sure[k] : 2 * mean;
}

/* Some transmitters and test signals have the BCH bits right and the parity bit wrong: a word whose
 * only error is that bit is as received. */
static struct hz_bch_word read_word(const struct hz_bch *c, const uint8_t *bits, const float *sure)
{
    uint32_t received = 0;
    struct hz_bch_word w = hz_bch_read(c, bits, sure, NULL);
    for (unsigned k = 0; k < HZ_BCH_BITS; k++)
        received = received << 1 | bits[k];
    if (w.code != received && hz_bch_encode(received >> 11) == (received ^ 1)) {
        uint32_t code = received ^ 1;
        w = (struct hz_bch_word){.code = code,
                                 .second = w.code == code ? w.second : w.code,
                                 .fixed = 1,
                                 .plain = true,
                                 .margin = w.code == code ? w.margin : w.overruled};
    }
    return w;
}

void hz_flex_phase_read(const struct hz_bch *c, struct hz_flex_soft *soft,
                        struct hz_flex_phase *out)
{
    float level[HZ_FLEX_WORDS], mean = 0;
    *out = (struct hz_flex_phase){.plain = true, .whole = true};
    for (unsigned w = 0; w < HZ_FLEX_WORDS; w++) {
        uint8_t bits[HZ_BCH_BITS];
        float sure[HZ_BCH_BITS];
        level[w] = 0;
        gather(soft, w, bits, sure);
        for (unsigned k = 0; k < HZ_BCH_BITS; k++)
            level[w] += sure[k];
        mean += level[w] / HZ_FLEX_WORDS;
        out->word[w] = read_word(c, bits, sure);
        out->overruled += out->word[w].overruled / HZ_FLEX_WORDS;
        out->plain = out->plain && out->word[w].plain;
        out->whole = out->whole && out->word[w].overruled == 0;
    }
    for (unsigned w = 0; w < HZ_FLEX_WORDS; w++)
        out->word[w].quality = hz_bch_quality(&out->word[w], mean > 0 ? level[w] / mean : 0,
                                              out->overruled, out->plain);
}
