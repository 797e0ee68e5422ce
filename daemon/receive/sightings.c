#include "daemon/receive/sightings.h"

#include "daemon/base/hash.h"

#define HOUR_NS 3600000000000ll

/* What tells a sender from others: its model, channel and id where it tells a model, else what the
 * protocol calls it. 0: it has no name. */
static uint64_t sender_of(const struct hz_record *rec)
{
    static const char *const names[] = {"model", "channel", "id"};
    uint64_t key = HZ_HASH;
    struct hz_value v;
    if (!hz_record_field(rec, "model", &v))
        return *rec->about.id ? hz_hash_text(HZ_HASH, rec->about.id) : 0;
    for (size_t i = 0; i < 3; i++) {
        if (hz_record_field(rec, names[i], &v))
            key = hz_hash_byte(hz_hash(key, (const uint8_t *)v.p, v.n), 0);
    }
    return key;
}

/* Whether the same was told of the same time. */
static bool told_already(struct hz_sightings *s, const struct hz_record *rec, int64_t end_ns)
{
    struct hz_value model;
    uint64_t key = hz_hash(HZ_HASH, rec->raw, rec->raw_len);
    if (hz_record_field(rec, "model", &model))
        key = hz_hash(key, (const uint8_t *)model.p, model.n);
    for (size_t i = 0; i < HZ_SIGHTINGS_LATEST && rec->raw_len > 0; i++) {
        struct hz_sighting *l = &s->latest[i];
        if (l->key == key && rec->utc_ns <= l->end_ns && end_ns >= l->utc_ns) {
            l->end_ns = end_ns > l->end_ns ? end_ns : l->end_ns;
            return true;
        }
    }
    s->latest[s->at] = (struct hz_sighting){key, rec->utc_ns, end_ns};
    s->at = (s->at + 1) % HZ_SIGHTINGS_LATEST;
    return false;
}

/* Whether the sender was heard in the hour before; remembers that it is heard now. */
static bool heard_before(struct hz_sightings *s, const struct hz_record *rec, int64_t end_ns)
{
    uint64_t key = sender_of(rec);
    struct hz_sighting *oldest = &s->sender[0], *same = NULL;
    for (size_t i = 0; i < HZ_SIGHTINGS_SENDERS && !same; i++) {
        struct hz_sighting *k = &s->sender[i];
        if (k->key == key)
            same = k;
        else if (k->key == 0 || (oldest->key != 0 && k->end_ns < oldest->end_ns))
            oldest = k;
    }
    if (key == 0)
        return false;
    /* a part of the same transmission is no second one */
    bool before = same && rec->utc_ns > same->end_ns && rec->utc_ns - same->end_ns < HOUR_NS;
    if (!same)
        same = oldest;
    *same = (struct hz_sighting){key, rec->utc_ns, end_ns};
    return before;
}

bool hz_sightings_judge(struct hz_sightings *s, struct hz_record *rec)
{
    struct hz_value confirmed;
    if (rec->kind != HZ_KIND_MESSAGE)
        return true;
    int64_t end_ns = rec->end_ns > rec->utc_ns ? rec->end_ns : rec->utc_ns;
    if (told_already(s, rec, end_ns)) {
        s->again++;
        return false;
    }
    bool before = heard_before(s, rec, end_ns);
    if (before && hz_record_field(rec, "confirmed", &confirmed) &&
        hz_value_is(confirmed, "false") &&
        hz_record_drop(rec, "confirmed", s->text, sizeof s->text, &s->marks))
        s->confirmed++;
    return true;
}
