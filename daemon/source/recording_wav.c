/* Parser for WAV headers: "RIFF" SIZE "WAVE", then chunks, each NAME SIZE and its bytes, padded to
 * an even number. "fmt " describes the samples, "data" holds them. In RF64 (EBU Tech 3306) and BW64
 * (ITU-R BS.2088), a size of 0xffffffff means that the real size is in the chunk "ds64". All
 * numbers are little-endian. */
#include "daemon/source/recording_parse.h"

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

/* The IQ format with the number format of a WAV; HZ_IQ_FORMATS: unknown. Numbers narrower than
 * their container use its upper bits. */
static enum hz_format kind_of(unsigned tag, unsigned bytes)
{
    static const enum hz_format pcm[] = {HZ_IQ_FORMATS, HZ_CU8, HZ_CS16, HZ_CS24, HZ_CS32};
    if (tag == TAG_PCM && bytes < sizeof pcm / sizeof pcm[0])
        return pcm[bytes];
    if (tag == TAG_FLOAT && (bytes == 4 || bytes == 8))
        return bytes == 4 ? HZ_CF32 : HZ_CF64;
    return HZ_IQ_FORMATS;
}

static int bad_channels(unsigned channels, bool audio, char *err, size_t err_len)
{
    snprintf(err, err_len, "the WAV has %u channel%s: expected %s", channels,
             channels == 1 ? "" : "s",
             audio           ? "1 or 2, of audio"
             : channels == 1 ? "2, I and Q (is it audio? then say so: -t audio)"
                             : "2, I and Q");
    return -EINVAL;
}

static int fmt_chunk(const uint8_t *p, size_t n, struct hz_recording_meta *t, char *err,
                     size_t err_len)
{
    if (n < 16) {
        snprintf(err, err_len, "the WAV's fmt chunk has %zu bytes: expected at least 16", n);
        return -EINVAL;
    }
    unsigned tag = u16(p), channels = u16(p + 2), align = u16(p + 12), bits = u16(p + 14);
    uint32_t rate = u32(p + 4);
    if (tag == TAG_EXTENSIBLE && n >= 26)
        tag = u16(p + 24); /* the first bytes of the sub-format's GUID */
    if (channels != 2 && !(t->audio && channels == 1))
        return bad_channels(channels, t->audio, err, err_len);
    /* 24 bits may be stored in 4 bytes, which only the size of all channels shows */
    unsigned least = (bits + 7) / 8;
    unsigned bytes = align % channels == 0 && align / channels > least ? align / channels : least;
    enum hz_format kind = kind_of(tag, bytes);
    if (kind == HZ_IQ_FORMATS) {
        snprintf(err, err_len,
                 "the WAV has samples of %u bits, format %u: expected 8 to 32 bits PCM (1), or 32 "
                 "or 64 bits float (3)",
                 bits, tag);
        return -EINVAL;
    }
    t->format = t->audio ? hz_format_audio(kind, channels) : kind;
    t->has_format = true;
    t->rate_hz = rate;
    if (u32(p + 8) != (uint32_t)(rate * channels * bytes))
        snprintf(t->odd, sizeof t->odd,
                 "its head says %u bytes a second, but %u samples of %u bytes: the latter is taken",
                 u32(p + 8), rate, channels * bytes);
    return 0;
}

bool hz_wav_is_chunk(const uint8_t *p, size_t n, uint64_t left)
{
    for (size_t i = 0; i < 4; i++) {
        if (n < 8 || p[i] < 0x20 || p[i] > 0x7e)
            return false;
    }
    return 8 + (uint64_t)u32(p + 4) <= left;
}

int hz_wav_parse(const uint8_t *head, size_t len, struct hz_recording_meta *t, char *err,
                 size_t err_len)
{
    uint64_t long_bytes = UINT64_MAX; /* of the data, in an RF64 */
    bool seen_fmt = false;
    if (len < 12 || !(is(head, "RIFF") || is(head, "RF64") || is(head, "BW64")) ||
        !is(head + 8, "WAVE")) {
        snprintf(err, err_len,
                 "not a WAV: expected RIFF, RF64 or BW64, a size, and WAVE at its start");
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
            /* an overflowed size also means that the long one counts */
            bool use_long = size == UINT32_MAX || (uint32_t)long_bytes == size;
            t->bytes = use_long ? long_bytes : size;
            t->bytes_32 = !use_long;
            return 0;
        }
        if (is(head + at, "fmt ")) {
            if (fmt_chunk(p, n, t, err, err_len) < 0)
                return -EINVAL;
            seen_fmt = true;
        } else if (is(head + at, "auxi")) {
            hz_auxi_parse(p, n, t);
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
