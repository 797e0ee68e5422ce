#include "proto/vdl2/frames.h"

#include "proto/link/hdlc.h"

/* Whether the bits begin with a flag. */
static size_t flag_len(const uint8_t *bit, size_t n)
{
    static const uint8_t flag[8] = {0, 1, 1, 1, 1, 1, 1, 0};
    for (size_t i = 0; i < 8; i++)
        if (i >= n || bit[i] != flag[i])
            return 0;
    return 8;
}

void hz_vdl2_frames(const uint8_t *octet, size_t bits, struct hz_vdl2_frames *f)
{
    uint8_t bit[HZ_VDL2_BITS_MAX + 1];
    size_t filled = 0;
    f->n = f->bad = 0;
    for (size_t i = 0; i < bits; i++)
        bit[i] = octet[i / 8] >> i % 8 & 1;
    size_t at = flag_len(bit, bits);
    if (at == 0) {
        f->bad = 1;
        return;
    }
    while (at < bits) {
        size_t used = 0;
        int len =
            hz_hdlc_frame(bit + at, bits - at, f->octet + filled, sizeof f->octet - filled, &used);
        at += used;
        if (len == 0)
            continue; /* one flag behind the other */
        if (len == HZ_HDLC_NO_END || len == HZ_HDLC_TOO_LONG || used == 0) {
            f->bad++;
            return;
        }
        if (len < HZ_VDL2_FRAME_MIN || f->n == HZ_VDL2_FRAMES ||
            hz_hdlc_crc(f->octet + filled, (size_t)len) != HZ_HDLC_GOOD) {
            f->bad++;
            continue;
        }
        f->at[f->n] = filled;
        f->len[f->n++] = (size_t)len;
        filled += (size_t)len;
    }
}
