#include "proto/aprs/trellis.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { PHASES = HZ_APRS_PHASES, EVENT_BITS = 32 };

static const float memory = 0.6f;
const unsigned hz_aprs_steps[2] = {24, 44};
/* The same without whole turns. */
static const unsigned step_of[2] = {0, 20};

void hz_aprs_survivors_init(struct hz_aprs_survivors *s, float price, float off)
{
    memset(s, 0, sizeof *s);
    s->price = price;
    for (int f = 0; f < 2; f++)
        s->slip[f] = off * (float)hz_aprs_steps[f];
}

/* Survivors of a tone after the bit, by the phase at its start. */
struct bit {
    float metric[PHASES], re[PHASES], im[PHASES], size[PHASES], ahead[PHASES], gap[PHASES];
    int32_t changed[PHASES];
};

static inline __attribute__((always_inline)) void add_bit(const struct hz_aprs_survivors *s,
                                                          const struct hz_aprs_modulation *m,
                                                          const struct hz_aprs_match *z, int f,
                                                          struct bit *out)
{
    const int g = 1 - f;
    const float sign = f == HZ_APRS_MARK ? 1 : -1;
    for (int p = 0; p < PHASES; p++) {
        float ar = memory * s->re[f][p], ai = memory * s->im[f][p];
        float vr = ar + z->re[f][p], vi = ai + z->im[f][p];
        float size = sqrtf(vr * vr + vi * vi);
        float stays = s->metric[f][p] + size - memory * s->size[f][p];
        float br = memory * s->re[g][p], bi = memory * s->im[g][p];
        float tr = m->turn_re[p], ti = sign * m->turn_im[p];
        float wr = br * tr - bi * ti + z->re[f][p], wi = br * ti + bi * tr + z->im[f][p];
        float other = sqrtf(wr * wr + wi * wi);
        float changes = s->metric[g][p] + other - memory * s->size[g][p];
        int32_t changed = changes > stays;
        out->metric[p] = changed ? changes : stays;
        out->re[p] = changed ? wr : vr;
        out->im[p] = changed ? wi : vi;
        out->size[p] = changed ? other : size;
        out->ahead[p] = (changed ? s->ahead[g][p] : s->ahead[f][p]) + s->slip[f];
        out->gap[p] = fabsf(changes - stays);
        out->changed[p] = changed;
    }
}

/* x[p] as it is reached by one step ahead, none, one behind: from[i] is where phase i - 1 came
 * from. */
static inline __attribute__((always_inline)) void wrap(const float *x, unsigned step, float *from)
{
    unsigned first = (PHASES - 1 - step + PHASES) % PHASES, head = PHASES - first;
    memcpy(from, x + first, head * sizeof *x);
    memcpy(from + head, x, first * sizeof *x);
    from[PHASES] = from[0];
    from[PHASES + 1] = from[1];
}

static inline __attribute__((always_inline)) void
move_on(const struct bit *b, int f, struct hz_aprs_survivors *s, int32_t *steps)
{
    float metric[PHASES + 2], re[PHASES + 2], im[PHASES + 2], size[PHASES + 2], ahead[PHASES + 2];
    const float price = s->price;
    wrap(b->metric, step_of[f], metric);
    wrap(b->re, step_of[f], re);
    wrap(b->im, step_of[f], im);
    wrap(b->size, step_of[f], size);
    wrap(b->ahead, step_of[f], ahead);
    for (int p = 0; p < PHASES; p++) {
        float more = ahead[p] - 1, same = ahead[p + 1], less = ahead[p + 2] + 1;
        float up = metric[p] - price * more * more, on = metric[p + 1] - price * same * same,
              down = metric[p + 2] - price * less * less;
        bool is_up = up > on && up > down, is_down = !is_up && down > on;
        float off = is_up ? more : is_down ? less : same;
        s->metric[f][p] = is_up ? up : is_down ? down : on;
        s->re[f][p] = is_up ? re[p] : is_down ? re[p + 2] : re[p + 1];
        s->im[f][p] = is_up ? im[p] : is_down ? im[p + 2] : im[p + 1];
        s->size[f][p] = is_up ? size[p] : is_down ? size[p + 2] : size[p + 1];
        s->ahead[f][p] = off * off > 0.25f ? 0 : off;
        steps[p] = is_up ? 1 : is_down ? -1 : 0;
    }
}

HZ_CLONES void hz_aprs_step(struct hz_aprs_survivors *s, const struct hz_aprs_modulation *m,
                            const struct hz_aprs_match *z, struct hz_aprs_choice *choice)
{
    struct bit b[2];
    int32_t ahead[PHASES];
    add_bit(s, m, z, 0, &b[0]);
    add_bit(s, m, z, 1, &b[1]);
    for (int f = 0; f < 2; f++) {
        move_on(&b[f], f, s, ahead);
        if (!choice)
            continue;
        for (int p = 0; p < PHASES; p++) {
            choice->gap[f][p] = b[f].gap[p];
            choice->changed[f][p] = b[f].changed[p];
            choice->ahead[f][p] = (int8_t)ahead[p];
        }
    }
}

float hz_aprs_best(const struct hz_aprs_survivors *s, unsigned *state)
{
    const float *metric = s->metric[0];
    *state = 0;
    for (unsigned i = 1; i < HZ_APRS_STATES; i++)
        *state = metric[i] > metric[*state] ? i : *state;
    return metric[*state];
}

static struct hz_aprs_path step_back(const struct hz_aprs_choice *choice, unsigned *state)
{
    unsigned f = *state / PHASES, end = *state % PHASES;
    unsigned begin = (end + 2 * PHASES - step_of[f] - (unsigned)choice->ahead[f][end]) % PHASES;
    *state = (choice->changed[f][begin] ? 1 - f : f) * PHASES + begin;
    return (struct hz_aprs_path){(uint8_t)f, (uint8_t)begin, (uint8_t)end};
}

int hz_aprs_ahead(const struct hz_aprs_path *path)
{
    unsigned ahead = (path->end + 2u * PHASES + 1 - path->begin - step_of[path->tone]) % PHASES;
    return (int)ahead - 1;
}

void hz_aprs_trace(const struct hz_aprs_choice *choices, size_t count, unsigned state,
                   struct hz_aprs_path *path)
{
    while (count-- > 0)
        path[count] = step_back(&choices[count], &state);
}

/* The survivor that lost where bit k of the path begins: walks back until it is on that path, or
 * has had the same tones for so long that it might as well be. */
static bool walk(const struct hz_aprs_choice *choices, const struct hz_aprs_path *path, size_t from,
                 size_t k, struct hz_cpm_event *e)
{
    enum { SAME = 10 };
    const struct hz_aprs_path *at = &path[k];
    bool changed = choices[k].changed[at->tone][at->begin];
    unsigned state = (changed ? at->tone : 1u - at->tone) * PHASES + at->begin;
    unsigned same = 0;
    e->last = (uint32_t)(k - 1);
    e->mask = 0;
    for (size_t i = k; i-- > from && k - 1 - i < EVENT_BITS;) {
        if (state == path[i].tone * (unsigned)PHASES + path[i].end || same == SAME)
            return e->mask != 0;
        bool differs = step_back(&choices[i], &state).tone != path[i].tone;
        e->mask |= (uint32_t)differs << (k - 1 - i);
        same = differs ? 0 : same + 1;
    }
    return false;
}

size_t hz_aprs_events(const struct hz_aprs_choice *choices, const struct hz_aprs_path *path,
                      size_t from, size_t count, struct hz_cpm_event *out, size_t max)
{
    size_t n = 0;
    for (size_t k = from + 1; k < count; k++) {
        struct hz_cpm_event e = {.cost = choices[k].gap[path[k].tone][path[k].begin]};
        if ((n == max && e.cost >= out[max - 1].cost) || !walk(choices, path, from, k, &e))
            continue;
        size_t i = n < max ? n++ : max - 1;
        for (; i > 0 && out[i - 1].cost > e.cost; i--)
            out[i] = out[i - 1];
        out[i] = e;
    }
    return n;
}
