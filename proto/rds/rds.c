/* The RDS decoder as the rest of hertzd sees it: what a broadcast FM station tells, one message a
 * change, and all that is known each five seconds. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/rds/bits.h"
#include "proto/rds/describe.h"
#include "proto/rds/group.h"
#include "proto/rds/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

extern const struct hz_decoder hz_rds_decoder;

struct rds {
    struct hz_rds_options options;
    struct hz_rds_front front;
    struct hz_rds_bits bits;
    struct hz_rds_groups groups;
    struct hz_rds_station station;
    uint64_t first; /* sample of the channel with which the stream began */
    uint64_t next;  /* the one that is expected */
    double told_at; /* sample of 15 kHz of the latest state */
    bool running, told;
};

/* The filters' delay in samples of 15 kHz: of the decimation and of the matched filter. */
static double delay(const struct rds *r)
{
    return r->front.delay / HZ_RDS_DOWN + HZ_RDS_TAPS / 2;
}

static void begin(struct rds *r, uint64_t first)
{
    hz_rds_front_reset(&r->front);
    hz_rds_bits_reset(&r->bits);
    hz_rds_groups_reset(&r->groups);
    r->first = r->next = first;
    r->told_at = 0;
    r->running = true;
    r->told = false;
}

static int rds_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct rds *r = state;
    if (setup->rate_hz != HZ_RDS_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, rds needs %d", setup->rate_hz,
                 HZ_RDS_RATE_HZ);
        return -EINVAL;
    }
    hz_rds_front_init(&r->front);
    r->options = *(const struct hz_rds_options *)setup->options;
    return 0;
}

/* Writes a message about what is in `about`. */
static void tell(struct rds *r, const char *type, unsigned about, const struct hz_rds_group *group,
                 struct hz_sink *sink)
{
    uint8_t raw[2 * HZ_RDS_BLOCKS];
    for (unsigned b = 0; b < HZ_RDS_BLOCKS; b++) {
        raw[2 * b] = (uint8_t)(group->block[b].info >> 8);
        raw[2 * b + 1] = (uint8_t)group->block[b].info;
    }
    double at = fmax((group->at - delay(r)) * HZ_RDS_DOWN, 0);
    double end = fmax((group->end - delay(r)) * HZ_RDS_DOWN, 0);
    bool is_group = strcmp(type, "group") == 0;
    struct hz_burst burst = {.sample = r->first + (uint64_t)at,
                             .end = r->first + (uint64_t)end,
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = NAN,
                             .raw = raw,
                             .raw_len = is_group ? sizeof raw : 0};
    char id[8], kind[16];
    struct hz_json *j = hz_sink_begin(sink, &burst);
    snprintf(id, sizeof id, "0x%04X", r->station.pi);
    hz_json_str(j, "type", type);
    hz_about_id(j, id);
    if (is_group) {
        snprintf(kind, sizeof kind, "%u%c", r->station.group / 2, r->station.group % 2 ? 'B' : 'A');
        hz_json_str(j, "group", kind);
    }
    hz_rds_describe(&r->station, about, strcmp(type, "state") == 0, r->options.region, j);
    if (strcmp(type, "state") == 0)
        hz_json_decimals(j, "bler", 100 * (double)r->groups.errors, 0);
    hz_sink_end(sink);
}

static void take(struct rds *r, const struct hz_rds_group *group, struct hz_sink *sink)
{
    enum { STATE_S = 5 };
    static const float sure = 0.9f; /* that all of a group is right */
    bool whole = group->sure >= sure;
    unsigned told = hz_rds_station_take(&r->station, &r->groups.trellis, group);
    if (!whole)
        hz_sink_refuse(sink, HZ_BAD_CRC);
    if (whole && r->options.keep == HZ_RDS_KEEP_ALL)
        tell(r, "group", told, group, sink);
    if (told & HZ_RDS_PS)
        tell(r, "ps", HZ_RDS_PS, group, sink);
    if (told & HZ_RDS_RT)
        tell(r, "radiotext", HZ_RDS_RT | (r->station.known & HZ_RDS_PLUS), group, sink);
    if (told & HZ_RDS_CLOCK)
        tell(r, "clock", HZ_RDS_CLOCK, group, sink);
    if (!r->told) /* the first state comes when there is something to tell */
        r->told_at = group->at;
    r->told = true;
    bool due = group->at >= r->told_at + STATE_S * HZ_RDS_LOW_HZ;
    if (due && r->station.pi != 0 && whole) {
        unsigned parts = HZ_RDS_PARTIAL_PS | HZ_RDS_PARTIAL_RT;
        tell(r, "state", r->station.known & ~parts, group, sink);
        r->told_at = group->at;
    }
}

static void work(struct rds *r, bool end, struct hz_sink *sink)
{
    struct hz_rds_soft soft;
    struct hz_rds_group group;
    while (hz_rds_bits_next(&r->bits, end, &soft)) {
        if (!r->bits.present) {
            hz_rds_groups_reset(&r->groups);
            continue;
        }
        hz_rds_groups_push(&r->groups, soft.llr, soft.at, HZ_RDS_CHUNK);
        while (hz_rds_groups_next(&r->groups, &group))
            take(r, &group, sink);
    }
}

static void rds_flush(void *state, struct hz_sink *sink)
{
    struct rds *r = state;
    if (r->running)
        work(r, true, sink);
    r->running = false;
}

static void rds_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct rds *r = state;
    float out[2 * (HZ_RDS_FRONT_PIECE / HZ_RDS_DOWN + 2)];
    const float *iq = samples->data;
    if (!r->running || samples->first != r->next) {
        rds_flush(r, sink);
        begin(r, samples->first);
    }
    /* Pieces end on a grid of the stream, so that all sums are made of the same pieces. */
    for (size_t at = 0; at < samples->n;) {
        size_t room = HZ_RDS_FRONT_PIECE - (size_t)((r->next - r->first) % HZ_RDS_FRONT_PIECE);
        size_t n = samples->n - at < room ? samples->n - at : room;
        size_t m = hz_rds_front_push(&r->front, iq + 2 * at, n, out);
        hz_rds_bits_push(&r->bits, out, m);
        work(r, false, sink);
        r->next += n;
        at += n;
    }
}

static void rds_done(void *state)
{
    (void)state; /* it owns nothing */
}

const struct hz_decoder hz_rds_decoder = {
    .name = "rds",
    .id = "pi",
    .title = "RDS: names and texts of broadcast FM stations",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_RDS_RATE_HZ,
    .rate_max_hz = HZ_RDS_RATE_HZ,
    .rate_hz = HZ_RDS_RATE_HZ,
    .carrier_ppm = 2,
    .bandwidth_hz = 220000, /* a station's 180 kHz, and what its peaks need */
    .freqs_hz = (const double[]){98.5e6, 0},
    .state_size = sizeof(struct rds),
    .quiet_ns = 10,
    .busy_ns = 40,
    .options = hz_rds_options,
    .options_size = sizeof(struct hz_rds_options),
    .init = rds_init,
    .push = rds_push,
    .reset = rds_flush,
    .flush = rds_flush,
    .done = rds_done,
    .fields = hz_rds_fields,
    .schema = "'required': ['type', 'pi', 'prog_type', 'tp']",
};
