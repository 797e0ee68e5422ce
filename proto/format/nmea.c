/* The sentences of AIS, as gpsd, OpenCPN and aggregators take them: !AIVDM lines that end with
 * CRLF. The sentences of one message follow each other. */
#include "proto/format/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const protocols[] = {"ais", NULL};

/* The sentences of the message, which are an array of strings without escapes: calls fn for each,
 * with its number from 0. Returns how many there are. */
static unsigned each_sentence(const struct hz_form_in *in,
                              void (*fn)(const struct hz_form_in *in, unsigned i, unsigned n,
                                         const char *p, size_t len, struct hz_bytes *out),
                              unsigned n, struct hz_bytes *out)
{
    struct hz_value v;
    unsigned i = 0;
    const char *begin = NULL;
    if (!hz_record_field(in->rec, "nmea", &v))
        return 0;
    for (const char *p = v.p; p < v.p + v.n; p++) {
        if (*p != '"')
            continue;
        if (begin && fn)
            fn(in, i, n, begin, (size_t)(p - begin), out);
        i += begin != NULL;
        begin = begin ? NULL : p + 1;
    }
    return i;
}

static void put_sentence(const struct hz_form_in *in, unsigned i, unsigned n, const char *p,
                         size_t len, struct hz_bytes *out)
{
    (void)in, (void)i, (void)n;
    hz_bytes_add(out, p, len);
    hz_bytes_text(out, "\r\n");
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    each_sentence(in, put_sentence, 0, out);
}

/* \g:1-2-34,s:roof,c:1700000000*hh\ before a sentence: the number of it in its group, the receiver,
 * seconds since 1970. A sentence by itself has no group. Of a receiver's name 15 characters are
 * told, those that have a meaning there left out. */
static void put_tagged(const struct hz_form_in *in, unsigned i, unsigned n, const char *p,
                       size_t len, struct hz_bytes *out)
{
    char tag[96], source[16];
    size_t at = 0, k = 0;
    uint8_t sum = 0;
    for (const char *c = in->receiver; *c && k < sizeof source - 1; c++) {
        if (!strchr(",*\\", *c))
            source[k++] = *c;
    }
    source[k] = '\0';
    if (n > 1)
        at = (size_t)snprintf(tag, sizeof tag, "g:%u-%u-%u,", i + 1, n,
                              (unsigned)(in->rec->utc_ns / 1000000 % 10000));
    snprintf(tag + at, sizeof tag - at, "s:%s,c:%" PRId64, source, in->rec->utc_ns / 1000000000);
    for (const char *c = tag; *c; c++)
        sum ^= (uint8_t)*c;
    hz_bytes_print(out, "\\%s*%02X\\", tag, sum);
    put_sentence(in, i, n, p, len, out);
}

static void put_tag(const struct hz_form_in *in, struct hz_bytes *out)
{
    each_sentence(in, put_tagged, each_sentence(in, NULL, 0, out), out);
}

const struct hz_form hz_form_nmea_tag = {
    .name = "nmea-tag",
    .title = "the same with TAG blocks: receiver, time, groups",
    .protocols = protocols,
    .dated = true,
    .put = put_tag,
};

const struct hz_form hz_form_nmea = {
    .name = "nmea",
    .title = "AIS sentences for gpsd, OpenCPN, aggregators",
    .protocols = protocols,
    .put = put,
};
