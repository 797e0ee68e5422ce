#include "proto/sensors/classes.h"

#include <errno.h>
#include <stdlib.h>

static struct hz_class *class_for(struct hz_classes *c, const struct hz_wave *wave)
{
    for (size_t i = 0; i < c->n; i++) {
        if (hz_shape_fits(&c->list[i].shape, wave))
            return &c->list[i];
    }
    struct hz_class *k = &c->list[c->n];
    if (hz_shape_init(&k->shape, wave) < 0)
        return NULL;
    k->family = c->n++;
    for (size_t i = 0; i < k->family; i++) {
        if (hz_shape_symbols_fit(&c->list[i].shape, wave)) {
            k->family = c->list[i].family;
            break;
        }
    }
    hz_run_lengths(wave, &k->lengths);
    return hz_coherence_band(wave, &k->band) < 0 ? NULL : k;
}

/* By length, so that sensors of one length are neighbours; else in the order of the set. */
static int insert(const struct hz_sensor_set *set, struct hz_class *k, uint16_t index)
{
    uint16_t *member = realloc(k->member, (k->n + 1) * sizeof *member);
    if (!member)
        return -ENOMEM;
    k->member = member;
    const struct hz_wave *w = &set->list[index].wave;
    size_t at = k->n++;
    for (; at > 0; at--) {
        const struct hz_wave *before = &set->list[member[at - 1]].wave;
        if (before->bits_max < w->bits_max ||
            (before->bits_max == w->bits_max && before->bits_min <= w->bits_min))
            break;
        member[at] = member[at - 1];
    }
    member[at] = index;
    return 0;
}

struct hz_classes *hz_classes_new(const struct hz_sensor_set *set)
{
    struct hz_classes *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->set = set;
    c->list = calloc(set->n + 1, sizeof *c->list);
    bool failed = !c->list;
    for (size_t i = 0; !failed && i < set->n; i++) {
        if (set->list[i].off)
            continue;
        struct hz_class *k = class_for(c, &set->list[i].wave);
        failed = !k || insert(set, k, (uint16_t)i) < 0;
    }
    if (failed) {
        hz_classes_free(c);
        return NULL;
    }
    hz_level_table_init(&c->table);
    return c;
}

void hz_classes_free(struct hz_classes *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++) {
        hz_shape_done(&c->list[i].shape);
        free(c->list[i].member);
    }
    free(c->list);
    free(c);
}
