#include "daemon/output/ha_radio.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOKS = 2000 /* targets of a list that are looked at: those that were heard last */ };

static const char *const states[] = {"closed",   "opening", "streaming", "stalled", "lost",
                                     "stopping", "backoff", "ended",     NULL};

/* clang-format off */
#define KEPT HZ_HA_RETAINED
#define HEALTH (HZ_HA_RETAINED | HZ_HA_DIAGNOSTIC)

static const struct hz_ha_field receiver_fields[] = {
    {.name = "connected", .title = "Connected", .platform = HZ_HA_BINARY, .class = "connectivity", .digits = -1, .flags = HEALTH},
    {.name = "state", .title = "State", .class = "enum", .options = states, .digits = -1, .flags = HEALTH},
    {.name = "messages_per_minute", .title = "Messages a minute", .unit = "messages/min", .state_class = "measurement", .digits = 0, .flags = KEPT},
    {.name = "noise", .title = "Noise (below full scale)", .class = "signal_strength", .unit = "dB", .state_class = "measurement", .digits = 1, .flags = HEALTH},
    {.name = "snr", .title = "SNR", .class = "signal_strength", .unit = "dB", .state_class = "measurement", .digits = 1, .flags = HEALTH},
    {.name = "crystal", .title = "Crystal error", .unit = "ppm", .state_class = "measurement", .digits = 1, .flags = HEALTH},
    {0}};

static const struct hz_ha_field station_fields[] = {
    {.name = "problem", .title = "Problem", .platform = HZ_HA_BINARY, .class = "problem", .digits = -1, .flags = HEALTH},
    {.name = "messages_per_minute", .title = "Messages a minute", .unit = "messages/min", .state_class = "measurement", .digits = 0, .flags = KEPT},
    {.name = "aircraft", .title = "Aircraft", .unit = "aircraft", .state_class = "measurement", .digits = 0, .flags = KEPT},
    {.name = "highest_aircraft", .title = "Highest aircraft", .class = "distance", .unit = "ft", .state_class = "measurement", .digits = 0, .flags = KEPT},
    {.name = "nearest_aircraft", .title = "Nearest aircraft", .class = "distance", .unit = "km", .state_class = "measurement", .digits = 1, .flags = KEPT},
    {.name = "ships", .title = "Ships", .unit = "ships", .state_class = "measurement", .digits = 0, .flags = KEPT},
    {.name = "nearest_ship", .title = "Nearest ship", .class = "distance", .unit = "km", .state_class = "measurement", .digits = 2, .flags = KEPT},
    {.name = "stations", .title = "APRS stations", .unit = "stations", .state_class = "measurement", .digits = 0, .flags = KEPT},
    {0}};
/* clang-format on */

static struct hz_ha_counted *counted(struct hz_ha_radio *r, const char *receiver)
{
    for (size_t i = 0; i < HZ_HA_RECEIVERS; i++) {
        struct hz_ha_counted *c = &r->receivers[i];
        if (!*c->receiver)
            snprintf(c->receiver, sizeof c->receiver, "%s", receiver);
        if (strcmp(c->receiver, receiver) == 0)
            return c;
    }
    return NULL;
}

void hz_ha_radio_hear(struct hz_ha_radio *r, const struct hz_frame *f)
{
    struct hz_ha_counted *c = counted(r, f->topic->receiver);
    if (!c || f->rec.kind != HZ_KIND_MESSAGE || isnan(f->rec.snr_db))
        return;
    c->snr_sum += (double)f->rec.snr_db;
    c->snr_n++;
}

/* ---- the status ------------------------------------------------------------------------- */

static const char *text_of(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsString(v) ? v->valuestring : "";
}

static double number_of(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

static const char *mark_of(const cJSON *receiver)
{
    return cJSON_GetObjectItemCaseSensitive(receiver, "simulated")  ? "simulated"
           : cJSON_GetObjectItemCaseSensitive(receiver, "replayed") ? "replayed"
                                                                    : "";
}

/* The text of a number; "None" where it is not known. */
static void set_number(struct hz_ha *ha, struct hz_ha_device *d, const char *field, double x,
                       int digits)
{
    char text[HZ_HA_VALUE_MAX];
    snprintf(text, sizeof text, "%.*f", digits, x);
    hz_ha_set(ha, d, field, isfinite(x) ? text : NULL);
}

/* ---- receivers -------------------------------------------------------------------------- */

static double messages_of(const cJSON *status, const char *receiver)
{
    const cJSON *channels = cJSON_GetObjectItemCaseSensitive(status, "channels"), *c;
    double sum = 0;
    cJSON_ArrayForEach(c, channels)
    {
        if (strcmp(text_of(c, "receiver"), receiver) == 0)
            sum += fmax(number_of(c, "messages"), 0);
    }
    return sum;
}

/* Messages a minute since the last update. NAN: this is the first one. */
static double rate_of(struct hz_ha_counted *c, double messages, int64_t now_ms)
{
    double rate = NAN;
    if (c->at_ms > 0 && now_ms > c->at_ms && messages >= c->messages)
        rate = (messages - c->messages) * 60000.0 / (double)(now_ms - c->at_ms);
    c->messages = messages;
    c->at_ms = now_ms;
    return rate;
}

static double update_receiver(struct hz_ha_radio *r, struct hz_ha *ha, const cJSON *status,
                              const cJSON *receiver, int64_t now_ms)
{
    const char *name = text_of(receiver, "name"), *state = text_of(receiver, "state");
    struct hz_ha_counted *c = counted(r, name);
    if (!c)
        return 0;
    bool streams = strcmp(state, "streaming") == 0, known = false;
    for (const char *const *s = states; *s; s++)
        known |= strcmp(*s, state) == 0;
    double rate = rate_of(c, messages_of(status, name), now_ms);
    double heard = number_of(receiver, "ppm_heard");
    struct hz_ha_device *d = hz_ha_own(ha, mark_of(receiver), "receiver", name,
                                       text_of(receiver, "source"), receiver_fields);
    hz_ha_set(ha, d, "connected", streams ? "ON" : "OFF");
    hz_ha_set(ha, d, "state", known ? state : NULL);
    set_number(ha, d, "messages_per_minute", rate, 0);
    set_number(ha, d, "noise", streams ? number_of(receiver, "noise_dbfs") : NAN, 1);
    set_number(ha, d, "snr", c->snr_n > 0 ? c->snr_sum / c->snr_n : NAN, 1);
    set_number(ha, d, "crystal", isnan(heard) ? number_of(receiver, "ppm_error") : heard, 1);
    c->snr_sum = c->snr_n = 0;
    return isnan(rate) ? 0 : rate;
}

/* ---- counts ----------------------------------------------------------------------------- */

struct counts {
    size_t targets;
    double highest_ft, nearest_km; /* NAN: not known */
};

/* Of the targets of a list with that mark. */
static struct counts count(const struct hz_picture *picture, enum hz_list list, const char *mark)
{
    struct counts c = {.highest_ft = NAN, .nearest_km = NAN};
    uint64_t now_ms = hz_picture_now_ms(picture);
    size_t looks = LOOKS;
    for (const struct hz_target *t = hz_picture_last(picture, list); t && looks > 0;
         t = t->prev, looks--) {
        double distance_m, bearing;
        struct hz_value v;
        double alt;
        if (strcmp(t->mark ? t->mark : "", mark) != 0)
            continue;
        c.targets++;
        if (hz_target_seen(t, &distance_m, &bearing))
            c.nearest_km = fmin(c.nearest_km, distance_m / 1000);
        if (list == HZ_LIST_AIRCRAFT && hz_target_field(t, "alt_baro", now_ms, &v) &&
            hz_value_number(v, &alt))
            c.highest_ft = fmax(c.highest_ft, alt);
    }
    return c;
}

/* Whether a receiver of that mark has a channel with that decoder. */
static bool decodes(const cJSON *status, const char *mark, const char *decoder)
{
    const cJSON *receivers = cJSON_GetObjectItemCaseSensitive(status, "receivers"), *r;
    const cJSON *channels = cJSON_GetObjectItemCaseSensitive(status, "channels"), *c;
    cJSON_ArrayForEach(c, channels)
    {
        if (strcmp(text_of(c, "decoder"), decoder) != 0)
            continue;
        cJSON_ArrayForEach(r, receivers)
        {
            if (strcmp(text_of(r, "name"), text_of(c, "receiver")) == 0 &&
                strcmp(mark_of(r), mark) == 0)
                return true;
        }
    }
    return false;
}

static void update_counts(struct hz_ha *ha, struct hz_ha_device *d, const cJSON *status,
                          const struct hz_picture *picture, const char *mark)
{
    struct counts c;
    if (decodes(status, mark, "adsb")) {
        c = count(picture, HZ_LIST_AIRCRAFT, mark);
        set_number(ha, d, "aircraft", (double)c.targets, 0);
        set_number(ha, d, "highest_aircraft", c.highest_ft, 0);
        set_number(ha, d, "nearest_aircraft", c.nearest_km, 1);
    }
    if (decodes(status, mark, "ais")) {
        c = count(picture, HZ_LIST_SHIPS, mark);
        set_number(ha, d, "ships", (double)c.targets, 0);
        set_number(ha, d, "nearest_ship", c.nearest_km, 2);
    }
    if (decodes(status, mark, "aprs") || decodes(status, mark, "ax25-9600")) {
        c = count(picture, HZ_LIST_STATIONS, mark);
        set_number(ha, d, "stations", (double)c.targets, 0);
    }
}

void hz_ha_radio_update(struct hz_ha_radio *r, struct hz_ha *ha, const cJSON *status,
                        const struct hz_picture *picture, int64_t now_ms)
{
    static const char *const marks[] = {"", "simulated", "replayed"};
    double rates[3] = {0};
    bool there[3] = {true, false, false};
    const cJSON *receivers = cJSON_GetObjectItemCaseSensitive(status, "receivers"), *one;
    cJSON_ArrayForEach(one, receivers)
    {
        for (size_t i = 0; i < 3; i++) {
            if (strcmp(mark_of(one), marks[i]) == 0) {
                rates[i] += update_receiver(r, ha, status, one, now_ms);
                there[i] = true;
            }
        }
    }
    bool problem = false;
    const cJSON *troubles = cJSON_GetObjectItemCaseSensitive(status, "troubles");
    cJSON_ArrayForEach(one, troubles) problem |= strcmp(text_of(one, "severity"), "error") == 0;
    for (size_t i = 0; i < 3; i++) {
        struct hz_ha_device *d =
            there[i] ? hz_ha_own(ha, marks[i], "station", "", "hertzd", station_fields) : NULL;
        if (!d)
            continue;
        if (i == 0)
            hz_ha_set(ha, d, "problem", problem ? "ON" : "OFF");
        set_number(ha, d, "messages_per_minute", rates[i], 0);
        if (picture)
            update_counts(ha, d, status, picture, marks[i]);
    }
    hz_ha_prune(ha);
}
