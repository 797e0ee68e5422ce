#include "daemon/bus/subscription.h"

#include "config/fail.h"
#include "daemon/base/json_line.h"
#include "daemon/bus/subscription_word.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    QUERY_VALUE_MAX = HZ_WORDS_MAX * (HZ_NAME_MAX + 1) + 1, /* as many names as a list may have */
};

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

/* One value of a word; of an array, one of its items. */
static int add_json_value(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                          const char *key, const cJSON *value, char *err, size_t err_len)
{
    enum hz_word_form form = hz_word_form(key);
    if (cJSON_IsNumber(value) && (form == HZ_FORM_SEQ || form == HZ_FORM_NUMBER))
        return hz_word_number(s, key, value->valuedouble, err, err_len);
    if (form == HZ_FORM_SEQ || !cJSON_IsString(value))
        return hz_fail(err, err_len, "%.*s: expected %s", HZ_WORD_SHOWN, key,
                       form == HZ_FORM_SEQ                            ? "a number"
                       : form == HZ_FORM_NUMBER                       ? "a number or a string"
                       : form == HZ_FORM_BOX                          ? "four numbers"
                       : form == HZ_FORM_NAMES || form == HZ_FORM_IDS ? "a string or an array of "
                                                                        "strings"
                                                                      : "a string");
    return hz_word_add(s, protocols, key, value->valuestring, err, err_len);
}

/* An array of four numbers. */
static int add_json_box(struct hz_subscription *s, const cJSON *array, char *err, size_t err_len)
{
    double v[4];
    int n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array)
    {
        if (n < 4 && cJSON_IsNumber(item))
            v[n] = item->valuedouble;
        else
            n = 4;
        n++;
    }
    if (n != 4)
        return hz_fail(err, err_len, "bbox: expected [south,west,north,east]");
    return hz_word_box(s, v, err, err_len);
}

static int add_json_word(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                         const cJSON *item, char *err, size_t err_len)
{
    const char *key = item->string;
    enum hz_word_form form = hz_word_form(key);
    if (form == HZ_FORM_NONE)
        return hz_word_unknown(key, err, err_len);
    if (cJSON_IsArray(item) && form == HZ_FORM_BOX)
        return add_json_box(s, item, err, err_len);
    if (!cJSON_IsArray(item) || (form != HZ_FORM_NAMES && form != HZ_FORM_IDS))
        return add_json_value(s, protocols, key, item, err, err_len);
    if (!item->child)
        return hz_fail(err, err_len, "%.*s: an empty array lets nothing through", HZ_WORD_SHOWN,
                       key);
    const cJSON *value;
    cJSON_ArrayForEach(value, item)
    {
        int rc = add_json_value(s, protocols, key, value, err, err_len);
        if (rc)
            return rc;
    }
    return 0;
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
        int rc = add_json_word(s, protocols, item, err, err_len);
        if (rc)
            return rc;
    }
    return check_whole(s, err, err_len);
}

int hz_subscription_from_message(struct hz_subscription *s,
                                 const struct hz_decoder *const *protocols, const cJSON *json,
                                 char *err, size_t err_len)
{
    if (!cJSON_IsObject(json) || !json->child || json->child->next ||
        strcmp(json->child->string, "subscribe") != 0)
        return hz_fail(err, err_len, "expected an object with \"subscribe\" and nothing else");
    return hz_subscription_from_json(s, protocols, json->child, err, err_len);
}

int hz_subscription_from_line(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                              const char *line, size_t n, char *err, size_t err_len)
{
    cJSON *json = hz_json_line(line, n);
    int rc = json ? hz_subscription_from_message(s, protocols, json, err, err_len)
                  : hz_fail(err, err_len, "not JSON: expected {\"subscribe\":{...}}");
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
    enum hz_word_form form = hz_word_form(key);
    if (form != HZ_FORM_NAMES && form != HZ_FORM_IDS)
        return hz_word_add(s, protocols, key, value, err, err_len);
    for (char *word = value, *next; word; word = next) {
        next = strchr(word, ',');
        if (next)
            *next++ = '\0';
        int rc = hz_word_add(s, protocols, key, word, err, err_len);
        if (rc)
            return rc;
    }
    return 0;
}

int hz_subscription_add(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                        const char *key, const char *list, char *err, size_t err_len)
{
    enum hz_word_form form = hz_word_form(key);
    const char *between = form == HZ_FORM_IDS ? "," : ", \t";
    if (form != HZ_FORM_NAMES && form != HZ_FORM_IDS)
        return hz_word_add(s, protocols, key, list, err, err_len);
    int rc = 0;
    for (list += strspn(list, between); *list && rc == 0; list += strspn(list, between)) {
        char word[2 * HZ_NAME_MAX + 2]; /* one that is too long remains so */
        size_t n = strcspn(list, between);
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word), list);
        rc = hz_word_add(s, protocols, key, word, err, err_len);
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
                           HZ_WORD_SHOWN, key);
        int rc = add_list(s, protocols, key, value, err, err_len);
        if (rc)
            return rc;
        if (p < end)
            p++;
    }
    return check_whole(s, err, err_len);
}
