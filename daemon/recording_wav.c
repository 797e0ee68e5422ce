/* The head of a WAV: "RIFF" SIZE "WAVE", then chunks, each NAME SIZE and its bytes, padded to an
 * even number. "fmt " tells what the samples are, "data" is the samples. In an RF64 (EBU Tech 3306)
 * sizes of 0xffffffff stand in the chunk "ds64". All numbers are little-endian. */
#include "daemon/recording_parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TAG_PCM = 1, TAG_FLOAT = 3, TAG_EXTENSIBLE = 0xfffe };

static unsigned u16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) | (uint32_t)u16(p + 2) << 16;
}

static bool is(const uint8_t *p, const char *name)
{
    return memcmp(p, name, 4) == 0;
}

static int fmt_chunk(const uint8_t *p, size_t n, struct hz_told *t, char *err, size_t err_len)
{
    if (n < 16) {
        snprintf(err, err_len, "the WAV's fmt chunk has %zu bytes: expected at least 16", n);
        return -EINVAL;
    }
    unsigned tag = u16(p), channels = u16(p + 2), bits = u16(p + 14);
    if (tag == TAG_EXTENSIBLE && n >= 26)
        tag = u16(p + 24); /* the first bytes of the sub-format's GUID */
    if (channels != (t->audio ? 1 : 2)) {
        snprintf(err, err_len, "the WAV has %u channel%s: expected %s", channels,
                 channels == 1 ? "" : "s",
                 t->audio        ? "1, of audio"
                 : channels == 1 ? "2, I and Q (is it audio? then say so: -t audio)"
                                 : "2, I and Q");
        return -EINVAL;
    }
    if (tag == TAG_PCM && bits == 8) {
        t->format = t->audio ? HZ_U8 : HZ_CU8;
    } else if (tag == TAG_PCM && bits == 16) {
        t->format = t->audio ? HZ_S16 : HZ_CS16;
    } else if (tag == TAG_FLOAT && bits == 32) {
        t->format = t->audio ? HZ_F32 : HZ_CF32;
    } else {
        snprintf(err, err_len,
                 "the WAV has samples of %u bits, format %u: expected 8 or 16 bits PCM (1), or 32 "
                 "bits float (3)",
                 bits, tag);
        return -EINVAL;
    }
    t->has_format = true;
    t->rate_hz = u32(p + 4);
    return 0;
}

/* Two times of 16 bytes (year, month, day of week, day, …), then the centre frequency in Hz. Some
 * programs put XML there instead: its first characters are no year. */
static void auxi_chunk(const uint8_t *p, size_t n, struct hz_told *t)
{
    if (n < 36)
        return;
    unsigned year = u16(p), month = u16(p + 2), day = u16(p + 6);
    if (year >= 1980 && year <= 2261 && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
        u32(p + 32) > 0)
        t->centre_hz = u32(p + 32);
}

int hz_wav_parse(const uint8_t *head, size_t len, struct hz_told *t, char *err, size_t err_len)
{
    uint64_t long_bytes = UINT64_MAX; /* of the data, in an RF64 */
    bool seen_fmt = false;
    if (len < 12 || !(is(head, "RIFF") || is(head, "RF64")) || !is(head + 8, "WAVE")) {
        snprintf(err, err_len, "not a WAV: expected RIFF or RF64, a size, and WAVE at its start");
        return -EINVAL;
    }
    for (size_t at = 12; at + 8 <= len;) {
        const uint8_t *p = head + at + 8;
        uint64_t size = u32(head + at + 4);
        size_t left = len - at - 8;
        size_t n = size < left ? (size_t)size : left;
        if (is(head + at, "data")) {
            if (!seen_fmt) {
                snprintf(err, err_len, "the WAV has no fmt chunk before its data");
                return -EINVAL;
            }
            t->offset = at + 8;
            t->bytes = size == UINT32_MAX ? long_bytes : size;
            return 0;
        }
        if (is(head + at, "fmt ")) {
            if (fmt_chunk(p, n, t, err, err_len) < 0)
                return -EINVAL;
            seen_fmt = true;
        } else if (is(head + at, "auxi")) {
            auxi_chunk(p, n, t);
        } else if (is(head + at, "ds64") && n >= 16) {
            long_bytes = u32(p + 8) | (uint64_t)u32(p + 12) << 32;
        }
        if (size >= left)
            break;
        at += 8 + (size_t)size + (size & 1);
    }
    snprintf(err, err_len, "the WAV has no data within its first %d bytes", HZ_WAV_HEAD);
    return -EINVAL;
}
