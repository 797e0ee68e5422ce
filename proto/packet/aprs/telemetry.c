/* Telemetry: values, and the messages that name them (APRS 1.0.1, chapter 13). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>

void hz_aprs_telemetry_json(const struct hz_aprs_telemetry *t, struct hz_json *j)
{
    hz_json_open(j, "telemetry");
    if (t->seq >= 0)
        hz_json_int(j, "seq", t->seq);
    hz_json_open_array(j, "vals");
    for (size_t i = 0; i < t->n; i++) {
        if (isnan(t->vals[i]))
            hz_json_raw(j, i ? ",null" : "null", i ? 5 : 4);
        else
            hz_json_decimals(j, NULL, t->vals[i], 3);
    }
    hz_json_close_array(j);
    if (t->bits >= 0) {
        char bits[8];
        for (int b = 0; b < 8; b++)
            bits[b] = (char)('0' + (t->bits >> (7 - b) & 1));
        hz_json_strn(j, "bits", bits, sizeof bits);
    }
    hz_json_close(j);
}

/* Characters 0 and 1 at the beginning of t, eight at most. */
static size_t read_bits(struct hz_text t, int *bits)
{
    size_t n = 0;
    *bits = 0;
    for (; n < 8 && n < t.n && (t.s[n] == '0' || t.s[n] == '1'); n++)
        *bits |= (t.s[n] - '0') << (7 - n);
    return n;
}

/* The eight inputs of a report: fewer where the last ones are left out and nothing follows. How
 * many bytes; 0: there are none. */
static size_t inputs(struct hz_text t, int *bits)
{
    int sent;
    size_t n = read_bits(t, &sent);
    if (n < 8 && hz_text_trim(hz_text_after(t, n)).n > 0)
        n = 0;
    *bits = n > 0 ? sent : -1;
    return n;
}

/* "T#005,199,000,255,073,123,01101001" and a comment; "T#MIC199,…" has no number. */
const char *hz_aprs_telemetry(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_aprs_telemetry out = {.seq = -1, .bits = -1};
    struct hz_text t = hz_text_after(p->info, 2);
    unsigned seq;
    if (!hz_text_starts(p->info, "T#"))
        return "tlm_inv";
    if (hz_text_starts(t, "MIC")) {
        t = hz_text_after(t, 3);
        if (hz_text_starts(t, ","))
            t = hz_text_after(t, 1);
    } else {
        struct hz_text word = hz_text_split(&t, ',');
        if (word.n == 0 || word.n > 6 || !hz_text_number(word.s, word.n, 10, &seq))
            return "tlm_inv";
        out.seq = (int)seq;
    }
    while (out.n < 5 && t.n > 0) {
        struct hz_text rest = t, word = hz_text_trim(hz_text_split(&rest, ','));
        double v = hz_text_decimal(word);
        if (word.n > 0 && isnan(v))
            break; /* from here on it is a comment */
        out.vals[out.n++] = v;
        t = rest;
    }
    if (out.n == 0)
        return "tlm_inv";
    t = hz_text_after(t, inputs(t, &out.bits));
    t = hz_text_trim(t);
    hz_json_str(j, "type", "telemetry");
    hz_aprs_telemetry_json(&out, j);
    if (t.n > 0)
        hz_text_json(j, "comment", t);
    return NULL;
}

/* The words between commas as an array of at most `most`, of text or of numbers. */
static void words(struct hz_json *j, const char *key, struct hz_text t, size_t most, bool numbers)
{
    hz_json_open_array(j, key);
    for (size_t i = 0; i < most && t.n > 0; i++) {
        struct hz_text word = hz_text_trim(hz_text_split(&t, ','));
        double v = hz_text_decimal(word);
        if (numbers)
            hz_json_decimals(j, NULL, isnan(v) ? 0 : v, 9);
        else
            hz_text_json(j, NULL, word);
    }
    hz_json_close_array(j);
}

bool hz_aprs_telemetry_names(struct hz_text text, struct hz_json *j)
{
    struct hz_text t = hz_text_after(text, 5);
    int sense;
    if (hz_text_starts(text, "PARM.")) {
        words(j, "parm", t, 13, false);
    } else if (hz_text_starts(text, "UNIT.")) {
        words(j, "unit", t, 13, false);
    } else if (hz_text_starts(text, "EQNS.")) {
        words(j, "eqns", t, 15, true);
    } else if (hz_text_starts(text, "BITS.") && read_bits(t, &sense) == 8) {
        hz_json_strn(j, "bits", t.s, 8);
        t = hz_text_after(t, 8);
        t = hz_text_trim(hz_text_starts(t, ",") ? hz_text_after(t, 1) : t);
        hz_text_json(j, "title", t);
    } else {
        return false;
    }
    return true;
}
