#include "proto/packet/ax25/tell.h"

#include "proto/link/hdlc.h"
#include "proto/packet/ax25/frame.h"

#include <math.h>

/* The same frame was told already. */
static bool again(struct hz_ax25_told *told, unsigned same, const struct hz_burst *b)
{
    uint16_t crc = hz_hdlc_crc(b->raw, b->raw_len);
    for (int i = 0; i < HZ_AX25_TOLD; i++) {
        uint64_t was = told->frame[i].sample;
        uint64_t apart = was > b->sample ? was - b->sample : b->sample - was;
        if (told->frame[i].taken && told->frame[i].crc == crc && apart < same)
            return true;
    }
    told->frame[told->at].sample = b->sample;
    told->frame[told->at].crc = crc;
    told->frame[told->at].taken = true;
    told->at = (told->at + 1) % HZ_AX25_TOLD;
    return false;
}

static void found(void *ctx, const struct hz_burst *burst)
{
    const struct hz_ax25_teller *t = ctx;
    struct hz_burst b = *burst;
    if (t->told) {
        if (again(t->told, t->same, burst))
            return;
        /* Levels of audio mean nothing: its amplitude is what the volume was set to. */
        b.rssi_dbfs = b.noise_dbfs = b.snr_db = b.offset_hz = NAN;
    }
    struct hz_json *j = hz_sink_begin(t->sink, &b);
    hz_ax25_describe(b.raw, b.raw_len, j);
    hz_sink_end(t->sink);
}

static void refused(void *ctx, enum hz_reason reason)
{
    const struct hz_ax25_teller *t = ctx;
    hz_sink_refuse(t->sink, reason);
}

struct hz_ax25_out hz_ax25_tell(struct hz_ax25_teller *t)
{
    return (struct hz_ax25_out){.ctx = t, .found = found, .refused = refused};
}
