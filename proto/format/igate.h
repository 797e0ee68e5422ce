/* What a receive-only gateway may pass from the air to APRS-IS, by the rules of aprs-is.net (IGate
 * Details, Q Construct), and the lines that it says there itself. Pure; any thread. */
#ifndef HZ_PROTO_FORMAT_IGATE_H
#define HZ_PROTO_FORMAT_IGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What came of a frame. */
enum hz_igate_verdict {
    HZ_IGATE_GATED,
    HZ_IGATE_NOT_APRS, /* no UI frame of protocol F0, or no AX.25 frame at all */
    HZ_IGATE_ADDRESS,  /* an address with characters that APRS-IS does not know */
    HZ_IGATE_NO_CALL,  /* from a station whose owner did not set its call: N0CALL, NOCALL, MYCALL */
    HZ_IGATE_UNWANTED, /* NOGATE or RFONLY in its path */
    HZ_IGATE_INTERNET, /* it comes from there: TCPIP, TCPXX or a q construct in its path */
    HZ_IGATE_QUERY,    /* a general query, which begins with ? */
    HZ_IGATE_EMPTY,    /* nothing before the first line end */
    HZ_IGATE_THIRD,    /* a third-party header that cannot be read, or one within another */
    HZ_IGATE_LONG,     /* more than 512 bytes */
    HZ_IGATE_VERDICTS
};
/* "gated", "not_aprs", "address", … */
const char *hz_igate_verdict_name(enum hz_igate_verdict v);

enum {
    HZ_IGATE_LINE = 512, /* bytes of a line of APRS-IS, its CRLF included */
    HZ_IGATE_CALL = 9,   /* characters of a call with its SSID */
};

/* A line under construction, with CRLF. */
struct hz_igate_line {
    char text[HZ_IGATE_LINE]; /* not terminated */
    size_t n;
};

/* Makes the line of frame[len] (AX.25 without its check sequence), gated by `call`: its header,
 * ",qAO,CALL", and its information up to the first line end. `line` is filled only where the
 * verdict is HZ_IGATE_GATED. */
enum hz_igate_verdict hz_igate_gate(const uint8_t *frame, size_t len, const char *call,
                                    struct hz_igate_line *line);

/* Lines of the last 30 s; zeroed before. */
enum { HZ_IGATE_RECENT = 512 };
struct hz_igate_recent {
    uint64_t hash[HZ_IGATE_RECENT];
    int64_t ns[HZ_IGATE_RECENT];
    size_t at; /* the next place; the oldest line */
    size_t n;
};
/* Whether the same station said the same to the same destination less than 30 s before, whatever
 * the path; else it is noted. */
bool hz_igate_is_repeat(struct hz_igate_recent *r, const struct hz_igate_line *line, int64_t ns);

/* Whether it is a call that a station of APRS-IS may have: letters and digits, 3 to 9 with a
 * suffix, in upper case. */
bool hz_igate_is_call(const char *call);
/* The passcode of a call, whatever its suffix. */
int hz_igate_passcode(const char *call);

/* The login: "user CALL pass CODE vers hertzd VERSION filter …". filter: "" or NULL: none. False:
 * it is longer than a line. */
bool hz_igate_login(const char *call, int passcode, const char *filter, struct hz_igate_line *line);

/* The gateway's own position. symbol: table or overlay, and sign. False: it is longer than a line.
 */
bool hz_igate_beacon(const char *call, double lat, double lon, const char symbol[2],
                     const char *comment, struct hz_igate_line *line);

#endif
