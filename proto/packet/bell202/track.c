#include "proto/packet/bell202/track.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_BELL202_BIT,
    BLOCK = HZ_BELL202_BLOCK,
    BLOCKS = HZ_BELL202_BLOCKS,
    MIDDLE = HZ_AX25_CHUNK * BIT / 2, /* samples from a chunk's start to its middle */
    PER_PART = HZ_AX25_PART / BLOCK,
};

static const float good_fraction = 0.09f; /* Fraction of signal power in a chunk of this kind */
static const double freq_gain = 0.7, drift_gain = 0.5, at_gain = 0.5;
/* A chunk is run again with corrected values if it shows larger errors, in cycles per sample and in
 * samples. */
static const double freq_off = 25.0 / HZ_BELL202_RATE_HZ, at_off = 1.5;
static const double bit_right = 0.012; /* samples: 600 ppm */
static const float clearly = 1.02f; /* factor of power from which a deviation is clearly better */
static const float off_gain = 0.6f;
/* Factor of the signal's fraction from which a followed clock is better than the nominal one. */
static const float followed = 1.03f;

void hz_bell202_lock_move(struct hz_bell202_lock *lock, double bits)
{
    lock->at += bits * lock->bit;
    lock->freq += bits * lock->bit * lock->drift;
}

double hz_bell202_track_from(const struct hz_bell202_lock *lock)
{
    return lock->at - HZ_BELL202_BEFORE * lock->bit - HZ_BELL202_LEAD;
}

/* Sets for either tone the deviation that gives its bits the most power: the present one unless
 * another is clearly better. False if the bits were flags: these have one bit of one tone for seven
 * of the other, and a search may be wrong about the rare tone. */
static void measure_deviation(const struct hz_bell202_decider *d, unsigned deviation[2])
{
    enum { SPREAD = 3, TRIED = 6, ENOUGH = 12, MOST = 24 };
    float power[2][TRIED + 1] = {{0}};
    unsigned bits[2] = {0, 0};
    struct hz_bell202_match z;
    /* Counted from the end, since the first chunk may begin before the transmission. */
    for (size_t k = HZ_BELL202_BEFORE + HZ_AX25_CHUNK; k-- > HZ_BELL202_BEFORE;) {
        const struct hz_bell202_path *p = &d->path[k];
        if (bits[p->tone]++ >= MOST)
            continue;
        for (unsigned i = 0; i <= TRIED; i++) {
            unsigned tried = i < TRIED ? i * SPREAD : deviation[p->tone];
            struct hz_bell202_modulation m = {.deviation = {tried, tried}};
            hz_bell202_match(&d->tones, &m, &d->sums[k], &z);
            float zr = z.re[p->tone][p->begin], zi = z.im[p->tone][p->begin];
            power[p->tone][i] += zr * zr + zi * zi;
        }
    }
    for (int f = 0; f < 2; f++) {
        unsigned best = 1;
        for (unsigned i = 2; i + 1 < TRIED; i++)
            best = power[f][i] > power[f][best] ? i : best;
        const float *top = &power[f][best];
        double more = hz_bell202_top_of(top[-1], top[0], top[1]);
        if (bits[f] >= ENOUGH && top[0] > clearly * power[f][TRIED])
            deviation[f] = (unsigned)lround(SPREAD * (best + more));
    }
}

/* A block of four bits of amplitude A in noise of variance v has the power 16 A^2 + 4 v; the four
 * bits separately have 4 A^2 + 4 v. The two equations give A and v. */
static void strengths(const struct hz_bell202_carrier *c, const float *iq,
                      struct hz_bell202_chunk *out)
{
    struct hz_ax25_chunk *b = &out->bits;
    float gain = BIT * BIT * (BLOCK * BLOCK - BLOCK), total = 0;
    b->signal = fmaxf((c->blocks - c->bits) / (BLOCKS * gain), 0);
    b->noise = fmaxf(c->bits / (BLOCKS * BLOCK) - b->signal * BIT * BIT, 0) / BIT;
    for (int i = 0; i < 2 * HZ_BELL202_RUN * BIT; i++)
        total += iq[i] * iq[i];
    total /= HZ_BELL202_RUN * BIT;
    out->fraction = total > 0 ? b->signal / total : 0;
    for (size_t p = 0; p < HZ_AX25_CHUNK / HZ_AX25_PART; p++) {
        float sum = 0;
        for (size_t k = p * PER_PART; k < (p + 1) * PER_PART; k++)
            sum += c->re[k] * c->re[k] + c->im[k] * c->im[k];
        b->part[p] = sum / (float)(PER_PART * BLOCK * BLOCK * BIT * BIT);
    }
}

struct off {
    struct hz_cpm_offset offset; /* its frequency in the middle */
    double at;
    double next, bit;      /* the clock after the chunk, where it was followed */
    float tones;           /* relative error of the tones, in all */
    unsigned deviation[2]; /* deviation of either tone */
};

/* One run of the detector over a chunk and what it estimates. */
static struct off run(struct hz_bell202_decider *d, const float *iq, double start,
                      const struct hz_bell202_lock *lock, struct hz_bell202_chunk *out)
{
    double ahead = start + HZ_BELL202_BEFORE * lock->bit;
    struct hz_cpm_offset offset = {lock->freq - ahead * lock->drift, lock->drift};
    struct hz_bell202_guess how = {.at = start,
                                   .bit = lock->bit,
                                   .price = hz_bell202_price(lock->amplitude),
                                   .off = lock->off};
    const struct hz_bell202_modulation *m = &how.modulation;
    struct hz_bell202_carrier c;
    struct off off = {.deviation = {lock->deviation[0], lock->deviation[1]}};
    hz_cpm_mix(iq, HZ_BELL202_SPAN, &offset, d->mixed);
    hz_bell202_modulation_init(&how.modulation, lock->deviation[0], lock->deviation[1]);
    if (lock->follow)
        off.bit = hz_bell202_decide_followed(d, &how);
    else
        hz_bell202_decide(d, &how, HZ_BELL202_RUN);
    off.next = d->start[HZ_BELL202_BEFORE + HZ_AX25_CHUNK] - ahead;
    for (size_t k = 0; k < HZ_AX25_CHUNK; k++)
        out->bits.level[k] = d->path[HZ_BELL202_BEFORE + k].tone;
    out->bits.events = hz_bell202_events(d->choices, d->path, HZ_BELL202_BEFORE, HZ_BELL202_RUN,
                                         out->bits.event, HZ_AX25_EVENTS);
    hz_bell202_measure(d, m, HZ_BELL202_BEFORE, HZ_AX25_CHUNK, &c);
    strengths(&c, d->mixed, out);
    off.offset = hz_bell202_offset_error(&c);
    if (!lock->follow)
        off.at = hz_bell202_late(d, m, d->path, HZ_BELL202_BEFORE, HZ_AX25_CHUNK, 0);
    off.tones = hz_bell202_tones_off(d->path + HZ_BELL202_BEFORE, HZ_AX25_CHUNK);
    measure_deviation(d, off.deviation);
    return off;
}

/* Events that end in the overlap belong to the next chunk. */
static void rebase_events(struct hz_ax25_chunk *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->events; i++) {
        struct hz_cpm_event e = c->event[i];
        if (e.last >= HZ_BELL202_BEFORE + HZ_AX25_CHUNK)
            continue;
        e.last -= HZ_BELL202_BEFORE;
        c->event[kept++] = e;
    }
    c->events = kept;
}

static void correct(struct hz_bell202_lock *lock, const struct off *off)
{
    lock->freq += off->offset.freq - off->offset.drift * MIDDLE;
    lock->drift += off->offset.drift;
    lock->at += off->at;
    lock->deviation[0] = off->deviation[0];
    lock->deviation[1] = off->deviation[1];
}

/* Takes a fraction of what a chunk shows into the lock that it began with. */
static void learn(struct hz_bell202_lock *lock, const struct hz_bell202_lock *shown)
{
    double middle = lock->freq + lock->drift * MIDDLE;
    double freq = shown->freq + shown->drift * MIDDLE - middle;
    lock->drift += drift_gain * (shown->drift - lock->drift);
    lock->freq = middle + freq_gain * freq - lock->drift * MIDDLE;
    lock->at += at_gain * (shown->at - lock->at);
}

static bool far_off(const struct off *off, const struct hz_bell202_lock *lock)
{
    return fabs(off->offset.freq) > freq_off || fabs(off->offset.drift) * MIDDLE > freq_off ||
           fabs(off->at) > at_off || off->deviation[0] != lock->deviation[0] ||
           off->deviation[1] != lock->deviation[1];
}

/* A run over a chunk, with the lock that it began with. */
struct attempt {
    struct hz_bell202_lock lock;
    struct hz_bell202_chunk chunk;
    struct off off;
};

/* Makes another run and keeps it if its fraction of signal is so many times that of the best one.
 */
static struct off attempt(struct hz_bell202_decider *d, const float *iq, double from,
                          const struct hz_bell202_lock *lock, float times, struct attempt *best)
{
    struct attempt a = {.lock = *lock};
    double start = lock->at - from - HZ_BELL202_BEFORE * lock->bit;
    if (start < HZ_BELL202_QUARTER + 1 || start > 2 * HZ_BELL202_LEAD)
        return best->off;
    a.off = run(d, iq, start, lock, &a.chunk);
    a.chunk.runs = best->chunk.runs + 1;
    best->chunk.runs++;
    /* A clock that was followed and came back to the nominal one was right. */
    bool right = lock->follow && fabs(a.off.bit - BIT) < bit_right;
    if (a.chunk.fraction > times * best->chunk.fraction && !(right && times > 1))
        *best = a;
    return a.off;
}

/* The lock at the end of a chunk that began with `best`. */
static void move_on(struct hz_bell202_lock *lock, const struct attempt *best)
{
    double at = best->lock.at + best->off.next;
    hz_bell202_lock_move(lock, HZ_AX25_CHUNK);
    if (lock->follow) {
        lock->at = at;
        lock->bit = best->off.bit;
    }
}

void hz_bell202_track_run(struct hz_bell202_decider *d, const float *iq, uint64_t first,
                          struct hz_bell202_lock *lock, struct hz_bell202_chunk *out)
{
    uint64_t from = (uint64_t)hz_bell202_track_from(lock);
    struct attempt best = {.chunk = {.fraction = -1}};
    struct hz_bell202_lock other = *lock;
    iq += 2 * (from - first);
    attempt(d, iq, (double)from, lock, 1, &best);
    if (lock->doubt) {
        other.freq = other.steady;
        other.drift = 0;
        attempt(d, iq, (double)from, &other, 1, &best);
    }
    bool good = hz_bell202_chunk_good(&best.chunk);
    if (good && far_off(&best.off, &best.lock)) {
        other = best.lock;
        correct(&other, &best.off);
        attempt(d, iq, (double)from, &other, 1, &best);
    }
    if (good && lock->unsure > 0 && !lock->follow) {
        other = best.lock;
        other.follow = true;
        struct off off = attempt(d, iq, (double)from, &other, followed, &best);
        /* Runs again with the clock that the first run arrived at. */
        other.at += off.next - HZ_AX25_CHUNK * off.bit;
        other.bit = off.bit;
        if (fabs(off.bit - BIT) > bit_right)
            attempt(d, iq, (double)from, &other, followed, &best);
    }
    *out = best.chunk;
    out->bits.start = best.lock.at;
    out->bits.freq = best.lock.freq + best.lock.drift * MIDDLE;
    rebase_events(&out->bits);
    if (good) {
        if (lock->doubt)
            *lock = best.lock;
        lock->doubt = false;
        lock->unsure -= lock->unsure > 0;
        lock->follow = best.lock.follow;
        memcpy(lock->deviation, best.lock.deviation, sizeof lock->deviation);
        struct hz_bell202_lock shown = best.lock;
        correct(&shown, &best.off);
        learn(lock, &shown);
        lock->off += off_gain * (best.off.tones - lock->off);
        move_on(lock, &best);
        if (lock->follow && fabs(lock->bit - BIT) < bit_right) {
            lock->follow = false;
            lock->bit = BIT;
        }
    } else {
        hz_bell202_lock_move(lock, HZ_AX25_CHUNK);
    }
}

bool hz_bell202_chunk_good(const struct hz_bell202_chunk *c)
{
    return c->fraction > good_fraction;
}
