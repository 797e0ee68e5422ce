/* GET /audio/CHANNEL.opus and /audio/CHANNEL.wav: the speech of a channel for players, until they
 * close. Each player's stream begins with its head and at time 0, whenever it comes. A piece of
 * 20 ms that a slow player has missed is left out: its stream goes on without a hole. */
#include "daemon/base/ogg.h"
#include "daemon/base/wav.h"
#include "daemon/serve/http.h"
#include "daemon/serve/sound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES = 100 /* in one part of the answer */ };

struct listener {
    struct hz_player player; /* must be the first member */
    struct hz_ogg *ogg;      /* NULL: WAV */
    unsigned rate_hz;
    bool begun;
    char channel[HZ_NAME_MAX + 1];
};

static int write_out(void *ctx, const void *data, size_t n)
{
    hz_http_write(ctx, data, n);
    return 0;
}

static int write_head(struct hz_client *c, struct listener *l, const struct hz_ogg_out *out)
{
    if (!l->ogg) {
        uint8_t head[HZ_WAV_HEAD];
        hz_wav_head(head, l->rate_hz, UINT32_MAX);
        hz_http_write(c, head, sizeof head);
        return 0;
    }
    char title[HZ_NAME_MAX + 16];
    const char *const tags[] = {title, "ENCODER=hertzd " HZ_VERSION, NULL};
    snprintf(title, sizeof title, "TITLE=%s", l->channel);
    return hz_ogg_head(l->ogg, l->rate_hz, tags, 0, out);
}

static int write_opus(struct hz_client *c, struct listener *l, const struct hz_frame *piece)
{
    if (piece && piece->rec.opus_len > 0)
        return hz_ogg_add(l->ogg, piece->rec.opus, piece->rec.opus_len, 0);
    size_t n;
    const uint8_t *silence = hz_sounds_silence(c->door->all->env.sounds, &n);
    return hz_ogg_add(l->ogg, silence, n, 0);
}

/* 20 ms; the last piece of a transmission may hold less. */
static void write_wav(struct hz_client *c, const struct listener *l, const struct hz_frame *piece)
{
    uint8_t pcm[2 * 48000 / 50] = {0};
    size_t want = l->rate_hz / 50 * 2;
    if (piece)
        memcpy(pcm, piece->rec.raw, piece->rec.raw_len < want ? piece->rec.raw_len : want);
    hz_http_write(c, pcm, want);
}

static enum hz_http_next more(struct hz_client *c, void *own)
{
    struct listener *l = own;
    const struct hz_ogg_out out = {write_out, c};
    struct hz_frame *piece;
    int rc = l->begun ? 0 : write_head(c, l, &out);
    l->begun = true;
    for (int i = 0; rc == 0 && i < PIECES && hz_player_next(&l->player, &piece); i++) {
        if (l->ogg)
            rc = write_opus(c, l, piece);
        else
            write_wav(c, l, piece);
        hz_frame_unref(piece);
    }
    if (rc == 0 && l->ogg)
        rc = hz_ogg_write(l->ogg, true, &out);
    if (rc < 0)
        return HZ_HTTP_CUT;
    if (l->player.n > 0)
        return HZ_HTTP_MORE;
    return c->door->all->draining ? HZ_HTTP_END : HZ_HTTP_WAIT;
}

static void done(void *own)
{
    struct listener *l = own;
    hz_player_leave(&l->player);
    hz_ogg_free(l->ogg);
    free(l);
}

static const struct hz_http_body body = {.more = more, .done = done};

/* Joins a player that hears nothing yet. NULL: no memory. */
static struct listener *begin(struct hz_client *c, const char *channel, unsigned rate_hz, bool opus)
{
    struct listener *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->player = (struct hz_player){.client = c, .opus = opus};
    l->rate_hz = rate_hz;
    snprintf(l->channel, sizeof l->channel, "%s", channel);
    l->ogg = opus ? hz_ogg_new((uint32_t)c->id) : NULL;
    if ((!opus || l->ogg) && hz_player_join(&l->player, c->door->all->env.sounds, channel) == 0)
        return l;
    hz_ogg_free(l->ogg);
    free(l);
    return NULL;
}

/* Cuts ".opus" or ".wav" off a name. False: it has neither. */
static bool cut_format(char *name, bool *opus)
{
    char *dot = strrchr(name, '.');
    if (!dot || (strcmp(dot, ".opus") != 0 && strcmp(dot, ".wav") != 0))
        return false;
    *opus = strcmp(dot, ".opus") == 0;
    *dot = '\0';
    return true;
}

void hz_http_audio(struct hz_client *c, const struct hz_http_request *r)
{
    char name[HZ_NAME_MAX + 8] = "", err[2 * HZ_ERROR_MAX] = "";
    bool opus = false;
    if (r->rest.n < sizeof name)
        memcpy(name, r->rest.p, r->rest.n);
    if (!cut_format(name, &opus)) {
        hz_http_refuse(c, r, 404, NULL, "expected /audio/CHANNEL.opus or /audio/CHANNEL.wav");
        return;
    }
    unsigned rate_hz = hz_sounds_rate(c->door->all->env.sounds, name, err, sizeof err);
    if (rate_hz == 0) {
        hz_http_refuse(c, r, 404, NULL, err);
        return;
    }
    struct listener *l = begin(c, name, rate_hz, opus);
    if (!l) {
        hz_http_respond_text(c, r, 500, "no memory");
        return;
    }
    const struct hz_http_answer a = {.type = opus ? "audio/ogg; codecs=opus" : "audio/wav"};
    hz_http_begin(c, r, &a, HZ_HTTP_LENGTH_UNKNOWN, &body, l);
}
