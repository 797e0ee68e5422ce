/* Bytes of a frame as text: small readers that never go beyond their span, and strings for JSON.
 * Pure; any thread. */
#ifndef HZ_PROTO_PACKET_AX25_TEXT_H
#define HZ_PROTO_PACKET_AX25_TEXT_H

#include "proto/out/json.h"

/* n bytes at s, borrowed, of any value, without a zero at the end. */
struct hz_text {
    const char *s;
    size_t n;
};

/* What is left of t after its first n bytes (all of them where it has fewer). */
struct hz_text hz_text_after(struct hz_text t, size_t n);

/* t cut to at most n bytes. */
struct hz_text hz_text_first(struct hz_text t, size_t n);

/* t without blanks and control characters at both ends. */
struct hz_text hz_text_trim(struct hz_text t);

/* t up to the byte c (all of it where there is none); *t becomes what follows. */
struct hz_text hz_text_split(struct hz_text *t, char c);

bool hz_text_starts(struct hz_text t, const char *prefix);

bool hz_is_digit(char c);
bool hz_is_alnum(char c); /* of ASCII */

/* n digits exactly, base 10 or 16, n at most 8. False: fewer bytes, or another character. */
bool hz_text_number(const char *s, size_t n, unsigned base, unsigned *v);

/* All of t as a decimal number: sign, digits, point. NAN: it is none. */
double hz_text_decimal(struct hz_text t);

/* n characters of base 91 ('!' 0 to '{' 90), n at most 4. False: another character. */
bool hz_text_base91(const char *s, size_t n, unsigned *v);

/* A string of JSON: as it is where the bytes are valid UTF-8; else each byte is a character of
 * Latin-1, so that nothing is lost. At most HZ_TEXT_MAX bytes, the rest is cut. */
enum { HZ_TEXT_MAX = 2560 }; /* the longest frame as a TNC prints it */
void hz_text_json(struct hz_json *j, const char *key, struct hz_text t);

#endif
