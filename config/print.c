/* The configuration as tables for people. */
#include "config/hops.h"
#include "config/schema.h"
#include "config/tokens.h"
#include "proto/sensors/set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 7, CELL_MAX = 128 };

struct table {
    const char *const *titles; /* NULL-terminated */
    size_t columns, rows;
    char (*cells)[CELL_MAX]; /* rows * columns */
};

static int table_init(struct table *t, const char *const *titles, size_t rows)
{
    *t = (struct table){.titles = titles, .rows = rows};
    while (titles[t->columns])
        t->columns++;
    t->cells = calloc(rows * t->columns + 1, CELL_MAX);
    return t->cells ? 0 : -1;
}

static char *cell(struct table *t, size_t row, size_t column)
{
    return t->cells[row * t->columns + column];
}

static void table_print(struct table *t, FILE *out)
{
    int width[COLUMNS_MAX];
    for (size_t c = 0; c < t->columns; c++) {
        width[c] = (int)strlen(t->titles[c]);
        for (size_t r = 0; r < t->rows; r++) {
            int n = (int)strlen(cell(t, r, c));
            width[c] = n > width[c] ? n : width[c];
        }
    }
    for (size_t r = 0; r <= t->rows; r++) {
        for (size_t c = 0; c < t->columns; c++) {
            const char *text = r == 0 ? t->titles[c] : cell(t, r - 1, c);
            if (c + 1 < t->columns)
                fprintf(out, "%-*s  ", width[c], text);
            else
                fprintf(out, "%s\n", text);
        }
    }
    if (t->rows == 0)
        fputs("none\n", out);
    free(t->cells);
}

static void put_hz(char *out, double hz, const char *unit, const char *otherwise)
{
    if (hz > 0)
        snprintf(out, CELL_MAX, "%.10g %s", hz / 1e6, unit);
    else
        snprintf(out, CELL_MAX, "%s", otherwise);
}

/* Estimated CPU of a receiver's channels, in % of a core: idle to busy. */
static void put_cost(char *out, const struct hz_config *c, const struct hz_conf_receiver *r,
                     double rate_hz)
{
    const struct hz_conf_channel *own[HZ_PLAN_CHANNELS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < c->n_channels && n < HZ_PLAN_CHANNELS_MAX; i++) {
        if (strcmp(c->channels[i].receiver, r->name) == 0)
            own[n++] = &c->channels[i];
    }
    struct hz_plan_cost cost = hz_plan_cost(rate_hz, own, n);
    char idle[16], busy[16];
    snprintf(idle, sizeof idle, "%.1f", 100 * cost.idle);
    snprintf(busy, sizeof busy, "%.1f", 100 * cost.busy);
    if (rate_hz <= 0)
        strcpy(out, "-");
    else if (strcmp(idle, busy) == 0)
        snprintf(out, CELL_MAX, "about %s %%", busy);
    else
        snprintf(out, CELL_MAX, "about %s to %s %%", idle, busy);
}

static void print_receivers(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"RECEIVER", "SOURCE", "RATE", "CENTRE",
                                         "PACE",     "CPU",    NULL};
    struct table t;
    if (table_init(&t, titles, c->n_receivers) < 0)
        return;
    for (size_t i = 0; i < c->n_receivers; i++) {
        const struct hz_conf_receiver *r = c->receivers[i];
        double rate_hz, centre_hz;
        hz_conf_band(r, &rate_hz, &centre_hz);
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", r->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s %s", r->source->kind.name,
                 hz_conf_receiver_input(r));
        put_hz(cell(&t, i, 2), rate_hz, "Msps", "the recording's");
        if (r->hops.n > 0)
            hz_hops_text(&r->hops, cell(&t, i, 3), CELL_MAX);
        else
            put_hz(cell(&t, i, 3), centre_hz, "MHz", "the recording's");
        snprintf(cell(&t, i, 4), CELL_MAX, "%s%s%s",
                 r->source->live          ? "live"
                 : r->pace == HZ_PACE_MAX ? "max"
                                          : "realtime",
                 r->loop ? ", loop" : "", r->chosen ? ", band chosen" : "");
        put_cost(cell(&t, i, 5), c, r, rate_hz);
    }
    table_print(&t, out);
}

static const struct hz_conf_receiver *receiver_of(const struct hz_config *c, const char *name)
{
    size_t i = 0;
    while (i < c->n_receivers && strcmp(c->receivers[i]->name, name) != 0)
        i++;
    return i < c->n_receivers ? c->receivers[i] : NULL;
}

/* The band of a receiver; of one that hops, the first one that holds the channel (NULL: the first
 * of all). Zeros where it is not known. */
static struct hz_plan_band band_of(const struct hz_conf_receiver *r,
                                   const struct hz_conf_channel *ch)
{
    struct hz_plan_band b = {0};
    if (!r)
        return b;
    hz_conf_band(r, &b.rate_hz, &b.centre_hz);
    for (size_t i = 0; ch && i < r->hops.n && !hz_hops_hears(&b, ch, ch->freq_hz); i++)
        b.centre_hz = r->hops.at[i].centre_hz;
    return b;
}

static void put_offset(char *out, const struct hz_conf_channel *ch, double centre_hz)
{
    double offset = ch->freq_hz - centre_hz;
    bool spike = ch->decoder->input == HZ_INPUT_BASEBAND && fabs(offset) < hz_plan_width(ch) / 2;
    if (hz_plan_anywhere(ch))
        strcpy(out, "anywhere");
    else if (centre_hz > 0)
        snprintf(out, CELL_MAX, "%+.10g kHz%s", offset / 1e3, spike ? ", over the centre" : "");
    else
        strcpy(out, "known when it runs");
}

static void print_channels(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"CHANNEL", "DECODER", "RECEIVER", "FREQUENCY",
                                         "OFFSET",  "WIDTH",   NULL};
    struct table t;
    if (table_init(&t, titles, c->n_channels) < 0)
        return;
    for (size_t i = 0; i < c->n_channels; i++) {
        const struct hz_conf_channel *ch = &c->channels[i];
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", ch->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", ch->decoder->name);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", ch->receiver);
        put_hz(cell(&t, i, 3), ch->freq_hz, "MHz", "-");
        put_offset(cell(&t, i, 4), ch, band_of(receiver_of(c, ch->receiver), ch).centre_hz);
        if (ch->decoder->input == HZ_INPUT_BAND || (hz_plan_anywhere(ch) && ch->bandwidth_hz <= 0))
            strcpy(cell(&t, i, 5), "whole band");
        else
            snprintf(cell(&t, i, 5), CELL_MAX, "%.10g kHz", hz_plan_width(ch) / 1e3);
    }
    table_print(&t, out);
}

/* A text among the keys of its kind. */
static void put_text(char *out, const struct hz_conf_input *in, const char *key)
{
    const struct hz_option *o = hz_option_find(in->kind->options, key);
    const char *text = "-";
    if (o && o->type == HZ_OPTION_TEXT)
        memcpy(&text, (const char *)in + o->at, sizeof text);
    snprintf(out, CELL_MAX, "%s", text);
}

static void print_events(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"EVENT", "WHEN", "LIMIT", "POST", NULL};
    struct table t;
    if (c->n_events == 0 || table_init(&t, titles, c->n_events) < 0)
        return;
    fputc('\n', out);
    for (size_t i = 0; i < c->n_events; i++) {
        const struct hz_conf_event *e = c->events[i];
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", e->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", e->when);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", e->limit);
        /* a query may be secret */
        const char *post = *e->post ? e->post : "-";
        snprintf(cell(&t, i, 3), CELL_MAX, "%.*s", (int)strcspn(post, "?"), post);
    }
    table_print(&t, out);
}

static void print_inputs(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"INPUT", "TYPE", "ADDRESS", "FORMAT", NULL};
    struct table t;
    if (c->n_inputs == 0 || table_init(&t, titles, c->n_inputs) < 0)
        return;
    fputc('\n', out);
    for (size_t i = 0; i < c->n_inputs; i++) {
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", c->inputs[i]->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", c->inputs[i]->kind->name);
        put_text(cell(&t, i, 2), c->inputs[i], "address");
        put_text(cell(&t, i, 3), c->inputs[i], "format");
    }
    table_print(&t, out);
}

/* What a capture holds in memory: what its seconds take at the receiver's rate, or its limit, and
 * what that is enough for. */
static void put_memory(char *out, const struct hz_config *c, const struct hz_conf_capture *capture)
{
    double rate_hz = 0, bytes = 2, mib = 1 << 20; /* of a sample, as dongles and rtl_tcp have it */
    for (size_t i = 0; i < c->n_receivers; i++) {
        const struct hz_conf_receiver *r = c->receivers[i];
        if (strcmp(r->name, capture->receiver) != 0)
            continue;
        double centre_hz;
        hz_conf_band(r, &rate_hz, &centre_hz);
        if (r->format.given)
            bytes = (double)hz_format_bytes(r->format.format);
    }
    double seconds = capture->seconds + capture->after_s, limit = (double)capture->memory_bytes;
    double need = rate_hz * bytes * seconds;
    if (rate_hz > 0 && need <= limit)
        snprintf(out, CELL_MAX, "%.0f MiB", ceil(need / mib));
    else if (rate_hz > 0)
        snprintf(out, CELL_MAX, "%.0f MiB: %.3g of %.10g s", limit / mib, limit / (rate_hz * bytes),
                 seconds);
    else
        snprintf(out, CELL_MAX, "at most %.0f MiB", limit / mib);
}

static void print_captures(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"CAPTURE", "RECEIVER", "TRIGGER", "SECONDS",
                                         "MEMORY",  "FILES",    NULL};
    struct table t;
    if (c->n_captures == 0 || table_init(&t, titles, c->n_captures) < 0)
        return;
    fputc('\n', out);
    for (size_t i = 0; i < c->n_captures; i++) {
        const struct hz_conf_capture *p = c->captures[i];
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", p->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", p->receiver);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", p->trigger);
        snprintf(cell(&t, i, 3), CELL_MAX, "%.10g + %.10g", p->seconds, p->after_s);
        put_memory(cell(&t, i, 4), c, p);
        snprintf(cell(&t, i, 5), CELL_MAX, "at most %llu MiB in %s",
                 (unsigned long long)(p->quota_bytes >> 20), p->path);
    }
    table_print(&t, out);
}

/* Whose keys are known. */
static void print_meters(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"METER", "ID", NULL};
    struct table t;
    if (c->n_meters == 0 || table_init(&t, titles, c->n_meters) < 0)
        return;
    fputc('\n', out);
    for (size_t i = 0; i < c->n_meters; i++) {
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", c->meters[i].name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%08x", c->meters[i].id);
    }
    table_print(&t, out);
}

/* What a channel's decoder would hear as well, were the band another. */
static void print_outside(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"OUTSIDE",   "DECODER", "RECEIVER",
                                         "FREQUENCY", "WHY",     NULL};
    struct table t;
    if (c->n_outside == 0 || table_init(&t, titles, c->n_outside) < 0)
        return;
    fputc('\n', out);
    for (size_t i = 0; i < c->n_outside; i++) {
        const struct hz_conf_outside *o = &c->outside[i];
        const struct hz_conf_receiver *r = receiver_of(c, o->receiver);
        struct hz_plan_band b = band_of(r, NULL);
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", o->channel);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", o->decoder->name);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", o->receiver);
        put_hz(cell(&t, i, 3), o->freq_hz, "MHz", "-");
        if (r && r->hops.n > 0)
            strcpy(cell(&t, i, 4), "no band of the plan holds it");
        else
            snprintf(cell(&t, i, 4), CELL_MAX, "the band is %.6f to %.6f MHz",
                     (b.centre_hz - b.rate_hz / 2) / 1e6, (b.centre_hz + b.rate_hz / 2) / 1e6);
    }
    table_print(&t, out);
}

static const char *const listen_types[] = {[HZ_LISTEN_TCP] = "tcp",
                                           [HZ_LISTEN_HTTP] = "http",
                                           [HZ_LISTEN_UNIX] = "unix",
                                           [HZ_LISTEN_RTL_TCP] = "rtl_tcp",
                                           [HZ_LISTEN_REFUSE] = "refused"};

/* Where a listener listens, with the name of the loopback address as a number. */
static void put_place(char *out, const struct hz_conf_listen *l)
{
    static const char name[] = "localhost:";
    if (strncmp(l->address, name, sizeof name - 1) == 0)
        snprintf(out, CELL_MAX, "127.0.0.1:%s", l->address + sizeof name - 1);
    else
        snprintf(out, CELL_MAX, "%s", *l->path ? l->path : l->address);
}

void hz_config_print_passed(const struct hz_config *c, FILE *out)
{
    static const struct {
        enum hz_listen_type type;
        const char *place;
    } shipped[] = {{HZ_LISTEN_TCP, "127.0.0.1:7373"},
                   {HZ_LISTEN_HTTP, "127.0.0.1:7380"},
                   {HZ_LISTEN_UNIX, "/run/hertzd/hertzd.sock"}};
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
        bool named = false;
        for (size_t k = 0; k < c->n_listens && !named; k++) {
            char place[CELL_MAX];
            put_place(place, &c->listens[k]);
            named = strcmp(place, shipped[i].place) == 0;
        }
        if (!named)
            fprintf(out, "%s is served too, as %s, where hertzd.socket is enabled\n",
                    shipped[i].place, listen_types[shipped[i].type]);
    }
}

/* Who may connect, beside the limits of all. */
static void put_guests(char *out, size_t size, const struct hz_conf_listen *l)
{
    char tokens[48] = "";
    if (l->token_list)
        snprintf(tokens, sizeof tokens, ", with one of %zu tokens", hz_tokens_count(l->token_list));
    snprintf(out, size, "at most %d%s%s%s%s%s", l->max_clients, tokens, *l->allow ? ", from " : "",
             l->allow, l->insecure && !l->token_list && !*l->allow ? ", whoever asks" : "",
             l->passed_fd ? ", passed by systemd, no section names it" : "");
}

static void print_listens(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"LISTENER", "TYPE", "ADDRESS", "CLIENTS", NULL};
    struct table t;
    if (table_init(&t, titles, c->n_listens) < 0)
        return;
    for (size_t i = 0; i < c->n_listens; i++) {
        const struct hz_conf_listen *l = &c->listens[i];
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", l->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", listen_types[l->type]);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", *l->path ? l->path : l->address);
        put_guests(cell(&t, i, 3), CELL_MAX, l);
    }
    table_print(&t, out);
}

/* What is listened for, and where what is not shipped was declared. */
static void print_sensors(const struct hz_config *c, FILE *out)
{
    static const char shipped[] = "config/sensors/";
    size_t off = 0, examples = 0;
    for (size_t i = 0; i < c->sensors->n; i++) {
        off += c->sensors->list[i].off;
        examples += c->sensors->list[i].n_examples;
    }
    fprintf(out, "\nsensors: %zu declared, %zu of them off; %zu examples read as they should be\n",
            c->sensors->n, off, examples);
    for (size_t i = 0; i < c->sensors->n; i++) {
        const struct hz_sensor *s = &c->sensors->list[i];
        if (strncmp(s->file, shipped, sizeof shipped - 1) != 0)
            fprintf(out, "  %s, %s: strength %d%s, %s:%d\n", s->name, s->model, s->strength,
                    s->off ? ", off" : "", s->file, s->line);
    }
}

/* The largest unit that it is a whole number of: "10m", "90s". */
static void print_history(const struct hz_conf_daemon *d, FILE *out)
{
    static const struct {
        uint64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    while (d->history_s % units[i].seconds != 0)
        i++;
    fprintf(out, "kept for clients that resume: %d frames at most, %llu KiB, %llu %c\n", d->history,
            (unsigned long long)(d->history_bytes >> 10),
            (unsigned long long)(d->history_s / units[i].seconds), units[i].unit);
}

void hz_config_print(const struct hz_config *c, FILE *out)
{
    static const char *const levels[] = {"error", "warning", "notice", "info", "debug"};
    print_receivers(c, out);
    fputc('\n', out);
    print_channels(c, out);
    print_outside(c, out);
    fputc('\n', out);
    print_listens(c, out);
    print_inputs(c, out);
    print_meters(c, out);
    print_events(c, out);
    print_captures(c, out);
    if (c->sensors)
        print_sensors(c, out);
    fprintf(out, "\nworkers ");
    if (c->daemon.workers > 0)
        fprintf(out, "%d", c->daemon.workers);
    else
        fputs("as many as cores", out);
    fprintf(out, ", log level %s\n", levels[c->daemon.log_level - 3]);
    print_history(&c->daemon, out);
}
