#include "ctl/configure.h"
#include "ctl/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool hz_ctl_add_pair(cJSON *object, const char *word)
{
    char key[64];
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || (size_t)(equals - word) >= sizeof key)
        return false;
    snprintf(key, sizeof key, "%.*s", (int)(equals - word), word);
    cJSON *before = cJSON_DetachItemFromObjectCaseSensitive(object, key);
    if (!before) {
        cJSON_AddStringToObject(object, key, equals + 1);
        return true;
    }
    cJSON *list = before;
    if (!cJSON_IsArray(before)) {
        list = cJSON_CreateArray();
        cJSON_AddItemToArray(list, before);
    }
    cJSON_AddItemToArray(list, cJSON_CreateString(equals + 1));
    cJSON_AddItemToObject(object, key, list);
    return true;
}

static int wrong(const struct hz_ctl_args *a, const char *word, const char *expected)
{
    fprintf(stderr, "hertzctl: '%s': expected %s; see 'hertzctl help %s'\n", word, expected,
            a->command->name);
    return HZ_CTL_USAGE;
}

static bool is_verb(const char *word)
{
    return strcmp(word, "add") == 0 || strcmp(word, "set") == 0 || strcmp(word, "remove") == 0;
}

cJSON *hz_ctl_change_params(const struct hz_ctl_args *a)
{
    const char *verb = a->words[0];
    const bool removes = strcmp(verb, "remove") == 0;
    const bool named = strcmp(a->command->name, "hertzd") != 0;
    const int first = named ? 2 : 1; /* word of KEY=VALUE */
    char heading[80];
    if (named ? !is_verb(verb) : strcmp(verb, "set") != 0) {
        wrong(a, verb, named ? "add, set or remove" : "set");
        return NULL;
    }
    if (removes ? a->n_words > first : a->n_words <= first) {
        wrong(a, a->words[a->n_words - 1], removes ? "nothing behind the name" : "KEY=VALUE too");
        return NULL;
    }
    snprintf(heading, sizeof heading, "%s%s%s", a->command->name, named ? " " : "",
             named ? a->words[1] : "");
    cJSON *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, verb, heading);
    cJSON *keys = removes ? NULL : cJSON_AddObjectToObject(params, "keys");
    for (int i = first; i < a->n_words; i++) {
        if (hz_ctl_add_pair(keys, a->words[i]))
            continue;
        wrong(a, a->words[i], "KEY=VALUE");
        cJSON_Delete(params);
        return NULL;
    }
    return params;
}

/* What the file begins with; the daemon tells the rest. */
static const char head[] = "# Written by `hertzctl config --save`: what was changed while hertzd "
                           "ran. It is read after the\n"
                           "# other files; a key here takes the place of one there, and `off = "
                           "yes` switches a section off.\n"
                           "\n";

static int put(struct hz_ctl_client *c, const cJSON *answer, char *saved, size_t size)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "text"));
    const char *file = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "file"));
    char *whole = NULL;
    if (!text || !file) {
        snprintf(c->err, sizeof c->err, "the answer has no file: is this hertzd's socket?");
        return -EBADMSG;
    }
    if (asprintf(&whole, "%s%s", head, text) < 0) {
        snprintf(c->err, sizeof c->err, "out of memory");
        return -ENOMEM;
    }
    int rc = hz_ctl_save(file, whole, c->err, sizeof c->err);
    snprintf(saved, size, "%s", file);
    free(whole);
    return rc;
}

int hz_ctl_config_save(struct hz_ctl_client *c, char *saved, size_t size)
{
    cJSON *params = cJSON_CreateObject(), *answer = NULL;
    cJSON_AddTrueToObject(params, "save");
    int rc = hz_ctl_call(c, "config", params, &answer);
    cJSON_Delete(params);
    if (rc == 0)
        rc = put(c, answer, saved, size);
    cJSON_Delete(answer);
    if (rc < 0)
        return rc;
    rc = hz_ctl_call(c, "reload", NULL, &answer);
    if (rc == 0) {
        cJSON_Delete(answer);
        return 0;
    }
    char why[1024];
    snprintf(why, sizeof why, "%.1000s", c->err);
    snprintf(c->err, sizeof c->err, "saved to %.900s, but hertzd does not take it: %s", saved, why);
    return rc;
}
