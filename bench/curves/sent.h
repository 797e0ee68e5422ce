/* Transmissions of each protocol for the curves: random contents, modulated by the simulator, whose
 * modulators share no code with the decoders. */
#ifndef HZ_CURVES_SENT_H
#define HZ_CURVES_SENT_H

#include "sim/fleet.h"
#include "sim/modes_burst.h"
#include "sim/rng.h"
#include "sim/sonde.h"
#include "sim/track.h"

/* What a transmission is like, protocol by protocol. */
struct way {
    const char *name; /* "pocsag1200" */
    double freq_hz, bandwidth_hz;
    double carrier_hz;           /* the error that transmitters make, to either side */
    double gap_min_s, gap_max_s; /* of silence between two */
    const struct sender *sender;
    double baud;
};

/* How its transmitter errs. */
struct transmitter {
    double drift_hz_s; /* of the carrier */
    double tone;       /* audio tones over nominal */
};

struct sent {
    char type[16], fields[400];
    uint8_t raw[340];
    size_t raw_len;
    struct hz_sim_track track; /* sealed; empty for Mode S */
};

/* Who sends: aircraft that keep their addresses, everything else new for each transmission. */
struct senders {
    struct hz_rng rng;
    struct hz_sim_fleet fleet;
    struct hz_sim_aircraft aircraft[30];
    struct hz_sim_modes modulator;
    struct hz_sim_sonde sonde; /* its frame is 0: not launched yet */
};

void senders_init(struct senders *s, double rate_hz, uint64_t seed);

/* NULL: no protocol of that name. */
const struct way *way_find(const char *name);

/* Composes and modulates one; exits the program when memory ends. */
void sent_init(struct sent *s, const struct way *way, const struct transmitter *how,
               struct senders *who);
void sent_done(struct sent *s);

/* How many samples it lasts, and its samples into the span. */
double sent_samples(const struct sent *s, const struct senders *who, double rate_hz, double clock);
void sent_add(const struct sent *s, const struct senders *who, const struct hz_sim_burst *burst,
              const struct hz_span *span);

#endif
