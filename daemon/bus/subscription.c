#include "daemon/bus/subscription.h"

#include "daemon/base/fail.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAX = 40, /* characters of a client's word that an error repeats */
    QUERY_VALUE_MAX = HZ_WORDS_MAX * (HZ_NAME_MAX + 1) + 1, /* as many names as a list may have */
};
static const uint64_t since_max = 1ull << 53; /* what a JSON number holds exactly */

/* What those get who name no kind: neither 43 kB/s of speech for each open channel, nor what was
 * folded into a message. */
static const unsigned everyday_kinds = ~(1u << HZ_KIND_AUDIO | 1u << HZ_KIND_REPEAT);

static const char *const keys[] = {"protocol", "channel", "receiver", "kind",
                                   "since",    "stream",  NULL};

/* `word` is not in `list`: an error that tells the nearest, or all of a short list. */
static int fail_unknown(char *err, size_t err_len, const char *what, const char *word,
                        const char *const *list)
{
    const char *near = hz_nearest(word, list);
    if (near)
        return hz_fail(err, err_len, "unknown %s \"%.*s\": did you mean \"%s\"?", what, SHOWN_MAX,
                       word, near);
    char all[160] = "";
    for (size_t len = 0; *list && len + 1 < sizeof all; list++)
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", len ? ", " : "", *list);
    return hz_fail(err, err_len, "unknown %s \"%.*s\": expected one of %s", what, SHOWN_MAX, word,
                   all);
}

/* Any name that a configuration can give; what comes later need not exist now. */
static int check_name(const char *key, const char *name, char *err, size_t err_len)
{
    size_t n = strlen(name);
    if (n == 0 || n > HZ_NAME_MAX)
        return hz_fail(err, err_len, "%s \"%.*s\": expected a name of 1 to %d characters", key,
                       SHOWN_MAX, name, HZ_NAME_MAX);
    if (!hz_name_ok(name))
        return hz_fail(err, err_len, "%s \"%s\": a name has letters, digits, - _ . only", key,
                       name);
    return 0;
}

static int add_name(struct hz_words *words, const char *key, const char *name, char *err,
                    size_t err_len)
{
    int rc = check_name(key, name, err, err_len);
    if (rc)
        return rc;
    if (words->n == HZ_WORDS_MAX)
        return hz_fail(err, err_len, "%s: more than %d names", key, HZ_WORDS_MAX);
    memcpy(words->names[words->n++], name, strlen(name) + 1);
    return 0;
}

static int add_protocol(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                        const char *name, char *err, size_t err_len)
{
    size_t n = 0;
    while (protocols[n] && strcmp(protocols[n]->name, name) != 0)
        n++;
    if (protocols[n])
        return add_name(&s->protocol, "protocol", name, err, err_len);
    const char **names = calloc(n + 1, sizeof *names);
    for (size_t i = 0; names && i < n; i++)
        names[i] = protocols[i]->name;
    int rc = names ? fail_unknown(err, err_len, "protocol", name, names)
                   : hz_fail(err, err_len, "unknown protocol");
    free(names);
    return rc;
}

static int add_kind(struct hz_subscription *s, const char *name, char *err, size_t err_len)
{
    /* hello is no frame of the log: it cannot be asked for. */
    static const enum hz_kind kinds[] = {HZ_KIND_MESSAGE, HZ_KIND_GAP,   HZ_KIND_STATE,
                                         HZ_KIND_STATS,   HZ_KIND_AUDIO, HZ_KIND_REPEAT};
    enum { N = sizeof kinds / sizeof *kinds };
    const char *names[N + 1] = {NULL};
    for (size_t i = 0; i < N; i++) {
        names[i] = hz_kind_name(kinds[i]);
        if (strcmp(name, names[i]) == 0) {
            s->kinds |= 1u << kinds[i];
            return 0;
        }
    }
    return fail_unknown(err, err_len, "kind", name, names);
}

static int set_since(struct hz_subscription *s, const char *text, char *err, size_t err_len)
{
    uint64_t v = 0;
    size_t n = strspn(text, "0123456789");
    bool ok = n > 0 && n <= 16 && text[n] == '\0';
    for (size_t i = 0; ok && i < n; i++)
        v = v * 10 + (uint64_t)(text[i] - '0');
    if (!ok || v > since_max)
        return hz_fail(err, err_len, "since \"%.*s\": expected the seq of a frame, 0 to 2^53",
                       SHOWN_MAX, text);
    s->has_since = true;
    s->since = v;
    return 0;
}

/* One name or number of one key. */
static int add_word(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                    const char *key, const char *word, char *err, size_t err_len)
{
    if (strcmp(key, "protocol") == 0)
        return add_protocol(s, protocols, word, err, err_len);
    if (strcmp(key, "channel") == 0)
        return add_name(&s->channel, key, word, err, err_len);
    if (strcmp(key, "receiver") == 0)
        return add_name(&s->receiver, key, word, err, err_len);
    if (strcmp(key, "kind") == 0)
        return add_kind(s, word, err, err_len);
    if (strcmp(key, "since") == 0)
        return set_since(s, word, err, err_len);
    if (strcmp(key, "stream") != 0)
        return fail_unknown(err, err_len, "word", key, keys);
    int rc = check_name(key, word, err, err_len);
    if (rc == 0)
        memcpy(s->stream, word, strlen(word) + 1);
    return rc;
}

static int check_whole(const struct hz_subscription *s, char *err, size_t err_len)
{
    if (s->has_since && s->since != 0 && s->stream[0] == '\0')
        return hz_fail(err, err_len,
                       "since %llu without stream: a seq means nothing in another run; give the "
                       "stream of the hello line",
                       (unsigned long long)s->since);
    if (s->stream[0] && !s->has_since)
        return hz_fail(err, err_len, "stream without since: expected both");
    return 0;
}

static int add_json_value(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                          const char *key, const cJSON *value, char *err, size_t err_len)
{
    bool is_since = strcmp(key, "since") == 0;
    if (is_since && cJSON_IsNumber(value)) {
        double v = value->valuedouble;
        if (!(v >= 0 && v <= (double)since_max) || v != (double)(uint64_t)v)
            return hz_fail(err, err_len, "since %g: expected the seq of a frame, 0 to 2^53", v);
        s->has_since = true;
        s->since = (uint64_t)v;
        return 0;
    }
    if (is_since || !cJSON_IsString(value))
        return hz_fail(err, err_len, "%.*s: expected %s", SHOWN_MAX, key,
                       is_since ? "a number" : "a string or an array of strings");
    return add_word(s, protocols, key, value->valuestring, err, err_len);
}

static bool is_key(const char *key)
{
    int i = 0;
    while (keys[i] && strcmp(key, keys[i]) != 0)
        i++;
    return keys[i] != NULL;
}

int hz_subscription_from_json(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                              const cJSON *words, char *err, size_t err_len)
{
    *s = (struct hz_subscription){0};
    if (!cJSON_IsObject(words))
        return hz_fail(err, err_len, "subscribe: expected an object");
    const cJSON *item;
    cJSON_ArrayForEach(item, words)
    {
        const char *key = item->string;
        if (!is_key(key))
            return fail_unknown(err, err_len, "word", key, keys);
        const cJSON *value = item;
        bool single = strcmp(key, "since") == 0 || strcmp(key, "stream") == 0;
        if (!cJSON_IsArray(item) || single) {
            int rc = add_json_value(s, protocols, key, value, err, err_len);
            if (rc)
                return rc;
            continue;
        }
        if (!item->child)
            return hz_fail(err, err_len, "%.*s: an empty array lets nothing through", SHOWN_MAX,
                           key);
        cJSON_ArrayForEach(value, item)
        {
            int rc = add_json_value(s, protocols, key, value, err, err_len);
            if (rc)
                return rc;
        }
    }
    return check_whole(s, err, err_len);
}

int hz_subscription_from_line(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                              const char *line, size_t n, char *err, size_t err_len)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(line, n, &end, 0);
    while (json && end < line + n && strchr(" \t\r\n", *end))
        end++;
    int rc;
    if (!json || end != line + n)
        rc = hz_fail(err, err_len, "not JSON: expected {\"subscribe\":{...}}");
    else if (!cJSON_IsObject(json) || !json->child || json->child->next ||
             strcmp(json->child->string, "subscribe") != 0)
        rc = hz_fail(err, err_len, "expected an object with \"subscribe\" and nothing else");
    else
        rc = hz_subscription_from_json(s, protocols, json->child, err, err_len);
    cJSON_Delete(json);
    return rc;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *p = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return p ? (int)(p - digits) : -1;
}

/* Decodes up to the end of one name or value at p: end, or one of `stops`. Returns what follows it;
 * NULL when it is no word of a query or too long. */
static const char *query_word(const char *p, const char *end, const char *stops, char *out,
                              size_t cap)
{
    size_t n = 0;
    for (; p < end && !(*p && strchr(stops, *p)); p++) {
        char c = *p;
        if (c == '%') {
            if (end - p < 3 || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0)
                return NULL;
            c = (char)(hex_digit(p[1]) * 16 + hex_digit(p[2]));
            p += 2;
        }
        if (c == '\0' || n + 1 >= cap)
            return NULL;
        out[n++] = c;
    }
    out[n] = '\0';
    return p;
}

/* The words of a value, separated by commas. */
static int add_list(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                    const char *key, char *value, char *err, size_t err_len)
{
    for (char *word = value, *next; word; word = next) {
        next = strchr(word, ',');
        if (next)
            *next++ = '\0';
        int rc = add_word(s, protocols, key, word, err, err_len);
        if (rc)
            return rc;
    }
    return 0;
}

int hz_subscription_add(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                        const char *key, const char *list, char *err, size_t err_len)
{
    static const char between[] = ", \t";
    int rc = 0;
    for (list += strspn(list, between); *list && rc == 0; list += strspn(list, between)) {
        char word[HZ_NAME_MAX + 2]; /* one that is too long remains so */
        size_t n = strcspn(list, between);
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word), list);
        rc = add_word(s, protocols, key, word, err, err_len);
        list += n;
    }
    return rc;
}

int hz_subscription_from_query(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                               const char *query, size_t n, char *err, size_t err_len)
{
    *s = (struct hz_subscription){0};
    const char *p = query, *end = query + n;
    while (p < end) {
        char key[64], value[QUERY_VALUE_MAX];
        if (*p == '&') { /* an empty piece, which URLSearchParams skips as well */
            p++;
            continue;
        }
        p = query_word(p, end, "=&", key, sizeof key);
        if (!p || p == end || *p != '=')
            return hz_fail(err, err_len, "query: expected NAME=VALUE[,VALUE], separated by &");
        /* A comma may be written as %2C, as URLSearchParams does: lists are cut after decoding. */
        p = query_word(p + 1, end, "&", value, sizeof value);
        if (!p)
            return hz_fail(err, err_len, "%.*s: a value that is too long or badly encoded",
                           SHOWN_MAX, key);
        int rc = add_list(s, protocols, key, value, err, err_len);
        if (rc)
            return rc;
        if (p < end)
            p++;
    }
    return check_whole(s, err, err_len);
}

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
    return has_word(&s->protocol, protocol);
}

bool hz_subscription_takes_topic(const struct hz_subscription *s, const struct hz_topic *topic)
{
    return has_word(&s->protocol, topic->protocol) && has_word(&s->channel, topic->channel) &&
           has_word(&s->receiver, topic->receiver);
}

bool hz_subscription_matches(const struct hz_subscription *s, const struct hz_frame *f)
{
    return (hz_subscription_kinds(s) & 1u << f->rec.kind) &&
           hz_subscription_takes_topic(s, f->topic);
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
    cJSON *kinds = s->kinds ? cJSON_AddArrayToObject(object, "kind") : NULL;
    for (int k = 0; kinds && k < HZ_KINDS; k++) {
        if (s->kinds & 1u << k)
            cJSON_AddItemToArray(kinds, cJSON_CreateString(hz_kind_name((enum hz_kind)k)));
    }
    return object;
}
