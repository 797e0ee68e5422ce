#include "daemon/output/ha_ids.h"

#include "daemon/base/hash.h"

#include <ctype.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>

static const char scheme[] = "hertzd:";
static const char *const marks[] = {"simulated", "replayed"};

/* ---- who sends -------------------------------------------------------------------------- */

/* Appends the text or the number of a field, behind a '-' if something stands there. */
static void append(char *out, size_t size, const struct hz_record *rec, const char *name)
{
    char text[HZ_HA_NAME_MAX];
    struct hz_value v;
    size_t n = strlen(out);
    if (!hz_record_field(rec, name, &v) || v.n == 0)
        return;
    if (!hz_value_string(v, text, sizeof text))
        snprintf(text, sizeof text, "%.*s", (int)(v.n < 40 ? v.n : 40), v.p);
    snprintf(out + n, size - n, "%s%.*s", n ? "-" : "", (int)(size - n - 2), text);
}

/* Names are ASCII without what the identifier is divided by. */
static void clean(char *text)
{
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("-_.:+~ ", *text))
            *text = '_';
    }
}

bool hz_ha_identify(struct hz_ha_identity *who, const char *station,
                    const struct hz_ha_protocol *protocol, const struct hz_record *rec)
{
    *who = (struct hz_ha_identity){0};
    snprintf(who->station, sizeof who->station, "%s", station);
    snprintf(who->mark, sizeof who->mark, "%s", rec->mark ? rec->mark : "");
    snprintf(who->group, sizeof who->group, "%s", protocol->name);
    append(who->id, sizeof who->id - 24, rec, "model");
    if (*who->id) {
        append(who->id, sizeof who->id, rec, "channel");
        append(who->id, sizeof who->id, rec, "id");
    } else {
        snprintf(who->id, sizeof who->id, "%s", rec->about.id);
    }
    clean(who->id);
    return *who->id != '\0';
}

/* ---- names ------------------------------------------------------------------------------ */

void hz_ha_identifier(const struct hz_ha_identity *who, char out[HZ_HA_IDENTIFIER_MAX])
{
    size_t n = (size_t)snprintf(out, HZ_HA_IDENTIFIER_MAX, "%s%s", scheme, who->station);
    const char *const parts[] = {who->mark, who->group, who->id};
    for (size_t i = 0; i < 3; i++) {
        if (*parts[i] && n < HZ_HA_IDENTIFIER_MAX)
            n += (size_t)snprintf(out + n, HZ_HA_IDENTIFIER_MAX - n, "/%s", parts[i]);
    }
}

/* Takes what stands before the next slash, or the rest. False: it does not fit. */
static bool take(const char **text, char *out, size_t size)
{
    size_t n = strcspn(*text, "/");
    if (n >= size)
        return false;
    memcpy(out, *text, n);
    out[n] = '\0';
    *text += n;
    *text += **text == '/';
    return true;
}

bool hz_ha_identifier_read(const char *text, struct hz_ha_identity *who)
{
    *who = (struct hz_ha_identity){0};
    if (strncmp(text, scheme, sizeof scheme - 1) != 0)
        return false;
    text += sizeof scheme - 1;
    if (!take(&text, who->station, sizeof who->station) || !*who->station ||
        !take(&text, who->group, sizeof who->group) || !*who->group)
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strcmp(who->group, marks[i]) == 0) {
            strcpy(who->mark, marks[i]);
            if (!take(&text, who->group, sizeof who->group) || !*who->group)
                return false;
        }
    }
    if (!take(&text, who->id, sizeof who->id) || *text)
        return false;
    return (strcmp(who->group, "station") == 0) == !*who->id;
}

static bool plain(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

void hz_ha_key(const struct hz_ha_identity *who, char out[HZ_HA_KEY_MAX])
{
    char full[HZ_HA_IDENTIFIER_MAX], prefix[HZ_HA_KEY_MAX];
    enum { HASH = 10 };
    hz_ha_identifier(who, full);
    hz_ha_key_prefix(who->station, prefix);
    size_t n = (size_t)snprintf(out, HZ_HA_KEY_MAX - HASH, "%s", prefix);
    bool changed = false;
    uint32_t hash = HZ_HASH32;
    for (const char *p = full; *p; p++)
        hash = hz_hash32_byte(hash, (uint8_t)*p);
    for (const char *p = full + sizeof scheme + strlen(who->station); *p; p++) {
        if (n + 1 >= HZ_HA_KEY_MAX - HASH) {
            changed = true;
            break;
        }
        changed |= !plain(*p) && *p != '/';
        out[n++] = plain(*p) ? *p : '_';
    }
    out[n] = '\0';
    if (changed)
        snprintf(out + n, HZ_HA_KEY_MAX - n, "_%08" PRIx32, hash);
}

void hz_ha_key_prefix(const char *station, char out[HZ_HA_KEY_MAX])
{
    snprintf(out, HZ_HA_KEY_MAX, "hertzd_%.60s_", station);
    for (; *out; out++) {
        if (!plain(*out))
            *out = '_';
    }
}

/* ---- lists ------------------------------------------------------------------------------ */

/* The next pattern, copied into out; false: there is none. One that is too long is "". */
static bool next_pattern(const char **list, char out[HZ_HA_IDENTIFIER_MAX])
{
    *list += strspn(*list, ", \t");
    size_t n = strcspn(*list, ",");
    if (n == 0)
        return false;
    const char *from = *list;
    *list += n;
    while (n > 0 && isspace((unsigned char)from[n - 1]))
        n--;
    if (n >= HZ_HA_IDENTIFIER_MAX)
        n = 0;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

enum hz_ha_listed hz_ha_listed(const char *patterns, const struct hz_ha_identity *who)
{
    char name[2 * HZ_HA_NAME_MAX], pattern[HZ_HA_IDENTIFIER_MAX];
    enum hz_ha_listed found = HZ_HA_UNLISTED;
    snprintf(name, sizeof name, "%s/%s", who->group, who->id);
    while (next_pattern(&patterns, pattern)) {
        bool by_name = !strpbrk(pattern, "*?[");
        if (fnmatch(pattern, name, FNM_CASEFOLD | FNM_NOESCAPE) != 0)
            continue;
        if (by_name)
            return HZ_HA_NAMED;
        found = HZ_HA_MATCHED;
    }
    return found;
}

bool hz_ha_patterns_check(const char *patterns, char *err, size_t err_len)
{
    char pattern[HZ_HA_IDENTIFIER_MAX], group[HZ_HA_IDENTIFIER_MAX];
    while (next_pattern(&patterns, pattern)) {
        size_t n = strcspn(pattern, "/");
        memcpy(group, pattern, n);
        group[n] = '\0';
        bool known =
            strpbrk(group, "*?[") || hz_ha_protocol_find(group) || strcmp(group, "receiver") == 0;
        if (pattern[n] == '/' && pattern[n + 1] && known)
            continue;
        char names[200] = "";
        for (const struct hz_ha_protocol *p = hz_ha_protocols; p->name; p++) {
            size_t len = strlen(names);
            snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", p->name);
        }
        snprintf(err, err_len, "'%.80s': expected GROUP/ID, as in sensors/Nexus-*; groups are %s",
                 pattern, names);
        return false;
    }
    return true;
}
