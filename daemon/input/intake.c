#include "daemon/input/intake.h"

#include "daemon/base/log.h"
#include "daemon/base/utc.h"
#include "daemon/input/line.h"
#include "daemon/input/outlet.h"
#include "proto/reader/teller.h"
#include "proto/reader/ticks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA = 65536,
    WHY_MAX = 200,
    MORE_MAX = 256,
    PASS_MS = 50,      /* how often the fold is told up to when messages came */
    BEHIND_MS = 150,   /* by how much other programs are late */
    SILENT_MS = 45000, /* another hertzd sends something every 15 s */
    FIRST_BIT_TICKS =
        768, /* from the first sample to the end of bit 56, where counters are taken */
};

/* By how much the time of one transmission may differ where it is that of arrival. */
static const int64_t late_ns = 1000000000;

struct hz_intake {
    struct hz_input_env env;
    const struct hz_conf_net_input *conf;
    const struct hz_reader *reader;
    const struct hz_teller *teller; /* NULL: lines of hertzd */
    struct hz_line_reader *lines;   /* of these */
    void *state;                    /* the teller's */
    struct hz_outlet outlet;
    struct hz_sink sink;
    struct hz_sink_head head;
    char more[MORE_MAX]; /* members of the message that is made */
    char arena[ARENA];
    uv_timer_t pass;
    bool up;
    uint64_t bytes, units, messages, bad, refused, skipped, looped;
    char why[WHY_MAX];              /* of the latest bad or refused one */
    uint64_t last_ms;               /* when bytes came last, by the loop's clock; 0: never */
    char stream[HZ_STREAM_MAX + 1]; /* of another hertzd, and its latest seq */
    uint64_t seq;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct hz_feed {
    struct hz_intake *in;
    char peer[64];
    struct hz_ticks ticks;
    char error[WHY_MAX];
    bool hello; /* another hertzd greeted, which also sends heartbeats */
    bool told_bad;
    _Alignas(max_align_t) unsigned char state[]; /* the reader's */
};

static void bad(struct hz_feed *f, uint64_t *count, const char *why)
{
    struct hz_intake *in = f->in;
    ++*count;
    snprintf(in->why, sizeof in->why, "%s", why);
    if (!f->told_bad)
        hz_log(LOG_WARNING, "input %s: %s sends what is no %s: %s", in->conf->input.name, f->peer,
               in->reader->name, why);
    f->told_bad = true;
}

/* ---- lines of another hertzd ------------------------------------------------------------ */

static void take_line(struct hz_feed *f, const struct hz_unit *u)
{
    struct hz_intake *in = f->in;
    const char *name = in->conf->input.name, *format = in->reader->name;
    const struct hz_line_as as = {.receiver = name,
                                  .channel = name,
                                  .input = format,
                                  .stream = hz_bus_stream(in->env.bus),
                                  .from = in->stream};
    struct hz_line line;
    char why[WHY_MAX];
    switch (
        hz_line_read(in->lines, (const char *)u->data, u->bits / 8, &as, &line, why, sizeof why)) {
    case HZ_LINE_MESSAGE:
        in->seq = line.seq ? line.seq : in->seq;
        if (hz_outlet_publish(&in->outlet, line.protocol, &line.rec, 0))
            in->messages++;
        else
            bad(f, &in->bad, "messages of too many protocols");
        break;
    case HZ_LINE_HELLO:
        in->skipped++;
        f->hello = true;
        if (strcmp(in->stream, line.stream) != 0)
            in->seq = 0;
        memcpy(in->stream, line.stream, sizeof in->stream);
        break;
    case HZ_LINE_OTHER:
        in->skipped++;
        in->seq = line.seq > in->seq && !*why ? line.seq - 1 : in->seq;
        memcpy(f->error, why, sizeof f->error);
        break;
    case HZ_LINE_LOOP:
        in->looped++;
        in->seq = line.seq ? line.seq : in->seq;
        break;
    case HZ_LINE_BAD:
        bad(f, &in->bad, why);
        break;
    }
}

size_t hz_intake_greeting(const struct hz_intake *in, char *text, size_t size)
{
    struct hz_json j;
    if (in->teller)
        return 0;
    hz_json_init(&j, text, size);
    hz_json_open(&j, NULL);
    if (*in->conf->token)
        hz_json_str(&j, "token", in->conf->token);
    hz_json_open(&j, "subscribe");
    hz_json_open_array(&j, "kind");
    hz_json_str(&j, NULL, "message");
    hz_json_close_array(&j);
    if (*in->stream && in->seq > 0) {
        hz_json_str(&j, "stream", in->stream);
        hz_json_uint(&j, "since", in->seq);
    }
    hz_json_close(&j);
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    return j.full ? 0 : j.len;
}

/* ---- frames ----------------------------------------------------------------------------- */

static void put_more(struct hz_intake *in, const struct hz_unit *u)
{
    struct hz_json j;
    hz_json_init(&j, in->more, sizeof in->more - 1);
    hz_json_str(&j, "input", in->reader->name);
    if (u->counted && hz_ticks_mlat(u->ticks))
        hz_json_bool(&j, "mlat", true);
    if (u->own)
        hz_json_bool(&j, "own", true);
    if (*u->station)
        hz_json_str(&j, "source", u->station);
    if (u->port > 0)
        hz_json_uint(&j, "port", u->port);
    in->more[j.len] = '\0';
}

/* The unit's time: as told, by its counter, or else that of its arrival. */
static int64_t time_of(struct hz_feed *f, const struct hz_unit *u, int64_t arrival_ns)
{
    enum hz_counter counter = f->in->conf->counter;
    int64_t gps = 0;
    if (u->utc_ns)
        return u->utc_ns;
    if (!u->counted || u->ticks == 0 || hz_ticks_mlat(u->ticks) || counter == HZ_COUNTER_NONE)
        return arrival_ns;
    if (counter == HZ_COUNTER_GPS)
        gps = hz_ticks_gps(u->ticks, arrival_ns);
    else
        return hz_ticks_utc(&f->ticks, u->ticks, arrival_ns);
    return gps ? gps : arrival_ns;
}

/* Sets the sink's clock for this unit, so that a counter that counts 12 MHz is its sample, and is
 * sent on as it came. Returns the sample; 0: there is none. */
static uint64_t set_clock(struct hz_intake *in, const struct hz_unit *u, int64_t utc_ns)
{
    bool counts = u->counted && u->ticks > FIRST_BIT_TICKS && in->conf->counter == HZ_COUNTER_12MHZ;
    uint64_t sample = counts ? u->ticks - FIRST_BIT_TICKS : 0;
    struct hz_stamp stamp = {.sample = sample,
                             .utc_ns = utc_ns,
                             .ns_per_sample = 1000.0 / 12,
                             .count_ns = counts ? 40 : utc_ns, /* half a step: rounded right */
                             .count_step_ns = 1000.0 / 12};
    hz_sink_rewind(&in->sink, stamp);
    return sample;
}

static float level_of(uint8_t signal)
{
    return signal > 0 ? 20 * log10f((float)signal / 255) : NAN;
}

static void refuse(struct hz_feed *f, enum hz_reason why)
{
    bad(f, &f->in->refused,
        why == HZ_BAD_CRC ? "a wrong parity, or an address that no squitter told"
                          : "a frame whose contents are impossible");
}

static void take_frame(struct hz_feed *f, const struct hz_unit *u, int64_t arrival_ns)
{
    struct hz_intake *in = f->in;
    int64_t utc_ns = time_of(f, u, arrival_ns);
    double freq_hz = in->teller->frequency(u);
    struct hz_record rec;
    size_t at = 0;
    uint64_t sample = set_clock(in, u, utc_ns);
    struct hz_burst burst = {.sample = sample,
                             .end = sample + 12 * (8 + u->bits),
                             .rssi_dbfs = level_of(u->signal),
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = NAN};
    in->head.freq_hz = freq_hz > 0 ? freq_hz : in->conf->freq_hz;
    put_more(in, u);
    enum hz_reason why = in->teller->tell(in->state, u, &burst, utc_ns, &in->sink);
    if (why != HZ_MESSAGE)
        refuse(f, why);
    while (hz_sink_next(&in->sink, &at, &rec)) {
        in->messages++;
        hz_outlet_publish(&in->outlet, in->head.protocol, &rec, sample ? 0 : late_ns);
    }
}

static void take_unit(struct hz_feed *f, const struct hz_unit *u, int64_t arrival_ns)
{
    struct hz_intake *in = f->in;
    in->units += u->kind != HZ_UNIT_NONE;
    in->skipped += u->kind == HZ_UNIT_SKIPPED;
    if (u->kind == HZ_UNIT_BAD)
        bad(f, &in->bad, u->why);
    if (u->kind == HZ_UNIT_MESSAGE && in->teller)
        take_frame(f, u, arrival_ns);
    else if (u->kind == HZ_UNIT_MESSAGE)
        take_line(f, u);
}

size_t hz_feed_take(struct hz_feed *f, const char *p, size_t n)
{
    struct hz_intake *in = f->in;
    struct hz_unit u;
    size_t at = 0;
    int64_t now_ns = hz_utc_now();
    in->last_ms = uv_now(in->env.loop);
    while (at < n && hz_input_budget_left(in->env.budget)) {
        at += in->reader->take(f->state, (const uint8_t *)p + at, n - at, in->last_ms, &u);
        take_unit(f, &u, now_ns);
    }
    in->bytes += at;
    return at;
}

void hz_feed_datagram(struct hz_feed *f, const char *p, size_t n)
{
    struct hz_intake *in = f->in;
    struct hz_unit u;
    int64_t now_ns = hz_utc_now();
    in->last_ms = uv_now(in->env.loop);
    for (size_t at = 0; at < n;) {
        at += in->reader->take(f->state, (const uint8_t *)p + at, n - at, in->last_ms, &u);
        take_unit(f, &u, now_ns);
    }
    in->reader->cut(f->state, in->last_ms, &u);
    take_unit(f, &u, now_ns);
    in->bytes += n;
}

/* ---- life ------------------------------------------------------------------------------- */

struct hz_feed *hz_feed_new(struct hz_intake *in, const char *peer)
{
    struct hz_feed *f = calloc(1, sizeof *f + in->reader->state_size);
    if (!f)
        return NULL;
    f->in = in;
    snprintf(f->peer, sizeof f->peer, "%s", peer);
    if (in->reader->init)
        in->reader->init(f->state);
    return f;
}

void hz_feed_free(struct hz_feed *f)
{
    free(f);
}

const char *hz_feed_error(const struct hz_feed *f)
{
    return f->error;
}

uint64_t hz_feed_silence_ms(const struct hz_feed *f)
{
    return f->hello ? SILENT_MS : 0;
}

static void on_pass(uv_timer_t *t)
{
    struct hz_intake *in = t->data;
    hz_outlet_passed(&in->outlet, hz_utc_now() - BEHIND_MS * (int64_t)1000000);
}

void hz_intake_up(struct hz_intake *in, bool up)
{
    if (up && !in->up)
        uv_timer_start(&in->pass, on_pass, PASS_MS, PASS_MS);
    if (!up)
        uv_timer_stop(&in->pass);
    in->up = up;
}

static void free_intake(struct hz_intake *in)
{
    hz_outlet_done(&in->outlet);
    hz_line_reader_free(in->lines);
    free(in->state);
    free(in);
}

static bool make_teller(struct hz_intake *in)
{
    const struct hz_conf_input *conf = &in->conf->input;
    in->teller = in->reader->protocols ? hz_teller_find(in->head.protocol) : NULL;
    if (!in->teller)
        return (in->lines = hz_line_reader_new(in->env.decoders)) != NULL;
    in->state = calloc(1, in->teller->state_size());
    if (!in->state)
        return false;
    in->teller->init(in->state, conf->latitude, conf->longitude);
    return hz_outlet_announce(&in->outlet, in->head.protocol);
}

struct hz_intake *hz_intake_new(const struct hz_input_env *env,
                                const struct hz_conf_net_input *conf)
{
    struct hz_intake *in = calloc(1, sizeof *in);
    if (!in)
        return NULL;
    in->env = *env;
    in->conf = conf;
    in->reader = hz_reader_find(conf->format);
    in->head = (struct hz_sink_head){.receiver = conf->input.name,
                                     .channel = conf->input.name,
                                     .protocol = *conf->protocol         ? conf->protocol
                                                 : in->reader->protocols ? in->reader->protocols[0]
                                                                         : "",
                                     .more = in->more};
    hz_sink_init(&in->sink, &in->head, in->arena, sizeof in->arena);
    hz_outlet_init(&in->outlet, env, conf->input.name);
    if (!make_teller(in)) {
        free_intake(in);
        return NULL;
    }
    uv_timer_init(env->loop, &in->pass);
    in->pass.data = in;
    return in;
}

static void on_pass_closed(uv_handle_t *h)
{
    struct hz_intake *in = h->data;
    void (*closed)(void *ctx) = in->closed;
    void *ctx = in->closed_ctx;
    free_intake(in);
    closed(ctx);
}

void hz_intake_close(struct hz_intake *in, void (*closed)(void *ctx), void *ctx)
{
    in->closed = closed;
    in->closed_ctx = ctx;
    uv_close((uv_handle_t *)&in->pass, on_pass_closed);
}

void hz_intake_status(const struct hz_intake *in, cJSON *o)
{
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"bytes", in->bytes},  {"units", in->units},     {"messages", in->messages},
                  {"bad", in->bad},      {"refused", in->refused}, {"skipped", in->skipped},
                  {"looped", in->looped}};
    cJSON_AddStringToObject(o, "format", in->reader->name);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        cJSON_AddNumberToObject(o, counts[i].name, (double)counts[i].n);
    if (*in->why)
        cJSON_AddStringToObject(o, "last_bad", in->why);
    if (in->last_ms)
        cJSON_AddNumberToObject(o, "silent_s", (double)(uv_now(in->env.loop) - in->last_ms) / 1e3);
}
