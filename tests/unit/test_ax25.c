/* AX.25 frames and APRS: against what Ham::APRS::FAP reads in its own test cases (HZ_SHARED,
 * default ../shared; skipped where they are missing), and against the examples of the APRS
 * Protocol Reference. */
#include "proto/packet/ax25/frame.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t address(uint8_t *out, const char *text, size_t n, unsigned flags)
{
    char call[16] = "";
    unsigned ssid = 0;
    if (n == 0 || n > 9)
        return 0;
    memcpy(call, text, n);
    char *dash = strchr(call, '-');
    if (dash) {
        *dash = 0;
        ssid = (unsigned)atoi(dash + 1);
    }
    if (strlen(call) > 6 || ssid > 15)
        return 0;
    for (size_t i = 0; i < 6; i++)
        out[i] = (uint8_t)((i < strlen(call) ? (unsigned char)call[i] : ' ') << 1);
    out[6] = (uint8_t)(0x60 | ssid << 1 | flags);
    return 7;
}

/* A UI frame of a TNC2 line of n bytes. What APRS-IS added to the path (qAR and what follows) was
 * never on the air and is left out. 0: its source is no address. */
static size_t frame_of(const char *line, size_t n, uint8_t *out)
{
    const char *info = memchr(line, ':', n), *from = strchr(line, '>');
    size_t at = 7 + address(out + 7, line, (size_t)(from - line), 0);
    if (at == 7)
        return 0;
    for (const char *p = from; *p != ':' && at <= 70;) {
        size_t len = strcspn(p + 1, ",:");
        if (p != from && p[1] == 'q')
            break;
        bool star = p[len] == '*';
        size_t w =
            address(p == from ? out : out + at, p + 1, len - star, star || p == from ? 0x80 : 0);
        at += p == from ? 0 : w;
        p += 1 + len;
    }
    out[at - 1] |= 1;
    out[at++] = 0x03;
    out[at++] = 0xf0;
    size_t rest = n - (size_t)(info + 1 - line);
    memcpy(out + at, info + 1, rest);
    return at + rest;
}

static cJSON *describe(const uint8_t *frame, size_t n)
{
    static char text[16384];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_ax25_describe(frame, n, &j);
    hz_json_close(&j);
    cr_assert(!j.full);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert_not_null(o, "%.*s", (int)j.len, text);
    return o;
}

static cJSON *describe_line(const char *line)
{
    uint8_t f[512];
    size_t n = frame_of(line, strlen(line), f);
    cr_assert(hz_ax25_plausible(f, n, true), "%s", line);
    return describe(f, n);
}

/* The bytes of a text whose code points are bytes. */
static size_t bytes_of(const char *utf8, char *out)
{
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)utf8; *p; p++) {
        unsigned c = *p;
        if (c >= 0x80)
            c = (c & 3) << 6 | (*++p & 0x3f);
        out[n++] = (char)c;
    }
    out[n] = 0;
    return n;
}

/* A text agrees as Latin-1, or as UTF-8 of the same bytes; a number of FAP may be in quotes. */
static bool same(const cJSON *want, const cJSON *got)
{
    if (!want || !got || cJSON_IsNull(want))
        return (!want || cJSON_IsNull(want)) && (!got || cJSON_IsNull(got));
    if (cJSON_IsNumber(got)) {
        double v = cJSON_IsString(want) ? atof(want->valuestring) : want->valuedouble;
        return fabs(v - got->valuedouble) < 6e-4;
    }
    if (cJSON_IsString(got) && cJSON_IsString(want)) {
        char raw[1024];
        bytes_of(want->valuestring, raw);
        return !strcmp(want->valuestring, got->valuestring) || !strcmp(raw, got->valuestring);
    }
    if (!cJSON_IsArray(got) && !cJSON_IsObject(got))
        return false;
    int n = cJSON_GetArraySize(want), m = cJSON_GetArraySize(got);
    for (int i = 0; i < (n > m ? n : m); i++) { /* missing values at the end are null there */
        const cJSON *w = cJSON_GetArrayItem(want, i);
        if (!same(w ? w : NULL, cJSON_IsArray(got) ? cJSON_GetArrayItem(got, i)
                                : w                ? cJSON_GetObjectItem(got, w->string)
                                                   : NULL))
            return false;
    }
    return true;
}

/* Coordinates, whose every digit counts: 6 decimals are given. */
static bool same_place(const cJSON *want, const cJSON *got)
{
    return want && got && fabs(want->valuedouble - got->valuedouble) < 6e-7;
}

static const char *const names[][2] = {
    {"srccallsign", 0},   {"dstcallsign", 0},  {"type", 0},
    {"format", 0},        {"latitude", "lat"}, {"longitude", "lon"},
    {"posresolution", 0}, {"posambiguity", 0}, {"symboltable", 0},
    {"symbolcode", 0},    {"course", 0},       {"speed", 0},
    {"altitude", 0},      {"radiorange", 0},   {"phg", 0},
    {"gpsfixstatus", 0},  {"daodatumbyte", 0}, {"comment", 0},
    {"mbits", 0},         {"objectname", 0},   {"itemname", 0},
    {"alive", 0},         {"destination", 0},  {"message", 0},
    {"messageid", 0},     {"messageack", 0},   {"messagerej", 0},
    {"messaging", 0},     {"telemetry", 0},    {"wx", 0},
    {"status", 0},        {"resultcode", 0},   {"mice_mangled", 0},
    {"digipeaters", 0},
};

#define FAILED                                                                                     \
    "a packet that cannot be read says resultcode, and nothing of what it would have been"
#define DEVICE  "the maker's bytes are told by device and are no part of the comment"
#define STALE   "FAP's test keeps the packet before in the same hash: this one has neither"
#define MANGLED "accept_broken_mice: guesses at bytes that are lost; here it is an error"
#define ISPATH  "the bad call was added by APRS-IS and was never in the frame"

/* Where and why it is told otherwise here. */
static const struct {
    const char *file;
    int line;
    const char *fields, *why;
} known[] = {
    {"10badpacket", 1, "type format messaging", FAILED},
    {"10badpacket", 3,
     "type format latitude longitude posresolution symboltable symbolcode comment messaging "
     "resultcode digipeaters",
     ISPATH},
    {"10badpacket", 4, "type format messaging symbolcode", FAILED},
    {"10badpacket", 5, "type comment resultcode", "experiments are told as user-defined"},
    {"23decode-mice", 1, "comment", DEVICE},
    {"23decode-mice", 2, "comment", DEVICE},
    {"23decode-mice", 3, "type format", FAILED},
    {"23decode-mice", 6,
     "type format latitude longitude posresolution posambiguity symboltable "
     "symbolcode comment mbits mice_mangled resultcode",
     MANGLED},
    {"25decode-dao", 3, "comment", DEVICE},
    {"31decode-wx-ultw", 2, "wx",
     "FAP takes the total of rain for that since midnight, which this one does not have"},
    {"31decode-wx-ultw", 3, "messaging", "the logger's line says nothing of messages"},
    {"54decode-tlm-mice", 3, "comment", DEVICE},
    {"54decode-tlm-mice", 4, "altitude daodatumbyte", STALE},
};

static const char *reason(const char *file, int line, const char *field)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *at = strstr(known[i].fields, field);
        if (strcmp(known[i].file, file) == 0 && known[i].line == line && at &&
            strchr(" ", at[strlen(field)]))
            return known[i].why;
    }
    return NULL;
}

/* The path of the expectation without what APRS-IS added. */
static void cut_path(cJSON *want)
{
    cJSON *path = cJSON_GetObjectItem(want, "digipeaters");
    int q = 0, n = cJSON_GetArraySize(path);
    while (q < n && *cJSON_GetObjectItem(cJSON_GetArrayItem(path, q), "call")->valuestring != 'q')
        q++;
    while (n > q)
        cJSON_DeleteItemFromArray(path, --n);
}

struct tally {
    int packets, whole, fields, agree, listed;
};

static void compare(const char *file, int line, cJSON *want, const cJSON *got, struct tally *t)
{
    bool whole = true;
    cut_path(want);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *w = cJSON_GetObjectItem(want, names[i][0]);
        const cJSON *g = cJSON_GetObjectItem(got, names[i][1] ? names[i][1] : names[i][0]);
        if (!w && !g)
            continue;
        bool ok = names[i][1] ? same_place(w, g) : same(w, g);
        const char *why = ok ? NULL : reason(file, line, names[i][0]);
        t->fields++;
        t->agree += ok;
        t->listed += why != NULL;
        whole = whole && ok;
        char *a = w ? cJSON_PrintUnformatted(w) : NULL, *b = g ? cJSON_PrintUnformatted(g) : NULL;
        cr_expect(ok || why, "%s:%d %s: %s, want %s", file, line, names[i][0], b ? b : "none",
                  a ? a : "none");
        cJSON_free(a);
        cJSON_free(b);
    }
    t->packets++;
    t->whole += whole;
}

static void one_file(const char *file, struct tally *t, int *not_ax25)
{
    const char *root = getenv("HZ_SHARED");
    char path[512], line[8192], raw[1024];
    snprintf(path, sizeof path, "%s/air/aprs/fap_%s.jsonl", root ? root : "../shared", file);
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    for (int n = 1; fgets(line, sizeof line, f); n++) {
        cJSON *o = cJSON_Parse(line);
        uint8_t frame[512];
        cr_assert_not_null(o);
        size_t len = bytes_of(cJSON_GetObjectItem(o, "packet")->valuestring, raw);
        len = frame_of(raw, len, frame);
        if (hz_ax25_plausible(frame, len, true)) {
            cJSON *got = describe(frame, len);
            compare(file, n, cJSON_GetObjectItem(o, "parsed"), got, t);
            cJSON_Delete(got);
        } else {
            ++*not_ax25;
        }
        cJSON_Delete(o);
    }
    fclose(f);
}

Test(ax25, as_fap_reads_its_own_cases)
{
    static const char *const files[] = {
        "10badpacket",     "21decode-uncomp-moving", "23decode-mice",
        "25decode-dao",    "31decode-wx-ultw",       "41decode-object",
        "52decode-beacon", "54decode-tlm-mice",      "60binary-clean"};
    struct tally t = {0};
    int not_ax25 = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        one_file(files[i], &t, &not_ax25);
    if (getenv("HZ_VERBOSE"))
        fprintf(stderr, "%d packets, %d whole; %d fields, %d agree, %d listed\n", t.packets,
                t.whole, t.fields, t.agree, t.listed);
    cr_expect_eq(not_ax25, 1, "%d", not_ax25); /* a source with an underscore is no address */
    cr_expect_eq(t.packets, 252);
    int listed = 0; /* each difference that is listed is there */
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        listed++;
        for (const char *p = known[i].fields; *p; p++)
            listed += *p == ' ';
    }
    cr_expect_eq(t.listed, listed, "%d of %d", t.listed, listed);
    cr_expect_eq(t.agree + t.listed, t.fields);
}

/* The value at "a.b.2" of o. */
static const cJSON *at(const cJSON *o, const char *path)
{
    while (o && *path) {
        char key[32];
        size_t n = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        o = cJSON_IsArray(o) ? cJSON_GetArrayItem(o, atoi(key)) : cJSON_GetObjectItem(o, key);
        path += n + (path[n] == '.');
    }
    return o;
}

/* Examples of the APRS Protocol Reference and of its rules; an empty text: the field is absent. */
Test(ax25, examples_of_the_reference)
{
    static const struct {
        const char *line, *path, *want;
    } cases[] = {
        {"N0A>APRS:!4903.50N/07201.75W-Test 001234", "lat", "49.058333"},
        {"N0A>APRS:!4903.50N/07201.75W-Test /A=001234", "altitude", "376.123"},
        {"N0A>APRS:!49  .  N/072  .  W-", "posambiguity", "4"},
        {"N0A>APRS:!49  .  N/072  .  W-", "lat", "49.5"},
        {"N0A>APRS:!49  .  N/072  .  W-", "posresolution", "111120"},
        {"N0A>APRS:!4903.5 N/07201.7 W-", "lon", "-72.029167"},
        {"N0A>APRS:TheNet X-1J4  (BFLD)!4903.50N/07201.75Wn", "symbolcode", "n"},
        {"N0A>APRS:/092345z4903.50N/07201.75W>Test1234", "timestamp", "092345z"},
        {"N0A>APRS:@092345/4903.50N/07201.75W>Test1234", "messaging", "1"},
        {"N0A>APRS:/234517h4903.50N/07201.75W>PHG5132", "phg", "5132"},
        {"N0A>APRS:/234517h4903.50N/07201.75W>PHG5132A/x", "phg", "5132A"},
        {"N0A>APRS:@092345z4903.50N/07201.75W>088/036", "speed", "66.672"},
        {"N0A>APRS:=4903.50N/07201.75W>RNG0050", "radiorange", "80.467"},
        {"N0A>APRS:/234517h4903.50N/07201.75W>DFS2360", "dfs", "2360"},
        {"N0A>APRS:@092345z4903.50N/07201.75W\\088/036/270/729", "nrq", "729"},
        {"N0A>APRS:@092345z4903.50N/07201.75W\\088/036/270/729", "bearing", "270"},
        {"N0A>APRS:=/5L!!<*e7> sTComment", "lat", "49.5"},
        {"N0A>APRS:=/5L!!<*e7> sTComment", "lon", "-72.750004"},
        {"N0A>APRS:=/5L!!<*e7>7P[", "course", "88"},
        {"N0A>APRS:=/5L!!<*e7>7P[", "speed", "67.102"},
        {"N0A>APRS:=/5L!!<*e7>{?!", "radiorange", "32.389"},
        {"N0A>APRS:=/5L!!<*e7OS]S", "altitude", "3049.378"},
        {"N0A>APRS:;LEADER   *092345z4903.50N/07201.75W>", "objectname", "LEADER   "},
        {"N0A>APRS:;LEADER   _092345z4903.50N/07201.75W>", "alive", "0"},
        {"N0A>APRS:)AID #2!4903.50N/07201.75WA", "itemname", "AID #2"},
        {"N0A>APRS:)G/WB4APR!53  .  N\\002  .  Wd", "lon", "-2.5"},
        {"N0A>APRS:)AID #2_4903.50N/07201.75WA", "alive", "0"},
        {"N0A>S32UVT:`(_fn\"Oj/", "lat", "33.4273"},
        {"N0A>S32U6T:`(_fn\"Oj/", "lat", "33.427333"},
        {"N0A>S32U6T:`(_fn\"Oj/", "lon", "-12.129"},
        {"N0A>S32U6T:`(_fn\"Oj/", "course", "251"},
        {"N0A>S32U6T:`(_fn\"Oj/", "speed", "37.04"},
        {"N0A>S32U6T:`(_fn\"Oj/", "mice_message", "returning"},
        {"N0A>S32U6T:`(_fn\"Oj/\"4T}", "altitude", "61"},
        {"N0A>S32U6T:`(_fn\"Oj/`\"4T}hi_0", "device", "Yaesu FT3D"},
        {"N0A>S32U6T:`(_fn\"Oj/`\"4T}hi_0", "comment", "hi"},
        {"N0A>APRS:_10090556c220s004g005t077r000p000P000h50b09900wRSW", "wx.wind_gust", "2.2"},
        {"N0A>APRS:_10090556c220s004g005t077r000p000P000h50b09900wRSW", "wx.soft", "wRSW"},
        {"N0A>APRS:!4903.50N/07201.75W_220/004g005t077r000p000P000h50b09900wRSW", "wx.temp", "25"},
        {"N0A>APRS:!4903.50N/07201.75W_220/004g005t-07h00b09900", "wx.temp", "-21.7"},
        {"N0A>APRS:!4903.50N/07201.75W_220/004g005t-07h00b09900", "wx.humidity", "100"},
        {"N0A>APRS:!4903.50N/07201.75W_.../...g...t077", "wx.wind_speed", ""},
        {"N0A>APRS:!4903.50N/07201.75W_.../...g...t077s010", "wx.snow_24h", "254"},
        {"N0A>APRS:!4903.50N/07201.75W_220/004g005t077l123", "wx.luminosity", "1123"},
        {"N0A>APRS:=/5L!!<*e7_7P[g005t077", "wx.wind_direction", "88"},
        {"N0A>APRS:T#005,199,000,255,073,123,01101001", "telemetry.vals.3", "73"},
        {"N0A>APRS:T#005,199,000,255,073,123,01101001", "telemetry.bits", "01101001"},
        {"N0A>APRS:T#MIC199,000,255,073,123,01101001", "telemetry.vals.0", "199"},
        {"N0A>APRS::N0QBF-11 :PARM.Battery,Btemp,ATemp", "parm.1", "Btemp"},
        {"N0A>APRS::N0QBF-11 :UNIT.v/100,deg.F", "unit.0", "v/100"},
        {"N0A>APRS::N0QBF-11 :EQNS.0,5.2,0,0,.53,-32", "eqns.5", "-32"},
        {"N0A>APRS::N0QBF-11 :BITS.10110000,N0QBF's Big Balloon", "title", "N0QBF's Big Balloon"},
        {"N0A>APRS::WU2Z     :Testing{003", "messageid", "003"},
        {"N0A>APRS::WU2Z     :Testing{003}", "message", "Testing"},
        {"N0A>APRS::WU2Z     :Testing{MM}AA", "messageack", "AA"},
        {"N0A>APRS::KB2ICI-14:ack003", "messageack", "003"},
        {"N0A>APRS::KB2ICI-14:rej003", "messagerej", "003"},
        {"N0A>APRS::BLN3     :Snow expected", "type", "bulletin"},
        {"N0A>APRS::BLNQ     :Mt St Helen digi", "type", "announcement"},
        {"N0A>APRS:>092345zNet Control Center", "status", "Net Control Center"},
        {"N0A>APRS:>IO91SX/- My house", "maidenhead", "IO91SX"},
        {"N0A>APRS:>IO91SX/- ^B7", "beam_heading", "110"},
        {"N0A>APRS:>IO91SX/- ^B7", "beam_erp", "490"},
        {"N0A>APRS:[IO91SX] 35 miles NNW", "status", "35 miles NNW"},
        {"N0A>APRS:?APRS? 34.02,-117.15,0200", "footprint.radiorange", "321.869"},
        {"N0A>APRS:<IGATE,MSG_CNT=43,LOC_CNT=14", "capabilities.1", "MSG_CNT=43"},
        {"N0A>APRS:{Q1qwerty", "user_type", "1"},
        {"N0A>APRS:}N0B>APU25N,TCPIP,N0A*:!4903.50N/07201.75W-", "thirdparty.lat", "49.058333"},
        {"N0A>APRS:}N0B>APU25N,TCPIP,N0A*:!4903.50N/07201.75W-", "lat", ""},
        {"N0A>APRS:}N0B>A,T*:}N0C>A,T*:>x", "thirdparty.resultcode", "thirdparty_inv"},
        {"N0A>GPSMV:$GPRMC,063909,A,3349.4302,N,11700.3721,W,43.022,89.3,291099,13.6,E*52", "speed",
         "79.677"},
        {"N0A>GPSMV:$GPRMC,063909,A,3349.4302,N,11700.3721,W,43.022,89.3,291099,13.6,E*52",
         "symbolcode", ">"},
        {"N0A>GPSMV:$GPRMC,063909,A,3349.4302,N,11700.3721,W,43.022,89.3,291099,13.6,E*53",
         "resultcode", "nmea_inv_cksum"},
        {"N0A>GPSC30:$GPGGA,102705,5157.9762,N,00029.3256,W,1,04,2.0,75.7,M,47.6,M,,*62",
         "altitude", "75.7"},
        {"N0A>GPSC30:$GPGLL,2554.459,N,08020.187,W,154027.281,A", "lat", "25.90765"},
        {"N0A>GPSC30:$GPGLL,2554.459,N,08020.187,W,154027.281,V", "resultcode", "nmea_nofix"},
        {"N0A>CQ:just a text", "type", ""},
        {"N0A>CQ:Test", "resultcode", ""},
        {"N0A>APRS:>Gr\xfc\xdf", "status", "Gr\xc3\xbc\xc3\x9f"},
        {"N0A>APRS:>Gr\xc3\xbc\xc3\x9f", "status", "Gr\xc3\xbc\xc3\x9f"},
        {"N0A-10>APRS-1,W1,W2*,W3:>x\r", "tnc2", "N0A-10>APRS-1,W1,W2*,W3:>x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *o = describe_line(cases[i].line);
        const cJSON *v = at(o, cases[i].path);
        char *got = v ? cJSON_PrintUnformatted(v) : NULL;
        bool ok = !v                  ? !*cases[i].want
                  : cJSON_IsNumber(v) ? fabs(v->valuedouble - atof(cases[i].want)) < 6e-4
                                      : strcmp(v->valuestring, cases[i].want) == 0;
        cr_expect(ok, "%s: %s %s, want %s", cases[i].line, cases[i].path, got ? got : "none",
                  cases[i].want);
        cJSON_free(got);
        cJSON_Delete(o);
    }
}

static size_t frame_with(const char *info, uint8_t f[128])
{
    char line[64];
    int n = snprintf(line, sizeof line, "N0A-1>APRS:%s", info);
    return frame_of(line, (size_t)n, f);
}

/* What a repaired frame of 1200 baud must hold. */
Test(ax25, text_or_not)
{
    static const struct {
        const char *info;
        bool text;
    } of[] = {{"", true},
              {">hello\r\n", true},
              {">\303\244 in UTF-8", true},
              {"`(_f\034\035\037\177n/", true},
              {">\344 in Latin-1", false},
              {">call*\367\060 de", false},
              {">a\001b", false}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        uint8_t f[128];
        size_t len = frame_with(of[i].info, f);
        cr_expect_eq(hz_ax25_is_text(f, len), of[i].text, "%zu", i);
    }
}

/* Damaged text, which no repair may leave, and what is no text at all, which satellites send. */
Test(ax25, mostly_text_or_not)
{
    static const struct {
        const char *info;
        bool mostly;
    } of[] = {
        {"", false},       {">hello", true},  {"!0143.44\016+\267\031\260\071.94E>gate QRV", true},
        {"abc\001", true}, {"ab\001", false}, {"\001\220\377@\023\007A\200\252\014\300b", false}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        uint8_t f[128];
        size_t len = frame_with(of[i].info, f);
        cr_expect_eq(hz_ax25_is_mostly_text(f, len), of[i].mostly, "%zu", i);
    }
}

/* Frames that are none, and those of a connection. */
Test(ax25, form_of_a_frame)
{
    uint8_t f[512], g[512];
    const char *line = "N0A-1>APRS,W1*,W2:>hello";
    size_t n = frame_of(line, strlen(line), f);
    cr_assert(hz_ax25_plausible(f, n, true));
    static const struct {
        size_t at;
        uint8_t value;
        bool loose; /* plausible where the frame passed its check as it came */
    } wrong[] = {{0, 0x42 | 1, false}, {0, ' ' << 1, true}, {0, 0x1f << 1, false},
                 {6, 0xe1, false},     {27, 0x64, false},   {0, 'a' << 1, true},
                 {2, ' ' << 1, true},  {5, '"' << 1, true}, {13, 0x63, true},
                 {20, 0x61, true}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(g, f, n);
        g[wrong[i].at] = wrong[i].value;
        cr_expect_not(hz_ax25_plausible(g, n, true), "%zu", i);
        cr_expect_eq(hz_ax25_plausible(g, n, false), wrong[i].loose, "%zu", i);
    }
    for (size_t len = 0; len < 30; len++)
        cr_expect_not(hz_ax25_plausible(f, len, false), "%zu", len);
    cr_expect(hz_ax25_plausible(f, 30, true)); /* nothing behind the protocol */
    static const struct {
        uint8_t control;
        const char *type, *cmd;
        int rseq;
    } controls[] = {{0x3f, "U", "SABM", -1}, {0x53, "U", "DISC", -1}, {0x73, "U", "UA", -1},
                    {0x71, "S", "RR", 3},    {0xa9, "S", "REJ", 5},   {0x4a, "I", NULL, 2}};
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        f[28] = controls[i].control;
        cr_expect(hz_ax25_plausible(f, n, false));
        cr_expect_not(hz_ax25_plausible(f, n, true));
        cJSON *o = describe(f, n);
        cr_expect_str_eq(at(o, "frame_type")->valuestring, controls[i].type);
        cr_expect(!controls[i].cmd == !at(o, "cmd"));
        if (controls[i].cmd)
            cr_expect_str_eq(at(o, "cmd")->valuestring, controls[i].cmd);
        cr_expect_eq(at(o, "rseq") ? at(o, "rseq")->valueint : -1, controls[i].rseq);
        cJSON_Delete(o);
    }
}

/* What another decoder printed of recordings: every frame is plausible. */
Test(ax25, frames_of_recordings)
{
    static const char *const files[] = {
        "aprs/direwolf_ideal",       "aprs/iss_packet", "aprs/one_packet_clicks",
        "aprs/rs41_si4032_repeater", "ax25/az02",       "ax25/ops_sat",
        "ax25/swiatowid-ax25",       "ax25/tigrisat",   "ax25/us01"};
    const char *root = getenv("HZ_SHARED");
    int frames = 0, strict = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512], line[4096];
        uint8_t frame[4096];
        snprintf(path, sizeof path, "%s/air/%s.atest.txt", root ? root : "../shared", files[i]);
        FILE *f = fopen(path, "r");
        if (!f)
            cr_skip_test("needs ../shared: %s", path);
        while (fgets(line, sizeof line, f)) {
            const char *text = strstr(line, "] ");
            if (!text || !strchr(text, '>') || !strchr(text, ':') || strstr(line, "DECODED"))
                continue;
            size_t n = frame_of(text + 2, strcspn(text + 2, "<"), frame);
            n = n ? n : frame_of(text + 2, strlen(text + 2), frame);
            cr_expect(hz_ax25_plausible(frame, n, false), "%s: %s", files[i], line);
            strict += hz_ax25_plausible(frame, n, true);
            frames++;
        }
        fclose(f);
    }
    cr_expect_eq(frames, 16, "%d", frames);
    cr_expect_eq(strict, 15, "%d", strict); /* a satellite once has 'CQ   "' for its destination */
}
