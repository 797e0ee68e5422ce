#include "proto/ais/nmea.h"

#include "proto/link/bits.h"

#include <stdio.h>

/* A sentence has at most 82 characters, 22 of which are not payload. */
enum { CHARS_MAX = 60 };

static char armour(const uint8_t *payload, size_t bits, size_t at)
{
    unsigned left = bits - at < 6 ? (unsigned)(bits - at) : 6;
    uint32_t v = hz_bits(payload, (unsigned)at + 1, left) << (6 - left);
    return (char)(v < 40 ? v + '0' : v + '8');
}

static void sentence(struct hz_json *j, char *text, int n, unsigned fill)
{
    n += snprintf(text + n, 4, ",%u", fill);
    unsigned sum = 0;
    for (int i = 1; i < n; i++)
        sum ^= (unsigned char)text[i];
    n += snprintf(text + n, 4, "*%02X", sum);
    hz_json_strn(j, NULL, text, (size_t)n);
}

void hz_ais_nmea(struct hz_json *j, const uint8_t *payload, size_t bits, char channel,
                 unsigned *sequence)
{
    size_t chars = (bits + 5) / 6, at = 0;
    unsigned count = (unsigned)((chars + CHARS_MAX - 1) / CHARS_MAX);
    char number[12] = "", letter[2] = {channel, 0};
    if (count > 1) {
        snprintf(number, sizeof number, "%u", *sequence);
        *sequence = (*sequence + 1) % 10;
    }
    hz_json_open_array(j, "nmea");
    for (unsigned i = 1; i <= count; i++) {
        char text[96];
        int n = snprintf(text, 32, "!AIVDM,%u,%u,%s,%s,", count, i, number, letter);
        for (size_t end = at + CHARS_MAX; at < end && at < chars; at++)
            text[n++] = armour(payload, bits, at * 6);
        sentence(j, text, n, i == count ? (unsigned)(chars * 6 - bits) : 0);
    }
    hz_json_close_array(j);
}
