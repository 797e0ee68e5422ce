#include "sim/acars.h"

#include "sim/hdlc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TURN (2 * 3.14159265358979323846)

enum {
    BAUD = 2400,
    KNOTS = 24, /* of a bit */
    KEY = 400,  /* bits of a pre-key at most */
    BITS = KEY + 8 * (5 + HZ_SIM_ACARS_BLOCK + 3),
    ETX = 3,
    ETB = 0x17,
    STX = 2,
    NAK = 0x15,
};

size_t hz_sim_acars_block(const struct hz_sim_acars *how, uint8_t block[HZ_SIM_ACARS_BLOCK])
{
    size_t n = 0, name = strlen(how->registration), text = how->text ? strlen(how->text) : 0;
    block[n++] = (uint8_t)how->mode;
    for (size_t dots = name; dots < 7; dots++)
        block[n++] = '.';
    memcpy(block + n, how->registration, name);
    n += name;
    block[n++] = how->ack ? (uint8_t)how->ack : NAK;
    block[n++] = (uint8_t)how->label[0];
    block[n++] = (uint8_t)how->label[1];
    block[n++] = (uint8_t)how->id;
    if (how->text) {
        block[n++] = STX;
        memcpy(block + n, how->text, text);
        n += text;
    }
    block[n++] = how->more ? ETB : ETX;
    return n;
}

/* Seven bits and one that makes the number of ones odd. */
static uint8_t with_parity(uint8_t c)
{
    unsigned ones = 0;
    for (unsigned i = 0; i < 7; i++)
        ones += c >> i & 1;
    return (uint8_t)(c | (ones % 2 == 0 ? 0x80 : 0));
}

static void put_block(struct hz_sim_bits *bits, const uint8_t *block, size_t n,
                      const struct hz_sim_acars_radio *radio)
{
    static const uint8_t sync[] = {'+', '*', 0x16, 0x16, 1};
    uint32_t check = 0;
    for (unsigned i = 0; i < radio->key && i < KEY; i++)
        hz_sim_bits_put(bits, 1, 1);
    for (size_t i = 0; i < sizeof sync; i++)
        hz_sim_bits_put(bits, 8, with_parity(sync[i]));
    for (size_t i = 0; i < n; i++) {
        bool wrong = radio->bad_parity > 0 && i % radio->bad_parity == radio->bad_parity - 1;
        uint8_t byte = with_parity(block[i]) ^ (wrong ? 0x80 : 0);
        for (unsigned b = 0; b < 8; b++) { /* x^16 + x^12 + x^5 + 1, the lowest bit first */
            unsigned out = (check ^ byte >> b) & 1;
            check >>= 1;
            check ^= out ? 0x8408 : 0;
        }
        hz_sim_bits_put(bits, 8, byte);
    }
    hz_sim_bits_put(bits, 16, check);
    hz_sim_bits_put(bits, 8, 0x7f);
}

int hz_sim_acars(const uint8_t *block, size_t n, const struct hz_sim_acars_radio *radio,
                 struct hz_sim_track *track)
{
    uint8_t bit[BITS];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    put_block(&bits, block, n, radio);
    int err = hz_sim_track_init(track, BAUD * KNOTS, bits.n * KNOTS + 1);
    if (err != 0)
        return err;
    double phase = radio->phase;
    uint8_t before = 1;
    for (size_t i = 0; i < bits.n; i++) {
        double hz = bit[i] == before ? 2400 : 1200; /* a bit that differs is half a cycle */
        for (size_t k = 0; k < KNOTS; k++) {
            double a = 1 + radio->depth * cos(TURN * phase);
            track->amplitude[i * KNOTS + k] = (float)fmax(a, 0);
            phase = fmod(phase + hz / (BAUD * KNOTS), 1);
        }
        before = bit[i];
    }
    track->amplitude[bits.n * KNOTS] = track->amplitude[bits.n * KNOTS - 1];
    hz_sim_track_seal(track);
    return 0;
}

void hz_sim_acars_registration(struct hz_rng *r, char registration[8])
{
    unsigned a = hz_rng_below(r, 26), b = hz_rng_below(r, 26), c = hz_rng_below(r, 26);
    if (hz_rng_chance(r, 0.5))
        snprintf(registration, 8, "N%03u%c%c", 100 + hz_rng_below(r, 900), (char)('A' + a),
                 (char)('A' + b));
    else
        snprintf(registration, 8, "D-A%c%c%c", (char)('A' + a), (char)('A' + b), (char)('A' + c));
}

void hz_sim_acars_compose(struct hz_rng *r, const char **label, char text[221])
{
    static const char *const airports[] = {"EDDF", "EGLL", "LFPG", "KJFK", "LEMD", "LOWW"};
    unsigned lat = hz_rng_below(r, 60), lon = hz_rng_below(r, 60), level = hz_rng_below(r, 400);
    const char *from = airports[hz_rng_below(r, 6)], *to = airports[hz_rng_below(r, 6)];
    size_t n =
        (size_t)snprintf(text, 221, "M%02uALH%04u", hz_rng_below(r, 100), hz_rng_below(r, 10000));
    switch (hz_rng_below(r, 5)) {
    case 0:
        *label = "QA";
        snprintf(text + n, 221 - n, "%s%02u%02u", from, hz_rng_below(r, 24), lat);
        break;
    case 1:
        *label = "H1";
        snprintf(text + n, 221 - n,
                 "#M1BPOSN50%02u%uE008%02u%u,RID,%02u%02u%02u,%03u,CHA,%02u%02u%02u,TRA,M%02u", lat,
                 lat % 10, lon, lon % 10, lat % 24, lon, lat, level, lon % 24, lat, lon,
                 level / 10);
        break;
    case 2:
        *label = "Q0";
        break;
    case 3:
        *label = "20";
        snprintf(text + n, 221 - n, "POSN50%02u%uE008%02u%u,,%02u%02u00,%03u,,%s,%s", lat, lat % 10,
                 lon, lon % 10, lat % 24, lon, level, from, to);
        break;
    default:
        *label = "80";
        for (size_t words = 2 + hz_rng_below(r, 20); words > 0 && n < 210; words--)
            n += (size_t)snprintf(text + n, 221 - n, "%s/%u ", airports[hz_rng_below(r, 6)],
                                  hz_rng_below(r, 10000));
    }
}
