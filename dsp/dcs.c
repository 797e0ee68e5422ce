#include "dsp/dcs.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define RATE_HZ   134.4 /* TIA-603 */
#define WORD_MASK 0x7fffffu
#define GENERATOR 0xae3u /* x^11 + x^9 + x^7 + x^6 + x^5 + x + 1, of the Golay code */
#define CODES     512
#define CODE_MASK 0x1ffu
#define MARK      0x800u /* the bits 0, 0, 1 that follow the code */

/* Score that is enough. Random bits repeat 16 times in a row with probability 2^-16, and 1 of 2000
 * random words of 23 bits is in the code. With the word itself this takes 0.29 s. */
#define ALIKE_SURE 16
#define ALIKE_MOST 32 /* upper bound of the score, so that it falls quickly when the code ends */
#define UNLIKE     3  /* an unequal bit lowers the score by this: up to 1 in 4 may be unequal */
/* Deviation of the weakest code that is accepted. 350 to 1000 Hz are usual. */
#define LEAST_HZ 60.0f

/* The codes of TIA-603 and those that all makers added: one of each group with the same signal. */
static const uint16_t in_use[] = {
    0023, 0025, 0026, 0031, 0032, 0036, 0043, 0047, 0051, 0053, 0054, 0065, 0071, 0072, 0073,
    0074, 0114, 0115, 0116, 0122, 0125, 0131, 0132, 0134, 0143, 0145, 0152, 0155, 0156, 0162,
    0165, 0172, 0174, 0205, 0212, 0223, 0225, 0226, 0243, 0244, 0245, 0246, 0251, 0252, 0255,
    0261, 0263, 0265, 0266, 0271, 0274, 0306, 0311, 0315, 0325, 0331, 0332, 0343, 0346, 0351,
    0356, 0364, 0365, 0371, 0411, 0412, 0413, 0423, 0431, 0432, 0445, 0446, 0452, 0454, 0455,
    0462, 0464, 0465, 0466, 0503, 0506, 0516, 0523, 0526, 0532, 0546, 0565, 0606, 0612, 0624,
    0627, 0631, 0632, 0654, 0662, 0664, 0703, 0712, 0723, 0731, 0732, 0734, 0743, 0754,
};

/* The eleven check bits of the twelve data bits; the first bit of each is the least significant. */
static uint32_t check_bits(uint32_t word)
{
    uint32_t rest = 0, check = 0;
    for (int i = 0; i < 12; i++) {
        uint32_t feed = (word >> i & 1) ^ (rest >> 10 & 1);
        rest = (rest << 1 & 0x7ff) ^ (feed ? GENERATOR & 0x7ff : 0);
    }
    for (int i = 0; i < 11; i++)
        check |= (rest >> (10 - i) & 1) << i;
    return check;
}

uint32_t hz_dcs_word(unsigned code)
{
    uint32_t word = (code & CODE_MASK) | MARK;
    return word | check_bits(word) << 12;
}

static bool is_word(uint32_t word)
{
    return check_bits(word) == word >> 12;
}

int hz_dcs_name(uint32_t word)
{
    int name = -1;
    if (!is_word(word))
        return -1;
    for (int k = 0; k < HZ_DCS_BITS; k++) {
        word = (word >> 1 | word << (HZ_DCS_BITS - 1)) & WORD_MASK;
        int code = (int)(word & CODE_MASK);
        if ((word & 0xe00) != MARK)
            continue;
        for (size_t i = 0; i < sizeof in_use / sizeof *in_use; i++) {
            if (in_use[i] == code)
                return code;
        }
        name = name < 0 || code < name ? code : name;
    }
    return name;
}

int hz_dcs_inverse(unsigned code)
{
    return hz_dcs_name(~hz_dcs_word(code) & WORD_MASK);
}

int hz_dcs_parse(const char *text, unsigned *code)
{
    const char *s = *text == 'D' || *text == 'd' ? text + 1 : text;
    uint32_t word, value = 0;
    for (int i = 0; i < 3; i++) {
        if (s[i] < '0' || s[i] > '7')
            return -EINVAL;
        value = value << 3 | (uint32_t)(s[i] - '0');
    }
    bool inverted = s[3] == 'I' || s[3] == 'i';
    if (s[3] && ((!inverted && s[3] != 'N' && s[3] != 'n') || s[4]))
        return -EINVAL;
    word = hz_dcs_word(value);
    int name = hz_dcs_name(inverted ? ~word & WORD_MASK : word);
    if (name < 0)
        return -EINVAL;
    *code = (unsigned)name;
    return 0;
}

void hz_dcs_init(struct hz_dcs *d, unsigned rate_hz)
{
    hz_subaudio_init(&d->decimator, rate_hz);
    hz_dcs_reset(d);
}

void hz_dcs_reset(struct hz_dcs *d)
{
    struct hz_subaudio decimator = d->decimator;
    *d = (struct hz_dcs){.decimator = decimator, .code = -1};
    hz_subaudio_reset(&d->decimator);
}

/* The decision threshold: midway between the mean frequency of the ones and of the zeros, iterated
 * from the mean of all bits. *apart is the deviation. */
static float middle(const float *bits, float *apart)
{
    float at = 0;
    for (int i = 0; i < HZ_DCS_BITS; i++)
        at += bits[i] / HZ_DCS_BITS;
    for (int round = 0; round < 3; round++) {
        float sum[2] = {0, 0}, n[2] = {1e-9f, 1e-9f};
        for (int i = 0; i < HZ_DCS_BITS; i++) {
            sum[bits[i] > at] += bits[i];
            n[bits[i] > at]++;
        }
        float low = sum[0] / n[0], high = sum[1] / n[1];
        at = (low + high) / 2;
        *apart = (high - low) / 2;
    }
    return at;
}

/* Processes one bit of one clock phase; hz is the mean frequency during the bit. */
static void take_bit(struct hz_dcs *d, struct hz_dcs_clock *c, float hz)
{
    unsigned at = c->have++ % HZ_DCS_BITS;
    float apart = 0, between, before = c->bits[at];
    if (c->have <= HZ_DCS_BITS) {
        c->bits[at] = hz;
        return;
    }
    between = middle(c->bits, &apart);
    c->alike += (hz > between) == (before > between) ? 1 : -UNLIKE;
    c->alike = c->alike < 0 ? 0 : c->alike > ALIKE_MOST ? ALIKE_MOST : c->alike;
    c->bits[at] = (hz + before) / 2;
    if (c->alike < ALIKE_SURE || apart < LEAST_HZ)
        return;
    uint32_t word = 0;
    for (unsigned i = 0; i < HZ_DCS_BITS; i++)
        word |= (uint32_t)(c->bits[i] > between) << i;
    d->code = hz_dcs_name(word);
}

void hz_dcs_push(struct hz_dcs *d, const float *hz, size_t n)
{
    const double step = HZ_SUBAUDIO_RATE / RATE_HZ / HZ_DCS_STEPS;
    float x;
    while (hz_subaudio_push(&d->decimator, &hz, &n, &x)) {
        double from = (double)d->samples++;
        for (; d->next < from + 1; d->next += step, d->steps++) {
            double total = d->total + (d->next - from) * (double)x;
            double *before = &d->totals[d->steps % HZ_DCS_STEPS];
            if (d->code < 0 && d->steps >= HZ_DCS_STEPS)
                take_bit(d, &d->clocks[d->steps % HZ_DCS_STEPS],
                         (float)((total - *before) / (step * HZ_DCS_STEPS)));
            *before = total;
        }
        d->total += (double)x;
    }
}

int hz_dcs_code(const struct hz_dcs *d)
{
    return d->code;
}
