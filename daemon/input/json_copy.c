#include "daemon/input/json_copy.h"

#include "daemon/base/json_line.h"

#include <math.h>
#include <string.h>

/* cJSON ends a string at \u0000. So this stands for it while it parses: U+FDD0, which is for such
 * uses and is no character. */
static const char stand_in[] = "\xef\xb7\x90";

static void hide_nul(char *text, size_t n)
{
    char *end = text + n;
    for (char *p = text; (p = memmem(p, (size_t)(end - p), "\\u0000", 6)); p += 6) {
        const char *before = p; /* an odd number of backslashes before it escapes its own one */
        while (before > text && before[-1] == '\\')
            before--;
        if ((p - before) % 2 == 0)
            memcpy(p + 2, "fdd0", 4);
    }
}

/* In place; returns the length. */
static size_t show_nul(char *text)
{
    size_t n = strlen(text);
    for (char *p = text; (p = memmem(p, n - (size_t)(p - text), stand_in, 3)); p++) {
        *p = '\0';
        n -= 2;
        memmove(p + 1, p + 3, n - (size_t)(p - text) - 1);
    }
    return n;
}

cJSON *hz_json_copy_parse(char *text, size_t n)
{
    hide_nul(text, n);
    return hz_json_line(text, n);
}

bool hz_json_copy_name(const char *name)
{
    for (const char *p = name; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7f)
            return false;
    }
    return hz_json_is_utf8(name, strlen(name));
}

/* A number of 15 digits has the same text again. */
static const char *copy_number(struct hz_json *j, const char *key, double v)
{
    double size = fabs(v);
    if (!(size < 9e18))
        return "a number beyond 9e18";
    if (v == floor(v))
        hz_json_int(j, key, (int64_t)v);
    else
        hz_json_decimals(j, key, v, size < 1e6 ? 9 : size < 1e9 ? 6 : size < 1e12 ? 3 : 0);
    return NULL;
}

const char *hz_json_copy_members(struct hz_json *j, const cJSON *of)
{
    const char *wrong = NULL;
    const cJSON *v;
    cJSON_ArrayForEach(v, of)
    {
        const char *key = cJSON_IsObject(of) ? v->string : NULL;
        if (key && !hz_json_copy_name(key))
            return "a member's name with a control character, a quote or a backslash";
        if (!key && cJSON_IsNull(v))
            return "null in an array";
        wrong = hz_json_copy(j, key, v);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* As deep as cJSON parses. */
const char *hz_json_copy(struct hz_json *j, const char *key, const cJSON *v)
{
    const char *wrong = NULL;
    if (cJSON_IsString(v)) {
        hz_json_strn(j, key, v->valuestring, show_nul(v->valuestring));
    } else if (cJSON_IsNumber(v)) {
        wrong = copy_number(j, key, v->valuedouble);
    } else if (cJSON_IsBool(v)) {
        hz_json_bool(j, key, cJSON_IsTrue(v));
    } else if (cJSON_IsObject(v)) {
        hz_json_open(j, key);
        wrong = hz_json_copy_members(j, v);
        hz_json_close(j);
    } else if (cJSON_IsArray(v)) {
        hz_json_open_array(j, key);
        wrong = hz_json_copy_members(j, v);
        hz_json_close_array(j);
    }
    return wrong;
}
