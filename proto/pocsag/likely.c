#include "proto/pocsag/likely.h"

#include <math.h>

enum kind { LOWER, UPPER, DIGIT, SPACE, POINT, NATIONAL, LAYOUT, CONTROL, KINDS };
enum { START = KINDS }; /* what the first character follows */

/* Per mille of the characters that follow one of a kind, by their own kind. */
static const uint16_t follows[KINDS + 1][KINDS] = {
    [LOWER] = {718, 10, 10, 160, 80, 15, 5, 2},
    [UPPER] = {230, 480, 60, 140, 65, 18, 5, 2},
    [DIGIT] = {25, 65, 580, 180, 135, 5, 8, 2},
    [SPACE] = {290, 310, 240, 60, 75, 18, 5, 2},
    [POINT] = {150, 200, 270, 250, 105, 15, 8, 2},
    [NATIONAL] = {480, 230, 30, 140, 60, 53, 5, 2},
    [LAYOUT] = {150, 400, 220, 60, 100, 15, 53, 2},
    [CONTROL] = {120, 250, 150, 80, 80, 20, 50, 250},
    [START] = {130, 560, 170, 20, 88, 20, 10, 2},
};

/* Per mille of the letters. */
static const uint16_t letters[26] = {73, 21, 27, 43, 112, 23, 30, 37, 64, 12, 25, 45, 30,
                                     71, 50, 23, 9,  65,  60, 66, 33, 21, 19, 10, 16, 14};

/* Common punctuation, and per mille of it; the other marks share the rest. */
static const char points[] = ".-,:/()+'\"!?&*";
static const uint16_t point_shares[] = {200, 165, 125, 140, 120, 45, 45,
                                        25,  20,  15,  25,  20,  10, 15};
static const float other_points = 0.03f / 5; /* of % ; < = > each */

/* "0123456789*U -][": per mille. */
static const uint16_t digits[16] = {85, 85, 85, 85, 85, 85, 85, 85, 85, 85, 6, 8, 70, 42, 12, 12};

/* Cost, in bits, of a character that pads the end; of a bit, not 0, that is left over from a
 * character that was cut. */
static const float filler = 0.3f;

static float bits(float fraction)
{
    return -log2f(fraction);
}

static enum kind kind_of(unsigned c)
{
    if (c >= 'a' && c <= 'z')
        return LOWER;
    if (c >= 'A' && c <= 'Z')
        return UPPER;
    if (c >= '0' && c <= '9')
        return DIGIT;
    if (c == ' ')
        return SPACE;
    if (c == '\n' || c == '\r' || c == '\t')
        return LAYOUT;
    if (c < 0x20 || c == 0x7f)
        return CONTROL;
    return c >= '@' || c == '#' || c == '$' ? NATIONAL : POINT;
}

static float fraction_of_point(unsigned c)
{
    for (unsigned i = 0; points[i]; i++)
        if ((unsigned)points[i] == c)
            return point_shares[i] / 1000.0f;
    return other_points;
}

/* Of the characters of its kind. */
static float fraction(enum kind kind, unsigned c)
{
    static const unsigned sizes[KINDS] = {
        [DIGIT] = 10, [SPACE] = 1, [NATIONAL] = 13, [LAYOUT] = 3, [CONTROL] = 30};
    if (kind == LOWER || kind == UPPER)
        return letters[c - (kind == LOWER ? 'a' : 'A')] / 1000.0f;
    return kind == POINT ? fraction_of_point(c) : 1.0f / (float)sizes[kind];
}

bool hz_pocsag_fills_up(unsigned c)
{
    return c == 0x00 || c == 0x03 || c == 0x04;
}

float hz_pocsag_cost_of_text(const uint8_t *c, size_t n, unsigned rest, unsigned left)
{
    float cost = rest == 0 ? 0 : (float)left;
    unsigned before = START;
    for (; n > 0 && hz_pocsag_fills_up(c[n - 1]); n--)
        cost += filler;
    for (size_t i = 0; i < n; i++) {
        enum kind kind = kind_of(c[i]);
        cost += bits(follows[before][kind] / 1000.0f) + bits(fraction(kind, c[i]));
        before = kind;
    }
    return cost;
}

float hz_pocsag_cost_of_digits(const uint8_t *digit, size_t n)
{
    float cost = 0;
    for (; n > 0 && digit[n - 1] == 12; n--)
        cost += filler;
    for (size_t i = 0; i < n; i++)
        cost += bits(digits[digit[i]] / 1000.0f);
    return cost;
}
