/* InfluxDB's line protocol: the protocol is the measurement; receiver, channel and id are tags; the
 * message's numbers, texts and truth values, its SNR and level are fields. */
#include "proto/format/format.h"

#include <inttypes.h>
#include <math.h>

/* Commas, blanks and equal signs of a tag or a name are escaped; a backslash cannot be. */
static void put_name(struct hz_bytes *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == ',' || p[i] == ' ' || p[i] == '=')
            hz_bytes_byte(out, '\\');
        hz_bytes_byte(out, p[i] == '\\' || (unsigned char)p[i] < 32 ? '_' : (unsigned char)p[i]);
    }
}

static void put_tag(struct hz_bytes *out, const char *name, const char *value)
{
    if (!*value)
        return;
    hz_bytes_print(out, ",%s=", name);
    put_name(out, value, strlen(value));
}

static void put_string(struct hz_bytes *out, const char *text)
{
    hz_bytes_byte(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            hz_bytes_byte(out, '\\');
        hz_bytes_byte(out, *text == '\n' || *text == '\r' ? ' ' : (unsigned char)*text);
    }
    hz_bytes_byte(out, '"');
}

/* A field that is a text in one message and a number in another would be refused by the database,
 * so the texts of these get a name of their own. */
static bool is_mostly_number(struct hz_value name)
{
    return hz_value_is(name, "alt_baro") || hz_value_is(name, "turn");
}

/* Names that the tags have, and the word for the time stamp. */
static bool is_taken(struct hz_value name)
{
    static const char *const taken[] = {"time", "id", "receiver", "channel", NULL};
    const char *const *t = taken;
    while (*t && !hz_value_is(name, *t))
        t++;
    return *t;
}

/* Writes `name=value`, or nothing where the value is an object, an array or null. */
static bool put_field(struct hz_bytes *out, const char *sep, struct hz_value name,
                      struct hz_value value)
{
    char text[8192];
    double number;
    bool is_number = hz_value_number(value, &number);
    bool is_truth = hz_value_is(value, "true") || hz_value_is(value, "false");
    bool is_text = !is_number && !is_truth && hz_value_string(value, text, sizeof text);
    if (!is_number && !is_truth && !is_text)
        return false;
    hz_bytes_text(out, sep);
    put_name(out, name.p, name.n);
    if (is_text && is_mostly_number(name))
        hz_bytes_text(out, "_text");
    else if (is_taken(name))
        hz_bytes_byte(out, '_');
    hz_bytes_byte(out, '=');
    if (is_text)
        put_string(out, text);
    else
        hz_bytes_add(out, value.p, value.n);
    return true;
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    const char *sep = " ";
    put_name(out, in->protocol, strlen(in->protocol));
    put_tag(out, "receiver", in->receiver);
    put_tag(out, "channel", in->channel);
    put_tag(out, "id", r->about.id);
    size_t head = out->n;
    if (!isnan(r->snr_db)) {
        hz_bytes_print(out, "%ssnr_db=%.1f", sep, (double)r->snr_db);
        sep = ",";
    }
    if (!isnan(r->rssi_dbfs)) {
        hz_bytes_print(out, "%srssi_dbfs=%.1f", sep, (double)r->rssi_dbfs);
        sep = ",";
    }
    for (size_t i = 0; i < r->n_fields; i++) {
        struct hz_value name, value;
        hz_record_field_at(r, i, &name, &value);
        if (put_field(out, sep, name, value))
            sep = ",";
    }
    if (out->n == head)
        hz_bytes_text(out, " messages=1");
    hz_bytes_print(out, " %" PRId64 "\n", r->utc_ns);
}

const struct hz_form hz_form_influx = {
    .name = "influx", .title = "InfluxDB's line protocol", .dated = true, .put = put};
