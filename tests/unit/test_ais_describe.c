/* What AIS messages say, against gpsd's gpsdecode on the same sentences (under HZ_SHARED, default
 * ../shared; skipped where that is missing). */
#include "proto/ais/describe.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_MAX = 171 + 8, PARTS = 10 };

static FILE *shared(const char *name)
{
    const char *root = getenv("HZ_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/air/ais/%s", root ? root : "../shared", name);
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    return f;
}

/* ---- sentences -------------------------------------------------------------------------- */

struct message {
    uint8_t payload[PAYLOAD_MAX];
    size_t bits;
    char channel;
    char sentences[1024]; /* as they came, without time stamps, a line each */
};

/* Parts of messages that are not complete yet, by sequence number and channel. */
static struct message held[PARTS][3];

static bool add(struct message *m, const char *armoured, size_t n, unsigned fill)
{
    for (size_t i = 0; i < n; i++) {
        int v = armoured[i] - 48;
        v = v > 40 ? v - 8 : v;
        if (v < 0 || v > 63)
            return false;
        for (int k = 5; k >= 0; k--, m->bits++) {
            if (m->bits / 8 >= sizeof m->payload)
                return false;
            if (m->bits % 8 == 0)
                m->payload[m->bits / 8] = 0;
            m->payload[m->bits / 8] |= (uint8_t)((v >> k & 1) << (7 - m->bits % 8));
        }
    }
    m->bits -= fill < m->bits ? fill : 0;
    return true;
}

/* True when a message is complete in *m. */
static bool sentence(const char *line, struct message *m)
{
    const char *p = strstr(line, "!AIVDM");
    p = p ? p : strstr(line, "!BSVDM");
    unsigned count, number, sequence = 0, fill = 0;
    if (!p || sscanf(p, "!%*5c,%u,%u,", &count, &number) != 2 || count > 9)
        return false;
    const char *field[7];
    field[0] = p;
    for (int i = 1; i < 7; i++) {
        field[i] = strchr(field[i - 1], ',');
        if (!field[i])
            return false;
        field[i]++;
    }
    if (field[3][0] != ',')
        sequence = (unsigned)(field[3][0] - '0') % PARTS;
    char letter = field[4][0] == ',' ? 0 : field[4][0];
    letter = letter == '1' ? 'A' : letter == '2' ? 'B' : letter;
    struct message *h = &held[sequence][letter == 'A' ? 1 : letter == 'B' ? 2 : 0];
    if (number == 1)
        *h = (struct message){.channel = letter};
    fill = (unsigned)atoi(field[6]);
    size_t n = (size_t)(field[6] - 1 - field[5]);
    if (!add(h, field[5], n, number == count ? fill : 0))
        return false;
    size_t len = strlen(h->sentences);
    snprintf(h->sentences + len, sizeof h->sentences - len, "%.*s\n", (int)strcspn(p, "\r\n"), p);
    if (number != count)
        return false;
    *m = *h;
    return m->bits >= 38;
}

static cJSON *describe(const struct message *m)
{
    static char text[32768];
    struct hz_json j;
    struct hz_ais_state state = {.channel = m->channel};
    hz_json_init(&j, text, sizeof text - 1);
    hz_json_open(&j, NULL);
    hz_ais_describe(&state, m->payload, m->bits, &j);
    hz_json_close(&j);
    cr_assert_not(j.full);
    text[j.len] = '\0';
    cJSON *o = cJSON_Parse(text);
    cr_assert(o, "%s", text);
    return o;
}

/* ---- comparing -------------------------------------------------------------------------- */

struct tally {
    size_t messages, fields, agree, absent, explained;
    char text[8192]; /* the disagreements */
};

static double number(const cJSON *v)
{
    return cJSON_IsString(v) ? strtod(v->valuestring, NULL) : v->valuedouble;
}

/* gpsd prints "not available" as a number or a word; here such a field is left out. */
static bool not_available(const char *name, const cJSON *v)
{
    static const struct {
        const char *name;
        double value;
    } codes[] = {
        {"heading", 511},     {"course", 360},    {"speed", 102.3},     {"speed", 1023},
        {"second", 60},       {"lon", 181},       {"lat", 91},          {"alt", 4095},
        {"epfd", 0},          {"imo", 0},         {"shiptype", 0},      {"aid_type", 0},
        {"draught", 0},       {"to_bow", 0},      {"to_stern", 0},      {"to_port", 0},
        {"to_starboard", 0},  {"wspeed", 127},    {"wgust", 127},       {"wdir", 360},
        {"wgustdir", 360},    {"humidity", 101},  {"humidity", 127},    {"airtemp", -102.4},
        {"dewpoint", 50.1},   {"pressure", 1310}, {"visibility", 12.7}, {"waterlevel", 30.0},
        {"cspeed", 25.5},     {"cspeed2", 25.5},  {"cspeed3", 25.5},    {"cdir", 360},
        {"cdir2", 360},       {"cdir3", 360},     {"cdepth2", 31},      {"cdepth3", 31},
        {"waveheight", 25.5}, {"waveperiod", 63}, {"wavedir", 360},     {"swellheight", 25.5},
        {"swellperiod", 63},  {"swelldir", 360},  {"seastate", 13},     {"watertemp", 50.1},
        {"salinity", 51.0},   {"maneuver", 0},    {"linkage", 0},
    };
    if (cJSON_IsString(v)) {
        const char *s = v->valuestring;
        size_t n = strlen(name);
        bool text = n > 5 && strcmp(name + n - 5, "_text") == 0;
        return !*s || !strcmp(s, "N/A") || !strcmp(s, "nan") || text ||
               (strcmp(name, "eta") == 0 && !strncmp(s, "00-00", 5)) ||
               strcmp(name, "timestamp") == 0;
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(name, codes[i].name) == 0 && fabs(v->valuedouble - codes[i].value) < 0.01)
            return true;
    }
    /* the second to fourth of a list that has fewer */
    return v->valuedouble == 0 && strpbrk(name, "1234");
}

/* To the last digit that both print: of degrees six, four where the message has 1/10 minute (22,
 * 23) or 1/1000 (8), one of gpsd's in 17 and 27; of the water level one of gpsd's. */
static bool same(int type, const char *name, const cJSON *a, const cJSON *b)
{
    if (cJSON_IsBool(a) || cJSON_IsBool(b))
        return cJSON_IsTrue(a) == cJSON_IsTrue(b);
    bool place = strstr(name, "lon") || strstr(name, "lat");
    double step = 1e-6;
    if ((place && (type == 17 || type == 27)) || strcmp(name, "waterlevel") == 0)
        step = 0.1;
    else if (place && (type == 8 || type == 22 || type == 23))
        step = 1e-4;
    if (cJSON_IsNumber(a) && (cJSON_IsNumber(b) || place))
        return fabs(number(a) - number(b)) <= step * 0.51 + 5e-7;
    return cJSON_IsString(a) && cJSON_IsString(b) && strcmp(a->valuestring, b->valuestring) == 0;
}

/* Why a field may differ from gpsd 3.22's. type 0, name NULL: any. `absent`: only when it is left
 * out here. */
static bool explained(int type, const char *name, const cJSON *ours)
{
    static const struct {
        int type;
        const char *name;
        bool absent;
        const char *why;
    } reasons[] = {
        {0, "turn", false, "gpsd loses the sign of slow turns"},
        {0, "epfd_text", false, "15 is the internal receiver (M.1371-5, table 53)"},
        {0, "lon", true, "outside of the Earth"},
        {0, "lat", true, "outside of the Earth"},
        {0, "heading", true, "over 359"},
        {0, "maneuver", true, "3 is reserved"},
        {21, "off_position", true, "valid beside a second below 60 only (M.1371-5, message 21)"},
        {0, "radio", true, "gpsd reads on where a short message has ended"},
        {5, "eta", true, "a day without a month"},
        {0, "status_text", false, "12 and 14 have a meaning since M.1371-4 and -5"},
        {0, "shiptype_text", false, "gpsd writes one of the words with a small letter"},
        {7, NULL, true, "gpsd reads on where a short message has ended"},
        {13, NULL, true, "gpsd reads on where a short message has ended"},
        {15, NULL, true, "gpsd reads on where a short message has ended"},
        {20, NULL, true, "gpsd reads on where a short message has ended"},
        {8, "pressuretend", false, "here the number, the word is in pressuretend_text"},
        {8, "leveltrend", false, "here the number, the word is in leveltrend_text"},
        {8, "preciptype", true, "reserved"},
        {8, "length", false, "gpsd gives decimetres"},
        {8, "beam", false, "gpsd gives decimetres"},
        {8, "draught", false, "gpsd gives centimetres"},
        {8, NULL, true, "out of the range that 1/11 and 1/31 give, which is not available"},
        {6, NULL, true,
         "another application (1/12, 1/14, 1/18, 1/32): its bits are in data; or "
         "not available"},
        {6, "retransmit", false, "its twin with the other bit comes within twelve sentences"},
        {24, NULL, true, "gpsd joins part A and part B"},
        {25, NULL, true, "0 for what is not there"},
        {26, NULL, true, "0 for what is not there"},
        {26, "radio", false, "gpsd gives 0"},
        {26, "data", false, "gpsd counts the radio state's bits among the data"},
        {27, "status", false, "here the number, the word is in status_text"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if ((reasons[i].type == 0 || reasons[i].type == type) && (!ours || !reasons[i].absent) &&
            (!reasons[i].name || strcmp(reasons[i].name, name) == 0))
            return true;
    }
    return false;
}

static void compare(const cJSON *ours, const cJSON *gpsd, struct tally *t)
{
    static const char *const frame[] = {"class", "device", "scaled", NULL};
    const cJSON *v;
    int type = cJSON_GetObjectItem(gpsd, "type")->valueint;
    t->messages++;
    cJSON_ArrayForEach(v, gpsd)
    {
        int i = 0;
        while (frame[i] && strcmp(frame[i], v->string) != 0)
            i++;
        if (frame[i])
            continue;
        t->fields++;
        const cJSON *o = cJSON_GetObjectItem(ours, v->string);
        if (!o && not_available(v->string, v)) {
            t->absent++;
            continue;
        }
        if (o && same(type, v->string, o, v)) {
            t->agree++;
            continue;
        }
        if (explained(type, v->string, o)) {
            t->explained++;
            continue;
        }
        size_t n = strlen(t->text);
        char *a = o ? cJSON_PrintUnformatted(o) : NULL, *b = cJSON_PrintUnformatted(v);
        snprintf(t->text + n, sizeof t->text - n, "  type %d mmsi %.0f %s: %s, gpsd %s\n", type,
                 cJSON_GetObjectItem(gpsd, "mmsi")->valuedouble, v->string, a ? a : "absent", b);
        free(a);
        free(b);
    }
}

/* Pairs each of gpsd's objects with the next sentence of its type and MMSI. */
static struct tally compare_file(const char *sentences, const char *decoded)
{
    static struct tally t;
    FILE *in = shared(sentences), *json = shared(decoded);
    char line[4096];
    t = (struct tally){0};
    memset(held, 0, sizeof held);
    while (fgets(line, sizeof line, json)) {
        cJSON *gpsd = cJSON_Parse(line);
        if (!gpsd || !cJSON_GetObjectItem(gpsd, "mmsi")) {
            cJSON_Delete(gpsd);
            continue;
        }
        int type = cJSON_GetObjectItem(gpsd, "type")->valueint;
        double mmsi = cJSON_GetObjectItem(gpsd, "mmsi")->valuedouble;
        cJSON *ours = NULL;
        struct message m;
        long back = ftell(in);
        for (int ahead = 0; !ours && ahead < 12 && fgets(line, sizeof line, in);) {
            if (!sentence(line, &m))
                continue;
            ahead++;
            ours = describe(&m);
            if (cJSON_GetObjectItem(ours, "type")->valueint != type ||
                cJSON_GetObjectItem(ours, "mmsi")->valuedouble != mmsi) {
                cJSON_Delete(ours);
                ours = NULL;
            }
        }
        if (ours)
            compare(ours, gpsd, &t);
        else
            fseek(in, back, SEEK_SET); /* not of a sentence that is whole */
        cJSON_Delete(ours);
        cJSON_Delete(gpsd);
    }
    fclose(in);
    fclose(json);
    cr_log_info("%s: %zu messages, %zu fields: %zu agree, %zu not available, %zu explained\n",
                sentences, t.messages, t.fields, t.agree, t.absent, t.explained);
    cr_expect_str_eq(t.text, "", "%s:\n%s", sentences, t.text);
    return t;
}

/* Of 59,562 fields of 3,413 messages 48,190 are the same; 8,997 are left out here because they are
 * not available, the others differ for one of the reasons above. */
Test(ais_describe, agrees_with_gpsdecode)
{
    static const struct {
        const char *name;
        size_t messages, agree; /* at least */
    } files[] = {
        {"gpsd_sample.aivdm", 90, 900},        {"connorgibbons_20240928_a.nmea", 2072, 29320},
        {"gpsd_type6_fid55_a.log", 600, 8880}, {"libais_typeexamples.nmea", 25, 245},
        {"pyais_sample_a.nmea", 380, 5560},    {"rohankumar_rtl.nmea", 215, 3180},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char decoded[100];
        snprintf(decoded, sizeof decoded, "%s.gpsdecode.json", files[i].name);
        struct tally t = compare_file(files[i].name, decoded);
        cr_expect_geq(t.messages, files[i].messages, "%s: %zu", files[i].name, t.messages);
        cr_expect_geq(t.agree, files[i].agree, "%s: %zu", files[i].name, t.agree);
    }
}

/* The sentences that are written are those that came. */
Test(ais_describe, writes_the_sentences_that_it_came_in)
{
    FILE *in = shared("rohankumar_rtl.nmea");
    char line[4096];
    struct message m;
    size_t n = 0;
    memset(held, 0, sizeof held);
    while (fgets(line, sizeof line, in)) {
        if (!sentence(line, &m) || m.bits % 8 != 0)
            continue;
        cJSON *o = describe(&m);
        const cJSON *nmea = cJSON_GetObjectItem(o, "nmea"), *s;
        char ours[1024] = "";
        cJSON_ArrayForEach(s, nmea)
        {
            size_t len = strlen(ours);
            snprintf(ours + len, sizeof ours - len, "%s\n", s->valuestring);
        }
        if (cJSON_GetArraySize(nmea) == 1) /* numbers of several are given anew */
            cr_expect_str_eq(ours, m.sentences);
        n++;
        cJSON_Delete(o);
    }
    cr_expect_gt(n, 200);
    fclose(in);
}

/* Any bits, cut anywhere: whole fields only, and valid JSON. */
Test(ais_describe, messages_cut_short_give_the_fields_that_are_whole)
{
    struct message m = {0};
    uint32_t r = 1;
    for (unsigned type = 0; type < 64; type++) {
        for (size_t bits = 40; bits <= 1064; bits += 8) {
            for (size_t i = 0; i < sizeof m.payload; i++) {
                r = r * 1664525 + 1013904223;
                m.payload[i] = (uint8_t)(r >> 24);
            }
            m.payload[0] = (uint8_t)(type << 2);
            m.bits = bits;
            cJSON *o = describe(&m);
            cr_assert_eq(cJSON_GetObjectItem(o, "type")->valueint, (int)type);
            cJSON_Delete(o);
        }
    }
}

/* The documented fields and the schema's are the same. */
Test(ais_describe, schema_names_every_field)
{
    static char schema[65536];
    FILE *f = fopen("docs/schema/ais.schema.json", "r");
    cr_assert_not_null(f);
    size_t n = fread(schema, 1, sizeof schema, f);
    fclose(f);
    cJSON *o = cJSON_ParseWithLength(schema, n);
    const cJSON *properties = cJSON_GetObjectItem(o, "properties");
    int fields = 0;
    for (; hz_ais_fields[fields].name; fields++)
        cr_expect(cJSON_GetObjectItem(properties, hz_ais_fields[fields].name), "%s",
                  hz_ais_fields[fields].name);
    cr_expect_eq(cJSON_GetArraySize(properties), fields);
    cJSON_Delete(o);
}
