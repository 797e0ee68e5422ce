/* Many stations in one program: each hears a part of one sky, with its own signal, clock, way to
 * the servers and link, and publishes what it hears as `[output nats]` does. The sky is a file of
 * lines, as `hertzd decode` prints them, told again and again. `sample` of each line is the number
 * of its transmission, from 0 on, so that who reads a hub's lines knows what belongs together:
 *
 *     stations --url URL[,URL…] --lines FILE [--stations 20] [--rate 10000] [--seconds 10] [--hear
 * 0.5]
 *              [--clock-ms 40] [--delay-ms 200] [--seed 1] [--cut STATION:FROM_S:SECONDS]…
 *
 * Two transmissions of one frame are 0.3 s apart or more. Prints one JSON object at the end, when
 * everything is acknowledged. */
#include "daemon/base/utc.h"
#include "daemon/bus/bucket.h"
#include "daemon/nats/nats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TICK_MS = 5,
    IN_FLIGHT = 2000,
    AGAIN_MS = 250,
    SILENT_MS = 15000, /* an unanswered connection is opened again */
    APART_MS = 300,
    CUTS = 64,
};

struct line {
    struct line *next;
    uint64_t seq, due_ms;
    bool acked;
    unsigned bucket;
    const char *protocol;
    size_t len;
    char text[];
};

struct station {
    struct sky *sky;
    int number;
    char name[16], stream[17];
    int64_t clock_ns;
    uint64_t delay_ms, seq;
    struct line *first, **end; /* not acknowledged, or not sent */
    struct line *next;         /* to be sent */
    size_t in_flight, queued, most;
    struct hz_nats *nats;
    bool up, cut;
    uint64_t heard_ms, again_ms; /* last ack; not before that */
    unsigned round;              /* counts up when all is sent again */
    uint64_t acked, duplicates, refused, connects;
};

/* A line of the sky, in pieces: TIME a SNR b SAMPLE c. */
struct piece {
    char *a, *b, *c, *protocol;
    unsigned bucket;
    size_t same; /* the first one with its frame */
    uint64_t sent_ms;
};

struct cut {
    int station;
    double from_s, to_s;
};

struct sky {
    uv_loop_t loop;
    uv_timer_t tick;
    struct piece *pieces;
    size_t n_pieces, at;
    struct station *stations;
    int n;
    double rate, seconds, hear, clock_ms, delay_ms;
    uint64_t seed, burst, told, begun_ms; /* told: bursts that somebody heard */
    int64_t begun_ns;
    struct hz_nats_conf nats;
    struct cut cuts[CUTS];
    int n_cuts;
    uint64_t sent, published;
};

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 31) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
}

static double chance(const struct sky *s, uint64_t a, uint64_t b)
{
    return (double)(mix(mix(s->seed + a * 0x100000001b3u) + b) >> 11) / 9007199254740992.0;
}

/* ---- the link --------------------------------------------------------------------------- */

static void on_closed(void *ctx)
{
    (void)ctx;
}

/* Everything that is not acknowledged is sent again. */
static void rewind_queue(struct station *st)
{
    st->next = st->first;
    st->in_flight = 0;
    st->round++;
}

static void hang_up(struct station *st)
{
    if (st->nats)
        hz_nats_close(st->nats, on_closed, NULL);
    st->nats = NULL;
    st->up = false;
    rewind_queue(st);
}

static void on_up(void *ctx, void *job)
{
    (void)job;
    struct station *st = ctx;
    st->up = true;
    st->connects++;
    st->heard_ms = uv_now(&st->sky->loop);
}

static void on_down(void *ctx, const char *why)
{
    struct station *st = ctx;
    (void)why;
    hang_up(st);
    st->again_ms = uv_now(&st->sky->loop) + AGAIN_MS;
}

static void drop_acked(struct station *st)
{
    while (st->first && st->first->acked && st->first != st->next) {
        struct line *l = st->first;
        st->first = l->next;
        if (!st->first)
            st->end = &st->first;
        st->queued--;
        free(l);
    }
}

static void on_message(void *ctx, const struct hz_nats_in *m)
{
    struct station *st = ctx;
    char *behind;
    uint64_t seq = strtoull(m->token, &behind, 10);
    bool now_sent = *behind == '-' && strtoul(behind + 1, NULL, 10) == st->round;
    bool good = m->status == 0 && m->len > 0 && !memmem(m->data, m->len, "\"error\"", 7);
    st->heard_ms = uv_now(&st->sky->loop);
    if (!good) {
        st->refused++;
        if (!now_sent)
            return; /* it is sent again anyway */
        rewind_queue(st);
        st->again_ms = uv_now(&st->sky->loop) + AGAIN_MS;
        return;
    }
    for (struct line *l = st->first; l && l->seq <= seq; l = l->next) {
        if (l->seq != seq || l->acked)
            continue;
        l->acked = true;
        st->acked++;
        st->in_flight -= now_sent && st->in_flight > 0;
        st->duplicates += memmem(m->data, m->len, "\"duplicate\"", 11) != NULL;
    }
    drop_acked(st);
}

static void connect_now(struct station *st)
{
    static const struct hz_nats_ops ops = {.up = on_up, .down = on_down, .message = on_message};
    st->nats = hz_nats_open(&st->sky->loop, &st->sky->nats, st->name, &ops, st, NULL);
}

static void send_due(struct station *st)
{
    uint64_t now = uv_now(&st->sky->loop);
    while (st->next && st->next->due_ms <= now && st->in_flight < IN_FLIGHT &&
           now >= st->again_ms) {
        struct line *l = st->next;
        char subject[64], reply[40], id[48];
        snprintf(subject, sizeof subject, "hertzd.%s.%s.%u", st->name, l->protocol, l->bucket);
        snprintf(reply, sizeof reply, "%ju-%u", (uintmax_t)l->seq, st->round);
        snprintf(id, sizeof id, "%s-%ju", st->stream, (uintmax_t)l->seq);
        struct hz_nats_out out = {
            .subject = subject, .reply = reply, .id = id, .data = l->text, .len = l->len};
        if (!l->acked && hz_nats_send(st->nats, &out) != 0)
            return;
        st->in_flight += !l->acked;
        st->sky->published += !l->acked;
        st->next = l->next;
    }
    drop_acked(st);
}

static bool is_cut(const struct station *st, double now_s)
{
    for (int i = 0; i < st->sky->n_cuts; i++) {
        const struct cut *c = &st->sky->cuts[i];
        if (c->station == st->number && now_s >= c->from_s && now_s < c->to_s)
            return true;
    }
    return false;
}

static void look_at_link(struct station *st, double now_s)
{
    uint64_t now = uv_now(&st->sky->loop);
    st->cut = is_cut(st, now_s);
    if (st->nats && (st->cut || (st->in_flight > 0 && now - st->heard_ms > SILENT_MS)))
        hang_up(st);
    if (!st->nats && !st->cut && now >= st->again_ms)
        connect_now(st);
    if (st->up)
        send_due(st);
}

/* ---- the sky ---------------------------------------------------------------------------- */

static void hear(struct station *st, const struct piece *p, uint64_t burst, int64_t utc_ns,
                 uint64_t at_ms)
{
    char time[HZ_TIME_TEXT];
    uint64_t which = (uint64_t)st->number << 40 | burst;
    double snr = 4 + 26 * chance(st->sky, 2, which), jitter = chance(st->sky, 3, which) - 0.5;
    size_t cap = strlen(p->a) + strlen(p->b) + strlen(p->c) + 160;
    struct line *l = malloc(sizeof *l + cap);
    if (!l)
        abort();
    *l = (struct line){.seq = ++st->seq,
                       .due_ms = at_ms + st->delay_ms,
                       .bucket = p->bucket,
                       .protocol = p->protocol};
    hz_time_text(utc_ns + st->clock_ns + (int64_t)(jitter * 1e6), time);
    l->len = (size_t)snprintf(l->text, cap,
                              "{\"seq\":%ju,\"kind\":\"message\",\"time\":\"%s%s%.1f%s%ju%s",
                              (uintmax_t)l->seq, time, p->a, snr, p->b, (uintmax_t)burst, p->c);
    *st->end = l;
    st->end = &l->next;
    if (!st->next)
        st->next = l;
    st->queued++;
    st->most = st->queued > st->most ? st->queued : st->most;
    st->sky->sent++;
}

static void one_burst(struct sky *s, double at_s)
{
    uint64_t at_ms = s->begun_ms + (uint64_t)(at_s * 1e3);
    struct piece *p;
    for (size_t tries = 0;; tries++) {
        p = &s->pieces[s->at++ % s->n_pieces];
        struct piece *same = &s->pieces[p->same];
        if (same->sent_ms == 0 || at_ms - same->sent_ms >= APART_MS) {
            same->sent_ms = at_ms;
            break;
        }
        if (tries == s->n_pieces)
            abort(); /* too few lines for this rate */
    }
    int heard = 0;
    for (int i = 0; i < s->n; i++) {
        if (chance(s, 1, (uint64_t)i << 40 | s->burst) >= s->hear)
            continue;
        hear(&s->stations[i], p, s->burst, s->begun_ns + (int64_t)(at_s * 1e9), at_ms);
        heard++;
    }
    s->burst++;
    s->told += heard > 0;
}

static void print_end(const struct sky *s)
{
    uint64_t acked = 0, duplicates = 0, refused = 0, connects = 0;
    size_t most = 0;
    for (int i = 0; i < s->n; i++) {
        const struct station *st = &s->stations[i];
        acked += st->acked;
        duplicates += st->duplicates;
        refused += st->refused;
        connects += st->connects;
        most = st->most > most ? st->most : most;
    }
    printf("{\"bursts\":%ju,\"lines\":%ju,\"published\":%ju,\"acked\":%ju,\"duplicates\":%ju,"
           "\"refused\":%ju,\"connects\":%ju,\"most_queued\":%zu,\"took_s\":%.1f}\n",
           (uintmax_t)s->told, (uintmax_t)s->sent, (uintmax_t)s->published, (uintmax_t)acked,
           (uintmax_t)duplicates, (uintmax_t)refused, (uintmax_t)connects, most,
           (double)(uv_now(&s->loop) - s->begun_ms) / 1e3);
    fflush(stdout);
    _exit(0); /* threads of the library may still run */
}

static void on_tick(uv_timer_t *t)
{
    struct sky *s = t->data;
    double now_s = (double)(uv_now(t->loop) - s->begun_ms) / 1e3;
    double per_s = s->rate / (s->hear * s->n), until = now_s < s->seconds ? now_s : s->seconds;
    size_t queued = 0;
    bool all_up = true;
    for (int i = 0; s->burst == 0 && i < s->n; i++)
        all_up = all_up && s->stations[i].up;
    if (!all_up) { /* the time begins when all are there */
        s->begun_ms = uv_now(t->loop);
        s->begun_ns = hz_utc_now();
        until = 0;
    }
    for (; (double)s->burst / per_s < until;)
        one_burst(s, (double)s->burst / per_s);
    for (int i = 0; i < s->n; i++) {
        look_at_link(&s->stations[i], all_up ? now_s : -1);
        queued += s->stations[i].queued;
    }
    if (all_up && now_s >= s->seconds && queued == 0)
        print_end(s);
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Cuts `line` behind the value of a member and returns what is behind; *at ends before the value.
 */
static char *split(char *line, const char *key, const char *until)
{
    char *value = strstr(line, key);
    if (!value)
        return NULL;
    value += strlen(key);
    size_t n = strcspn(value, until);
    char *rest = strdup(value + n);
    *value = '\0';
    return rest;
}

static bool read_piece(struct piece *p, char *line)
{
    struct hz_record rec = {.kind = HZ_KIND_MESSAGE};
    const char *id = strstr(line, "\"hex\":\""), *protocol = strstr(line, "\"protocol\":\"");
    const char *raw = strstr(line, "\"raw\":\""), *time = strstr(line, "\"time\":\"");
    if (!id || !protocol || !raw || !time)
        return false;
    snprintf(rec.about.id, sizeof rec.about.id, "%.*s", (int)strcspn(id + 7, "\""), id + 7);
    p->bucket = hz_bucket(&rec);
    p->protocol = strndup(protocol + 12, strcspn(protocol + 12, "\""));
    p->a = strdup(time + 8 + strcspn(time + 8, "\""));
    p->b = split(p->a, "\"snr_db\":", ",");
    p->c = p->b ? split(p->b, "\"sample\":", ",") : NULL;
    return p->c;
}

static bool same_frame(const char *a, const char *b)
{
    const char *x = strstr(a, "\"raw\":\"") + 7, *y = strstr(b, "\"raw\":\"") + 7;
    size_t n = strcspn(x, "\"");
    return strncmp(x, y, n + 1) == 0;
}

static void read_lines(struct sky *s, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    while (f && getline(&line, &cap, f) > 0) {
        line[strcspn(line, "\n")] = '\0';
        s->pieces = realloc(s->pieces, (s->n_pieces + 1) * sizeof *s->pieces);
        struct piece *p = &s->pieces[s->n_pieces];
        *p = (struct piece){.same = s->n_pieces};
        if (!read_piece(p, line))
            continue;
        for (size_t i = 0; i < s->n_pieces; i++) {
            if (same_frame(s->pieces[i].c, p->c)) {
                p->same = i;
                break;
            }
        }
        s->n_pieces++;
    }
    if (s->n_pieces == 0) {
        fprintf(stderr, "stations: %s: no lines of aircraft\n", path);
        exit(2);
    }
    free(line);
    fclose(f);
}

static void set(struct sky *s, const char *name, char *value, const char **lines)
{
    struct cut *c = &s->cuts[s->n_cuts];
    if (strcmp(name, "--url") == 0)
        s->nats.url = value;
    else if (strcmp(name, "--lines") == 0)
        *lines = value;
    else if (strcmp(name, "--stations") == 0)
        s->n = atoi(value);
    else if (strcmp(name, "--rate") == 0)
        s->rate = atof(value);
    else if (strcmp(name, "--seconds") == 0)
        s->seconds = atof(value);
    else if (strcmp(name, "--hear") == 0)
        s->hear = atof(value);
    else if (strcmp(name, "--clock-ms") == 0)
        s->clock_ms = atof(value);
    else if (strcmp(name, "--delay-ms") == 0)
        s->delay_ms = atof(value);
    else if (strcmp(name, "--seed") == 0)
        s->seed = strtoull(value, NULL, 10);
    else if (strcmp(name, "--cut") == 0 && s->n_cuts < CUTS &&
             sscanf(value, "%d:%lf:%lf", &c->station, &c->from_s, &c->to_s) == 3) {
        c->to_s += c->from_s;
        s->n_cuts++;
    } else {
        fprintf(stderr, "stations: %s %s: see the head of tests/tools/stations.c\n", name, value);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    static struct sky s = {.n = 20,
                           .rate = 10000,
                           .seconds = 10,
                           .hear = 0.5,
                           .clock_ms = 40,
                           .delay_ms = 200,
                           .seed = 1,
                           .nats = {"", "", "", "", "", "", "", 5}};
    const char *lines = "";
    for (int i = 1; i + 1 < argc; i += 2)
        set(&s, argv[i], argv[i + 1], &lines);
    read_lines(&s, lines);
    uv_loop_init(&s.loop);
    s.begun_ms = uv_now(&s.loop);
    s.begun_ns = hz_utc_now();
    s.stations = calloc((size_t)s.n, sizeof *s.stations);
    for (int i = 0; i < s.n; i++) {
        struct station *st = &s.stations[i];
        *st = (struct station){.sky = &s, .number = i, .end = &st->first};
        snprintf(st->name, sizeof st->name, "st%02d", i);
        snprintf(st->stream, sizeof st->stream, "%016jx",
                 (uintmax_t)mix(s.seed * 1000 + (uint64_t)i + (uint64_t)s.begun_ns));
        st->clock_ns = (int64_t)((chance(&s, 4, (uint64_t)i) * 2 - 1) * s.clock_ms * 1e6);
        st->delay_ms = (uint64_t)(chance(&s, 5, (uint64_t)i) * s.delay_ms);
    }
    uv_timer_init(&s.loop, &s.tick);
    s.tick.data = &s;
    uv_timer_start(&s.tick, on_tick, TICK_MS, TICK_MS);
    return uv_run(&s.loop, UV_RUN_DEFAULT);
}
