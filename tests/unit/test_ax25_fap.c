/* AX.25 frames and APRS against what Ham::APRS::FAP reads in its own test cases (HZ_SHARED, default
 * ../shared; skipped where they are missing). */
#include "tests/unit/ax25_lines.h"

#include <math.h>
#include <stdio.h>

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
