#include "bench/curves/sent.h"

#include "sim/acars.h"
#include "sim/ax25.h"
#include "sim/flex.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/packet.h"
#include "sim/pocsag.h"
#include "sim/ships.h"
#include "sim/signal.h"
#include "sim/sonde.h"
#include "sim/vdl2.h"
#include "sim/wmbus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sender {
    void (*compose)(struct sent *s, const struct way *way, struct senders *who);
    int (*modulate)(struct sent *s, const struct way *way, const struct transmitter *how);
};

/* ---- Mode S: four extended squitters to one acquisition squitter ---- */

static void compose_modes(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_sim_fleet *fleet = &who->fleet;
    struct hz_rng *r = &who->rng;
    hz_sim_fleet_step(fleet, 0.1);
    const struct hz_sim_flight *f = &fleet->aircraft[hz_rng_below(r, (uint32_t)fleet->n)].flight;
    uint8_t me[7];
    if (hz_rng_chance(r, 0.2)) {
        s->raw_len = hz_sim_df11(f, 0, s->raw);
        snprintf(s->type, sizeof s->type, "df11");
    } else {
        unsigned kind = hz_rng_below(r, 10);
        if (kind < 5) {
            (f->on_ground ? hz_sim_me_surface : hz_sim_me_position)(f, kind % 2, me);
        } else if (kind < 9) {
            hz_sim_me_velocity(f, me);
        } else {
            hz_sim_me_identity(f, me);
        }
        s->raw_len = hz_sim_squitter(f, 17, me, s->raw);
        snprintf(s->type, sizeof s->type, "df17");
    }
    snprintf(s->fields, sizeof s->fields, "{\"hex\":\"%06x\"}", f->address);
}

/* ---- AIS (ITU-R M.1371-5) ---- */

static void compose_ais(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_rng *r = &who->rng;
    struct hz_sim_ship ship;
    hz_sim_ship_init(&ship, hz_rng_below(r, 30), r);
    double second = hz_rng_between(r, 0, 60);
    bool report = hz_rng_chance(r, 0.8);
    if (ship.kind == HZ_SIM_SHORE) {
        s->raw_len = hz_sim_ais_shore(&ship, second, s->raw);
    } else if (ship.kind == HZ_SIM_BUOY) {
        s->raw_len = hz_sim_ais_buoy(&ship, second, s->raw);
    } else if (report) {
        s->raw_len = hz_sim_ais_position(&ship, second, s->raw);
    } else if (ship.kind == HZ_SIM_CLASS_A) {
        s->raw_len = hz_sim_ais_static(&ship, s->raw);
    } else {
        s->raw_len = hz_sim_ais_static_b(&ship, hz_rng_chance(r, 0.5), s->raw);
    }
    snprintf(s->type, sizeof s->type, "%u", s->raw[0] >> 2);
    snprintf(s->fields, sizeof s->fields, "{\"mmsi\":%u}", ship.mmsi);
}

static int modulate_ais(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)how;
    const struct hz_sim_fsk gmsk = {way->baud, 2400, 0.4, 4};
    uint8_t bit[800];
    float symbols[sizeof bit];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    hz_sim_bits_put(&bits, 32, 0x55555555); /* eight to rise, 24 of training */
    hz_sim_hdlc_frame(&bits, s->raw, s->raw_len);
    hz_sim_bits_put(&bits, 4, 0);
    hz_sim_nrzi(&bits, symbols);
    return hz_sim_fsk(&gmsk, symbols, bits.n, &s->track);
}

/* ---- Words ---- */

static void write_words(char *text, size_t room, size_t wanted, struct hz_rng *r)
{
    static const char words[][9] = {"pump", "level", "call",    "back", "north", "gate",
                                    "on",   "duty",  "check",   "at",   "relay", "mobile",
                                    "via",  "73 de", "testing", "rain", "wind",  "5 km",
                                    "QRV",  "Low",   "Ward 4"};
    size_t n = 0;
    text[0] = '\0';
    while (n < wanted && n + 10 < room) {
        const char *word = words[hz_rng_below(r, sizeof words / sizeof words[0])];
        n += (size_t)snprintf(text + n, room - n, "%s%s", n > 0 ? " " : "", word);
    }
}

/* ---- Packets: APRS in AX.25, at 1200 baud with tones or at 9600 scrambled ---- */

static void write_call(char call[10], struct hz_rng *r)
{
    static const char prefixes[][3] = {"DL", "OE", "HB", "G", "F", "SP", "OZ", "W", "VK", "PA"};
    snprintf(call, 10, "%s%u%c%c%c-%u", prefixes[hz_rng_below(r, 10)], hz_rng_below(r, 10),
             'A' + (char)hz_rng_below(r, 26), 'A' + (char)hz_rng_below(r, 26),
             'A' + (char)hz_rng_below(r, 26), 1 + hz_rng_below(r, 15));
}

static void write_report(char *text, size_t room, struct hz_rng *r)
{
    unsigned lat = hz_rng_below(r, 9000), lon = hz_rng_below(r, 18000), n = hz_rng_below(r, 1000);
    char words[80], call[10];
    write_words(words, sizeof words, hz_rng_below(r, 40), r);
    write_call(call, r);
    switch (hz_rng_below(r, 5)) {
    case 0:
    case 1:
        snprintf(text, room, "!%02u%02u.%02uN/%03u%02u.%02uE>%s", lat / 100, lat % 60, n % 100,
                 lon / 100, lon % 60, n / 10, words);
        break;
    case 2:
        snprintf(text, room, ">%s %u", words, n);
        break;
    case 3:
        snprintf(text, room, ":%-9s:%s{%u", call, words, n);
        break;
    default:
        snprintf(text, room, "_10090556c%03us%03ug%03ut%03ur000h%02ub%05u", n % 360, n % 30, n % 60,
                 n % 100, n % 99, 9800 + n);
        break;
    }
}

static void compose_packet(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    char from[10], over[10], report[160], text[240];
    write_call(from, &who->rng);
    write_call(over, &who->rng);
    write_report(report, sizeof report, &who->rng);
    if (hz_rng_chance(&who->rng, 0.5)) {
        snprintf(text, sizeof text, "%s>APRS,%s*,WIDE2-1:%s", from, over, report);
    } else {
        snprintf(text, sizeof text, "%s>APRS,WIDE1-1,WIDE2-1:%s", from, report);
    }
    s->raw_len = hz_sim_ax25(text, s->raw);
    snprintf(s->type, sizeof s->type, "ui");
    snprintf(s->fields, sizeof s->fields, "{\"tnc2\":\"%s\"}", text);
}

static int modulate_packet(struct sent *s, const struct way *way, const struct transmitter *how)
{
    const struct hz_sim_fsk g3ruh = {way->baud, 3000, 0.6, 8};
    struct hz_sim_packet packet = {s->raw, s->raw_len, 60, 1};
    if (way->baud > 1200) {
        return hz_sim_packet_g3ruh(&packet, &g3ruh, &s->track);
    }
    packet.flags = 45;
    return hz_sim_packet_bell202(&packet, 3000, how->tone, &s->track);
}

/* ---- Pages: raw is ADDRESS:FUNCTION:TEXT ---- */

static void compose_page(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_rng *r = &who->rng;
    char text[80];
    bool alpha = hz_rng_chance(r, 0.6);
    if (alpha) {
        write_words(text, sizeof text, 10 + hz_rng_below(r, 35), r);
    } else {
        snprintf(text, sizeof text, "%u-%u", hz_rng_below(r, 1000000), hz_rng_below(r, 10000));
    }
    unsigned address = 8 + hz_rng_below(r, (1 << 21) - 16), function = alpha ? 3 : 0;
    s->raw_len =
        (size_t)snprintf((char *)s->raw, sizeof s->raw, "%u:%u:%s", address, function, text);
    snprintf(s->type, sizeof s->type, alpha ? "alpha" : "numeric");
    snprintf(s->fields, sizeof s->fields, "{\"address\":%u,\"function\":%u,\"text\":\"%s\"}",
             address, function, text);
}

static int modulate_page(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)how;
    /* the same transmitter for all three: its edges are as steep at any speed */
    const struct hz_sim_fsk fsk = {way->baud, 4500, 2400 / way->baud, 2};
    static float symbols[HZ_SIM_POCSAG_MAX];
    const char *raw = (const char *)s->raw;
    unsigned address, function;
    int text;
    sscanf(raw, "%u:%u:%n", &address, &function, &text);
    struct hz_sim_page page = {address, function, function == 3, raw + text};
    size_t n = hz_sim_pocsag(&page, symbols);
    return hz_sim_fsk(&fsk, symbols, n, &s->track);
}

/* ---- Radiosondes: one sonde, frame by frame ---- */

static void compose_sonde(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    if (who->sonde.frame == 0) {
        hz_sim_sonde_init(&who->sonde, &who->rng, 53.5, 9.5, hz_rng_between(&who->rng, 500, 25e3));
    }
    hz_sim_sonde_step(&who->sonde);
    hz_sim_sonde_frame(&who->sonde, s->raw);
    s->raw_len = HZ_SIM_SONDE_FRAME;
    snprintf(s->type, sizeof s->type, "rs41");
    hz_sim_sonde_fields(&who->sonde, s->fields, sizeof s->fields);
}

static int modulate_sonde(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)how;
    const struct hz_sim_fsk gfsk = {way->baud, 2400, 0.5, 4};
    float symbols[HZ_SIM_SONDE_SYMBOLS];
    hz_sim_sonde_symbols(s->raw, symbols);
    return hz_sim_fsk(&gfsk, symbols, HZ_SIM_SONDE_SYMBOLS, &s->track);
}

/* ---- VDL2: two frames with ACARS inside to one receive ready, alone in a transmission ---- */

/* A block: the address of an aircraft, label, text with its check sequence and the last octet. */
static size_t write_block(uint8_t *out, struct hz_rng *r)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ./";
    char head[40];
    size_t n = (size_t)snprintf(head, sizeof head, "2.N%03uAB\x15H1%u\x02M%02uAXX%04u",
                                hz_rng_below(r, 1000), hz_rng_below(r, 10), hz_rng_below(r, 100),
                                hz_rng_below(r, 10000));
    memcpy(out, head, n);
    for (size_t left = 5 + hz_rng_below(r, 190); left > 0; left--)
        out[n++] = (uint8_t)letters[hz_rng_below(r, sizeof letters - 1)];
    out[n++] = 0x03;
    return hz_sim_vdl2_block(out, n);
}

static void compose_vdl2(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_rng *r = &who->rng;
    struct hz_sim_vdl2_address to = {4, hz_rng_below(r, 1u << 24), 0};
    struct hz_sim_vdl2_address from = {1, hz_rng_below(r, 1u << 24), 0};
    uint8_t information[300] = {0xff, 0xff, 0x01};
    size_t n = 0;
    unsigned numbers = hz_rng_below(r, 64);
    if (hz_rng_chance(r, 2.0 / 3)) {
        n = 3 + write_block(information + 3, r);
        snprintf(s->type, sizeof s->type, "i");
        s->raw_len =
            hz_sim_vdl2_frame(&to, &from, (uint8_t)((numbers & 7) << 1 | (numbers & 56) << 2),
                              information, n, s->raw);
    } else {
        from.status = 1;
        snprintf(s->type, sizeof s->type, "rr");
        s->raw_len =
            hz_sim_vdl2_frame(&to, &from, (uint8_t)(1 | (numbers & 7) << 5), NULL, 0, s->raw);
    }
    snprintf(s->fields, sizeof s->fields, "{\"src\":\"%06X\",\"dst\":\"%06X\"}", from.address,
             to.address);
}

static int modulate_vdl2(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)how;
    const struct hz_sim_vdl2_frames frames = {{s->raw}, {s->raw_len}, 1};
    return hz_sim_vdl2_track(&frames, strcmp(way->name, "vdl2-root") == 0, &s->track);
}

/* ---- FLEX: raw is CAPCODE:TEXT, a frame to each page ---- */

static void compose_flex(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_rng *r = &who->rng;
    char text[80];
    bool alpha = hz_rng_chance(r, 0.7);
    if (alpha) {
        write_words(text, sizeof text, 10 + hz_rng_below(r, 35), r);
    } else {
        snprintf(text, sizeof text, "%u-%u", hz_rng_below(r, 1000000), hz_rng_below(r, 10000));
    }
    unsigned capcode = 1 + hz_rng_below(r, 1933311);
    s->raw_len = (size_t)snprintf((char *)s->raw, sizeof s->raw, "%u:%s", capcode, text);
    snprintf(s->type, sizeof s->type, alpha ? "alpha" : "numeric");
    snprintf(s->fields, sizeof s->fields, "{\"capcode\":%u,\"text\":\"%s\"}", capcode, text);
}

/* way->baud is the bit rate: 1600, 3200 with two levels, 6400 with four; 3201 has four at 1600. */
static int modulate_flex(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)how;
    static float symbols[HZ_SIM_FLEX_SYMBOLS];
    const struct hz_sim_fsk fsk = {HZ_SIM_FLEX_BAUD, 4800, 1.5, 2};
    const char *raw = (const char *)s->raw;
    unsigned capcode;
    int text;
    sscanf(raw, "%u:%n", &capcode, &text);
    struct hz_sim_flex_frame frame = {.baud = way->baud == 3200 || way->baud == 6400 ? 3200 : 1600,
                                      .levels = way->baud > 3200 ? 4 : 2,
                                      .cycle = capcode % 15,
                                      .number = capcode % 128,
                                      .pages = 1};
    bool alpha = strcmp(s->type, "alpha") == 0;
    frame.page[0] =
        (struct hz_sim_flex_page){.capcode = capcode,
                                  .kind = alpha ? HZ_SIM_FLEX_ALPHA : HZ_SIM_FLEX_NUMERIC,
                                  .text = raw + text,
                                  .number = capcode % 64,
                                  .fragment = 3};
    hz_sim_flex(&frame, symbols);
    return hz_sim_fsk(&fsk, symbols, HZ_SIM_FLEX_SYMBOLS, &s->track);
}

/* ---- Meters: wireless M-Bus, clear data of any length ---- */

static void compose_meter(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_rng *r = &who->rng;
    struct hz_sim_meter m = {.id = 0x10000000 + hz_rng_below(r, 10) * 0x111111,
                             .maker = 0x4493,
                             .type = 7,
                             .access = (uint8_t)hz_rng_below(r, 256),
                             .reading = hz_rng_below(r, 1000000)};
    s->raw_len = hz_sim_meter_telegram(&m, s->raw);
    for (uint32_t more = hz_rng_below(r, 4) * 16; more > 0; more--) /* blocks of something */
        s->raw[s->raw_len++] = (uint8_t)hz_rng_below(r, 256);
    s->raw[0] = (uint8_t)(s->raw_len - 1);
    snprintf(s->type, sizeof s->type, "meter");
    snprintf(s->fields, sizeof s->fields, "{\"id\":\"%08x\"}", m.id);
}

static int modulate_meter(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)how;
    enum hz_sim_wmbus_mode mode = strcmp(way->name, "wmbus-s1") == 0   ? HZ_SIM_WMBUS_S1
                                  : strcmp(way->name, "wmbus-t1") == 0 ? HZ_SIM_WMBUS_T1
                                                                       : HZ_SIM_WMBUS_C1A;
    uint8_t chips[HZ_SIM_WMBUS_CHIPS];
    size_t n = hz_sim_wmbus(mode, s->raw, s->raw_len, chips);
    const struct hz_sim_signal fsk = {.keying = HZ_SIM_FSK,
                                      .symbol = chips,
                                      .n = n,
                                      .baud = way->baud,
                                      .deviation_hz = 50e3,
                                      .bt = 2};
    return hz_sim_signal_track(&fsk, &s->track);
}

/* ---- ACARS: downlinks of any length ---- */

static void compose_acars(struct sent *s, const struct way *way, struct senders *who)
{
    (void)way;
    struct hz_rng *r = &who->rng;
    static const char labels[][3] = {"10", "H1", "80", "5Z", "B9", "_\x7f"};
    char registration[8], text[221];
    size_t n = 10;
    const char *label = labels[hz_rng_below(r, 6)];
    hz_sim_acars_registration(r, registration);
    snprintf(text, sizeof text, "M%02uAXX%04u", hz_rng_below(r, 100), hz_rng_below(r, 10000));
    if (label[0] != '_') {
        write_words(text + n, sizeof text - n, 20 + hz_rng_below(r, 170), r);
    }
    const struct hz_sim_acars block = {.registration = registration,
                                       .label = label,
                                       .text = text,
                                       .mode = '2',
                                       .ack = (char)(hz_rng_chance(r, 0.3) ? 'A' : 0),
                                       .id = (char)('0' + hz_rng_below(r, 10))};
    s->raw_len = hz_sim_acars_block(&block, s->raw);
    snprintf(s->type, sizeof s->type, "downlink");
    snprintf(s->fields, sizeof s->fields, "{\"tail\":\"%s\",\"text\":\"%s\"}", registration,
             text + n);
}

static int modulate_acars(struct sent *s, const struct way *way, const struct transmitter *how)
{
    (void)way;
    (void)how;
    const struct hz_sim_acars_radio radio = {.depth = 0.85, .key = 192};
    return hz_sim_acars(s->raw, s->raw_len, &radio, &s->track);
}

/* ---- All of them ---- */

static const struct sender modes = {compose_modes, NULL}, ais = {compose_ais, modulate_ais},
                           packet = {compose_packet, modulate_packet},
                           page = {compose_page, modulate_page},
                           sonde = {compose_sonde, modulate_sonde},
                           vdl2 = {compose_vdl2, modulate_vdl2},
                           flex = {compose_flex, modulate_flex},
                           meter = {compose_meter, modulate_meter},
                           acars = {compose_acars, modulate_acars};

static const struct way ways[] = {
    {"adsb", 1090e6, 2e6, 100e3, 0.0004, 0.0016, &modes, 1e6},
    {"ais", 161.975e6, 25e3, 1500, 0.03, 0.09, &ais, 9600},
    {"ax25-9600", 144.8e6, 25e3, 1500, 0.05, 0.2, &packet, 9600},
    {"aprs", 144.8e6, 12.5e3, 2000, 0.1, 0.3, &packet, 1200},
    {"pocsag512", 153.35e6, 12.5e3, 2000, 0.2, 0.5, &page, 512},
    {"pocsag1200", 153.35e6, 12.5e3, 2000, 0.2, 0.5, &page, 1200},
    {"pocsag2400", 153.35e6, 12.5e3, 2000, 0.2, 0.5, &page, 2400},
    {"rs41", 403.5e6, 12.5e3, 2000, 0.2, 0.4, &sonde, 4800},
    {"vdl2", 136.975e6, 25e3, 1000, 0.03, 0.06, &vdl2, 10500},
    {"vdl2-root", 136.975e6, 25e3, 1000, 0.03, 0.06, &vdl2, 10500},
    {"flex", 931.9375e6, 12.5e3, 1500, 0.2, 0.5, &flex, 1600},
    {"flex3200", 931.9375e6, 12.5e3, 1500, 0.2, 0.5, &flex, 3200},
    {"flex1600-4", 931.9375e6, 12.5e3, 1500, 0.2, 0.5, &flex, 3201},
    {"flex6400", 931.9375e6, 12.5e3, 1500, 0.2, 0.5, &flex, 6400},
    {"acars", 131.725e6, 8330, 1500, 0.1, 0.3, &acars, 2400},
    {"wmbus-t1", 868.95e6, 100e3, 25e3, 0.03, 0.1, &meter, 100e3},
    {"wmbus-c1", 868.95e6, 100e3, 25e3, 0.03, 0.1, &meter, 100e3},
    {"wmbus-s1", 868.3e6, 100e3, 25e3, 0.03, 0.1, &meter, 32768},
};

const struct way *way_find(const char *name)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(ways[i].name, name) == 0) {
            return &ways[i];
        }
    }
    return NULL;
}

void senders_init(struct senders *s, double rate_hz, uint64_t seed)
{
    s->sonde.frame = 0;
    hz_rng_init(&s->rng, seed, 11);
    hz_sim_fleet_init(&s->fleet, s->aircraft, sizeof s->aircraft / sizeof s->aircraft[0], seed);
    if (rate_hz >= 2e6) {
        hz_sim_modes_init(&s->modulator, rate_hz);
    }
}

void sent_init(struct sent *s, const struct way *way, const struct transmitter *how,
               struct senders *who)
{
    memset(s, 0, sizeof *s);
    way->sender->compose(s, way, who);
    if (way->sender->modulate == NULL) {
        return;
    }
    if (way->sender->modulate(s, way, how) != 0) {
        fprintf(stderr, "curve_gen: no memory for a transmission\n");
        exit(1);
    }
    hz_sim_track_drift(&s->track, how->drift_hz_s);
}

void sent_done(struct sent *s)
{
    hz_sim_track_done(&s->track);
}

double sent_samples(const struct sent *s, const struct senders *who, double rate_hz, double clock)
{
    const struct hz_sim_burst burst = {.clock = clock};
    return s->track.n == 0 ? hz_sim_modes_samples(&who->modulator, s->raw_len) / clock
                           : hz_sim_track_samples(&s->track, &burst, rate_hz);
}

void sent_add(const struct sent *s, const struct senders *who, const struct hz_sim_burst *burst,
              const struct hz_span *span)
{
    if (s->track.n == 0) {
        hz_sim_modes_add(&who->modulator, s->raw, s->raw_len, burst, span);
    } else {
        hz_sim_track_add(&s->track, burst, span);
    }
}
