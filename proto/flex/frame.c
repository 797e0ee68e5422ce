#include "proto/flex/frame.h"

#include "proto/flex/page.h"

#include <math.h>

/* Largest mean fraction of overruled reliability in a frame. 88 words of noise have 0.045 on
 * average, hardly ever below 0.04. */
static const float most_overruled = 0.033f;

size_t hz_flex_symbols_in(unsigned mode)
{
    return hz_flex_modes[mode].baud == 1600 ? HZ_FLEX_SYMBOLS / 2 : HZ_FLEX_SYMBOLS;
}

bool hz_flex_frame_info(const struct hz_bch *c, const float info[HZ_BCH_BITS],
                        struct hz_flex_frame *frame)
{
    uint8_t bits[HZ_BCH_BITS];
    float sure[HZ_BCH_BITS];
    for (unsigned k = 0; k < HZ_BCH_BITS; k++) {
        bits[k] = (info[k] > 0) != frame->inverted;
        sure[k] = fabsf(info[k]);
    }
    struct hz_bch_word w = hz_bch_read(c, bits, sure, NULL);
    uint32_t value = hz_flex_value(w.code);
    if (!hz_flex_sum_right(value) && !(w.plain && w.overruled == 0))
        value = hz_flex_value(w.second);
    frame->informed = hz_flex_sum_right(value) || w.overruled == 0;
    frame->cycle = value >> 4 & 15;
    frame->number = value >> 8 & 127;
    return frame->informed;
}

void hz_flex_frame_read(const struct hz_bch *c, const struct hz_flex_symbols *symbols,
                        struct hz_flex_soft *scratch, struct hz_flex_frame *frame)
{
    const struct hz_flex_mode *mode = &hz_flex_modes[frame->mode];
    unsigned each = mode->baud / 1600, levels = mode->levels / 2;
    frame->phases = each * levels;
    frame->overruled = 0;
    frame->whole = true;
    /* Phases A and C are the sides of the carrier in even and odd symbols, B and D the levels. */
    for (unsigned p = 0; p < frame->phases; p++) {
        unsigned turn = p / levels;
        bool inner = p % levels == 1;
        for (size_t k = 0; k < HZ_FLEX_PHASE_BITS; k++) {
            float x = (inner ? symbols->b : symbols->a)[each * k + turn];
            scratch->bit[k] = (x > 0) != (frame->inverted && !inner);
            scratch->sure[k] = fabsf(x);
        }
        hz_flex_phase_read(c, scratch, &frame->phase[p]);
        frame->overruled += frame->phase[p].overruled / (float)frame->phases;
        frame->whole = frame->whole && frame->phase[p].whole;
    }
}

/* A carrier alone gives codewords too, but equal ones. */
static bool varied(const struct hz_flex_phase *p)
{
    for (unsigned i = 1; i < HZ_FLEX_WORDS; i++)
        if (p->word[i].code != p->word[0].code)
            return true;
    return false;
}

bool hz_flex_frame_good(const struct hz_flex_frame *frame)
{
    for (unsigned p = 0; p < frame->phases; p++)
        if (varied(&frame->phase[p]) &&
            (frame->phase[p].plain || frame->phase[p].overruled < most_overruled))
            return true;
    return false;
}
