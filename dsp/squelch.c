#include "dsp/squelch.h"

#include "dsp/level.h"

#include <math.h>

#define FOLLOW   0.05f  /* coefficient of the one-pole filter of the floor, while closed */
#define CREEP_DB 0.005f /* rise of the floor per block, while open */
#define LOW_DB   -20.0f /* bounds of the floor over the noise of the band */
#define HIGH_DB  6.0f

void hz_squelch_init(struct hz_squelch *q, size_t bins, float open_db, unsigned hang, bool always)
{
    /* The Hann window correlates neighbouring bins: about half of them are independent. */
    float spread_db = 10 * log10f(1 + 5 / sqrtf(0.5f * (float)bins));
    *q = (struct hz_squelch){
        .open_db = fmaxf(open_db, spread_db),
        .hang = hang,
        .always = always,
    };
    q->close_db = q->open_db / 2;
}

/* Updates the floor after a block whose power is `over` dB above it; signal: the block is taken for
 * a signal. */
static void follow(struct hz_squelch *q, float over, bool signal)
{
    if (signal && over > 0)
        q->floor_db += CREEP_DB;
    else
        q->floor_db += FOLLOW * over;
    q->floor_db = fminf(fmaxf(q->floor_db, LOW_DB), HIGH_DB);
}

enum hz_squelch_state hz_squelch_push(struct hz_squelch *q, uint64_t block, float power,
                                      float noise)
{
    bool first = q->block == 0, follows = q->block == block;
    q->block = block + 1;
    if (q->open && !first && !follows) {
        q->open = false;
        q->block = block;
        return HZ_SQUELCH_CLOSES;
    }
    float band_db = hz_db(noise);
    q->power_db = hz_db(power);
    if (first)
        q->floor_db = fmaxf(fminf(q->power_db - band_db, 0), LOW_DB);
    q->noise_db = band_db + q->floor_db;

    float over = q->power_db - q->noise_db;
    bool opens = !q->open && (q->always || over >= q->open_db);
    follow(q, over, q->open || over >= q->open_db);
    q->quiet = over < q->close_db && !opens ? q->quiet + 1 : 0;
    if (opens) {
        q->open = true;
        return HZ_SQUELCH_OPENS;
    }
    if (q->open && !q->always && q->quiet > q->hang) {
        q->open = false;
        return HZ_SQUELCH_CLOSES;
    }
    return q->open ? HZ_SQUELCH_OPEN : HZ_SQUELCH_CLOSED;
}
