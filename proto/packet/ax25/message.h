/* From a modem's frames to messages: described and written to the sink, and found once where
 * several receivers listen to the same signal. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_MESSAGE_H
#define HZ_PROTO_PACKET_AX25_MESSAGE_H

#include "proto/out/sink.h"

#include <stdbool.h>

enum { HZ_AX25_KNOWN = 32 /* frames that another receiver may find as well */ };

/* The frames found lately, a ring; zeroed before use. */
struct hz_ax25_known {
    struct {
        uint64_t sample;
        size_t len; /* 0: none */
        uint16_t crc;
        bool audio;
    } frame[HZ_AX25_KNOWN];
    unsigned at;
};

/* Writes the frame burst->raw, which comes without its check sequence, as a message. */
void hz_ax25_message(struct hz_sink *sink, const struct hz_burst *burst);

/* Whether the frame was found before, less than `same` samples apart; if not, it is remembered.
 * `same` is at most the length of the shortest frame. *audio: this copy came from audio; if the
 * frame was known it is set to what its first copy came from. */
bool hz_ax25_is_known(struct hz_ax25_known *k, const struct hz_burst *burst, unsigned same,
                      bool *audio);

#endif
