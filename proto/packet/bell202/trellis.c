#include "proto/packet/bell202/trellis.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { PHASES = HZ_BELL202_PHASES, RING = 2 * PHASES + 1, EVENT_BITS = 32 };

static const float memory = 0.6f;
const unsigned hz_bell202_steps[2] = {24, 44};
/* The same modulo a whole cycle. */
static const unsigned step_of[2] = {0, 20};

void hz_bell202_survivors_init(struct hz_bell202_survivors *s, float price, float off)
{
    memset(s, 0, sizeof *s);
    s->price = price;
    for (int f = 0; f < 2; f++)
        s->slip[f] = off * (float)hz_bell202_steps[f];
}

/* Survivors of a tone after the bit, by the phase at its start. Rings that rotate with the phase
 * are stored twice, so all phases lie side by side from any position on. */
struct bit {
    float metric[RING], re[RING], im[RING], size[RING], ahead[RING];
    float gap[PHASES];
    int32_t changed[PHASES];
};

static inline __attribute__((always_inline)) void add_bit(const struct hz_bell202_survivors *s,
                                                          const struct hz_bell202_modulation *m,
                                                          const struct hz_bell202_match *z, int f,
                                                          struct bit *out)
{
    const int g = 1 - f;
    const float sign = f == HZ_BELL202_MARK ? 1 : -1;
    for (int p = 0; p < PHASES; p++) {
        float ar = memory * s->re[f][p], ai = memory * s->im[f][p];
        float vr = ar + z->re[f][p], vi = ai + z->im[f][p];
        float size = sqrtf(vr * vr + vi * vi);
        float stays = s->metric[f][p] + size - memory * s->size[f][p];
        float br = memory * s->re[g][p], bi = memory * s->im[g][p];
        float tr = m->rot_re[p], ti = sign * m->rot_im[p];
        float wr = br * tr - bi * ti + z->re[f][p], wi = br * ti + bi * tr + z->im[f][p];
        float other = sqrtf(wr * wr + wi * wi);
        float changes = s->metric[g][p] + other - memory * s->size[g][p];
        int32_t changed = changes > stays;
        float ahead = (changed ? s->ahead[g][p] : s->ahead[f][p]) + s->slip[f];
        out->metric[p] = out->metric[p + PHASES] = changed ? changes : stays;
        out->re[p] = out->re[p + PHASES] = changed ? wr : vr;
        out->im[p] = out->im[p + PHASES] = changed ? wi : vi;
        out->size[p] = out->size[p + PHASES] = changed ? other : size;
        out->ahead[p] = out->ahead[p + PHASES] = ahead;
        out->gap[p] = fabsf(changes - stays);
        out->changed[p] = changed;
    }
    out->metric[RING - 1] = out->metric[0];
    out->re[RING - 1] = out->re[0];
    out->im[RING - 1] = out->im[0];
    out->size[RING - 1] = out->size[0];
    out->ahead[RING - 1] = out->ahead[0];
}

/* Phase p is reached with one step more, none, or one less: from p, p + 1 and p + 2 in a ring that
 * is rotated accordingly. */
static inline __attribute__((always_inline)) void
move_on(const struct bit *b, int f, struct hz_bell202_survivors *s, int32_t *steps)
{
    const unsigned shift = PHASES - 1 - step_of[f];
    const float *metric = b->metric + shift, *re = b->re + shift, *im = b->im + shift;
    const float *size = b->size + shift, *ahead = b->ahead + shift, price = s->price;
    for (int p = 0; p < PHASES; p++) {
        float more = ahead[p] - 1, same = ahead[p + 1], less = ahead[p + 2] + 1;
        float up = metric[p] - price * more * more, on = metric[p + 1] - price * same * same,
              down = metric[p + 2] - price * less * less;
        /* Read before the choice: loads under a condition are not vectorised well. */
        float re_up = re[p], re_on = re[p + 1], re_down = re[p + 2];
        float im_up = im[p], im_on = im[p + 1], im_down = im[p + 2];
        float size_up = size[p], size_on = size[p + 1], size_down = size[p + 2];
        bool is_up = up > on && up > down, is_down = !is_up && down > on;
        float off = is_up ? more : is_down ? less : same;
        s->metric[f][p] = is_up ? up : is_down ? down : on;
        s->re[f][p] = is_up ? re_up : is_down ? re_down : re_on;
        s->im[f][p] = is_up ? im_up : is_down ? im_down : im_on;
        s->size[f][p] = is_up ? size_up : is_down ? size_down : size_on;
        s->ahead[f][p] = off * off > 0.25f ? 0 : off;
        steps[p] = is_up ? 1 : is_down ? -1 : 0;
    }
}

HZ_CLONES void hz_bell202_step(struct hz_bell202_survivors *s,
                               const struct hz_bell202_modulation *m,
                               const struct hz_bell202_match *z, struct hz_bell202_choice *choice)
{
    struct bit b[2];
    int32_t steps[2][PHASES];
    add_bit(s, m, z, 0, &b[0]);
    add_bit(s, m, z, 1, &b[1]);
    move_on(&b[0], 0, s, steps[0]);
    move_on(&b[1], 1, s, steps[1]);
    for (int f = 0; f < 2 && choice; f++) {
        for (int p = 0; p < PHASES; p++) {
            choice->gap[f][p] = b[f].gap[p];
            choice->changed[f][p] = b[f].changed[p];
            choice->ahead[f][p] = (int8_t)steps[f][p];
        }
    }
}

float hz_bell202_best(const struct hz_bell202_survivors *s, unsigned *state)
{
    const float *metric = s->metric[0];
    *state = 0;
    for (unsigned i = 1; i < HZ_BELL202_STATES; i++)
        *state = metric[i] > metric[*state] ? i : *state;
    return metric[*state];
}

static struct hz_bell202_path step_back(const struct hz_bell202_choice *choice, unsigned *state)
{
    unsigned f = *state / PHASES, end = *state % PHASES;
    unsigned begin = (end + 2 * PHASES - step_of[f] - (unsigned)choice->ahead[f][end]) % PHASES;
    *state = (choice->changed[f][begin] ? 1 - f : f) * PHASES + begin;
    return (struct hz_bell202_path){(uint8_t)f, (uint8_t)begin, (uint8_t)end};
}

int hz_bell202_ahead(const struct hz_bell202_path *path)
{
    unsigned ahead = (path->end + 2u * PHASES + 1 - path->begin - step_of[path->tone]) % PHASES;
    return (int)ahead - 1;
}

void hz_bell202_trace(const struct hz_bell202_choice *choices, size_t count, unsigned state,
                      struct hz_bell202_path *path)
{
    while (count-- > 0)
        path[count] = step_back(&choices[count], &state);
}

/* The survivor that lost where bit k of the path begins: walks back until it is on that path, or
 * has had the same tones for so long that it no longer matters. */
static bool walk(const struct hz_bell202_choice *choices, const struct hz_bell202_path *path,
                 size_t from, size_t k, struct hz_cpm_event *e)
{
    enum { SAME = 10 };
    const struct hz_bell202_path *at = &path[k];
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

size_t hz_bell202_events(const struct hz_bell202_choice *choices,
                         const struct hz_bell202_path *path, size_t from, size_t count,
                         struct hz_cpm_event *out, size_t max)
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
