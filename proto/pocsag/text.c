#include "proto/pocsag/text.h"

#include <string.h>

enum { DATA = 20 }; /* bits of message in a word */

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

/* Returns how many characters no one would send as digits. */
static size_t read_numeric(const struct hz_pocsag_page *p, struct hz_pocsag_text *out)
{
    size_t n = count(p, 4), odd = 0;
    while (n > 0 && digits[character(p, 4, n - 1)] == ' ')
        n--;
    for (size_t i = 0; i < n; i++) {
        out->numeric[i] = digits[character(p, 4, i)];
        odd += strchr("*][", out->numeric[i]) != NULL;
    }
    out->numeric_len = n;
    return odd;
}

static bool fills_up(unsigned c)
{
    return c == 0x00 || c == 0x03 || c == 0x04; /* NUL, ETX, EOT */
}

/* Returns how many characters no one would send as text. */
static size_t read_alpha(const struct hz_pocsag_page *p, enum hz_charset charset,
                         struct hz_pocsag_text *out)
{
    size_t n = count(p, 7), odd = 0, len = 0;
    while (n > 0 && fills_up(character(p, 7, n - 1)))
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = (char)character(p, 7, i);
        const char *other = hz_charset_text(charset, c), *text = other ? other : &c;
        size_t bytes = other ? strlen(other) : 1;
        odd += (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
        if (len + bytes > sizeof out->alpha)
            break;
        memcpy(out->alpha + len, text, bytes);
        len += bytes;
    }
    out->alpha_len = len;
    return odd;
}

void hz_pocsag_text_read(const struct hz_pocsag_page *p, enum hz_charset charset,
                         struct hz_pocsag_text *out)
{
    out->numeric_len = out->alpha_len = 0;
    out->kind = HZ_POCSAG_TONE;
    out->doubtful = false;
    if (p->words < 2)
        return;
    size_t odd_digits = read_numeric(p, out), odd_letters = read_alpha(p, charset, out);
    bool digits_fit = out->numeric_len > 0 && odd_digits * 8 <= out->numeric_len;
    bool letters_fit = out->alpha_len > 0 && odd_letters == 0;
    /* By custom 0 is for digits, 3 for text, 1 and 2 for anything; contents that fit only the
     * other way overrule it. */
    bool alpha = p->function == 0 ? letters_fit && !digits_fit : letters_fit || !digits_fit;
    bool custom = p->function == 0 || p->function == 3;
    out->kind = alpha ? HZ_POCSAG_ALPHA : HZ_POCSAG_NUMERIC;
    out->doubtful = digits_fit == letters_fit && !(digits_fit && custom);
}
