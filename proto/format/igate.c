#include "proto/format/igate.h"

#include "proto/packet/ax25/address.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { UI = 0x03, NO_LAYER_3 = 0xf0, SECOND_NS = 1000000000 };

const char *hz_igate_verdict_name(enum hz_igate_verdict v)
{
    static const char *const names[HZ_IGATE_VERDICTS] = {
        [HZ_IGATE_GATED] = "gated",       [HZ_IGATE_NOT_APRS] = "not_aprs",
        [HZ_IGATE_ADDRESS] = "address",   [HZ_IGATE_NO_CALL] = "no_call",
        [HZ_IGATE_UNWANTED] = "unwanted", [HZ_IGATE_INTERNET] = "internet",
        [HZ_IGATE_QUERY] = "query",       [HZ_IGATE_EMPTY] = "empty",
        [HZ_IGATE_THIRD] = "third_party", [HZ_IGATE_LONG] = "long"};
    return names[v];
}

/* ---- lines ------------------------------------------------------------------------------------
 */

/* Adds bytes and keeps room for CRLF. */
static bool add(struct hz_igate_line *l, const void *bytes, size_t n)
{
    if (n > sizeof l->text - 2 - l->n)
        return false;
    memcpy(l->text + l->n, bytes, n);
    l->n += n;
    return true;
}

static bool add_text(struct hz_igate_line *l, const char *text)
{
    return add(l, text, strlen(text));
}

static void end(struct hz_igate_line *l)
{
    l->text[l->n++] = '\r';
    l->text[l->n++] = '\n';
}

/* ---- gating -----------------------------------------------------------------------------------
 */

/* Whether the call is that, with any suffix or none. */
static bool is(const char *call, const char *name)
{
    size_t n = strlen(name);
    return strncmp(call, name, n) == 0 && (call[n] == '\0' || call[n] == '-');
}

static bool is_one_of(const char *call, const char *const *names)
{
    for (; *names; names++) {
        if (is(call, *names))
            return true;
    }
    return false;
}

static bool is_plain(const char *call)
{
    if (!*call || *call == '-')
        return false;
    for (; *call; call++) {
        char c = *call;
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-'))
            return false;
    }
    return true;
}

/* "qAR": q, A, a letter. */
static bool is_q_construct(const char *call)
{
    return call[0] == 'q' && call[1] == 'A' && strlen(call) == 3;
}

static enum hz_igate_verdict judge_header(const struct hz_ax25_header *h)
{
    static const char *const nobody[] = {"N0CALL", "NOCALL", "MYCALL", NULL};
    static const char *const internet[] = {"TCPIP", "TCPXX", NULL};
    static const char *const unwanted[] = {"NOGATE", "RFONLY", NULL};
    if (!is_plain(h->from.call) || !is_plain(h->to.call))
        return HZ_IGATE_ADDRESS;
    for (size_t i = 0; i < h->digipeaters; i++) {
        const char *call = h->path[i].call;
        if (!is_plain(call))
            return HZ_IGATE_ADDRESS;
        if (is_one_of(call, internet) || is_q_construct(call))
            return HZ_IGATE_INTERNET;
        if (is_one_of(call, unwanted))
            return HZ_IGATE_UNWANTED;
    }
    return is_one_of(h->from.call, nobody) ? HZ_IGATE_NO_CALL : HZ_IGATE_GATED;
}

/* What is behind the header, up to its first line end. A zero ends it too: servers and clients
 * written in C would read no further. */
static size_t visible(const uint8_t *info, size_t n)
{
    size_t i = 0;
    while (i < n && info[i] != '\r' && info[i] != '\n' && info[i] != '\0')
        i++;
    return i;
}

static enum hz_igate_verdict judge_info(const uint8_t *info, size_t n)
{
    return n == 0 ? HZ_IGATE_EMPTY : info[0] == '?' ? HZ_IGATE_QUERY : HZ_IGATE_GATED;
}

/* Header, q construct, information. */
static enum hz_igate_verdict write_line(const char *header, size_t header_n, const char *call,
                                        const uint8_t *info, size_t n, struct hz_igate_line *line)
{
    line->n = 0;
    if (!add(line, header, header_n) || !add_text(line, ",qAO,") || !add_text(line, call) ||
        !add_text(line, ":") || !add(line, info, n))
        return HZ_IGATE_LONG;
    end(line);
    return HZ_IGATE_GATED;
}

/* "SRC>DST,PATH:information" that another station passes on: the same rules hold for what is
 * inside, and the outer header is taken off. */
static enum hz_igate_verdict gate_third_party(const uint8_t *text, size_t n, const char *call,
                                              struct hz_igate_line *line)
{
    struct hz_ax25_header inner;
    const uint8_t *colon = memchr(text, ':', n);
    size_t header_n = colon ? (size_t)(colon - text) : 0;
    if (!colon || !hz_ax25_header_text((const char *)text, header_n, &inner))
        return HZ_IGATE_THIRD;
    const uint8_t *info = colon + 1;
    size_t info_n = n - header_n - 1;
    enum hz_igate_verdict v = judge_header(&inner);
    if (v == HZ_IGATE_GATED)
        v = judge_info(info, info_n);
    if (v != HZ_IGATE_GATED)
        return v;
    if (info[0] == '}')
        return HZ_IGATE_THIRD;
    return write_line((const char *)text, header_n, call, info, info_n, line);
}

enum hz_igate_verdict hz_igate_gate(const uint8_t *frame, size_t len, const char *call,
                                    struct hz_igate_line *line)
{
    struct hz_ax25_header h;
    char header[HZ_AX25_TNC2_MAX];
    size_t at = hz_ax25_header(frame, len, &h);
    if (at == 0 || len < at + 2 || frame[at] != UI || frame[at + 1] != NO_LAYER_3)
        return HZ_IGATE_NOT_APRS;
    const uint8_t *info = frame + at + 2;
    size_t n = visible(info, len - at - 2);
    enum hz_igate_verdict v = judge_header(&h);
    if (v == HZ_IGATE_GATED)
        v = judge_info(info, n);
    if (v != HZ_IGATE_GATED)
        return v;
    if (info[0] == '}')
        return gate_third_party(info + 1, n - 1, call, line);
    size_t header_n = hz_ax25_tnc2(&h, header) - 1; /* without its colon */
    return write_line(header, header_n, call, info, n, line);
}

/* ---- repeats ----------------------------------------------------------------------------------
 */

/* FNV-1a of source, destination and information. */
static uint64_t line_hash(const struct hz_igate_line *l)
{
    uint64_t hash = 0xcbf29ce484222325;
    bool in_path = false, in_info = false;
    for (size_t i = 0; i < l->n; i++) {
        char c = l->text[i];
        in_info |= c == ':';
        in_path |= c == ',';
        if (in_info || !in_path)
            hash = (hash ^ (unsigned char)c) * 0x100000001b3;
    }
    return hash;
}

bool hz_igate_is_repeat(struct hz_igate_recent *r, const struct hz_igate_line *line, int64_t ns)
{
    uint64_t hash = line_hash(line);
    for (size_t i = 0; i < r->n; i++) {
        int64_t apart = ns > r->ns[i] ? ns - r->ns[i] : r->ns[i] - ns;
        if (r->hash[i] == hash && apart < 30ll * SECOND_NS)
            return true;
    }
    r->hash[r->at] = hash;
    r->ns[r->at] = ns;
    r->at = (r->at + 1) % HZ_IGATE_RECENT;
    r->n += r->n < HZ_IGATE_RECENT;
    return false;
}

/* ---- what the gateway says itself -------------------------------------------------------------
 */

bool hz_igate_is_call(const char *call)
{
    size_t letters = strcspn(call, "-"), n = strlen(call);
    if (letters < 3 || n > HZ_IGATE_CALL || n - letters == 1 || n - letters > 3)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = call[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c == '-' && i == letters)))
            return false;
    }
    return true;
}

int hz_igate_passcode(const char *call)
{
    int hash = 0x73e2;
    for (size_t i = 0; call[i] && call[i] != '-'; i++) {
        int c = call[i] >= 'a' && call[i] <= 'z' ? call[i] - 'a' + 'A' : (unsigned char)call[i];
        hash ^= i % 2 ? c : c << 8;
    }
    return hash & 0x7fff;
}

bool hz_igate_login(const char *call, int passcode, const char *filter, struct hz_igate_line *line)
{
    char head[96];
    snprintf(head, sizeof head, "user %s pass %d vers hertzd %s", call, passcode, HZ_VERSION);
    line->n = 0;
    if (!add_text(line, head) ||
        (filter && *filter && (!add_text(line, " filter ") || !add_text(line, filter))))
        return false;
    end(line);
    return true;
}

/* "4903.50N": degrees of `digits` digits, minutes, hemisphere. */
static void put_angle(double degrees, int digits, const char *hemispheres, char *text, size_t size)
{
    long hundredths = lround(fabs(degrees) * 6000); /* of a minute */
    snprintf(text, size, "%0*ld%02ld.%02ld%c", digits, hundredths / 6000, hundredths % 6000 / 100,
             hundredths % 100, hemispheres[degrees < 0]);
}

bool hz_igate_beacon(const char *call, double lat, double lon, const char symbol[2],
                     const char *comment, struct hz_igate_line *line)
{
    char north[64], east[64];
    put_angle(lat, 2, "NS", north, sizeof north);
    put_angle(lon, 3, "EW", east, sizeof east);
    line->n = 0;
    /* APZ: programs that have no destination of their own in the list of tocalls */
    if (!add_text(line, call) || !add_text(line, ">APZHTZ,TCPIP*:!") || !add_text(line, north) ||
        !add(line, symbol, 1) || !add_text(line, east) || !add(line, symbol + 1, 1) ||
        !add(line, comment, strcspn(comment, "\r\n")))
        return false;
    end(line);
    return true;
}
