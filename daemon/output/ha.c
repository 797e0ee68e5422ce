#include "daemon/output/ha.h"

#include "daemon/base/hash.h"
#include "daemon/base/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAYS = 4,            /* candidates that share a place in the table */
    APART_S = 2,         /* messages that are nearer together are repeats of one */
    STAMP_MS = 60000,    /* how often it is published when a device was heard last */
    FRESH_MS = 60000,    /* states that are newer are published again to a new connection */
    PAYLOAD_MAX = 65536, /* of an announcement of an earlier run */
};

/* A sender that is not a device yet. */
struct candidate {
    uint64_t hash; /* of its identifier; 0: free */
    int64_t utc_ns;
    unsigned count;
};

struct hz_ha {
    struct hz_ha_conf conf;
    char key_prefix[HZ_HA_KEY_MAX];
    struct hz_ha_device *devices;
    size_t n_heard, n_ghosts;
    struct hz_ha_device *first_pending, *last_pending;
    struct candidate candidates[HZ_HA_CANDIDATES];
    uint64_t denied, over, removed, adopted;
    bool told_over;
    /* Receivers that an earlier run announced: those that are not there at the next hz_ha_prune are
     * removed. */
    char claims[HZ_HA_GHOSTS][HZ_HA_KEY_MAX];
    size_t n_claims;
};

struct hz_ha *hz_ha_new(const struct hz_ha_conf *conf)
{
    struct hz_ha *ha = calloc(1, sizeof *ha);
    if (!ha)
        return NULL;
    ha->conf = *conf;
    hz_ha_key_prefix(conf->common.station, ha->key_prefix);
    return ha;
}

void hz_ha_free(struct hz_ha *ha)
{
    while (ha && ha->devices) {
        struct hz_ha_device *d = ha->devices;
        ha->devices = d->next;
        hz_ha_device_free(d);
    }
    free(ha);
}

/* ---- devices ---------------------------------------------------------------------------- */

static void push(struct hz_ha *ha, struct hz_ha_device *d)
{
    if (d->pending)
        return;
    d->pending = true;
    d->next_pending = NULL;
    if (ha->last_pending)
        ha->last_pending->next_pending = d;
    else
        ha->first_pending = d;
    ha->last_pending = d;
}

static struct hz_ha_device *find(const struct hz_ha *ha, const char *key)
{
    for (struct hz_ha_device *d = ha->devices; d; d = d->next) {
        if (strcmp(d->key, key) == 0)
            return d;
    }
    return NULL;
}

static struct hz_ha_device *add(struct hz_ha *ha, const struct hz_ha_identity *who,
                                const char *model, const struct hz_ha_field *fields, bool heard)
{
    struct hz_ha_device *d = hz_ha_device_new(who, model, fields, heard);
    if (!d)
        return NULL;
    d->next = ha->devices;
    ha->devices = d;
    ha->n_heard += heard;
    push(ha, d);
    return d;
}

static void begin_removal(struct hz_ha *ha, struct hz_ha_device *d)
{
    if (d->remove)
        return;
    d->remove = d->announce = true;
    ha->n_heard -= d->heard;
    ha->n_ghosts++;
    push(ha, d);
}

/* A device whose removal was published is freed. */
static void drop(struct hz_ha *ha, struct hz_ha_device *d)
{
    struct hz_ha_device **at = &ha->devices;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    ha->n_ghosts--;
    ha->removed++;
    hz_ha_device_free(d);
}

bool hz_ha_next(struct hz_ha *ha, struct hz_ha_out *out)
{
    while (ha->first_pending) {
        struct hz_ha_device *d = ha->first_pending;
        if (hz_ha_device_next(d, &ha->conf.common, out))
            return true;
        ha->first_pending = d->next_pending;
        if (!ha->first_pending)
            ha->last_pending = NULL;
        d->pending = false;
        if (d->remove)
            drop(ha, d);
    }
    return false;
}

void hz_ha_up(struct hz_ha *ha, int64_t now_ms)
{
    for (struct hz_ha_device *d = ha->devices; d; d = d->next) {
        hz_ha_device_again(d, now_ms - FRESH_MS);
        push(ha, d);
    }
}

/* ---- what is heard ---------------------------------------------------------------------- */

static bool allowed(struct hz_ha *ha, const struct hz_ha_identity *who, enum hz_ha_listed *how)
{
    *how = hz_ha_listed(ha->conf.allow, who);
    return *how != HZ_HA_UNLISTED && hz_ha_listed(ha->conf.deny, who) == HZ_HA_UNLISTED;
}

static uint64_t hash_of(const char *text)
{
    uint64_t hash = hz_hash_text(HZ_HASH, text);
    return hash ? hash : 1;
}

/* Counts a message of a sender that is not a device yet: whether it is one now. */
static bool real(struct hz_ha *ha, const struct hz_ha_identity *who, int64_t utc_ns)
{
    char name[HZ_HA_IDENTIFIER_MAX];
    hz_ha_identifier(who, name);
    uint64_t hash = hash_of(name);
    struct candidate *set = &ha->candidates[hash % (HZ_HA_CANDIDATES / WAYS) * WAYS];
    struct candidate *c = set;
    for (size_t i = 0; i < WAYS && c->hash != hash; i++) {
        if (set[i].hash == hash || set[i].hash == 0 || set[i].utc_ns < c->utc_ns)
            c = &set[i];
    }
    if (c->hash != hash)
        *c = (struct candidate){.hash = hash, .utc_ns = utc_ns, .count = 1};
    else if (llabs(utc_ns - c->utc_ns) >= APART_S * 1000000000LL) {
        c->count++;
        c->utc_ns = utc_ns;
    }
    if (c->count < ha->conf.after)
        return false;
    *c = (struct candidate){0};
    return true;
}

/* The device of the message; NULL: it is none, or not yet. */
static struct hz_ha_device *device_of(struct hz_ha *ha, const struct hz_ha_protocol *p,
                                      const struct hz_record *rec)
{
    struct hz_ha_identity who;
    enum hz_ha_listed how;
    char key[HZ_HA_KEY_MAX], model[HZ_HA_NAME_MAX];
    struct hz_value v;
    if (!hz_ha_identify(&who, ha->conf.common.station, p, rec))
        return NULL;
    hz_ha_key(&who, key);
    struct hz_ha_device *d = find(ha, key);
    if (d)
        return d->remove ? NULL : d;
    if (!allowed(ha, &who, &how)) {
        ha->denied++;
        return NULL;
    }
    if (how != HZ_HA_NAMED && !real(ha, &who, rec->utc_ns))
        return NULL;
    if (ha->n_heard >= ha->conf.max_devices) {
        ha->over++;
        if (!ha->told_over)
            hz_log(LOG_WARNING,
                   "Home Assistant: %s is not announced: %u devices are the limit (ha_devices)",
                   who.id, ha->conf.max_devices);
        ha->told_over = true;
        return NULL;
    }
    if (!hz_record_field(rec, "model", &v) || !hz_value_string(v, model, sizeof model))
        snprintf(model, sizeof model, "%s", p->title);
    return add(ha, &who, model, p->fields, true);
}

/* What all messages tell: when, and how strong. */
static void set_hearing(struct hz_ha_device *d, const struct hz_record *rec, int64_t now_ms)
{
    char text[HZ_HA_VALUE_MAX];
    if (d->stamp_ms == 0 || now_ms - d->stamp_ms >= STAMP_MS) {
        char time[HZ_TIME_TEXT];
        hz_time_text(rec->utc_ns, time);
        strcpy(time + sizeof "2026-11-23T08:26:11" - 1, "Z");
        hz_ha_device_set(d, d->n_fields + HZ_HA_HEARD, time, true);
        d->stamp_ms = now_ms;
    }
    snprintf(text, sizeof text, "%.1f", (double)rec->snr_db);
    hz_ha_device_set(d, d->n_fields + HZ_HA_SNR, isnan(rec->snr_db) ? NULL : text, false);
    d->heard_ms = now_ms;
}

bool hz_ha_hear(struct hz_ha *ha, const struct hz_frame *f, int64_t now_ms, struct hz_ha_out *event)
{
    const struct hz_record *rec = &f->rec;
    const struct hz_ha_protocol *p =
        rec->kind == HZ_KIND_MESSAGE ? hz_ha_protocol_of(f->topic->protocol, rec) : NULL;
    char text[HZ_HA_VALUE_MAX];
    struct hz_ha_device *d = NULL;
    *event = (struct hz_ha_out){0};
    for (size_t i = 0; p && p->fields[i].name; i++) {
        const struct hz_ha_field *field = &p->fields[i];
        if (!hz_ha_field_value(field, rec, text))
            continue;
        if (!d && !(d = device_of(ha, p, rec)))
            return false;
        hz_ha_device_set(d, i, text, true);
        if (field->platform == HZ_HA_EVENT) {
            d->states[i].dirty = false; /* it is published once, here */
            if (event->payload)
                continue;
            event->payload = hz_ha_event(field, rec, f->topic->receiver, f->topic->channel);
            event->len = event->payload ? strlen(event->payload) : 0;
            hz_ha_state_topic(&ha->conf.common, d->key, field->name, event->topic);
        }
    }
    if (d) {
        set_hearing(d, rec, now_ms);
        push(ha, d);
    }
    return event->payload != NULL;
}

void hz_ha_sweep(struct hz_ha *ha, int64_t now_ms)
{
    for (struct hz_ha_device *d = ha->devices; d; d = d->next) {
        if (d->heard && now_ms - d->heard_ms > (int64_t)ha->conf.forget_s * 1000)
            begin_removal(ha, d);
    }
}

/* ---- what an earlier run has left ------------------------------------------------------- */

bool hz_ha_watches(const struct hz_ha *ha, size_t i, char topic[HZ_HA_TOPIC_MAX])
{
    if (i == 0)
        hz_ha_config_topic(&ha->conf.common, "+", topic);
    else if (i == 1)
        hz_ha_state_topic(&ha->conf.common, "+", hz_ha_hearing[HZ_HA_HEARD].name, topic);
    return i < 2;
}

/* The key in a topic that is `form` with + in its place. False: it is another topic. */
static bool key_in(const char *form, const char *topic, char key[HZ_HA_KEY_MAX])
{
    const char *plus = strchr(form, '+');
    size_t before = (size_t)(plus - form), after = strlen(plus + 1), n = strlen(topic);
    if (n < before + after || n - before - after >= HZ_HA_KEY_MAX ||
        strncmp(topic, form, before) != 0 || strcmp(topic + n - after, plus + 1) != 0)
        return false;
    memcpy(key, topic + before, n - before - after);
    key[n - before - after] = '\0';
    return !strchr(key, '/');
}

/* Whether a key is surely one of this station, though what stands there cannot be read. */
static bool ours(const struct hz_ha *ha, const char *key)
{
    static const char *const own[] = {"station", "receiver_", "simulated_", "replayed_"};
    size_t n = strlen(ha->key_prefix);
    if (strncmp(key, ha->key_prefix, n) != 0)
        return false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strncmp(key + n, own[i], strlen(own[i])) == 0)
            return true;
    }
    for (const struct hz_ha_protocol *p = hz_ha_protocols; p->name; p++) {
        size_t len = strlen(p->name);
        if (strncmp(key + n, p->name, len) == 0 && key[n + len] == '_')
            return true;
    }
    return false;
}

/* Something under our name that is no device: its topic is emptied. */
static void add_ghost(struct hz_ha *ha, const char *key)
{
    static const struct hz_ha_field none[] = {{0}};
    if (ha->n_ghosts >= HZ_HA_GHOSTS)
        return; /* the next connection brings it again */
    struct hz_ha_identity who = {.group = "none"};
    struct hz_ha_device *d = add(ha, &who, "", none, false);
    if (!d)
        return;
    snprintf(d->key, sizeof d->key, "%s", key);
    begin_removal(ha, d);
}

static void adopt_device(struct hz_ha *ha, const char *key, const struct hz_ha_identity *who,
                         const char *model, const uint64_t known[4], int64_t now_ms)
{
    const struct hz_ha_protocol *p = hz_ha_protocol_find(who->group);
    enum hz_ha_listed how;
    if (strcmp(who->group, "receiver") == 0 || strcmp(who->group, "station") == 0) {
        if (ha->n_claims < HZ_HA_GHOSTS)
            snprintf(ha->claims[ha->n_claims++], HZ_HA_KEY_MAX, "%s", key);
        return;
    }
    if (!p || !allowed(ha, who, &how) || ha->n_heard >= ha->conf.max_devices) {
        if (ha->n_ghosts >= HZ_HA_GHOSTS)
            return;
        struct hz_ha_device *ghost = p ? add(ha, who, model, p->fields, true) : NULL;
        if (ghost)
            begin_removal(ha, ghost);
        else
            add_ghost(ha, key);
        return;
    }
    struct hz_ha_device *d = add(ha, who, model, p->fields, true);
    if (!d)
        return;
    for (size_t i = 0; i < d->n_fields && i < 256; i++)
        d->states[i].known = known[i / 64] >> i % 64 & 1;
    d->heard_ms = now_ms; /* until its last_heard comes */
    ha->adopted++;
}

/* When an adopted device was heard last, by an earlier run. */
static void adopt_time(struct hz_ha_device *d, const char *payload, size_t len, int64_t now_ms,
                       int64_t utc_ns)
{
    char text[HZ_HA_VALUE_MAX];
    int64_t heard_ns;
    if (d->stamp_ms != 0 || len >= sizeof text)
        return;
    memcpy(text, payload, len);
    text[len] = '\0';
    if (hz_parse_time(text, &heard_ns) != 0 || heard_ns > utc_ns)
        return;
    d->heard_ms = now_ms - (utc_ns - heard_ns) / 1000000;
    snprintf(d->states[d->n_fields + HZ_HA_HEARD].text, HZ_HA_VALUE_MAX, "%s", text);
}

void hz_ha_adopt(struct hz_ha *ha, const char *topic, const char *payload, size_t len,
                 int64_t now_ms, int64_t utc_ns)
{
    char form[HZ_HA_TOPIC_MAX], key[HZ_HA_KEY_MAX], expected[HZ_HA_KEY_MAX];
    char model[HZ_HA_NAME_MAX];
    struct hz_ha_identity who;
    uint64_t known[4];
    hz_ha_watches(ha, 1, form);
    if (key_in(form, topic, key)) {
        struct hz_ha_device *d = find(ha, key);
        if (d && d->heard && !d->remove)
            adopt_time(d, payload, len, now_ms, utc_ns);
        return;
    }
    hz_ha_watches(ha, 0, form);
    if (!key_in(form, topic, key) || len == 0 || find(ha, key))
        return;
    bool read = len <= PAYLOAD_MAX && hz_ha_announcement_read(payload, len, &who, model, known);
    if (read && strcmp(who.station, ha->conf.common.station) != 0)
        return;
    if (read)
        hz_ha_key(&who, expected);
    if (read && strcmp(expected, key) == 0)
        adopt_device(ha, key, &who, model, known, now_ms);
    else if (ours(ha, key))
        add_ghost(ha, key);
}

/* ---- devices that are not heard --------------------------------------------------------- */

struct hz_ha_device *hz_ha_own(struct hz_ha *ha, const char *mark, const char *group,
                               const char *id, const char *model, const struct hz_ha_field *fields)
{
    struct hz_ha_identity who = {0};
    char key[HZ_HA_KEY_MAX];
    snprintf(who.station, sizeof who.station, "%s", ha->conf.common.station);
    snprintf(who.mark, sizeof who.mark, "%s", mark);
    snprintf(who.group, sizeof who.group, "%s", group);
    snprintf(who.id, sizeof who.id, "%s", id);
    if (hz_ha_listed(ha->conf.deny, &who) != HZ_HA_UNLISTED)
        return NULL;
    hz_ha_key(&who, key);
    struct hz_ha_device *d = find(ha, key);
    if (!d)
        d = add(ha, &who, model, fields, false);
    if (!d || d->remove)
        return NULL;
    d->kept = true;
    return d;
}

void hz_ha_set(struct hz_ha *ha, struct hz_ha_device *d, const char *field, const char *text)
{
    for (size_t i = 0; d && !d->remove && i < d->n_fields; i++) {
        if (strcmp(d->fields[i].name, field) == 0 && hz_ha_device_set(d, i, text, false))
            push(ha, d);
    }
}

void hz_ha_prune(struct hz_ha *ha)
{
    for (struct hz_ha_device *d = ha->devices; d; d = d->next) {
        if (!d->heard && !d->kept)
            begin_removal(ha, d);
        d->kept = false;
    }
    while (ha->n_claims > 0) {
        const char *key = ha->claims[--ha->n_claims];
        if (!find(ha, key))
            add_ghost(ha, key);
    }
}

cJSON *hz_ha_json(const struct hz_ha *ha)
{
    cJSON *o = cJSON_CreateObject();
    size_t n = 0;
    for (const struct hz_ha_device *d = ha->devices; d; d = d->next)
        n += !d->remove;
    cJSON_AddNumberToObject(o, "devices", (double)n);
    cJSON_AddNumberToObject(o, "heard", (double)ha->n_heard);
    cJSON_AddNumberToObject(o, "adopted", (double)ha->adopted);
    cJSON_AddNumberToObject(o, "removed", (double)ha->removed);
    cJSON_AddNumberToObject(o, "denied", (double)ha->denied);
    cJSON_AddNumberToObject(o, "over_limit", (double)ha->over);
    return o;
}
