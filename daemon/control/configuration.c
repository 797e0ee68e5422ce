#include "daemon/control/configuration.h"

#include "config/fail.h"
#include "daemon/run/change.h"
#include "daemon/run/present.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a request may change; the words of a section's heading. */
static const char *const sections[] = {"channel", "receiver", "listen", "output", "input",
                                       "event",   "capture",  "meter",  "sensor"};
enum { SECTIONS = sizeof sections / sizeof *sections };

/* Whether a line of a file can hold it: the rules of config/reader.h. */
static const char *unfit(const char *value)
{
    const size_t n = strlen(value);
    if (n >= HZ_CONTROL_VALUE_MAX)
        return "too long: expected at most 999 characters";
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)value[i];
        if (c < 0x20 || c == 0x7f)
            return "a control character: expected plain text";
        if (i > 0 && (c == ';' || c == '#') && value[i - 1] == ' ')
            return "expected no '#' or ';' after a blank";
    }
    return n > 0 && (value[0] == ' ' || value[n - 1] == ' ') ? "expected no blank at its ends"
                                                             : NULL;
}

/* Whether a line of a file can begin with it: letters, with a dot before them for a field of a
 * sensor. */
static bool fit_key(const char *key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *word = key + (*key == '.');
    return *word && strspn(word, letters) == strlen(word);
}

static int write_value(const char *key, const cJSON *item, char value[HZ_CONTROL_VALUE_MAX],
                       char *err, size_t err_len)
{
    const char *text = cJSON_GetStringValue(item);
    const char *wrong = text ? unfit(text) : NULL;
    if (wrong)
        return hz_fail(err, err_len, "%.40s: %s", key, wrong);
    if (!text && !cJSON_IsNumber(item))
        return hz_fail(err, err_len, "%.40s: expected a number, a string, or a list of them", key);
    if (text)
        snprintf(value, HZ_CONTROL_VALUE_MAX, "%s", text);
    else
        snprintf(value, HZ_CONTROL_VALUE_MAX, "%.15g", item->valuedouble);
    return 0;
}

/* Adds the key with its value, or with each of its values. */
static int take_member(struct hz_control_keys *k, const cJSON *member, char *err, size_t err_len)
{
    const char *key = member->string;
    const cJSON *item = cJSON_IsArray(member) ? member->child : member;
    if (!fit_key(key))
        return hz_fail(err, err_len, "unknown key '%.40s'", key);
    while (item) {
        if (k->n == HZ_CONTROL_KEYS_MAX - 1) /* one is left for who needs it */
            return hz_fail(err, err_len, "expected at most %d keys", HZ_CONTROL_KEYS_MAX - 1);
        int rc = write_value(key, item, k->values[k->n], err, err_len);
        if (rc != 0)
            return rc;
        k->list[k->n] = (struct hz_setting){key, k->values[k->n], {0}};
        k->n++;
        item = cJSON_IsArray(member) ? item->next : NULL;
    }
    return 0;
}

struct hz_control_keys *hz_control_keys(const cJSON *object, char *err, size_t err_len)
{
    struct hz_control_keys *k = calloc(1, sizeof *k);
    const cJSON *member;
    int rc = k ? 0 : hz_fail(err, err_len, "out of memory");
    cJSON_ArrayForEach(member, object)
    {
        if (rc == 0 && strcmp(member->string, "name") != 0)
            rc = take_member(k, member, err, err_len);
    }
    if (rc == 0)
        return k;
    free(k);
    return NULL;
}

/* ---- change ----------------------------------------------------------------------------- */

static const char *const verbs[] = {
    [HZ_CHANGE_ADD] = "add", [HZ_CHANGE_SET] = "set", [HZ_CHANGE_REMOVE] = "remove"};
enum { VERBS = sizeof verbs / sizeof *verbs };

/* Splits "channel ships"; *name points into `heading`. False: it is none of what may change. */
static bool split(const char *heading, struct hz_change *c)
{
    if (strcmp(heading, "hertzd") == 0 && c->kind == HZ_CHANGE_SET) {
        c->section = heading;
        c->name = "";
        return true;
    }
    for (int i = 0; i < SECTIONS; i++) {
        const size_t n = strlen(sections[i]);
        if (strncmp(heading, sections[i], n) != 0 || heading[n] != ' ')
            continue;
        c->section = sections[i];
        c->name = heading + n + 1;
        return hz_name_ok(c->name);
    }
    return false;
}

static int read_change(const cJSON *params, struct hz_change *c, char *err, size_t err_len)
{
    const cJSON *keys = cJSON_GetObjectItemCaseSensitive(params, "keys");
    const char *heading = NULL;
    int found = 0;
    for (int i = 0; i < VERBS; i++) {
        const cJSON *verb = cJSON_GetObjectItemCaseSensitive(params, verbs[i]);
        heading = verb ? cJSON_GetStringValue(verb) : heading;
        c->kind = verb ? (enum hz_change_kind)i : c->kind;
        found += verb != NULL;
    }
    const bool wants_keys = c->kind != HZ_CHANGE_REMOVE;
    if (found != 1 || !heading || cJSON_IsObject(keys) != wants_keys ||
        cJSON_GetArraySize(params) != 1 + wants_keys)
        return hz_fail(err, err_len,
                       "change: expected params {\"add\":\"channel NAME\",\"keys\":{…}}, or "
                       "\"set\" likewise, or {\"remove\":\"channel NAME\"}");
    if (!split(heading, c))
        return hz_fail(err, err_len,
                       "change: '%.60s': expected channel, receiver, listen, output, input, "
                       "event, capture, meter or sensor, and a name of 1 to %d letters, digits, "
                       "- _ or .; or, to be set only, hertzd",
                       heading, HZ_NAME_MAX);
    return 0;
}

int hz_control_change(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                      size_t err_len)
{
    static const char *const done[] = {
        [HZ_CHANGE_ADD] = "added", [HZ_CHANGE_SET] = "changed", [HZ_CHANGE_REMOVE] = "removed"};
    struct hz_change c = {0};
    int rc = read_change(params, &c, err, err_len);
    if (rc != 0)
        return rc;
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(params, "keys");
    struct hz_control_keys *keys = hz_control_keys(object, err, err_len);
    if (!keys)
        return -EINVAL;
    c.keys = keys->list;
    c.n = keys->n;
    rc = hz_daemon_change(d, &c, err, err_len);
    free(keys);
    if (rc != 0)
        return rc;
    *result = cJSON_CreateObject();
    const char *what = *c.name ? c.name : c.section;
    return *result && cJSON_AddStringToObject(*result, done[c.kind], what) ? 0 : -ENOMEM;
}

/* ---- config ----------------------------------------------------------------------------- */

static int print(const struct hz_daemon *d, char **text, char *err, size_t err_len)
{
    struct hz_text now;
    size_t len;
    int rc = hz_daemon_text(d, &now, err, err_len);
    if (rc != 0)
        return rc;
    FILE *out = open_memstream(text, &len);
    if (out)
        hz_text_print(&now, out);
    hz_text_done(&now);
    return out && fclose(out) == 0 ? 0 : -ENOMEM;
}

int hz_control_config(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                      size_t err_len)
{
    const cJSON *save = cJSON_GetObjectItemCaseSensitive(params, "save");
    char *text = NULL, path[4096] = "";
    if (cJSON_GetArraySize(params) != (save != NULL) || (save && !cJSON_IsBool(save)))
        return hz_fail(err, err_len, "config: expected params {\"save\":true} or none");
    int rc = cJSON_IsTrue(save) ? hz_daemon_changes(d, &text, path, sizeof path, err, err_len)
                                : print(d, &text, err, err_len);
    *result = rc == 0 ? cJSON_CreateObject() : NULL;
    if (rc == 0 && !cJSON_AddStringToObject(*result, "text", text))
        rc = -ENOMEM;
    if (rc == 0 && *path && !cJSON_AddStringToObject(*result, "file", path))
        rc = -ENOMEM;
    free(text);
    return rc;
}
