/* The short ones: status, grid locator, query, capabilities, user-defined (APRS 1.0.1, chapters 15
 * to 18). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>
#include <string.h>

static const size_t STAMP = 7;

/* True when t begins with a time: 6 digits in range and z, / or h (hours, minutes, seconds). */
static bool is_stamp(struct hz_text t)
{
    unsigned a, b, c;
    if (t.n < STAMP || !hz_text_number(t.s, 2, 10, &a) || !hz_text_number(t.s + 2, 2, 10, &b) ||
        !hz_text_number(t.s + 4, 2, 10, &c))
        return false;
    if (t.s[6] == 'h')
        return a < 24 && b < 60 && c < 60;
    return (t.s[6] == 'z' || t.s[6] == '/') && a >= 1 && a <= 31 && b < 24 && c < 60;
}

void hz_aprs_timestamp(struct hz_text t, struct hz_json *j)
{
    if (is_stamp(t))
        hz_text_json(j, "timestamp", hz_text_first(t, STAMP));
}

/* Length of the locator of four or six characters at the beginning of t; 0: there is none. */
static size_t locator(struct hz_text t)
{
    if (t.n < 4 || t.s[0] < 'A' || t.s[0] > 'R' || t.s[1] < 'A' || t.s[1] > 'R' ||
        !hz_is_digit(t.s[2]) || !hz_is_digit(t.s[3]))
        return 0;
    bool six = t.n >= 6 && hz_is_alnum(t.s[4]) && (t.s[4] | 32) >= 'a' && (t.s[4] | 32) <= 'x' &&
               hz_is_alnum(t.s[5]) && (t.s[5] | 32) >= 'a' && (t.s[5] | 32) <= 'x';
    return six ? 6 : 4;
}

/* "^B7" at the end: heading in tens of degrees and power (10 W times the square of the digit). */
static void beam(struct hz_text *t, struct hz_json *j)
{
    if (t->n < 3 || t->s[t->n - 3] != '^')
        return;
    char h = t->s[t->n - 2], p = t->s[t->n - 1];
    int heading = hz_is_digit(h) ? h - '0' : h >= 'A' && h <= 'Z' ? h - 'A' + 10 : -1;
    if (heading < 0 || p < '1' || p > 'K')
        return;
    hz_json_int(j, "beam_heading", heading * 10);
    hz_json_int(j, "beam_erp", 10 * (p - '0') * (p - '0'));
    t->n -= 3;
}

/* ">092345zNet Control Center", ">IO91SX/- My house", each with "^B7" perhaps. */
const char *hz_aprs_status(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_text t = hz_text_trim(hz_text_after(p->info, 1));
    hz_json_str(j, "type", "status");
    size_t n = locator(t);
    if (is_stamp(t) && t.s[6] == 'z') { /* no other is allowed here */
        hz_aprs_timestamp(t, j);
        t = hz_text_after(t, STAMP);
    } else if (n > 0 && t.n >= n + 2 && hz_aprs_is_table(t.s[n]) && t.s[n + 1] > ' ' &&
               t.s[n + 1] <= '~' && (t.n == n + 2 || t.s[n + 2] == ' ')) {
        hz_text_json(j, "maidenhead", hz_text_first(t, n));
        hz_json_strn(j, "symboltable", t.s + n, 1);
        hz_json_strn(j, "symbolcode", t.s + n + 1, 1);
        t = hz_text_after(t, n + 2);
    }
    beam(&t, j);
    hz_text_json(j, "status", hz_text_trim(t));
    return NULL;
}

/* "[IO91SX] text": the obsolete locator beacon. */
const char *hz_aprs_grid(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_text t = hz_text_after(p->info, 1);
    size_t n = locator(t);
    if (n == 0 || t.n <= n || t.s[n] != ']')
        return "loc_inv";
    hz_json_str(j, "type", "status");
    hz_text_json(j, "maidenhead", hz_text_first(t, n));
    hz_text_json(j, "status", hz_text_trim(hz_text_after(t, n + 1)));
    return NULL;
}

/* "?APRS?" or "?APRS? 34.02,-117.15,0200": to all, or to those within so many miles. */
const char *hz_aprs_query(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_text t = hz_text_after(p->info, 1), what = hz_text_split(&t, '?');
    if (what.n == 0 || what.n > 10)
        return "query_inv";
    for (size_t i = 0; i < what.n; i++) {
        if (!hz_is_alnum(what.s[i]))
            return "query_inv";
    }
    hz_json_str(j, "type", "query");
    hz_text_json(j, "query", what);
    double lat = hz_text_decimal(hz_text_trim(hz_text_split(&t, ',')));
    double lon = hz_text_decimal(hz_text_trim(hz_text_split(&t, ',')));
    double miles = hz_text_decimal(hz_text_trim(t));
    if (fabs(lat) <= 90 && fabs(lon) <= 180 && miles >= 0) {
        hz_json_open(j, "footprint");
        hz_json_decimals(j, "lat", lat, 6);
        hz_json_decimals(j, "lon", lon, 6);
        hz_json_decimals(j, "radiorange", miles * 1.609344, 3);
        hz_json_close(j);
    }
    return NULL;
}

/* "<IGATE,MSG_CNT=43,LOC_CNT=14" */
const char *hz_aprs_capabilities(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_text t = hz_text_trim(hz_text_after(p->info, 1));
    if (t.n == 0)
        return "capabilities_inv";
    hz_json_str(j, "type", "capabilities");
    hz_json_open_array(j, "capabilities");
    for (int i = 0; i < 32 && t.n > 0; i++)
        hz_text_json(j, NULL, hz_text_trim(hz_text_split(&t, ',')));
    hz_json_close_array(j);
    return NULL;
}

/* "{Q1qwerty": who defined it, which of his kinds; '{' in place of a user: an experiment. */
const char *hz_aprs_user_defined(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_text t = hz_text_after(p->info, 1);
    if (t.n < 2 || t.s[0] <= ' ' || t.s[0] > '~' || t.s[1] < ' ' || t.s[1] > '~')
        return "user_unsupp";
    hz_json_str(j, "type", "user-defined");
    hz_json_strn(j, "user_id", t.s, 1);
    hz_json_strn(j, "user_type", t.s + 1, 1);
    hz_text_json(j, "comment", hz_text_trim(hz_text_after(t, 2)));
    return NULL;
}
