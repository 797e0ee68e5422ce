/* A ground station and aircraft on a channel of VDL mode 2, for the scene "mix": the station tells
 * where it is, aircraft tell where they are when they come over, send ACARS, and confirm. */
#include "sim/traffic.h"
#include "sim/vdl2.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double freq_hz = 163e6, width_hz = 25e3, pause_s = 0.8;
static const struct hz_sim_vdl2_address station = {4, 0x2207bb, 0}, everyone = {7, 0xffffff, 1};

enum { AIRCRAFT = 8 };

void hz_sim_vdl2_net_init(struct hz_sim_vdl2_net *n, uint64_t seed)
{
    hz_rng_init(&n->rng, seed, 47);
    n->due = hz_rng_between(&n->rng, 0, pause_s);
}

/* A place to a tenth of a degree. */
static void put_place(double lat, double lon, uint8_t out[3])
{
    uint32_t both =
        ((uint32_t)(int)lround(10 * lat) & 0xfff) << 12 | ((uint32_t)(int)lround(10 * lon) & 0xfff);
    out[0] = (uint8_t)(both >> 16);
    out[1] = (uint8_t)(both >> 8);
    out[2] = (uint8_t)both;
}

static size_t put_station(uint8_t *info)
{
    static const uint8_t head[] = {0x82, 0xf0, 0,   14,  0x00, 1,    'V', 0xc3,
                                   4,    'E',  'D', 'D', 'H',  0xc8, 3};
    memcpy(info, head, sizeof head);
    put_place(53.6, 10, info + sizeof head);
    return sizeof head + 3;
}

static size_t put_handoff(struct hz_rng *r, uint8_t *info)
{
    static const uint8_t head[] = {0x82, 0xf0, 0, 18,  0x00, 1,   'V', 0x01, 1,
                                   0x01, 0x83, 4, 'E', 'D',  'D', 'F', 0x84, 4};
    memcpy(info, head, sizeof head);
    put_place(hz_rng_between(r, 53, 54.5), hz_rng_between(r, 8, 11), info + sizeof head);
    info[sizeof head + 3] = (uint8_t)(20 + hz_rng_below(r, 20)); /* thousands of feet */
    return sizeof head + 4;
}

/* A block of ACARS: mode, registration, label, text with its number, block and flight. */
static size_t put_acars(struct hz_rng *r, unsigned number, uint8_t *info)
{
    static const char *const texts[] = {"FUEL 82 TEMP M56 ETA 1835", "GATE A17 RAMP CLEAR",
                                        "CREW CHANGE AT EDDF, 2 EXTRA SEATS", "ATIS EDDH PSE"};
    char text[120];
    uint8_t *block = info + 3;
    unsigned n = (unsigned)snprintf(text, sizeof text,
                                    "2.D-AI%c%c\x15"
                                    "5U%u\x02M%02uALH%04u%s",
                                    'A' + (int)(number % 7), 'B' + (int)(number % 11), number % 10,
                                    number % 100, 100 + number % 60, texts[hz_rng_below(r, 4)]);
    memcpy(info, "\xff\xff\x01", 3);
    memcpy(block, text, n);
    block[n] = 0x03;
    return 3 + hz_sim_vdl2_block(block, n + 1);
}

static int make_frame(struct hz_sim_vdl2_net *n, struct hz_air_sent *s)
{
    struct hz_rng *r = &n->rng;
    const struct hz_sim_vdl2_address one = {1, 0x3c6000 + hz_rng_below(r, AIRCRAFT), 0};
    struct hz_sim_vdl2_address response = one;
    uint8_t info[160];
    unsigned kind = hz_rng_below(r, 8), number = n->sent++;
    response.status = 1;
    if (kind == 0) {
        s->raw_len = hz_sim_vdl2_frame(&everyone, &station, 0xaf, info, put_station(info), s->raw);
        snprintf(s->type, sizeof s->type, "gsif");
    } else if (kind == 1) {
        s->raw_len =
            hz_sim_vdl2_frame(&station, &response, 0xbf, info, put_handoff(r, info), s->raw);
        snprintf(s->type, sizeof s->type, "handoff");
    } else if (kind < 4) {
        s->raw_len = hz_sim_vdl2_frame(&station, &response, (uint8_t)((number & 7) << 5 | 1), NULL,
                                       0, s->raw);
        snprintf(s->type, sizeof s->type, "rr");
    } else {
        s->raw_len = hz_sim_vdl2_frame(&station, &one, (uint8_t)((number & 7) << 1), info,
                                       put_acars(r, number, info), s->raw);
        snprintf(s->type, sizeof s->type, "acars");
    }
    s->snr_db = hz_rng_between(r, 13, 28);
    s->carrier_hz = hz_rng_between(r, -600, 600);
    s->clock = 1 + hz_rng_between(r, -20e-6, 20e-6);
    snprintf(s->fields, sizeof s->fields, "{\"src\":\"%06x\"}",
             kind == 0 ? station.address : one.address);
    const struct hz_sim_vdl2_frames frames = {{s->raw}, {s->raw_len}, 1};
    return hz_sim_vdl2_track(&frames, hz_rng_chance(r, 0.2), &s->track);
}

void hz_sim_vdl2_net_plan(struct hz_sim_vdl2_net *n, struct hz_air *air)
{
    while (n->due < hz_air_until(air)) {
        double at = n->due;
        struct hz_air_sent *s = hz_air_prepare(air, "vdl2", freq_hz, width_hz);
        if (s != NULL && make_frame(n, s) == 0) {
            /* what it draws is its own: the other channels send the same with and without it */
            struct hz_rng others = air->rng;
            air->rng = n->rng;
            hz_air_launch(air, s, at);
            n->rng = air->rng;
            air->rng = others;
        }
        n->due += 0.15 + hz_rng_between(&n->rng, 0, pause_s);
    }
}
