/* Packet radio and pagers, for the scene "mix". */
#include "sim/ax25.h"
#include "sim/packet.h"
#include "sim/pocsag.h"
#include "sim/traffic.h"

#include <math.h>
#include <stdio.h>

_Static_assert((int)HZ_SIM_AX25_MAX <= (int)HZ_AIR_RAW_MAX, "a packet fits");

#define RAD (3.14159265358979323846 / 180)

enum { APRS, FAST, PAGES }; /* channels; from PAGES on: pagers */

static const struct {
    const char *protocol;
    double freq_hz, bandwidth_hz;
    struct hz_sim_fsk fsk;
} channels[HZ_SIM_DATA_CHANNELS] = {
    {"aprs", 162.45e6, 12.5e3, {0, 0, 0, 0}}, /* tones, not levels */
    {"ax25-9600", 163.2e6, 25e3, {9600, 3000, 0.6, 8}},
    {"pocsag512", 162.7e6, 12.5e3, {512, 4500, 3, 2}},
    {"pocsag1200", 162.75e6, 12.5e3, {1200, 4500, 2, 2}},
    {"pocsag2400", 162.8e6, 12.5e3, {2400, 4500, 1, 2}},
};

/* ---- Packets ---- */

/* A place as APRS writes it; symbol: table and code. */
static void write_place(char *out, size_t room, double lat, double lon, const char *symbol)
{
    double north = floor(lat), east = floor(lon);
    snprintf(out, room, "!%02.0f%05.2fN%c%03.0f%05.2fE%c", north, fmin((lat - north) * 60, 59.99),
             symbol[0], east, fmin((lon - east) * 60, 59.99), symbol[1]);
}

/* Ten cars, each on a round of 4 km around its village between Elbe and Weser. */
static void write_car(char *text, size_t room, unsigned car, double at)
{
    char place[24];
    double km_h = 50 + 5 * car, angle = km_h / 3600 * at / 4 + 2 * car; /* clockwise from north */
    double lat = 53.49 + 0.055 * (car % 5) + 0.036 * cos(angle);
    double lon = 8.9 + 0.2 * (car / 5) + 0.06 * sin(angle);
    write_place(place, sizeof place, lat, lon, "/>");
    unsigned course = (unsigned)fmod(angle / RAD + 90, 360) + 1; /* 1 to 360 */
    snprintf(text, room, "DL%uHZ-9>APRS,WIDE1-1,WIDE2-1:%s%03u/%03.0fcar %u", car, place, course,
             km_h / 1.852, car);
}

static void write_weather(char *text, size_t room, unsigned number)
{
    char place[24];
    write_place(place, sizeof place, 53.62, 9.32, "/_");
    snprintf(text, room, "DL8HZ>APRS,WIDE2-1:%s%03u/%03ug%03ut%03uh%02ub%05u", place,
             200 + number % 90, 5 + number % 9, 12 + number % 20, 45 + number % 9, 60 + number % 30,
             10050 + number % 90);
}

static void write_digipeater(char *text, size_t room)
{
    char place[24];
    write_place(place, sizeof place, 53.62, 8.95, "/#");
    snprintf(text, room, "DB0HZ>APRS,WIDE2-1:%sPHG5360/digipeater", place);
}

static void write_packet(char *text, size_t room, struct hz_rng *r, double at)
{
    unsigned kind = hz_rng_below(r, 8), number = hz_rng_below(r, 999);
    if (kind < 4)
        write_car(text, room, number % 10, at);
    else if (kind == 4)
        write_weather(text, room, number);
    else if (kind == 5)
        write_digipeater(text, room);
    else if (kind == 6)
        snprintf(text, room, "DB0HZ>APRS,DB0XY*,WIDE2-1:>status of the digipeater %u", number);
    else
        snprintf(text, room, "OZ1HZ-5>APRS::DL1HZ-9  :hello number %u{%u", number, number);
}

static int modulate_packet(struct hz_air_sent *s, int channel)
{
    struct hz_sim_packet packet = {s->raw, s->raw_len, channel == FAST ? 60 : 30, 1};
    return channel == FAST ? hz_sim_packet_g3ruh(&packet, &channels[channel].fsk, &s->track)
                           : hz_sim_packet_bell202(&packet, 3000, 1, &s->track);
}

static int make_packet(struct hz_air_sent *s, int channel, struct hz_rng *r, double at)
{
    char text[160];
    write_packet(text, sizeof text, r, at);
    s->raw_len = hz_sim_ax25(text, s->raw);
    s->snr_db = hz_rng_between(r, 1, 26); /* an FM receiver decodes none below about 7 dB */
    s->carrier_hz = hz_rng_between(r, -300, 300);
    snprintf(s->type, sizeof s->type, "ui");
    snprintf(s->fields, sizeof s->fields, "{\"tnc2\":\"%s\"}", text);
    return modulate_packet(s, channel);
}

/* ---- Pages ---- */

static int make_page(struct hz_air_sent *s, int channel, struct hz_rng *r)
{
    float symbols[HZ_SIM_POCSAG_MAX];
    char text[80];
    bool alpha = hz_rng_chance(r, 0.6);
    struct hz_sim_page page = {hz_rng_below(r, 1 << 21), alpha ? 3 : 0, alpha, text};
    unsigned a = hz_rng_below(r, 100000), b = hz_rng_below(r, 1000);
    snprintf(text, sizeof text, alpha ? "Pump %u reports level %u cm, call back" : "%u-%u", a, b);
    size_t n = hz_sim_pocsag(&page, symbols);
    s->snr_db = hz_rng_between(r, -1, 25); /* an FM receiver decodes none below about 5 dB */
    snprintf(s->type, sizeof s->type, alpha ? "alpha" : "numeric");
    snprintf(s->fields, sizeof s->fields, "{\"address\":%u,\"function\":%u,\"text\":\"%s\"}",
             page.address, page.function, text);
    s->raw_len = (size_t)snprintf((char *)s->raw, sizeof s->raw, "%u:%u:%s", page.address,
                                  page.function, text);
    return hz_sim_fsk(&channels[channel].fsk, symbols, n, &s->track);
}

/* ---- Schedule ---- */

void hz_sim_data_init(struct hz_sim_data *d, struct hz_rng *r)
{
    for (int i = 0; i < HZ_SIM_DATA_CHANNELS; i++) {
        d->due[i] = hz_rng_between(r, 0, 1);
    }
}

void hz_sim_data_plan(struct hz_sim_data *d, struct hz_air *air)
{
    struct hz_rng *r = &air->rng;
    for (int i = 0; i < HZ_SIM_DATA_CHANNELS; i++) {
        double at = d->due[i];
        if (at >= hz_air_until(air)) {
            continue;
        }
        /* two batches of a page take 1120 bits */
        double lasts = i < PAGES ? 1 : 1500 / channels[i].fsk.baud;
        d->due[i] += lasts + hz_rng_between(r, 0.5, 3);
        struct hz_air_sent *s = hz_air_prepare(air, channels[i].protocol, channels[i].freq_hz,
                                               channels[i].bandwidth_hz);
        if (s != NULL && (i < PAGES ? make_packet(s, i, r, at) : make_page(s, i, r)) == 0) {
            hz_air_launch(air, s, at);
        }
    }
}
