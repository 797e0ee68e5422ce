#include "daemon/base/ogg.h"

#include "daemon/base/put.h"
#include "dsp/opus.h"

#include <errno.h>
#include <ogg/ogg.h>
#include <stdlib.h>
#include <string.h>

struct hz_ogg {
    ogg_stream_state stream;
    ogg_int64_t ticks; /* by the end of the last packet, those before the first sample included */
    ogg_int64_t packets;
};

struct hz_ogg *hz_ogg_new(uint32_t serial)
{
    struct hz_ogg *o = calloc(1, sizeof *o);
    if (o && ogg_stream_init(&o->stream, (int)serial) == 0)
        return o;
    free(o);
    return NULL;
}

void hz_ogg_free(struct hz_ogg *o)
{
    if (o)
        ogg_stream_clear(&o->stream);
    free(o);
}

static uint8_t *put_text(uint8_t *p, const char *text)
{
    size_t n = strlen(text);
    hz_put_u32(p, (uint32_t)n);
    memcpy(p + 4, text, n);
    return p + 4 + n;
}

/* The packet OpusTags; what is left of `room` are zeros (RFC 7845, section 5.2). NULL: no memory.
 */
static uint8_t *make_tags(const char *const *tags, size_t room, size_t *size)
{
    const char *vendor = hz_opus_version();
    size_t n = 8 + 4 + strlen(vendor) + 4, count = 0;
    for (; tags[count]; count++)
        n += 4 + strlen(tags[count]);
    *size = n > room ? n : room;
    uint8_t *packet = calloc(1, *size), *p = packet;
    if (!packet)
        return NULL;
    memcpy(p, "OpusTags", 8);
    p = put_text(p + 8, vendor);
    hz_put_u32(p, (uint32_t)count);
    p += 4;
    for (size_t i = 0; i < count; i++)
        p = put_text(p, tags[i]);
    return packet;
}

static int write_page(const ogg_page *page, const struct hz_ogg_out *out)
{
    int rc = out->write(out->ctx, page->header, (size_t)page->header_len);
    return rc < 0 ? rc : out->write(out->ctx, page->body, (size_t)page->body_len);
}

static int flush(ogg_stream_state *s, const struct hz_ogg_out *out)
{
    ogg_page page;
    int rc = 0;
    while (rc == 0 && ogg_stream_flush(s, &page))
        rc = write_page(&page, out);
    return rc;
}

/* One packet of the head, with a page of its own. */
static int write_head(ogg_stream_state *s, uint8_t *data, size_t n, int64_t number,
                      const struct hz_ogg_out *out)
{
    ogg_packet p = {
        .packet = data, .bytes = (long)n, .b_o_s = number == 0, .packetno = (ogg_int64_t)number};
    return ogg_stream_packetin(s, &p) == 0 ? flush(s, out) : -ENOMEM;
}

int hz_ogg_head(struct hz_ogg *o, unsigned rate_hz, const char *const *tags, size_t room,
                const struct hz_ogg_out *out)
{
    uint8_t head[19] = "OpusHead\x01\x01"; /* version 1, one channel; no gain, mapping family 0 */
    head[10] = HZ_OPUS_SKIP_TICKS & 0xff;
    head[11] = HZ_OPUS_SKIP_TICKS >> 8;
    hz_put_u32(head + 12, rate_hz);
    size_t size;
    uint8_t *packet = make_tags(tags, room, &size);
    int rc = packet ? write_head(&o->stream, head, sizeof head, 0, out) : -ENOMEM;
    if (rc == 0)
        rc = write_head(&o->stream, packet, size, 1, out);
    o->packets = 2;
    free(packet);
    return rc;
}

int hz_ogg_tags(const struct hz_ogg *o, const char *const *tags, size_t room,
                const struct hz_ogg_out *out)
{
    ogg_stream_state s;
    size_t size;
    int rc = -ENOMEM;
    uint8_t *packet = make_tags(tags, room, &size);
    if (!packet || size > room) {
        free(packet);
        return packet ? -ENOSPC : -ENOMEM;
    }
    if (ogg_stream_init(&s, (int)o->stream.serialno) == 0) {
        s.pageno = 1;
        s.b_o_s = 1; /* the first page was written */
        rc = write_head(&s, packet, size, 1, out);
        ogg_stream_clear(&s);
    }
    free(packet);
    return rc;
}

int hz_ogg_add(struct hz_ogg *o, const void *packet, size_t n, uint64_t ends)
{
    o->ticks += HZ_OPUS_PACKET_TICKS;
    ogg_int64_t end = (ogg_int64_t)ends + HZ_OPUS_SKIP_TICKS;
    ogg_packet p = {.packet = (unsigned char *)(uintptr_t)packet, /* libogg only reads it */
                    .bytes = (long)n,
                    .e_o_s = ends > 0,
                    .granulepos = ends > 0 && end < o->ticks ? end : o->ticks,
                    .packetno = o->packets++};
    return ogg_stream_packetin(&o->stream, &p) == 0 ? 0 : -ENOMEM;
}

int hz_ogg_write(struct hz_ogg *o, bool all, const struct hz_ogg_out *out)
{
    ogg_page page;
    int rc = 0;
    while (rc == 0 && ogg_stream_pageout(&o->stream, &page))
        rc = write_page(&page, out);
    return rc == 0 && all ? flush(&o->stream, out) : rc;
}
