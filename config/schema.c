#include "config/schema.h"
#include "dsp/dcs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const sources[] = {"file", "sim", "rtlsdr", "rtl_tcp", NULL};
static const char *const direct_samplings[] = {
    [HZ_DIRECT_OFF] = "off", [HZ_DIRECT_I] = "i", [HZ_DIRECT_Q] = "q", [HZ_DIRECT_Q + 1] = NULL};
static const char *const paces[] = {
    [HZ_PACE_MAX] = "max", [HZ_PACE_REALTIME] = "realtime", [HZ_PACE_REALTIME + 1] = NULL};
static const char *const keeps[] = {
    [HZ_KEEP_GOOD] = "good", [HZ_KEEP_ALL] = "all", [HZ_KEEP_ALL + 1] = NULL};
static const char *const listen_types[] = {[HZ_LISTEN_TCP] = "tcp",
                                           [HZ_LISTEN_HTTP] = "http",
                                           [HZ_LISTEN_UNIX] = "unix",
                                           [HZ_LISTEN_RTL_TCP] = "rtl_tcp",
                                           [HZ_LISTEN_RTL_TCP + 1] = NULL};
/* In the order of the syslog priorities, from LOG_ERR = 3. */
static const char *const log_levels[] = {"error", "warning", "notice", "info", "debug", NULL};

/* The most that a place in the radio spectrum may be; rates and widths end far below. */
#define RADIO_MAX_HZ 1e12

#define DAEMON(f)   offsetof(struct hz_conf_daemon, f)
#define RECEIVER(f) offsetof(struct hz_conf_receiver, f)
#define CHANNEL(f)  offsetof(struct hz_conf_channel, f)
#define LISTEN(f)   offsetof(struct hz_conf_listen, f)

/* clang-format off */
/*   name            type            field                  choices       min, max     default     only with */
static const struct hz_key daemon_keys[] = {
    {"workers",      HZ_KEY_INT,     DAEMON(workers),       NULL,         0, 256,      "0",        NULL},
    {"log_level",    HZ_KEY_CHOICE,  DAEMON(log_level),     log_levels,   3, 0,        "info",     NULL},
    {"history",      HZ_KEY_INT,     DAEMON(history),       NULL,         16, 1000000, "10000",    NULL},
    {0},
};
static const struct hz_key receiver_keys[] = {
    {"source",       HZ_KEY_WORD,    RECEIVER(source),      sources,      0, 0,        NULL,       NULL},
    {"path",         HZ_KEY_TEXT,    RECEIVER(path),        NULL,         0, 0,        NULL,       "file"},
    {"format",       HZ_KEY_FORMAT,  0,                     NULL,         0, 0,        NULL,       "file"},
    {"rate",         HZ_KEY_HZ,      RECEIVER(rate_hz),     NULL,         1, 1e9,      NULL,       "file rtlsdr rtl_tcp"},
    {"centre",       HZ_KEY_HZ,      RECEIVER(centre_hz),   NULL,         1, RADIO_MAX_HZ, NULL,        "file rtlsdr rtl_tcp"},
    {"start",        HZ_KEY_TIME,    RECEIVER(start_utc_ns),NULL,         0, 0,        NULL,       "file"},
    {"loop",         HZ_KEY_YES,     RECEIVER(loop),        NULL,         0, 0,        "no",       "file"},
    {"pace",         HZ_KEY_CHOICE,  RECEIVER(pace),        paces,        0, 0,        "realtime", "file sim"},
    {"scene",        HZ_KEY_TEXT,    RECEIVER(scene),       NULL,         0, 0,        "aircraft", "sim"},
    {"seed",         HZ_KEY_SEED,    RECEIVER(seed),        NULL,         0, 0,        "1",        "sim"},
    {"device",       HZ_KEY_TEXT,    RECEIVER(device),      NULL,         0, 0,        NULL,       "rtlsdr"},
    {"address",      HZ_KEY_TEXT,    RECEIVER(address),     NULL,         0, 0,        NULL,       "rtl_tcp"},
    {"gain",         HZ_KEY_GAIN,    RECEIVER(gain_db),     NULL,         0, 60,       "auto",     "rtlsdr rtl_tcp"},
    {"ppm",          HZ_KEY_SIGNED,  RECEIVER(ppm),         NULL,         -1000, 1000, "0",        "rtlsdr rtl_tcp"},
    {"bias_tee",     HZ_KEY_YES,     RECEIVER(bias_tee),    NULL,         0, 0,        "no",       "rtlsdr rtl_tcp"},
    {"direct_sampling", HZ_KEY_CHOICE, RECEIVER(direct_sampling), direct_samplings, 0, 0, "off",   "rtlsdr"},
    {"tuner_bandwidth", HZ_KEY_HZ,   RECEIVER(tuner_bandwidth_hz), NULL,  1, 1e8,      NULL,       "rtlsdr"},
    {"latitude",     HZ_KEY_DEGREES, RECEIVER(latitude),    NULL,         -90, 90,     NULL,       NULL},
    {"longitude",    HZ_KEY_DEGREES, RECEIVER(longitude),   NULL,         -180, 180,   NULL,       NULL},
    {0},
};
static const struct hz_key channel_keys[] = {
    {"decoder",      HZ_KEY_DECODER, CHANNEL(decoder),      NULL,         0, 0,        NULL,       NULL},
    {"receiver",     HZ_KEY_NAME,    CHANNEL(receiver),     NULL,         0, 0,        NULL,       NULL},
    {"frequency",    HZ_KEY_HZ,      CHANNEL(freq_hz),      NULL,         1, RADIO_MAX_HZ, NULL,     NULL},
    {"bandwidth",    HZ_KEY_HZ,      CHANNEL(bandwidth_hz), NULL,         100, 1e7,    NULL,       NULL},
    {"squelch",      HZ_KEY_DB,      CHANNEL(squelch_db),   NULL,         0, 60,       NULL,       NULL},
    {"ctcss",        HZ_KEY_HZ,      CHANNEL(ctcss_hz),     NULL,         60, 260,      NULL,       NULL},
    {"dcs",          HZ_KEY_DCS,     CHANNEL(dcs),          NULL,         0, 0,        NULL,       NULL},
    {"keep",         HZ_KEY_CHOICE,  CHANNEL(keep),         keeps,        0, 0,        "good",     NULL},
    {"charset",      HZ_KEY_CHOICE,  CHANNEL(charset),      hz_charset_names, 0, 0,    "us",       NULL},
    {"contents",     HZ_KEY_CHOICE,  CHANNEL(contents),     hz_contents_names, 0, 0,   "auto",     NULL},
    {"priority",     HZ_KEY_INT,     CHANNEL(priority),     NULL,         0, 100,      "0",        NULL},
    {0},
};
static const struct hz_key listen_keys[] = {
    {"type",         HZ_KEY_CHOICE,  LISTEN(type),          listen_types, 0, 0,        NULL,       NULL},
    {"address",      HZ_KEY_TEXT,    LISTEN(address),       NULL,         0, 0,        NULL,       "tcp http rtl_tcp"},
    {"path",         HZ_KEY_TEXT,    LISTEN(path),          NULL,         0, 0,        NULL,       "unix"},
    {"allow_origin", HZ_KEY_TEXT,    LISTEN(allow_origin),  NULL,         0, 0,        NULL,       "http"},
    {"allow_host",   HZ_KEY_TEXT,    LISTEN(allow_host),    NULL,         0, 0,        NULL,       "http"},
    {"max_clients",  HZ_KEY_INT,     LISTEN(max_clients),   NULL,         1, 100000,   "1024",     NULL},
    {"max_per_address", HZ_KEY_INT,  LISTEN(max_per_address), NULL,       1, 100000,   "64",       "tcp http rtl_tcp"},
    {"receiver",     HZ_KEY_NAME,    LISTEN(receiver),      NULL,         0, 0,        NULL,       "rtl_tcp"},
    {"control",      HZ_KEY_YES,     LISTEN(control),       NULL,         0, 0,        "no",       "rtl_tcp"},
    {0},
};
/* clang-format on */

const struct hz_section_kind hz_section_kinds[HZ_SECTIONS] = {
    [HZ_SECTION_DAEMON] = {"hertzd", daemon_keys, sizeof(struct hz_conf_daemon)},
    [HZ_SECTION_RECEIVER] = {"receiver", receiver_keys, sizeof(struct hz_conf_receiver)},
    [HZ_SECTION_CHANNEL] = {"channel", channel_keys, sizeof(struct hz_conf_channel)},
    [HZ_SECTION_LISTEN] = {"listen", listen_keys, sizeof(struct hz_conf_listen)},
};

_Static_assert(sizeof receiver_keys / sizeof receiver_keys[0] <= HZ_KEYS_MAX + 1, "HZ_KEYS_MAX");

int hz_key_find(enum hz_section kind, const char *name)
{
    const struct hz_key *keys = hz_section_kinds[kind].keys;
    for (int i = 0; keys[i].name; i++) {
        if (strcmp(keys[i].name, name) == 0)
            return i;
    }
    return -1;
}

/* "a, b, c" of a NULL-terminated list. */
static void join(const char *const *list, char *out, size_t size)
{
    size_t n = 0;
    out[0] = 0;
    for (; *list && n < size; list++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", *list);
}

void hz_key_hint(enum hz_section kind, const char *name, char *out, size_t size)
{
    const char *names[HZ_KEYS_MAX + 1] = {NULL};
    const struct hz_key *keys = hz_section_kinds[kind].keys;
    for (int i = 0; keys[i].name; i++)
        names[i] = keys[i].name;
    const char *near = hz_nearest(name, names);
    if (near) {
        snprintf(out, size, ", did you mean '%s'?", near);
    } else {
        char all[256];
        join(names, all, sizeof all);
        snprintf(out, size, ": expected one of %s", all);
    }
}

/* Index of value among the choices; -1 with what was expected. */
static int choose(const char *const *choices, const char *value, char *expected, size_t size)
{
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], value) == 0)
            return i;
    }
    char all[200];
    join(choices, all, sizeof all);
    const char *near = hz_nearest(value, choices);
    if (near)
        snprintf(expected, size, "one of %s; did you mean '%s'?", all, near);
    else
        snprintf(expected, size, "one of %s", all);
    return -1;
}

static int set_text(char **field, const char *value, char *expected, size_t size)
{
    if (!*value) {
        snprintf(expected, size, "some text");
        return -EINVAL;
    }
    char *copy = strdup(value);
    if (!copy)
        return -ENOMEM;
    free(*field);
    *field = copy;
    return 0;
}

static int set_name(char *field, const char *value, char *expected, size_t size)
{
    if (!*value || strlen(value) > HZ_NAME_MAX) {
        snprintf(expected, size, "the name of a section, at most %d characters", HZ_NAME_MAX);
        return -EINVAL;
    }
    strcpy(field, value);
    return 0;
}

static int set_yes(bool *field, const char *value, char *expected, size_t size)
{
    bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
    bool no = strcmp(value, "no") == 0 || strcmp(value, "false") == 0;
    if (!yes && !no) {
        snprintf(expected, size, "yes or no (or true, false)");
        return -EINVAL;
    }
    *field = yes;
    return 0;
}

/* A whole decimal number and nothing else; strtol alone would take blanks and signs. */
static int whole(const char *value, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    if (!*value)
        return -EINVAL;
    for (; *value; value++) {
        uint64_t digit = (uint64_t)(*value - '0');
        if (*value < '0' || *value > '9' || v > (UINT64_MAX - digit) / 10)
            return -EINVAL;
        v = v * 10 + digit;
    }
    *out = v;
    return v <= max ? 0 : -EINVAL;
}

static int set_number(const struct hz_key *key, void *field, const char *value, char *expected,
                      size_t size)
{
    uint64_t v;
    if (key->type == HZ_KEY_SEED) {
        snprintf(expected, size, "a whole number from 0 to %llu", (unsigned long long)UINT64_MAX);
        return whole(value, UINT64_MAX, field);
    }
    snprintf(expected, size, "a whole number from %.0f to %.0f", key->min, key->max);
    if (whole(value, (uint64_t)key->max, &v) < 0 || v < (uint64_t)key->min)
        return -EINVAL;
    *(int *)field = (int)v;
    return 0;
}

static int set_hz(const struct hz_key *key, double *field, const char *value, char *expected,
                  size_t size)
{
    double hz;
    snprintf(expected, size, "a number of Hz from %g to %g, as in 162.025M or 2400k", key->min,
             key->max);
    if (hz_parse_hz(value, &hz) < 0 || hz < key->min || hz > key->max)
        return -EINVAL;
    char meant[64];
    if (key->max >= RADIO_MAX_HZ && hz_unit_forgotten(value, meant, sizeof meant)) {
        snprintf(expected, size, "a unit: did you mean %s? (%sHz, if Hz are meant)", meant, value);
        return -EINVAL;
    }
    *field = hz;
    return 0;
}

static int set_signed(const struct hz_key *key, double *field, const char *value, char *expected,
                      size_t size)
{
    double v;
    bool negative = *value == '-';
    snprintf(expected, size, "a number from %g to %g", key->min, key->max);
    size_t n = strlen(value);
    if (strspn(value, "-.0123456789") != n || hz_parse_hz(value + negative, &v) < 0)
        return -EINVAL;
    v = negative ? -v : v;
    if (v < key->min || v > key->max)
        return -EINVAL;
    *field = v;
    return 0;
}

/* Other programs mean "automatic" by -1, -10 or 0; here it has a word. */
static int set_gain(const struct hz_key *key, double *field, const char *value, char *expected,
                    size_t size)
{
    if (strcmp(value, "auto") == 0) {
        *field = NAN;
        return 0;
    }
    int rc = set_signed(key, field, value, expected, size);
    snprintf(expected, size, "auto, or dB from %g to %g as in 40.2%s", key->min, key->max,
             *value == '-' ? "; automatic gain is the word auto here" : "");
    return rc;
}

static int set_decoder(const struct hz_decoder **field, const char *value, char *expected,
                       size_t size)
{
    enum { MANY = 64 };
    const char *names[MANY + 1];
    size_t n = 0;
    for (; n < MANY && hz_decoders[n]; n++)
        names[n] = hz_decoders[n]->name;
    names[n] = NULL;
    int i = choose(names, value, expected, size);
    if (i < 0)
        return -EINVAL;
    *field = hz_decoders[i];
    return 0;
}

static int set_dcs(uint32_t *field, const char *value, char *expected, size_t size)
{
    unsigned code;
    if (hz_dcs_parse(value, &code) != 0) {
        snprintf(expected, size, HZ_DCS_EXPECTED);
        return -EINVAL;
    }
    *field = hz_dcs_word(code);
    return 0;
}

int hz_key_set(const struct hz_key *key, void *item, const char *value, char *expected, size_t size)
{
    void *field = (char *)item + key->at;
    int i;
    expected[0] = 0;
    switch (key->type) {
    case HZ_KEY_TEXT:
        return set_text(field, value, expected, size);
    case HZ_KEY_NAME:
        return set_name(field, value, expected, size);
    case HZ_KEY_WORD:
        if (choose(key->choices, value, expected, size) < 0)
            return -EINVAL;
        return set_name(field, value, expected, size);
    case HZ_KEY_CHOICE:
        i = choose(key->choices, value, expected, size);
        if (i < 0)
            return -EINVAL;
        *(int *)field = i + (int)key->min;
        return 0;
    case HZ_KEY_YES:
        return set_yes(field, value, expected, size);
    case HZ_KEY_INT:
    case HZ_KEY_SEED:
        return set_number(key, field, value, expected, size);
    case HZ_KEY_HZ:
        return set_hz(key, field, value, expected, size);
    case HZ_KEY_DEGREES:
        i = set_signed(key, field, value, expected, size);
        snprintf(expected, size, "decimal degrees from %g to %g, as in 48.137", key->min, key->max);
        return i;
    case HZ_KEY_SIGNED:
        return set_signed(key, field, value, expected, size);
    case HZ_KEY_DB:
        i = set_signed(key, field, value, expected, size);
        snprintf(expected, size, "dB from %g to %g, as in 6.5", key->min, key->max);
        return i;
    case HZ_KEY_GAIN:
        return set_gain(key, field, value, expected, size);
    case HZ_KEY_TIME:
        snprintf(expected, size, "UTC as in 2026-11-23T08:26:11Z or @1795422371.5");
        return hz_parse_time(value, field);
    case HZ_KEY_FORMAT:
        snprintf(expected, size, "cu8, cs8, cs16, cf32 and the like, wav, or audio");
        return hz_parse_format(value, item);
    case HZ_KEY_DECODER:
        return set_decoder(field, value, expected, size);
    case HZ_KEY_DCS:
        return set_dcs(field, value, expected, size);
    }
    return -EINVAL;
}

int hz_section_init(enum hz_section kind, void *item)
{
    char expected[256];
    memset(item, 0, hz_section_kinds[kind].size);
    for (const struct hz_key *key = hz_section_kinds[kind].keys; key->name; key++) {
        void *field = (char *)item + key->at;
        if (key->type == HZ_KEY_DEGREES || key->type == HZ_KEY_DB)
            *(double *)field = NAN;
        else if (key->type == HZ_KEY_TIME)
            *(int64_t *)field = INT64_MIN;
        else if (key->type == HZ_KEY_TEXT && !(*(char **)field = strdup("")))
            return -ENOMEM;
        if (key->fallback && hz_key_set(key, item, key->fallback, expected, sizeof expected) < 0)
            return -ENOMEM;
    }
    return 0;
}

void hz_section_done(enum hz_section kind, void *item)
{
    for (const struct hz_key *key = hz_section_kinds[kind].keys; key->name; key++) {
        if (key->type == HZ_KEY_TEXT)
            free(*(char **)((char *)item + key->at));
    }
}

static bool same_field(const struct hz_key *key, const void *a, const void *b)
{
    double x, y;
    switch (key->type) {
    case HZ_KEY_TEXT:
        return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    case HZ_KEY_NAME:
    case HZ_KEY_WORD:
        return strcmp(a, b) == 0;
    case HZ_KEY_YES:
        return *(const bool *)a == *(const bool *)b;
    case HZ_KEY_CHOICE:
    case HZ_KEY_INT:
        return *(const int *)a == *(const int *)b;
    case HZ_KEY_SEED:
    case HZ_KEY_TIME:
        return memcmp(a, b, sizeof(uint64_t)) == 0;
    case HZ_KEY_HZ:
    case HZ_KEY_DEGREES:
    case HZ_KEY_SIGNED:
    case HZ_KEY_DB:
    case HZ_KEY_GAIN:
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return x == y || (isnan(x) && isnan(y));
    case HZ_KEY_DECODER:
        return memcmp(a, b, sizeof(void *)) == 0;
    case HZ_KEY_DCS:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case HZ_KEY_FORMAT:
        break; /* several fields: the caller's */
    }
    return true;
}

bool hz_section_same(enum hz_section kind, const void *a, const void *b)
{
    for (const struct hz_key *key = hz_section_kinds[kind].keys; key->name; key++) {
        if (!same_field(key, (const char *)a + key->at, (const char *)b + key->at))
            return false;
    }
    return true;
}
