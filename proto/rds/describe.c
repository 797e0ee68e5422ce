#include "proto/rds/describe.h"

#include "proto/out/record.h"
#include "proto/rds/charset.h"

#include <stdio.h>
#include <string.h>

const struct hz_field hz_rds_fields[] = {
    {"type", "", "what the message is about: ps, radiotext, clock, state (each 5 s), group",
     "'enum': ['ps', 'radiotext', 'clock', 'state', 'group']"},
    {"pi", "", "programme identification, as 0xD3C2",
     "'type': 'string', 'pattern': '^0x[0-9A-F]{4}$'"},
    {"group", "", "of a message of type group: type and version, as 2A", "'type': 'string'"},
    {"callsign", "", "call sign of an American station", "'type': 'string'"},
    {"prog_type", "", "programme type, by the list of the channel's region", "'type': 'string'"},
    {"tp", "", "true: the station has traffic announcements", "'type': 'boolean'"},
    {"ta", "", "true: one is on the air", "'type': 'boolean'"},
    {"is_music", "", "true: music; false: speech", "'type': 'boolean'"},
    {"di", "",
     "object: dynamic_pty, compressed, artificial_head, stereo, as far as they were received",
     "'type': 'object'"},
    {"ps", "", "programme service name, eight characters", "'type': 'string'"},
    {"partial_ps", "", "what is there of it, in a message of type group", "'type': 'string'"},
    {"long_ps", "", "the name in up to 32 bytes of UTF-8", "'type': 'string'"},
    {"radiotext", "", "the text of the programme", "'type': 'string'"},
    {"partial_radiotext", "", "what is there of it, in a message of type group",
     "'type': 'string'"},
    {"rt_ab", "", "A or B: changes with the text", "'enum': ['A', 'B']"},
    {"radiotext_plus", "", "object: item_running, item_toggle, and tags: content-type and data",
     "'type': 'object'"},
    {"clock_time", "", "date and time of the station's clock, with its offset from UTC",
     "'type': 'string'"},
    {"alt_frequencies_a", "kHz", "array: other frequencies of the programme",
     "'type': 'array', 'items': {'type': 'integer'}"},
    {"alt_frequencies_b", "kHz",
     "object: the same for a tuned_frequency: same_programme and regional_variants",
     "'type': 'object'"},
    {"country", "", "of the station: two letters, as de", "'type': 'string'"},
    {"language", "", "of the programme", "'type': 'string'"},
    {"has_linkage", "", "true: it is linked with other programmes", "'type': 'boolean'"},
    {"prog_item_number", "", "programme item number", "'type': 'integer'"},
    {"prog_item_started", "", "object: day of the month and time at which that was to begin",
     "'type': 'object'"},
    {"pty_name", "", "name of the programme type in the station's own words", "'type': 'string'"},
    {"open_data_app", "", "object: oda_group and app_name, or its id, of an application",
     "'type': 'object'"},
    {"open_data_apps", "", "array of these", "'type': 'array'"},
    {"other_network", "",
     "object: another network: pi, tp, ta, ps, prog_type, alt_frequencies, kilohertz",
     "'type': 'object'"},
    {"other_networks", "", "array of these", "'type': 'array'"},
    {"tmc", "", "object: system_info or message of the traffic message channel, as codes",
     "'type': 'object'"},
    {"dab", "", "object: mode, kilohertz, channel and ensemble_id of the same programme in DAB",
     "'type': 'object'"},
    {"ews", "", "code of the emergency warning systems", "'type': 'integer'"},
    {"in_house_data", "", "array: five, sixteen and sixteen bits, which only the station knows",
     "'type': 'array', 'items': {'type': 'integer'}"},
    {"transparent_data", "", "array, likewise, of a transparent data channel",
     "'type': 'array', 'items': {'type': 'integer'}"},
    {"unknown_oda", "", "object: app_id and raw_data of an application that is not read",
     "'type': 'object'"},
    {"bler", "%", "share of blocks that were not sure, of late",
     "'type': 'number', 'minimum': 0, 'maximum': 100"},
    {0},
};

static void put_text(struct hz_json *j, const char *key, const uint8_t *c, unsigned n, bool trim)
{
    char text[4 * HZ_RDS_TEXT];
    while (trim && n > 0 && (c[n - 1] == ' ' || c[n - 1] == 0))
        n--;
    hz_rds_text(c, n, text, sizeof text);
    hz_json_str(j, key, text);
}

static void put_pi(struct hz_json *j, uint16_t pi)
{
    char text[8];
    snprintf(text, sizeof text, "0x%04X", pi);
    hz_json_str(j, "pi", text);
}

static void put_di(const struct hz_rds_station *s, struct hz_json *j)
{
    static const char *const names[] = {"stereo", "artificial_head", "compressed", "dynamic_pty"};
    hz_json_open(j, "di");
    for (unsigned i = 4; i-- > 0;)
        if (s->di_got >> i & 1)
            hz_json_bool(j, names[i], s->di >> i & 1);
    hz_json_close(j);
}

static void put_khz(struct hz_json *j, const char *key, const unsigned *khz, unsigned n)
{
    hz_json_open_array(j, key);
    for (unsigned i = 0; i < n; i++)
        hz_json_uint(j, NULL, khz[i]);
    hz_json_close_array(j);
}

static void put_af(const struct hz_rds_af *af, struct hz_json *j)
{
    if (af->listed == 0)
        return;
    if (!hz_rds_af_is_pairs(af)) {
        put_khz(j, "alt_frequencies_a", af->list, af->listed);
        return;
    }
    /* the rising pairs are of the same programme, the falling ones of a regional variant */
    unsigned same[HZ_RDS_AFS], other[HZ_RDS_AFS], n_same = 0, n_other = 0;
    for (unsigned i = 1; i + 1 < af->listed; i += 2) {
        unsigned a = af->list[i], b = af->list[i + 1], khz = a == af->list[0] ? b : a;
        if (a < b)
            same[n_same++] = khz;
        else
            other[n_other++] = khz;
    }
    hz_json_open(j, "alt_frequencies_b");
    hz_json_uint(j, "tuned_frequency", af->list[0]);
    put_khz(j, "same_programme", same, n_same);
    put_khz(j, "regional_variants", other, n_other);
    hz_json_close(j);
}

static void put_plus(const struct hz_rds_station *s, struct hz_json *j)
{
    hz_json_open(j, "radiotext_plus");
    hz_json_bool(j, "item_running", s->item_running);
    hz_json_uint(j, "item_toggle", s->item_toggle);
    hz_json_open_array(j, "tags");
    for (unsigned i = 0; i < HZ_RDS_TAGS; i++) {
        const struct hz_rds_tag *t = &s->tag[i];
        if (t->type == 0 || t->start + t->length > s->rt.len)
            continue;
        hz_json_open(j, NULL);
        hz_json_str(j, "content-type", hz_rds_tag_name(t->type));
        put_text(j, "data", s->rt.text + t->start, t->length, true);
        hz_json_close(j);
    }
    hz_json_close_array(j);
    hz_json_close(j);
}

static void put_clock(const struct hz_rds_station *s, struct hz_json *j)
{
    char text[HZ_TIME_TEXT], clock[32];
    int64_t minutes = (int64_t)s->clock.hour * 60 + s->clock.minute + 30 * s->clock.offset;
    minutes += 1440 * ((int64_t)s->clock.mjd - 40587); /* MJD of 1970 */
    unsigned away = (unsigned)(s->clock.offset < 0 ? -s->clock.offset : s->clock.offset);
    hz_time_text(minutes * 60000000000, text);
    int n = snprintf(clock, sizeof clock, "%.19s", text); /* to the second */
    if (s->clock.offset == 0)
        snprintf(clock + n, sizeof clock - (size_t)n, "Z");
    else
        snprintf(clock + n, sizeof clock - (size_t)n, "%c%02u:%02u",
                 s->clock.offset < 0 ? '-' : '+', away / 2, away % 2 * 30);
    hz_json_str(j, "clock_time", clock);
}

static void put_country(const struct hz_rds_station *s, struct hz_json *j)
{
    const char *two = hz_rds_country(s->pi, s->ecc);
    if (two)
        hz_json_strn(j, "country", two, 2);
}

static void put_item(const struct hz_rds_station *s, struct hz_json *j)
{
    char time[8];
    hz_json_uint(j, "prog_item_number", s->pin);
    hz_json_open(j, "prog_item_started");
    hz_json_uint(j, "day", s->pin >> 11);
    snprintf(time, sizeof time, "%02u:%02u", s->pin >> 6 & 31, s->pin & 63);
    hz_json_str(j, "time", time);
    hz_json_close(j);
}

static void put_app(const struct hz_rds_station *s, unsigned i, const char *key, struct hz_json *j)
{
    char group[16], id[8];
    const char *name = hz_rds_app_name(s->app[i].aid);
    snprintf(group, sizeof group, "%u%c", s->app[i].group / 2, s->app[i].group % 2 ? 'B' : 'A');
    snprintf(id, sizeof id, "0x%04X", s->app[i].aid);
    hz_json_open(j, key);
    hz_json_str(j, "oda_group", group);
    hz_json_str(j, name ? "app_name" : "app_id", name ? name : id);
    hz_json_close(j);
}

static void put_network(const struct hz_rds_network *n, const char *key, enum hz_rds_region region,
                        struct hz_json *j)
{
    hz_json_open(j, key);
    put_pi(j, n->pi);
    if (n->has_tp)
        hz_json_bool(j, "tp", n->tp);
    if (n->has_ta)
        hz_json_bool(j, "ta", n->ta);
    if (n->ps_got == 15)
        put_text(j, "ps", n->ps, 8, false);
    if (n->has_pty)
        hz_json_str(j, "prog_type", hz_rds_pty_name(n->pty, region));
    if (n->af.listed > 0)
        put_khz(j, "alt_frequencies", n->af.list, n->af.listed);
    if (n->other_khz > 0)
        hz_json_uint(j, "kilohertz", n->other_khz);
    if (n->has_linkage)
        hz_json_uint(j, "linkage_set", n->linkage);
    hz_json_close(j);
}

static void put_tmc_message(const struct hz_rds_tmc *m, struct hz_json *j)
{
    char bits[12];
    hz_json_open(j, "message");
    if (!m->single)
        hz_json_uint(j, "continuity_index", m->index);
    if (m->first) {
        hz_json_uint(j, "event", m->event);
        hz_json_uint(j, "location", m->location);
        hz_json_str(j, "direction", m->negative ? "negative" : "positive");
        hz_json_uint(j, "extent", m->extent);
        if (m->single) {
            hz_json_uint(j, "duration", m->duration);
            hz_json_bool(j, "diversion_advised", m->diversion);
        }
    } else {
        snprintf(bits, sizeof bits, "%03X%04X", m->c & 0xfff, m->d);
        hz_json_uint(j, "groups_left", m->remaining);
        hz_json_str(j, "free_format", bits);
    }
    hz_json_close(j);
}

static void put_tmc_system(const uint16_t system[2], struct hz_json *j)
{
    static const unsigned gaps[] = {3, 5, 8, 11};
    static const char *const scopes[] = {"urban", "regional", "national", "inter-road"};
    hz_json_open(j, "system_info");
    if (system[0]) {
        unsigned table = system[0] >> 6 & 63;
        hz_json_bool(j, "is_encrypted", table == 0);
        if (table != 0)
            hz_json_uint(j, "location_table", table);
        hz_json_open_array(j, "scope");
        for (unsigned i = 4; i-- > 0;)
            if (system[0] >> i & 1)
                hz_json_str(j, NULL, scopes[i]);
        hz_json_close_array(j);
    }
    if (system[1]) {
        hz_json_uint(j, "gap", gaps[system[1] >> 12 & 3]);
        hz_json_uint(j, "service_id", system[1] >> 6 & 63);
    }
    hz_json_close(j);
}

static void put_tmc(const struct hz_rds_station *s, unsigned about, struct hz_json *j)
{
    hz_json_open(j, "tmc");
    if (about & HZ_RDS_TMC_SYSTEM)
        put_tmc_system(s->tmc_system, j);
    if (about & HZ_RDS_TMC)
        put_tmc_message(&s->tmc, j);
    hz_json_close(j);
}

static void put_dab(const struct hz_rds_station *s, struct hz_json *j)
{
    static const char *const modes[] = {"unspecified", "I", "II or III", "IV"};
    char block[4], id[8];
    hz_json_open(j, "dab");
    hz_json_str(j, "mode", modes[s->dab_mode & 3]);
    hz_json_uint(j, "kilohertz", s->dab_khz);
    if (hz_rds_dab_block(s->dab_khz, block) > 0)
        hz_json_str(j, "channel", block);
    snprintf(id, sizeof id, "0x%04X", s->dab_id);
    hz_json_str(j, "ensemble_id", id);
    hz_json_close(j);
}

static void put_data(const struct hz_rds_station *s, const char *key, struct hz_json *j)
{
    hz_json_open_array(j, key);
    for (unsigned i = 0; i < s->data_blocks; i++)
        hz_json_uint(j, NULL, s->data[i]);
    hz_json_close_array(j);
}

static void put_unknown_app(const struct hz_rds_station *s, struct hz_json *j)
{
    char text[24];
    hz_json_open(j, "unknown_oda");
    snprintf(text, sizeof text, "0x%04X", s->app[s->latest_app].aid);
    hz_json_str(j, "app_id", text);
    snprintf(text, sizeof text, "%02X %04X %04X", s->data[0], s->data[1], s->data[2]);
    hz_json_str(j, "raw_data", text);
    hz_json_close(j);
}

static void put_texts(const struct hz_rds_station *s, unsigned about, struct hz_json *j)
{
    uint8_t text[HZ_RDS_TEXT];
    unsigned n;
    if (about & HZ_RDS_PS && s->ps.len > 0)
        put_text(j, "ps", s->ps.text, s->ps.len, false);
    if (about & HZ_RDS_PARTIAL_PS && !(about & HZ_RDS_PS)) {
        hz_rds_repeats_partial(&s->ps, 1, 4, text, &n);
        if (s->ps.got == 15)
            put_text(j, "ps", text, n, false);
        else
            put_text(j, "partial_ps", text, n, false);
    }
    if (about & HZ_RDS_LONG_PS)
        hz_json_strn(j, "long_ps", (const char *)s->long_ps, s->long_ps_len);
    unsigned need = (1u << (s->rt.len + 3) / 4) - 1; /* segments of the latest whole text */
    bool whole = s->rt.len > 0 && (about & HZ_RDS_RT || (s->rt.got & need) == need);
    if (whole && about & (HZ_RDS_RT | HZ_RDS_PARTIAL_RT)) {
        put_text(j, "radiotext", s->rt.text, s->rt.len, true);
    } else if (about & HZ_RDS_PARTIAL_RT) {
        hz_rds_repeats_partial(&s->rt, 2, 16, text, &n);
        put_text(j, "partial_radiotext", text, n, false);
    }
    if (about & (HZ_RDS_RT | HZ_RDS_PARTIAL_RT))
        hz_json_str(j, "rt_ab", s->rt_b ? "B" : "A");
    if (about & HZ_RDS_PTYN && s->ptyn.len > 0)
        put_text(j, "pty_name", s->ptyn.text, s->ptyn.len, true);
}

static void put_applications(const struct hz_rds_station *s, unsigned about, bool all,
                             enum hz_rds_region region, struct hz_json *j)
{
    if (about & HZ_RDS_APP && !all)
        put_app(s, s->latest_app, "open_data_app", j);
    if (about & HZ_RDS_APP && all) {
        hz_json_open_array(j, "open_data_apps");
        for (unsigned i = 0; i < s->apps; i++)
            put_app(s, i, NULL, j);
        hz_json_close_array(j);
    }
    if (about & HZ_RDS_PLUS)
        put_plus(s, j);
    if (about & HZ_RDS_EON && !all)
        put_network(&s->network[s->latest_network], "other_network", region, j);
    if (about & HZ_RDS_EON && all) {
        hz_json_open_array(j, "other_networks");
        for (unsigned i = 0; i < s->networks; i++)
            put_network(&s->network[i], NULL, region, j);
        hz_json_close_array(j);
    }
    if (about & (HZ_RDS_TMC_SYSTEM | (all ? 0 : HZ_RDS_TMC)))
        put_tmc(s, about & (all ? ~(unsigned)HZ_RDS_TMC : ~0u), j);
    if (about & HZ_RDS_DAB)
        put_dab(s, j);
    if (about & HZ_RDS_IN_HOUSE && !all)
        put_data(s, "in_house_data", j);
    if (about & HZ_RDS_TRANSPARENT && !all)
        put_data(s, "transparent_data", j);
    if (about & HZ_RDS_UNKNOWN_APP && !all)
        put_unknown_app(s, j);
}

void hz_rds_describe(const struct hz_rds_station *s, unsigned about, bool all,
                     enum hz_rds_region region, struct hz_json *j)
{
    char name[8];
    put_pi(j, s->pi);
    if (region == HZ_RDS_AMERICA && hz_rds_callsign(s->pi, name) > 0)
        hz_json_str(j, "callsign", name);
    hz_json_str(j, "prog_type", hz_rds_pty_name(s->pty, region));
    hz_json_bool(j, "tp", s->tp);
    if (about & HZ_RDS_TA) {
        hz_json_bool(j, "ta", s->ta);
        hz_json_bool(j, "is_music", s->music);
    }
    if (about & HZ_RDS_DI)
        put_di(s, j);
    put_texts(s, about, j);
    if (about & HZ_RDS_CLOCK)
        put_clock(s, j);
    if (about & HZ_RDS_AF)
        put_af(&s->af, j);
    if (about & HZ_RDS_COUNTRY)
        put_country(s, j);
    if (about & HZ_RDS_LANGUAGE && hz_rds_language_name(s->language))
        hz_json_str(j, "language", hz_rds_language_name(s->language));
    if (about & HZ_RDS_LINKAGE)
        hz_json_bool(j, "has_linkage", s->linked);
    if (about & HZ_RDS_EWS)
        hz_json_uint(j, "ews", s->ews);
    if (about & HZ_RDS_PIN)
        put_item(s, j);
    put_applications(s, about, all, region, j);
}
