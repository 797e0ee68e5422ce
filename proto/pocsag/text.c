#include "proto/pocsag/text.h"

#include "proto/pocsag/likely.h"

#include <math.h>
#include <string.h>

enum {
    DATA = 20, /* bits of message in a word */
    CHARACTERS = (HZ_POCSAG_PAGE_WORDS - 1) * DATA / 4,
};

/* Function 0 is customary for digits and 3 for text (ITU-R M.584-2, annex 1, leaves it open), but
 * whole countries send text with function 0: so the function makes one reading only four times as
 * likely. */
#define custom_bits 2.0f

/* A reading a million times less likely than the other is not shown. */
static const float beyond_doubt = 20;

static const char digits[] = "0123456789*U -][";

/* Character number i of `bits` bits each. */
static unsigned character(const struct hz_pocsag_page *p, unsigned bits, size_t i)
{
    unsigned value = 0;
    for (unsigned k = 0; k < bits; k++) {
        size_t bit = i * bits + k;
        value |= (p->word[1 + bit / DATA] >> (30 - bit % DATA) & 1) << k;
    }
    return value;
}

static size_t count(const struct hz_pocsag_page *p, unsigned bits)
{
    return (p->words - 1) * DATA / bits;
}

static void read_numeric(const struct hz_pocsag_page *p, struct hz_pocsag_text *out)
{
    size_t n = count(p, 4);
    while (n > 0 && digits[character(p, 4, n - 1)] == ' ')
        n--;
    for (size_t i = 0; i < n; i++)
        out->numeric[i] = digits[character(p, 4, i)];
    out->numeric_len = n;
}

static void read_alpha(const struct hz_pocsag_page *p, enum hz_charset charset,
                       struct hz_pocsag_text *out)
{
    size_t n = count(p, 7), len = 0;
    while (n > 0 && hz_pocsag_fills_up(character(p, 7, n - 1)))
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = (char)character(p, 7, i);
        const char *other = hz_charset_text(charset, c), *text = other ? other : &c;
        size_t bytes = other ? strlen(other) : 1;
        if (len + bytes > sizeof out->alpha)
            break;
        memcpy(out->alpha + len, text, bytes);
        len += bytes;
    }
    out->alpha_len = len;
}

/* Logarithm to base 2 of how much likelier text is than digits. */
static float leaning(const struct hz_pocsag_page *p)
{
    static const float custom[4] = {-custom_bits, 0, 0, custom_bits};
    uint8_t c[CHARACTERS] = {0};
    size_t n = count(p, 4), data = (p->words - 1) * DATA, chars = count(p, 7);
    unsigned rest = 0, left = (unsigned)(data - 7 * chars);
    for (size_t i = 0; i < n; i++)
        c[i] = (uint8_t)character(p, 4, i);
    float as_digits = hz_pocsag_cost_of_digits(c, n);
    for (size_t i = 0; i < chars; i++)
        c[i] = (uint8_t)character(p, 7, i);
    for (unsigned i = 0; i < left; i++)
        rest |= character(p, 1, data - left + i) << i;
    return as_digits - hz_pocsag_cost_of_text(c, chars, rest, left) + custom[p->function & 3];
}

/* Decides the kind of the page, and whether it could be the other kind too. */
static void judge(const struct hz_pocsag_page *p, enum hz_contents contents,
                  struct hz_pocsag_text *out)
{
    bool alpha = p->function != 0;
    if (contents == HZ_CONTENTS_AUTO) {
        float lean = leaning(p);
        alpha = lean > 0;
        out->both = fabsf(lean) < beyond_doubt;
    } else if (contents != HZ_CONTENTS_FUNCTION) {
        alpha = contents == HZ_CONTENTS_ALPHA;
    }
    out->kind = alpha ? HZ_POCSAG_ALPHA : HZ_POCSAG_NUMERIC;
}

void hz_pocsag_text_read(const struct hz_pocsag_page *p, const struct hz_pocsag_network *network,
                         struct hz_pocsag_text *out)
{
    out->numeric_len = out->alpha_len = 0;
    out->kind = HZ_POCSAG_TONE;
    out->both = false;
    if (p->words < 2)
        return;
    read_numeric(p, out);
    read_alpha(p, network->charset, out);
    judge(p, network->contents, out);
}
