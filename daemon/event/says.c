#include "daemon/event/says.h"

#include "daemon/base/hash.h"

#include <inttypes.h>
#include <stdio.h>

static bool text_field(const struct hz_record *r, const char *name, char *text, size_t size)
{
    struct hz_value v;
    text[0] = '\0';
    return hz_record_field(r, name, &v) && hz_value_string(v, text, size) && *text;
}

static bool number_field(const struct hz_record *r, const char *name, double *number)
{
    struct hz_value v;
    return hz_record_field(r, name, &v) && hz_value_number(v, number);
}

/* ---- aircraft ---- */

static const struct {
    const char *squawk, *state, *words;
} emergencies[] = {{"7700", "general", "emergency"},
                   {"7600", "nordo", "no radio"},
                   {"7500", "unlawful", "unlawful interference"},
                   {NULL, "lifeguard", "medical flight"},
                   {NULL, "minfuel", "minimum fuel"},
                   {NULL, "downed", "downed aircraft"}};
enum { EMERGENCIES = sizeof emergencies / sizeof *emergencies };

bool hz_says_emergency(const char *protocol, const struct hz_record *r, struct hz_says *says)
{
    char squawk[8], state[32];
    if (strcmp(protocol, "adsb") != 0)
        return false;
    text_field(r, "squawk", squawk, sizeof squawk);
    for (size_t i = 0; i < EMERGENCIES && emergencies[i].squawk; i++) {
        if (strcmp(squawk, emergencies[i].squawk) != 0)
            continue;
        snprintf(says->same, sizeof says->same, "%s", emergencies[i].state);
        snprintf(says->reason, sizeof says->reason, "squawk %s (%s)", squawk, emergencies[i].words);
        return true;
    }
    if (!text_field(r, "emergency", state, sizeof state) || strcmp(state, "none") == 0 ||
        strcmp(state, "reserved") == 0)
        return false;
    const char *words = state;
    for (size_t i = 0; i < EMERGENCIES; i++) {
        if (strcmp(state, emergencies[i].state) == 0)
            words = emergencies[i].words;
    }
    snprintf(says->same, sizeof says->same, "%s", state);
    snprintf(says->reason, sizeof says->reason, "declared: %s", words);
    return true;
}

/* ---- ships and stations ---- */

/* A beacon in test mode sends status 15, and TEST in its text. */
static bool is_test(const struct hz_record *r)
{
    char text[200];
    double status;
    if (text_field(r, "text", text, sizeof text))
        return strstr(text, "TEST");
    return number_field(r, "status", &status) && status == 15;
}

static bool ship_in_distress(const struct hz_record *r, struct hz_says *says)
{
    static const struct {
        double prefix;
        const char *words;
    } beacons[] = {{970, "AIS-SART (search and rescue transmitter)"},
                   {972, "MOB beacon (man overboard)"},
                   {974, "EPIRB-AIS (emergency beacon)"}};
    double mmsi = 0, status = 0;
    const char *words = NULL;
    number_field(r, "mmsi", &mmsi);
    for (size_t i = 0; i < sizeof beacons / sizeof *beacons; i++) {
        if (mmsi >= beacons[i].prefix * 1e6 && mmsi < (beacons[i].prefix + 1) * 1e6)
            words = beacons[i].words;
    }
    if (!words && number_field(r, "status", &status) && status == 14)
        words = "navigation status 14: AIS-SART is active";
    if (!words)
        return false;
    bool test = is_test(r);
    snprintf(says->same, sizeof says->same, "distress%s", test ? " test" : "");
    snprintf(says->reason, sizeof says->reason, "%s%s", test ? "TEST of a beacon: " : "", words);
    return true;
}

bool hz_says_distress(const char *protocol, const struct hz_record *r, struct hz_says *says)
{
    char message[16];
    if (strcmp(protocol, "ais") == 0)
        return ship_in_distress(r, says);
    if (!text_field(r, "mice_message", message, sizeof message) ||
        strcmp(message, "emergency") != 0)
        return false;
    snprintf(says->same, sizeof says->same, "distress");
    snprintf(says->reason, sizeof says->reason, "Mic-E emergency");
    return true;
}

/* ---- words ---- */

static bool matches(const struct hz_when *w, const struct hz_record *r, const char *name,
                    struct hz_says *says)
{
    char text[1024];
    struct hz_value v;
    if (!hz_record_field(r, name, &v))
        return false;
    if (!hz_value_string(v, text, sizeof text)) /* a number, or true */
        snprintf(text, sizeof text, "%.*s", v.n < sizeof text ? (int)v.n : 0, v.p);
    if (!hz_when_matches(w, text))
        return false;
    snprintf(says->same, sizeof says->same, "%.20s %016" PRIx64, name, hz_hash_text(HZ_HASH, text));
    bool named = strcmp(w->field, "text") != 0;
    size_t n = 0;
    if (named)
        n = (size_t)snprintf(says->reason, sizeof says->reason, "%s ", name);
    if (!hz_value_string(v, says->reason + n, sizeof says->reason - n))
        snprintf(says->reason + n, sizeof says->reason - n, "%.100s", text);
    for (n = strlen(says->reason); n > 0 && says->reason[n - 1] == ' '; n--)
        says->reason[n - 1] = '\0';
    return true;
}

bool hz_says_text(const struct hz_when *w, const struct hz_record *r, struct hz_says *says)
{
    /* what people write, in all protocols */
    static const char *const written[] = {"alpha",   "numeric", "text", "message",
                                          "comment", "status",  NULL};
    if (strcmp(w->field, "text") != 0)
        return matches(w, r, w->field, says);
    for (const char *const *name = written; *name; name++) {
        struct hz_value v;
        if (hz_record_field(r, *name, &v) && v.n > 0 && v.p[0] == '"' && matches(w, r, *name, says))
            return true;
    }
    return false;
}
