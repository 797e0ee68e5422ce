/* Speech for pages: packets of Opus as binary messages (docs/sound.md has their layout). */
#include "daemon/base/put.h"
#include "daemon/serve/feed.h"
#include "daemon/serve/mux.h"
#include "daemon/serve/sound.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    QUEUE = 100, /* packets: 2 s */
    HEAD = HZ_FEED_HEAD + 16,
    FIRST = 1 << 0,
    LAST = 1 << 1,
};

static void left(struct hz_feed *f)
{
    hz_sound_changed(f);
}

const struct hz_feed_kind hz_sound_feed = {
    .name = "audio_stream", .type = HZ_FEED_AUDIO, .queue = QUEUE, .left = left};

void hz_sound_push(struct hz_feed *f, const struct hz_frame *piece)
{
    const struct hz_record *rec = &piece->rec;
    size_t name = strlen(f->name), padded = (name + 3) / 4 * 4;
    struct hz_feed_message *m = hz_feed_message_new(f, HEAD + padded, rec->opus_len);
    if (!m)
        return; /* its seq is missing, so the client sees it */
    uint8_t *p = m->data + HZ_FEED_HEAD;
    hz_put_u64(p, (uint64_t)rec->utc_ns);
    hz_put_u32(p + 8, rec->rate_hz);
    hz_put_u16(p + 12, (uint16_t)((rec->first ? FIRST : 0) | (rec->last ? LAST : 0)));
    p[14] = (uint8_t)name;
    memcpy(p + 16, f->name, name);
    memcpy(p + 16 + padded, rec->opus, rec->opus_len);
    hz_feed_push(f, m);
}

static int acknowledge(struct hz_client *c, const char *channel, unsigned rate_hz)
{
    char line[HZ_ERROR_MAX];
    struct hz_json j;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", hz_sound_feed.name);
    hz_json_str(&j, "channel", channel);
    if (rate_hz > 0) {
        hz_json_str(&j, "format", "opus");
        hz_json_uint(&j, "rate_hz", rate_hz);
    } else {
        hz_json_bool(&j, "off", true);
    }
    hz_json_close(&j);
    c->transport->say(c, line, j.len);
    return 0;
}

int hz_sound_take(struct hz_client *c, const cJSON *words, char *err, size_t err_len)
{
    struct hz_sounds *all = c->door->all->env.sounds;
    const char *channel = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(words, "channel"));
    const cJSON *off = cJSON_GetObjectItemCaseSensitive(words, "off");
    int known = (channel != NULL) + (off != NULL);
    if (!channel || (off && !cJSON_IsBool(off)) || cJSON_GetArraySize(words) != known) {
        snprintf(err, err_len,
                 "audio: expected {\"channel\":NAME} or {\"channel\":NAME,\"off\":true}");
        return -EINVAL;
    }
    if (cJSON_IsTrue(off)) {
        struct hz_feed *f = hz_feed_of(c, &hz_sound_feed, channel);
        if (f)
            hz_feed_leave(f, c);
        return acknowledge(c, channel, 0);
    }
    unsigned rate_hz = hz_sounds_rate(all, channel, err, err_len);
    struct hz_feed *f = rate_hz > 0 ? hz_sounds_feed(all, channel) : NULL;
    if (!f)
        return rate_hz > 0 ? -ENOMEM : -ENOENT;
    int rc = hz_feed_join(f, c, err, err_len);
    hz_sound_changed(f);
    return rc == 0 ? acknowledge(c, channel, rate_hz) : rc;
}
