#include "proto/packet/ax25/message.h"

#include "proto/link/hdlc.h"
#include "proto/packet/ax25/frame.h"

void hz_ax25_message(struct hz_sink *sink, const struct hz_burst *burst)
{
    struct hz_json *j = hz_sink_begin(sink, burst);
    hz_ax25_describe(burst->raw, burst->raw_len, j);
    hz_sink_end(sink);
}

bool hz_ax25_is_known(struct hz_ax25_known *k, const struct hz_burst *burst, unsigned same,
                      bool *audio)
{
    uint16_t crc = hz_hdlc_crc(burst->raw, burst->raw_len);
    for (int i = 0; i < HZ_AX25_KNOWN; i++) {
        uint64_t was = k->frame[i].sample;
        uint64_t apart = was > burst->sample ? was - burst->sample : burst->sample - was;
        if (k->frame[i].len == burst->raw_len && k->frame[i].crc == crc && apart < same) {
            *audio = k->frame[i].audio;
            return true;
        }
    }
    unsigned at = k->at++ % HZ_AX25_KNOWN;
    k->frame[at].sample = burst->sample;
    k->frame[at].len = burst->raw_len;
    k->frame[at].crc = crc;
    k->frame[at].audio = *audio;
    return false;
}
