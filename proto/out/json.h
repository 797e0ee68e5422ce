/* A bounded JSON writer: appends fields to memory of the caller and never allocates, so that a
 * worker can print a message in well under a microsecond (cJSON: 3 us). Writing only; whatever
 * reads JSON uses cJSON.
 *
 * The writer puts the commas. Pass key = NULL inside an array. When the memory is full the rest
 * is discarded and `full` is set; the caller then drops what it began. */
#ifndef HZ_PROTO_OUT_JSON_H
#define HZ_PROTO_OUT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hz_about;
struct hz_marks;

struct hz_json {
    char *buf;
    size_t cap, len; /* bytes; no terminating zero is written */
    bool full;
    struct hz_about *about; /* of the message whose text this is (proto/out/record.h), or NULL */
    struct hz_marks *marks; /* where the members written at depth 0 are noted, or NULL */
    int depth;              /* objects and arrays that were opened and not closed */
};

void hz_json_init(struct hz_json *j, char *buf, size_t cap);

void hz_json_open(struct hz_json *j, const char *key); /* { */
void hz_json_close(struct hz_json *j);                 /* } */
void hz_json_open_array(struct hz_json *j, const char *key);
void hz_json_close_array(struct hz_json *j);

/* True when s[n] is valid UTF-8 (RFC 3629). */
bool hz_json_is_utf8(const char *s, size_t n);

/* Text of any bytes: control characters are escaped; a byte over 0x7f that does not belong to a
 * valid UTF-8 sequence becomes U+FFFD. */
void hz_json_str(struct hz_json *j, const char *key, const char *s);
void hz_json_strn(struct hz_json *j, const char *key, const char *s, size_t n);
void hz_json_int(struct hz_json *j, const char *key, int64_t v);
void hz_json_uint(struct hz_json *j, const char *key, uint64_t v);
void hz_json_bool(struct hz_json *j, const char *key, bool v);
/* A number rounded to `decimals` (0 to 9) places, without trailing zeros; a NaN or an infinity
 * writes nothing at all, key included. Independent of the locale. */
void hz_json_decimals(struct hz_json *j, const char *key, double v, int decimals);
/* Bytes as a string of lower-case hex digits. */
void hz_json_hex(struct hz_json *j, const char *key, const uint8_t *bytes, size_t n);
/* Bytes as a string of base64 (RFC 4648, section 4). */
void hz_json_base64(struct hz_json *j, const char *key, const uint8_t *bytes, size_t n);
/* UTC nanoseconds since 1970 as "2026-11-23T08:26:11.123456789Z". */
void hz_json_time(struct hz_json *j, const char *key, int64_t utc_ns);
/* The same as a text of its own, without quotes. */
enum { HZ_TIME_TEXT = 31 }; /* bytes, the terminating zero included */
void hz_time_text(int64_t utc_ns, char text[HZ_TIME_TEXT]);
/* Bytes as they are, no comma, no quotes. */
void hz_json_raw(struct hz_json *j, const char *s, size_t n);

#endif
