#include "daemon/input/line.h"

#include "daemon/input/json_copy.h"
#include "proto/reader/reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* what the text may grow by: origin, input, via; and escapes of control characters, which may
     * have been bytes */
    TEXT_MAX = 2 * HZ_LINE_MAX + 1024,
};

struct hz_line_reader {
    const struct hz_decoder *const *decoders;
    char line[HZ_LINE_MAX]; /* a copy that is changed before it is parsed */
    char text[TEXT_MAX];
    uint8_t raw[HZ_LINE_RAW_MAX];
    struct hz_marks marks;
};

/* One line that is being read. */
struct reading {
    struct hz_line_reader *r;
    const cJSON *json;
    const struct hz_line_as *as;
    struct hz_line *line;
    char *err;
    size_t err_len;
    struct hz_json out;
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct reading *x, const char *format,
                                                        ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(x->err, x->err_len, format, args);
    va_end(args);
    return false;
}

/* ---- the envelope ---- */

static const cJSON *member(const struct reading *x, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(x->json, name);
}

/* A name of the line, which must be one that a section may have. */
static bool take_name(const struct reading *x, const char *key, char name[HZ_NAME_MAX + 1])
{
    const char *s = cJSON_GetStringValue(member(x, key));
    if (!s || !hz_name_ok(s))
        return wrong(x, "%s is %.40s, expected a name of at most %d characters", key,
                     s ? s : "missing", HZ_NAME_MAX);
    snprintf(name, HZ_NAME_MAX + 1, "%s", s);
    return true;
}

static bool take_number(const struct reading *x, const char *key, double low, double high,
                        double *number)
{
    const cJSON *v = member(x, key);
    if (!v)
        return true;
    if (!cJSON_IsNumber(v))
        return wrong(x, "%s is no number", key);
    if (!(v->valuedouble >= low && v->valuedouble <= high))
        return wrong(x, "%s is %.9g, expected a number from %.9g to %.9g", key, v->valuedouble, low,
                     high);
    *number = v->valuedouble;
    return true;
}

static bool take_level(const struct reading *x, const char *key, double low, double high,
                       float *level)
{
    double v = NAN;
    bool ok = take_number(x, key, low, high, &v);
    *level = (float)v;
    return ok;
}

static bool take_levels(struct reading *x)
{
    struct hz_record *rec = &x->line->rec;
    double sample = 0, fixed = 0;
    bool ok = take_number(x, "freq_hz", 1e-3, HZ_RADIO_MAX_HZ, &rec->freq_hz) &&
              take_number(x, "sample", 0, 9e18, &sample) &&
              take_number(x, "fixed_bits", 0, 1e6, &fixed) &&
              take_level(x, "rssi_dbfs", -400, 6, &rec->rssi_dbfs) &&
              take_level(x, "noise_dbfs", -400, 6, &rec->noise_dbfs) &&
              take_level(x, "snr_db", -400, 400, &rec->snr_db) &&
              take_level(x, "offset_hz", -1e12, 1e12, &rec->offset_hz);
    rec->sample = (uint64_t)sample;
    return ok;
}

static bool take_time(const struct reading *x)
{
    const char *s = cJSON_GetStringValue(member(x, "time"));
    if (!s || hz_parse_time(s, &x->line->rec.utc_ns) != 0)
        return wrong(x, "time is %.40s, expected as 2026-11-23T08:26:11.5Z", s ? s : "missing");
    x->line->rec.end_ns = x->line->rec.clock_ns = x->line->rec.utc_ns;
    return true;
}

static bool take_raw(const struct reading *x)
{
    const cJSON *v = member(x, "raw");
    if (!v)
        return true;
    const char *s = cJSON_IsString(v) ? v->valuestring : "?";
    size_t n = strlen(s);
    if (n == 0 || n % 2 != 0 || n / 2 > HZ_LINE_RAW_MAX || strspn(s, "0123456789abcdef") != n)
        return wrong(x, "raw is no lower-case hex of 1 to %d bytes", HZ_LINE_RAW_MAX);
    for (size_t i = 0; i < n / 2; i++)
        x->r->raw[i] = (uint8_t)(hz_hex_value((unsigned char)s[2 * i]) << 4 |
                                 hz_hex_value((unsigned char)s[2 * i + 1]));
    x->line->rec.raw = x->r->raw;
    x->line->rec.raw_len = n / 2;
    return true;
}

static bool take_envelope(struct reading *x)
{
    return take_time(x) && take_name(x, "receiver", x->line->receiver) &&
           take_name(x, "channel", x->line->channel) &&
           take_name(x, "protocol", x->line->protocol) && take_levels(x) && take_raw(x);
}

/* ---- where it came through ---- */

/* False: it is to be refused, told in err. */
static bool may_pass(const struct reading *x)
{
    const cJSON *via = member(x, "via"), *v;
    int hops = cJSON_IsArray(via) ? cJSON_GetArraySize(via) : 0;
    if (hops >= HZ_LINE_HOPS)
        return wrong(x, "it came through %d daemons, at most %d are possible", hops, HZ_LINE_HOPS);
    if (strcmp(x->as->from, x->as->stream) == 0)
        return wrong(x, "this daemon reads its own messages");
    cJSON_ArrayForEach(v, via)
    {
        const char *s = cJSON_GetStringValue(v);
        if (s && strcmp(s, x->as->stream) == 0)
            return wrong(x, "it came from this daemon");
    }
    return true;
}

static void put_via(struct reading *x)
{
    const cJSON *via = member(x, "via"), *v;
    const char *last = "";
    hz_json_open_array(&x->out, "via");
    cJSON_ArrayForEach(v, via)
    {
        if (cJSON_IsString(v))
            hz_json_str(&x->out, NULL, last = v->valuestring);
    }
    if (*x->as->from && strcmp(last, x->as->from) != 0)
        hz_json_str(&x->out, NULL, x->as->from);
    hz_json_str(&x->out, NULL, x->as->stream);
    hz_json_close_array(&x->out);
}

/* What the sender told of those who heard it. */
static bool put_origin(struct reading *x)
{
    static const char *const kept[] = {"heard", "input", "origin", NULL};
    const char *bad = NULL;
    hz_json_open(&x->out, "origin");
    if (x->as->station) {
        hz_json_str(&x->out, "station", x->as->station);
        hz_json_str(&x->out, "stream", x->as->from);
        hz_json_uint(&x->out, "seq", x->line->seq);
    }
    hz_json_str(&x->out, "receiver", x->line->receiver);
    hz_json_str(&x->out, "channel", x->line->channel);
    for (const char *const *key = kept; *key && !bad; key++)
        bad = member(x, *key) ? hz_json_copy(&x->out, *key, member(x, *key)) : NULL;
    hz_json_close(&x->out);
    return !bad || wrong(x, "%s", bad);
}

/* ---- the text ---- */

/* The protocol's object, whose members are noted. */
static bool put_protocol(struct reading *x, const cJSON *object)
{
    struct hz_json *j = &x->out;
    hz_json_open(j, object->string);
    j->marks = &x->r->marks;
    j->depth = 0;
    const char *bad = hz_json_copy_members(j, object);
    j->marks = NULL;
    hz_marks_end(&x->r->marks, j->len);
    hz_json_close(j);
    return !bad || wrong(x, "%s", bad);
}

/* One member of the line in the new text. */
static bool put_member(struct reading *x, const cJSON *v)
{
    static const char *const left_out[] = {"kind",  "seq",    "repeat_seq", "stream", "heard",
                                           "input", "origin", "via",        NULL};
    const char *key = v->string;
    for (const char *const *p = left_out; *p; p++) {
        if (strcmp(key, *p) == 0)
            return true;
    }
    const struct hz_line *l = x->line;
    const char *bad;
    if (!hz_json_copy_name(key))
        return wrong(x, "a member's name with a control character, a quote or a backslash");
    if (v != member(x, key))
        return wrong(x, "\"%.40s\" is there twice", key);
    if (strcmp(key, "time") == 0)
        hz_json_time(&x->out, key, l->rec.utc_ns);
    else if (strcmp(key, "receiver") == 0)
        hz_json_str(&x->out, key, x->as->receiver ? x->as->receiver : l->receiver);
    else if (strcmp(key, "channel") == 0)
        hz_json_str(&x->out, key, x->as->channel ? x->as->channel : l->channel);
    else if (strcmp(key, l->protocol) == 0 && cJSON_IsObject(v))
        return put_protocol(x, v);
    else
        return !(bad = hz_json_copy(&x->out, key, v)) || wrong(x, "%s", bad);
    return true;
}

static bool put_text(struct reading *x)
{
    struct hz_record *rec = &x->line->rec;
    const cJSON *v;
    hz_json_init(&x->out, x->r->text, sizeof x->r->text);
    x->r->marks.n = 0;
    cJSON_ArrayForEach(v, x->json)
    {
        if (!put_member(x, v))
            return false;
    }
    if (!cJSON_IsObject(member(x, x->line->protocol)))
        return wrong(x, "there is no object \"%s\", as its protocol is called", x->line->protocol);
    hz_json_str(&x->out, "input", x->as->input);
    if (!put_origin(x))
        return false;
    put_via(x);
    if (x->out.full)
        return wrong(x, "its text takes more than %d bytes", TEXT_MAX);
    rec->json = x->r->text;
    rec->json_len = x->out.len;
    rec->marks = (const uint8_t *)x->r->marks.at;
    rec->n_fields = x->r->marks.n;
    return true;
}

/* ---- whom it is about, from the text that was written ---- */

/* The field that has the id; of a protocol that is not known here, "id". */
static const char *id_field(const struct hz_decoder *const *decoders, const char *protocol)
{
    for (; *decoders; decoders++) {
        if (strcmp((*decoders)->name, protocol) == 0 && (*decoders)->id)
            return (*decoders)->id;
    }
    return "id";
}

static double degrees(const struct hz_record *rec, const char *name, double most)
{
    struct hz_value v;
    double d;
    bool ok = hz_record_field(rec, name, &v) && hz_value_number(v, &d) && fabs(d) <= most;
    return ok ? d : (double)NAN;
}

static void take_about(const struct reading *x)
{
    struct hz_record *rec = &x->line->rec;
    struct hz_about *about = &rec->about;
    struct hz_value v;
    double number;
    if (hz_record_field(rec, id_field(x->r->decoders, x->line->protocol), &v) &&
        !hz_value_string(v, about->id, sizeof about->id) && hz_value_number(v, &number))
        snprintf(about->id, sizeof about->id, "%.*s", (int)v.n, v.p);
    about->lat = degrees(rec, "lat", 90);
    about->lon = degrees(rec, "lon", 180);
    if (isnan(about->lat) || isnan(about->lon))
        about->lat = about->lon = NAN;
}

/* ---- a line ---- */

static void take_stream(const struct reading *x)
{
    const char *s = cJSON_GetStringValue(member(x, "stream"));
    double seq = cJSON_GetNumberValue(member(x, "seq"));
    if (s && strlen(s) <= HZ_STREAM_MAX && hz_json_copy_name(s))
        snprintf(x->line->stream, sizeof x->line->stream, "%s", s);
    if (seq >= 0 && seq < 9e15)
        x->line->seq = (uint64_t)seq;
}

static const char *mark_of(const struct reading *x)
{
    return cJSON_IsTrue(member(x, "simulated"))  ? "simulated"
           : cJSON_IsTrue(member(x, "replayed")) ? "replayed"
                                                 : NULL;
}

/* "" where it is no text. */
static const char *text_of(const struct reading *x, const char *key)
{
    const char *s = cJSON_GetStringValue(member(x, key));
    return s ? s : "";
}

static enum hz_line_kind read_parsed(struct reading *x)
{
    const char *kind = cJSON_GetStringValue(member(x, "kind"));
    if (!kind) {
        wrong(x, "there is no \"kind\"");
        return HZ_LINE_BAD;
    }
    take_stream(x);
    if (strcmp(kind, "hello") == 0)
        return HZ_LINE_HELLO;
    if (strcmp(kind, "error") == 0)
        wrong(x, "%.100s", text_of(x, "error"));
    if (strcmp(kind, "message") != 0)
        return HZ_LINE_OTHER;
    if (!may_pass(x))
        return HZ_LINE_LOOP;
    x->line->rec.mark = mark_of(x);
    if (!take_envelope(x) || !put_text(x))
        return HZ_LINE_BAD;
    take_about(x);
    return HZ_LINE_MESSAGE;
}

enum hz_line_kind hz_line_read(struct hz_line_reader *r, const char *text, size_t n,
                               const struct hz_line_as *as, struct hz_line *line, char *err,
                               size_t err_len)
{
    struct reading x = {.r = r, .as = as, .line = line, .err = err, .err_len = err_len};
    err[0] = '\0';
    *line = (struct hz_line){.rec = {.kind = HZ_KIND_MESSAGE, .about = {.lat = NAN, .lon = NAN}}};
    if (n > HZ_LINE_MAX) {
        wrong(&x, "%zu bytes, at most %d are possible", n, HZ_LINE_MAX);
        return HZ_LINE_BAD;
    }
    memcpy(r->line, text, n);
    cJSON *json = hz_json_copy_parse(r->line, n);
    enum hz_line_kind kind = HZ_LINE_BAD;
    x.json = json;
    if (cJSON_IsObject(json))
        kind = read_parsed(&x);
    else
        wrong(&x, "no object of JSON");
    cJSON_Delete(json);
    return kind;
}

struct hz_line_reader *hz_line_reader_new(const struct hz_decoder *const *decoders)
{
    struct hz_line_reader *r = malloc(sizeof *r);
    if (r)
        r->decoders = decoders;
    return r;
}

void hz_line_reader_free(struct hz_line_reader *r)
{
    free(r);
}
