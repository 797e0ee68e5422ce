/* AX.25 frames and APRS against the examples of the APRS Protocol Reference, and against what
 * another decoder printed of recordings (HZ_SHARED, default ../shared; skipped where they are
 * missing). */
#include "tests/unit/ax25_lines.h"

#include <math.h>
#include <stdio.h>

static cJSON *describe_line(const char *line)
{
    uint8_t f[512];
    size_t n = frame_of(line, strlen(line), f);
    cr_assert(hz_ax25_plausible(f, n, true), "%s", line);
    return describe(f, n);
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
