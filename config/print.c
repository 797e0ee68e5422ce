/* The configuration as tables for people. */
#include "config/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 6, CELL_MAX = 128 };

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

static void print_receivers(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"RECEIVER", "SOURCE", "RATE", "CENTRE", "PACE", NULL};
    struct table t;
    if (table_init(&t, titles, c->n_receivers) < 0)
        return;
    for (size_t i = 0; i < c->n_receivers; i++) {
        const struct hz_conf_receiver *r = &c->receivers[i];
        bool sim = strcmp(r->source, "sim") == 0, file = strcmp(r->source, "file") == 0;
        double rate_hz, centre_hz;
        hz_conf_band(r, &rate_hz, &centre_hz);
        const char *otherwise = sim ? "the scene's" : "the recording's";
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", r->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s %s", r->source, hz_conf_receiver_input(r));
        put_hz(cell(&t, i, 2), rate_hz, "Msps", otherwise);
        put_hz(cell(&t, i, 3), centre_hz, "MHz", otherwise);
        snprintf(cell(&t, i, 4), CELL_MAX, "%s%s",
                 !sim && !file            ? "live"
                 : r->pace == HZ_PACE_MAX ? "max"
                                          : "realtime",
                 r->loop ? ", loop" : "");
    }
    table_print(&t, out);
}

static const struct hz_conf_receiver *receiver_of(const struct hz_config *c,
                                                  const struct hz_conf_channel *ch)
{
    for (size_t i = 0; i < c->n_receivers; i++) {
        if (strcmp(c->receivers[i].name, ch->receiver) == 0)
            return &c->receivers[i];
    }
    return NULL;
}

static void print_channels(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"CHANNEL",   "DECODER", "RECEIVER",
                                         "FREQUENCY", "OFFSET",  NULL};
    struct table t;
    if (table_init(&t, titles, c->n_channels) < 0)
        return;
    for (size_t i = 0; i < c->n_channels; i++) {
        const struct hz_conf_channel *ch = &c->channels[i];
        const struct hz_conf_receiver *r = receiver_of(c, ch);
        const double *own = ch->decoder->freqs_hz;
        double freq = ch->freq_hz > 0 ? ch->freq_hz : own ? own[0] : 0;
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", ch->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", ch->decoder->name);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", ch->receiver);
        put_hz(cell(&t, i, 3), freq, "MHz", "-");
        double rate_hz, centre_hz = 0;
        if (r)
            hz_conf_band(r, &rate_hz, &centre_hz);
        if (centre_hz > 0 && freq > 0)
            snprintf(cell(&t, i, 4), CELL_MAX, "%+.10g kHz", (freq - centre_hz) / 1e3);
        else
            strcpy(cell(&t, i, 4), "known when it runs");
    }
    table_print(&t, out);
}

static void print_listens(const struct hz_config *c, FILE *out)
{
    static const char *const titles[] = {"LISTENER", "TYPE", "ADDRESS", "CLIENTS", NULL};
    static const char *const types[] = {[HZ_LISTEN_TCP] = "tcp",
                                        [HZ_LISTEN_HTTP] = "http",
                                        [HZ_LISTEN_UNIX] = "unix",
                                        [HZ_LISTEN_RTL_TCP] = "rtl_tcp"};
    struct table t;
    if (table_init(&t, titles, c->n_listens) < 0)
        return;
    for (size_t i = 0; i < c->n_listens; i++) {
        const struct hz_conf_listen *l = &c->listens[i];
        snprintf(cell(&t, i, 0), CELL_MAX, "%s", l->name);
        snprintf(cell(&t, i, 1), CELL_MAX, "%s", types[l->type]);
        snprintf(cell(&t, i, 2), CELL_MAX, "%s", *l->path ? l->path : l->address);
        snprintf(cell(&t, i, 3), CELL_MAX, "at most %d", l->max_clients);
    }
    table_print(&t, out);
}

void hz_config_print(const struct hz_config *c, FILE *out)
{
    static const char *const levels[] = {"error", "warning", "notice", "info", "debug"};
    print_receivers(c, out);
    fputc('\n', out);
    print_channels(c, out);
    fputc('\n', out);
    print_listens(c, out);
    fprintf(out, "\nworkers ");
    if (c->daemon.workers > 0)
        fprintf(out, "%d", c->daemon.workers);
    else
        fputs("as many as cores", out);
    fprintf(out, ", log level %s, %d frames kept for resume\n", levels[c->daemon.log_level - 3],
            c->daemon.history);
}
