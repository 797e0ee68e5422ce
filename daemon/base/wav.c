#include "daemon/base/wav.h"

#include "daemon/base/put.h"

#include <string.h>

/* RIFF, "Multimedia Programming Interface and Data Specifications". */
void hz_wav_head(uint8_t head[HZ_WAV_HEAD], unsigned rate_hz, uint32_t bytes)
{
    memcpy(head, "RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0........\x02\0\x10\0data....", HZ_WAV_HEAD);
    uint32_t rest = HZ_WAV_HEAD - 8;
    hz_put_u32(head + 4, bytes > UINT32_MAX - rest ? UINT32_MAX : bytes + rest);
    hz_put_u32(head + 24, rate_hz);
    hz_put_u32(head + 28, rate_hz * 2);
    hz_put_u32(head + 40, bytes);
}
