#include "daemon/serve/sound.h"

#include "daemon/bus/audience.h"
#include "daemon/bus/cursor.h"
#include "daemon/serve/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_MS = 20,
    SILENCE_MS = 100, /* how often silence is made up */
    LATE_MS = 500,    /* what a piece of a transmission may be late before silence replaces it */
    LOOKS = 1024,
};

/* A channel to which somebody listens. */
struct hz_sound {
    struct hz_feed feed; /* must be the first member */
    struct hz_sounds *all;
    struct hz_sound *next;
    char channel[HZ_NAME_MAX + 1];
    struct hz_player *players;
    struct hz_subscription filter;
    struct hz_listening listening; /* of those who need packets */
    uint64_t began_ms;             /* of the loop's clock: when the first player came */
    uint64_t pieces;               /* that players were given since */
    bool talking;
};

struct hz_sounds {
    struct hz_subscriber turn;
    struct hz_bus *bus;
    const struct hz_decoder *const *decoders;
    struct hz_cursor cursor;
    uv_timer_t timer; /* runs while there are players */
    size_t n_players;
    struct hz_sound *first; /* while there is one, `turn` is subscribed */
    uint8_t silence[HZ_OPUS_PACKET_MAX];
    size_t silence_len;
};

/* ---- pieces for players ----------------------------------------------------------------- */

static void drop_all(struct hz_player *p)
{
    for (; p->n > 0; p->n--) {
        hz_frame_unref(p->waiting[p->first]);
        p->first = (p->first + 1) % HZ_PLAYER_QUEUE;
    }
}

/* piece: NULL for silence. */
static void push(struct hz_sound *s, struct hz_frame *piece)
{
    s->pieces++;
    for (struct hz_player *p = s->players; p; p = p->next) {
        if (p->n == HZ_PLAYER_QUEUE) {
            p->client->missed += p->n;
            p->client->door->counts.missed += p->n;
            drop_all(p);
        }
        p->waiting[(p->first + p->n++) % HZ_PLAYER_QUEUE] = piece ? hz_frame_ref(piece) : NULL;
        hz_client_wake(p->client);
    }
}

/* Silence for the time that has passed, but for `less_ms`. */
static void make_up(struct hz_sound *s, uint64_t less_ms)
{
    uint64_t passed_ms = uv_now(s->all->timer.loop) - s->began_ms;
    while (s->players && s->pieces * PIECE_MS + less_ms + PIECE_MS <= passed_ms)
        push(s, NULL);
}

static void on_timer(uv_timer_t *timer)
{
    const struct hz_sounds *all = timer->data;
    for (struct hz_sound *s = all->first; s; s = s->next)
        make_up(s, s->talking ? LATE_MS : 0);
}

static void take(struct hz_sound *s, struct hz_frame *f)
{
    if (s->feed.clients > 0 && f->rec.opus_len > 0)
        hz_sound_push(&s->feed, f);
    if (!s->players)
        return;
    make_up(s, s->talking ? LATE_MS : 0);
    s->talking = !f->rec.last;
    push(s, f);
}

static struct hz_sound *find(const struct hz_sounds *all, const char *channel)
{
    struct hz_sound *s = all->first;
    while (s && strcmp(s->channel, channel) != 0)
        s = s->next;
    return s;
}

static void on_turn(struct hz_subscriber *turn)
{
    struct hz_sounds *all = (struct hz_sounds *)turn;
    struct hz_cursor_gap gap;
    int looks = LOOKS;
    struct hz_frame *f;
    hz_cursor_gap(&all->cursor, &gap); /* nobody waits for what is gone */
    while ((f = hz_cursor_next(&all->cursor, &looks))) {
        struct hz_sound *s = find(all, f->topic->channel);
        if (s)
            take(s, f);
    }
    if (hz_cursor_behind(&all->cursor) > 0)
        hz_bus_again(all->bus, turn);
}

/* ---- channels that are listened to ------------------------------------------------------ */

static struct hz_sound *sound_of(struct hz_sounds *all, const char *channel)
{
    struct hz_sound *s = find(all, channel);
    if (s)
        return s;
    s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    snprintf(s->channel, sizeof s->channel, "%s", channel);
    hz_feed_init(&s->feed, &hz_sound_feed, s->channel);
    s->all = all;
    s->filter.channel.n = 1;
    snprintf(s->filter.channel.names[0], sizeof s->filter.channel.names[0], "%s", channel);
    s->listening.filter = &s->filter;
    if (!all->first) {
        char err[HZ_ERROR_MAX];
        const struct hz_subscription speech = {.kinds = 1u << HZ_KIND_AUDIO};
        hz_cursor_init(&all->cursor, all->bus);
        hz_cursor_subscribe(&all->cursor, &speech, err, sizeof err); /* cannot be wrong */
        hz_bus_subscribe(all->bus, &all->turn);
    }
    s->next = all->first;
    all->first = s;
    return s;
}

/* Tells the channel how many need packets; frees s if nobody is left. */
static void changed(struct hz_sound *s)
{
    struct hz_sounds *all = s->all;
    struct hz_audience *audience = hz_bus_audience(all->bus);
    size_t n = s->feed.clients;
    for (const struct hz_player *p = s->players; p; p = p->next)
        n += p->opus;
    hz_audience_leave(audience, &s->listening);
    s->listening.n = n;
    if (n > 0)
        hz_audience_join(audience, &s->listening);
    if (s->feed.clients > 0 || s->players)
        return;
    struct hz_sound **at = &all->first;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    free(s);
    if (!all->first) {
        hz_bus_unsubscribe(all->bus, &all->turn);
        hz_cursor_done(&all->cursor);
    }
}

struct hz_feed *hz_sounds_feed(struct hz_sounds *all, const char *channel)
{
    struct hz_sound *s = sound_of(all, channel);
    return s ? &s->feed : NULL;
}

void hz_sound_changed(struct hz_feed *f)
{
    changed((struct hz_sound *)f);
}

/* ---- players ---------------------------------------------------------------------------- */

int hz_player_join(struct hz_player *p, struct hz_sounds *all, const char *channel)
{
    struct hz_sound *s = sound_of(all, channel);
    if (!s)
        return -ENOMEM;
    if (!s->players) {
        s->began_ms = uv_now(all->timer.loop);
        s->pieces = 0;
        s->talking = false;
    }
    p->sound = s;
    p->next = s->players;
    s->players = p;
    if (all->n_players++ == 0)
        uv_timer_start(&all->timer, on_timer, SILENCE_MS, SILENCE_MS);
    changed(s);
    return 0;
}

void hz_player_leave(struct hz_player *p)
{
    struct hz_sound *s = p->sound;
    struct hz_sounds *all = s->all;
    struct hz_player **at = &s->players;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    drop_all(p);
    if (--all->n_players == 0)
        uv_timer_stop(&all->timer);
    changed(s);
}

bool hz_player_next(struct hz_player *p, struct hz_frame **piece)
{
    if (p->n == 0)
        return false;
    *piece = p->waiting[p->first];
    p->first = (p->first + 1) % HZ_PLAYER_QUEUE;
    p->n--;
    return true;
}

const uint8_t *hz_sounds_silence(const struct hz_sounds *all, size_t *n)
{
    *n = all->silence_len;
    return all->silence;
}

/* ---- all -------------------------------------------------------------------------------- */

static unsigned speech_hz(const struct hz_sounds *all, const char *protocol)
{
    for (const struct hz_decoder *const *d = all->decoders; *d; d++) {
        if (strcmp((*d)->name, protocol) == 0)
            return (*d)->speech_hz;
    }
    return 0;
}

unsigned hz_sounds_rate(const struct hz_sounds *all, const char *channel, char *err, size_t err_len)
{
    size_t n =
        (size_t)snprintf(err, err_len, "no channel \"%.40s\" with speech; there is", channel);
    size_t names = n;
    for (const struct hz_topic *t = all ? hz_bus_known(all->bus) : NULL; t; t = t->next_known) {
        unsigned rate_hz = speech_hz(all, t->protocol);
        if (rate_hz > 0 && strcmp(t->channel, channel) == 0)
            return rate_hz;
        if (rate_hz > 0 && n < err_len)
            n += (size_t)snprintf(err + n, err_len - n, " %s", t->channel);
    }
    if (n == names)
        snprintf(err + n, err_len - n, " none");
    return 0;
}

struct hz_sounds *hz_sounds_new(uv_loop_t *loop, struct hz_bus *bus,
                                const struct hz_decoder *const *decoders)
{
    const int16_t nothing[1] = {0};
    struct hz_sounds *all = calloc(1, sizeof *all);
    struct hz_opus *opus = hz_opus_new(16000);
    if (all && opus)
        all->silence_len = hz_opus_code(opus, nothing, 1, all->silence);
    hz_opus_free(opus);
    if (!all || all->silence_len == 0) {
        free(all);
        return NULL;
    }
    all->turn.wake = on_turn;
    all->bus = bus;
    all->decoders = decoders;
    uv_timer_init(loop, &all->timer);
    all->timer.data = all;
    return all;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void hz_sounds_close(struct hz_sounds *all)
{
    if (all)
        uv_close((uv_handle_t *)&all->timer, on_closed);
}
