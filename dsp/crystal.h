/* The error of a receiver's crystal, estimated from the carriers of many transmitters.
 *
 * Every message tells a reading: the error of our crystal in ppm if its transmitter were exact. All
 * readings are absolute: whatever corrections were in force when the carrier was measured have been
 * added. So the estimate does not depend on what is done with it, and a correction made from it
 * cannot oscillate.
 *
 * Each transmitter has one vote, however often it is heard. The estimate is the median of the
 * votes, weighted by how exact transmitters of that kind are, plus the drift since they were heard.
 * The drift is what transmitters that were heard before show against themselves, so even one that
 * is far off tells it. Of each period of ten seconds the median over the transmitters counts; what
 * fewer than three of them show moves the drift by at most 1 ppm.
 *
 * Before enough transmitters were heard, the sample clock against the system's, or what an earlier
 * run has found, gives the estimate. Pure; one thread at a time; owns nothing. */
#ifndef HZ_DSP_CRYSTAL_H
#define HZ_DSP_CRYSTAL_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_CRYSTAL_VOTES = 256, HZ_CRYSTAL_ENOUGH = 3 };

struct hz_crystal_vote {
    uint64_t who;
    double spread_ppm; /* standard deviation of the carriers of such transmitters */
    double level_ppm;  /* mean of its readings, each less the drift at that time */
    double heard_s;
    double news_ppm; /* sum of its readings in this period against the level before */
    unsigned n_news, readings;
};

/* Where an estimate comes from. */
enum hz_crystal_from { HZ_CRYSTAL_NOTHING, HZ_CRYSTAL_RECALLED, HZ_CRYSTAL_CLOCK, HZ_CRYSTAL_AIR };

struct hz_crystal_estimate {
    enum hz_crystal_from from;
    double ppm;   /* positive: the crystal is fast */
    double sigma; /* its uncertainty as a standard deviation, in ppm */
    size_t transmitters;
};

struct hz_crystal {
    struct hz_crystal_vote votes[HZ_CRYSTAL_VOTES];
    size_t n;
    double drift_ppm, period_end_s;
    struct hz_crystal_estimate clock, recalled; /* `from` HZ_CRYSTAL_NOTHING: there is none */
};

/* Nothing is known. */
void hz_crystal_init(struct hz_crystal *c);
/* An earlier run of the same device has found that. */
void hz_crystal_recall(struct hz_crystal *c, double ppm, double sigma);
/* The sample clock shows that error, corrections included. `sigma` is that of the measurement; what
 * the system's clock may be off is added. */
void hz_crystal_clock(struct hz_crystal *c, double ppm, double sigma);
/* A reading of transmitter `who` (any hash of its name). Times must not go back. The transmitter
 * that was silent for longest is forgotten when there is no room. */
void hz_crystal_hear(struct hz_crystal *c, uint64_t who, double spread_ppm, double ppm,
                     double at_s);

/* The best estimate. The carriers count from HZ_CRYSTAL_ENOUGH transmitters on. */
struct hz_crystal_estimate hz_crystal_now(const struct hz_crystal *c);
/* "nothing", "recalled", "clock", "carriers". */
const char *hz_crystal_from_name(enum hz_crystal_from from);

/* How an error is corrected: the device in whole ppm, which costs samples, and channels by the
 * rest. */
struct hz_crystal_correction {
    double device_ppm, rest_ppm;
};

/* The correction for an estimate, where `now` is in force. The device's part changes only when the
 * rest would be beyond 2.5 ppm and beyond what the estimate can be off. */
struct hz_crystal_correction hz_crystal_correct(const struct hz_crystal_estimate *e,
                                                struct hz_crystal_correction now);

#endif
