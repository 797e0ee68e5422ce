#include "sim/packet.h"

#include "sim/hdlc.h"
#include "sim/signal.h"

#include <errno.h>
#include <stdlib.h>

/* The symbols of a transmission; the caller frees them. NULL when memory is short. */
static float *symbols_of(const struct hz_sim_packet *p, bool scrambled, size_t *n)
{
    /* a frame's bits with check sequence, flags, and a zero after every five ones at the most */
    size_t room = 8 * (p->flags + 4) + p->times * (10 * (p->len + 2) + 16);
    struct hz_sim_bits bits = {malloc(room), 0, room};
    float *symbols = malloc(room * sizeof *symbols);
    if (bits.bit != NULL && symbols != NULL) {
        for (unsigned i = 0; i < p->flags; i++) {
            hz_sim_bits_put(&bits, 8, 0x7e);
        }
        for (unsigned i = 0; i < p->times; i++) {
            hz_sim_hdlc_frame(&bits, p->frame, p->len);
        }
        hz_sim_bits_put(&bits, 16, 0x7e7e);
        if (scrambled) {
            hz_sim_scramble_g3ruh(&bits);
        }
        hz_sim_nrzi(&bits, symbols);
        *n = bits.n;
    } else {
        free(symbols);
        symbols = NULL;
    }
    free(bits.bit);
    return symbols;
}

int hz_sim_packet_bell202(const struct hz_sim_packet *p, double deviation_hz, double tone,
                          struct hz_sim_track *track)
{
    const double tones[] = {2200 * tone, 1200 * tone};
    size_t n = 0;
    int err = -ENOMEM;
    float *symbols = symbols_of(p, false, &n);
    uint8_t *bits = symbols ? malloc(n) : NULL;
    for (size_t i = 0; bits && i < n; i++)
        bits[i] = symbols[i] > 0;
    if (bits)
        err = hz_sim_signal_track(&(struct hz_sim_signal){.keying = HZ_SIM_AFSK,
                                                          .symbol = bits,
                                                          .n = n,
                                                          .baud = 1200,
                                                          .deviation_hz = deviation_hz,
                                                          .tone_hz = tones,
                                                          .knots = 40},
                                  track);
    free(bits);
    free(symbols);
    return err;
}

int hz_sim_packet_g3ruh(const struct hz_sim_packet *p, const struct hz_sim_fsk *fsk,
                        struct hz_sim_track *track)
{
    size_t n;
    float *symbols = symbols_of(p, true, &n);
    int err = symbols ? hz_sim_fsk(fsk, symbols, n, track) : -ENOMEM;
    free(symbols);
    return err;
}
