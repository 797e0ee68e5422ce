/* What a frame has to be to pass a subscription. */
#include "daemon/bus/subscription.h"

#include "proto/out/field.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* What those get who name no kind: neither 43 kB/s of speech for each open channel, nor what was
 * folded into a message, nor what nobody understands. */
static const unsigned everyday_kinds =
    ~(1u << HZ_KIND_AUDIO | 1u << HZ_KIND_REPEAT | 1u << HZ_KIND_BURST);

static bool has_word(const struct hz_words *words, const char *name)
{
    for (int i = 0; i < words->n; i++) {
        if (strcmp(words->names[i], name) == 0)
            return true;
    }
    return words->n == 0;
}

unsigned hz_subscription_kinds(const struct hz_subscription *s)
{
    return s->kinds ? s->kinds : everyday_kinds;
}

bool hz_subscription_takes_protocol(const struct hz_subscription *s, const char *protocol)
{
    return has_word(&s->protocol, protocol) || s->events.n > 0;
}

/* Leading zeros do not count: pagers and ships are told in digits, which some people pad. Nor do
 * case and blanks at the end. */
static bool same_id(const char *a, const char *b)
{
    while (*a == '0' && a[1])
        a++;
    while (*b == '0' && b[1])
        b++;
    size_t n = strlen(a), m = strlen(b);
    while (n > 0 && a[n - 1] == ' ')
        n--;
    while (m > 0 && b[m - 1] == ' ')
        m--;
    return n == m && strncasecmp(a, b, n) == 0;
}

static bool is_named(const struct hz_words *words, const char *id)
{
    for (int i = 0; *id && i < words->n; i++) {
        if (same_id(words->names[i], id))
            return true;
    }
    return false;
}

/* What its protocol calls the sender, or another name of the sender that the message tells. */
static bool has_id(const struct hz_words *words, const struct hz_record *r)
{
    static const char *const names[] = {"flight", "shipname", "callsign"};
    bool named = words->n == 0 || is_named(words, r->about.id);
    for (size_t i = 0; !named && i < sizeof names / sizeof *names; i++) {
        struct hz_value value;
        char text[HZ_ID_MAX + 1];
        named = hz_record_field(r, names[i], &value) && hz_value_string(value, text, sizeof text) &&
                is_named(words, text);
    }
    return named;
}

static bool in_box(const struct hz_box *box, double lat, double lon)
{
    bool crosses = box->west > box->east;
    bool east_of_west = lon >= box->west, west_of_east = lon <= box->east;
    return lat >= box->south && lat <= box->north && /* NAN: no */
           (crosses ? east_of_west || west_of_east : east_of_west && west_of_east);
}

/* A level as its line tells it, with one decimal: a client compares with that. */
static double shown(float db)
{
    return round(10 * (double)db) / 10;
}

bool hz_subscription_takes_topic(const struct hz_subscription *s, const struct hz_topic *topic)
{
    return has_word(&s->protocol, topic->protocol) && has_word(&s->channel, topic->channel) &&
           has_word(&s->receiver, topic->receiver);
}

/* An event that is posted to the output whose filter this is. */
static bool is_posted(const struct hz_subscription *s, const struct hz_record *r)
{
    struct hz_value value;
    char name[HZ_NAME_MAX + 1];
    return s->events.n > 0 && r->kind == HZ_KIND_EVENT && hz_record_field(r, "event", &value) &&
           hz_value_string(value, name, sizeof name) && has_word(&s->events, name);
}

bool hz_subscription_matches(const struct hz_subscription *s, const struct hz_frame *f)
{
    if (is_posted(s, &f->rec))
        return true;
    return (hz_subscription_kinds(s) & 1u << f->rec.kind) &&
           hz_subscription_takes_topic(s, f->topic) && has_id(&s->id, &f->rec) &&
           (!s->has_min_snr || !(shown(f->rec.snr_db) < s->min_snr_db)) && /* NAN: yes */
           (!s->has_box || in_box(&s->box, f->rec.about.lat, f->rec.about.lon));
}

static bool same_words(const struct hz_words *a, const struct hz_words *b)
{
    bool same = a->n == b->n;
    for (int i = 0; same && i < a->n; i++)
        same = strcmp(a->names[i], b->names[i]) == 0;
    return same;
}

static bool same_box(const struct hz_box *a, const struct hz_box *b)
{
    return a->south == b->south && a->west == b->west && a->north == b->north && a->east == b->east;
}

bool hz_subscription_same(const struct hz_subscription *a, const struct hz_subscription *b)
{
    return a->kinds == b->kinds && a->every_s == b->every_s && a->has_box == b->has_box &&
           a->has_min_snr == b->has_min_snr && a->min_snr_db == b->min_snr_db &&
           same_box(&a->box, &b->box) && same_words(&a->protocol, &b->protocol) &&
           same_words(&a->channel, &b->channel) && same_words(&a->receiver, &b->receiver) &&
           same_words(&a->id, &b->id) && same_words(&a->events, &b->events);
}

static void add_words_json(cJSON *object, const char *key, const struct hz_words *words)
{
    if (words->n == 0)
        return;
    cJSON *array = cJSON_AddArrayToObject(object, key);
    for (int i = 0; array && i < words->n; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(words->names[i]));
}

cJSON *hz_subscription_json(const struct hz_subscription *s)
{
    cJSON *object = cJSON_CreateObject();
    if (!object)
        return NULL;
    add_words_json(object, "protocol", &s->protocol);
    add_words_json(object, "channel", &s->channel);
    add_words_json(object, "receiver", &s->receiver);
    add_words_json(object, "id", &s->id);
    add_words_json(object, "event", &s->events);
    cJSON *kinds = s->kinds ? cJSON_AddArrayToObject(object, "kind") : NULL;
    for (int k = 0; kinds && k < HZ_KINDS; k++) {
        if (s->kinds & 1u << k)
            cJSON_AddItemToArray(kinds, cJSON_CreateString(hz_kind_name((enum hz_kind)k)));
    }
    if (s->has_box) {
        const double box[] = {s->box.south, s->box.west, s->box.north, s->box.east};
        cJSON_AddItemToObject(object, "bbox", cJSON_CreateDoubleArray(box, 4));
    }
    if (s->has_min_snr)
        cJSON_AddNumberToObject(object, "min_snr", s->min_snr_db);
    if (s->every_s > 0)
        cJSON_AddNumberToObject(object, "every", (double)s->every_s);
    return object;
}
