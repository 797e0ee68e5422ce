/* From bursts to frames: which bursts are of one kind, which of their rows hold the same bits,
 * where a frame begins, which bits vary. What the frames say is in learn_check.c and learn_value.c.
 */
#include "proto/sensors/learn.h"
#include "proto/sensors/learn_frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct hz_learn *hz_learn_new(void)
{
    struct hz_learn *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->burst = calloc(HZ_LEARN_BURSTS, sizeof *l->burst);
    l->frame = calloc(HZ_LEARN_FRAMES, sizeof *l->frame);
    if (l->burst && l->frame)
        return l;
    hz_learn_free(l);
    return NULL;
}

void hz_learn_free(struct hz_learn *l)
{
    if (!l)
        return;
    free(l->burst);
    free(l->frame);
    free(l);
}

/* Two that are further apart are two transmitters: a mirror lies within the narrowest band. */
static const double one_mhz = 0.26;

static bool at_the_same_time(const struct hz_learn_about *a, const struct hz_learn_about *b)
{
    double both = fmin(a->end_s, b->end_s) - fmax(a->begin_s, b->begin_s);
    double shorter = fmin(a->end_s - a->begin_s, b->end_s - b->begin_s);
    return a->recording == b->recording && shorter > 0 && both > shorter / 2 &&
           fabs(a->mhz - b->mhz) < one_mhz;
}

void hz_learn_add(struct hz_learn *l, const struct hz_pulses *p, const struct hz_learn_about *about)
{
    size_t at = l->n_bursts;
    for (size_t i = 0; i < l->n_bursts; i++) {
        if (!at_the_same_time(&l->burst[i].about, about))
            continue;
        const struct hz_learn_burst *was = &l->burst[i];
        double more_db = about->level_db - was->about.level_db;
        if (more_db < -3 || (more_db < 3 && p->n <= was->pulses.n))
            return;
        at = i;
    }
    if (at == HZ_LEARN_BURSTS) {
        l->left_out++;
        return;
    }
    l->n_bursts += at == l->n_bursts;
    l->burst[at].pulses = *p;
    l->burst[at].about = *about;
    hz_guess_make(&l->burst[at].guess, p);
}

/* ---- bursts of one kind ----------------------------------------------------------------- */

static bool about(float a, float b)
{
    return fabsf(a - b) <= 0.2f * fmaxf(fabsf(a), fabsf(b)) + 20;
}

static bool alike(const struct hz_learn_burst *a, const struct hz_learn_burst *b)
{
    const struct hz_guess *g = &a->guess, *h = &b->guess;
    bool same = a->pulses.modulation == b->pulses.modulation && g->coding == h->coding &&
                g->n_zero == h->n_zero && g->n_one == h->n_one;
    /* of PPM the pulse says nothing: some receivers and transmitters stretch it */
    size_t from = g->coding == HZ_CODING_PPM;
    for (size_t i = from; same && i < g->n_zero; i++)
        same = about(g->zero[i], h->zero[i]);
    for (size_t i = from; same && i < g->n_one; i++)
        same = about(g->one[i], h->one[i]);
    return same;
}

/* The kind that most recordings have; of equal ones that with most rows. */
static size_t commonest_kind(const struct hz_learn *l)
{
    size_t best = l->n_bursts, best_rows = 0;
    int best_recordings = 0;
    for (size_t i = 0; i < l->n_bursts; i++) {
        if (l->burst[i].guess.coding == HZ_CODING_NONE)
            continue;
        size_t rows = 0;
        int recordings = 0, last = -1;
        for (size_t k = 0; k < l->n_bursts; k++) {
            const struct hz_learn_burst *b = &l->burst[k];
            if (!alike(&l->burst[i], b))
                continue;
            rows += b->guess.n_rows;
            recordings += b->about.recording != last;
            last = b->about.recording;
        }
        if (recordings > best_recordings || (recordings == best_recordings && rows > best_rows)) {
            best = i;
            best_rows = rows;
            best_recordings = recordings;
        }
    }
    return best;
}

/* Marks the bursts of the kind of that one, and takes the means of what they key. */
static void take_kind(struct hz_learn *l, size_t of)
{
    const struct hz_guess *g = &l->burst[of].guess;
    double weight = 0;
    int last = -1;
    l->modulation = l->burst[of].pulses.modulation;
    l->coding = g->coding;
    l->n_zero = g->n_zero;
    l->n_one = g->n_one;
    for (size_t i = 0; i < l->n_bursts; i++) {
        struct hz_learn_burst *b = &l->burst[i];
        double w = (double)b->guess.n_rows;
        b->used = alike(&l->burst[of], b);
        if (!b->used)
            continue;
        for (size_t k = 0; k < 2; k++) {
            l->zero[k] += (float)w * b->guess.zero[k];
            l->one[k] += (float)w * b->guess.one[k];
        }
        l->unit_us += (float)w * b->guess.unit_us;
        l->mhz += w * b->about.mhz;
        l->deviation_hz += w * b->pulses.deviation_hz;
        weight += w;
        l->n_used++;
        l->recordings += b->about.recording != last;
        last = b->about.recording;
    }
    for (size_t k = 0; k < 2; k++) {
        l->zero[k] /= (float)weight;
        l->one[k] /= (float)weight;
    }
    l->unit_us /= (float)weight;
    l->mhz /= weight;
    l->deviation_hz /= weight;
}

/* ---- what the frames say ---------------------------------------------------------------- */

static bool same_bits(const struct hz_learn *l, size_t a, size_t b)
{
    return memcmp(l->frame[a].bit, l->frame[b].bit, l->bits) == 0;
}

static void mark_varying(struct hz_learn *l)
{
    l->n_different = 0;
    memset(l->varies, 0, sizeof l->varies);
    for (size_t i = 0; i < l->n_frames; i++) {
        l->frame[i].again = false;
        for (size_t k = 0; k < i; k++)
            l->frame[i].again = l->frame[i].again || same_bits(l, i, k);
        l->n_different += !l->frame[i].again;
        for (size_t b = 0; b < l->bits; b++) {
            l->varies[b] |= l->frame[i].bit[b] != l->frame[0].bit[b];
            if (i > 0 && l->frame[i].burst == l->frame[i - 1].burst &&
                l->frame[i].bit[b] != l->frame[i - 1].bit[b])
                l->varies[b] |= 2;
        }
    }
}

static unsigned number(const uint8_t *bit, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = 2 * v + bit[i];
    return v;
}

/* Bits that are one more in the next burst, four times at least and always: as many as vary. */
static void find_counter(struct hz_learn *l)
{
    l->n_counter = 0;
    for (size_t n = 2; n <= 8; n++) {
        for (size_t at = 0; at + n <= l->bits; at++) {
            unsigned steps = 0;
            bool counts = l->varies[at + n - 1];
            for (size_t i = 1; i < l->n_frames && counts; i++) {
                if (l->frame[i].burst == l->frame[i - 1].burst)
                    continue;
                unsigned was = number(l->frame[i - 1].bit + at, n);
                counts = number(l->frame[i].bit + at, n) == ((was + 1) & ((1u << n) - 1));
                steps += counts;
            }
            if (!counts || steps < 4 || (n > 2 && !l->varies[at]))
                continue;
            l->counter = at;
            l->n_counter = n;
        }
    }
}

/* Frames that are not like an earlier one, and for each recording the frame that most rows have. */
struct picked {
    const uint8_t *different[HZ_LEARN_FRAMES], *valued[HZ_LEARN_FRAMES];
    double value[HZ_LEARN_FRAMES], step[HZ_LEARN_FRAMES];
    size_t n_different, n_valued;
};

static void pick(const struct hz_learn *l, struct picked *p)
{
    p->n_different = p->n_valued = 0;
    for (size_t i = 0; i < l->n_frames; i++) {
        const struct hz_learn_frame *f = &l->frame[i];
        const struct hz_learn_burst *b = &l->burst[f->burst];
        if (!f->again)
            p->different[p->n_different++] = f->bit;
        bool most = true;
        for (size_t k = 0; k < l->n_frames; k++)
            most =
                most && !(l->frame[k].burst == f->burst &&
                          (l->frame[k].rows > f->rows || (l->frame[k].rows == f->rows && k < i)));
        if (!most || isnan(b->about.value))
            continue;
        p->valued[p->n_valued] = f->bit;
        p->value[p->n_valued] = b->about.value;
        p->step[p->n_valued++] = b->about.step;
    }
}

static void look_into(struct hz_learn *l, struct picked *p)
{
    mark_varying(l);
    pick(l, p);
    l->check = hz_learn_find_check(p->different, p->n_different, l->bits);
    l->value = (struct hz_learn_value){0};
    if (p->n_valued > 0)
        l->value =
            hz_learn_find_value(p->valued, p->value, p->step, p->n_valued, l->bits, &l->check);
}

static void invert(struct hz_learn *l)
{
    for (size_t i = 0; i < l->n_frames; i++) {
        for (size_t b = 0; b < l->bits; b++)
            l->frame[i].bit[b] ^= 1;
    }
    if (!l->differential) {
        for (size_t b = 0; b < l->n_preamble; b++)
            l->preamble[b] ^= 1;
    }
    l->inverted = !l->inverted;
}

/* Bits from halves that lie across those of Manchester: the first half of a bit is the second one
 * of a pair. The first pair's own first half goes into the preamble. */
static void differentiate(struct hz_learn *l)
{
    uint8_t halves[HZ_LEARN_PREAMBLE];
    size_t n = 0, most = (HZ_LEARN_PREAMBLE - 2) / 2;
    size_t from = l->n_preamble > most ? l->n_preamble - most : 0;
    for (size_t i = from; i < l->n_preamble; i++) {
        halves[n++] = l->preamble[i];
        halves[n++] = !l->preamble[i];
    }
    bool first_constant = l->bits > 0 && !l->varies[0];
    if (first_constant)
        halves[n++] = l->frame[0].bit[0];
    memcpy(l->preamble, halves, n);
    l->n_preamble = n;
    for (size_t i = 0; i < l->n_frames; i++) {
        for (size_t b = 0; b + 1 < l->bits; b++) /* equal halves are 1 */
            l->frame[i].bit[b] = l->frame[i].bit[b] != l->frame[i].bit[b + 1];
    }
    l->bits--;
    l->differential = true;
}

/* How much speaks for the way that the bits are read now. */
static double worth(const struct hz_learn *l)
{
    return fmin(l->check.margin, 60) + (l->value.found ? fmax(l->value.margin + 6, 0) : 0);
}

/* What one way to read the bits gives. */
struct way {
    struct hz_learn_check check;
    struct hz_learn_value value;
    double worth;
};

/* The bits as they are, and inverted where that may be better: not where a linear check is sure,
 * which fits both. */
static void try_ways(struct hz_learn *l, struct picked *p, struct way way[2])
{
    for (int i = 0; i < 2; i++) {
        way[i].worth = -INFINITY;
        bool linear = l->check.family >= HZ_CHECK_CRC && l->check.family <= HZ_CHECK_DIGEST_V;
        if (i == 0 || !linear || l->check.margin < 12 || l->check.rivals > 0 ||
            (p->n_valued > 0 && l->value.margin < 12)) {
            look_into(l, p);
            way[i] = (struct way){l->check, l->value, worth(l)};
        }
        invert(l);
    }
}

/* 0 and 1, and whether bits or changes between them are the data, are free: the check and the value
 * decide. Another way than that of the guess must be better by what it costs to have tried it. */
static void settle(struct hz_learn *l, struct picked *p)
{
    struct way way[2], changes[2];
    try_ways(l, p, way);
    bool other = way[1].worth > way[0].worth + 1;
    double plain = fmax(way[0].worth, way[1].worth - 1);
    struct hz_learn_frame *kept = malloc(l->n_frames * sizeof *kept);
    if (kept && l->coding == HZ_CODING_MANCHESTER && l->bits > 8 && plain < 12 && !l->varies[0]) {
        uint8_t preamble[HZ_LEARN_PREAMBLE];
        size_t n = l->n_preamble;
        memcpy(kept, l->frame, l->n_frames * sizeof *kept);
        memcpy(preamble, l->preamble, sizeof preamble);
        differentiate(l);
        try_ways(l, p, changes);
        if (fmax(changes[0].worth, changes[1].worth) > plain + 4) {
            memcpy(way, changes, sizeof way);
            other = way[1].worth > way[0].worth;
        } else {
            memcpy(l->frame, kept, l->n_frames * sizeof *kept);
            memcpy(l->preamble, preamble, sizeof preamble);
            l->n_preamble = n;
            l->bits++;
            l->differential = false;
        }
    }
    free(kept);
    if (other)
        invert(l);
    mark_varying(l);
    l->check = way[other].check;
    l->value = way[other].value;
    find_counter(l);
}

bool hz_learn_run(struct hz_learn *l)
{
    size_t kind = commonest_kind(l);
    struct picked *p = malloc(sizeof *p);
    l->bits = 0;
    if (!p || kind == l->n_bursts) {
        free(p);
        return false;
    }
    take_kind(l, kind);
    hz_learn_frames(l);
    if (l->n_frames > 0)
        settle(l, p);
    free(p);
    return l->n_frames > 0;
}
