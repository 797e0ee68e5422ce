/* A set from its drafts. */
#include "proto/sensors/set.h"
#include "proto/sensors/classes.h"

#include "proto/nearest.h"
#include "proto/sensors/draft.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct made_set {
    struct hz_sensor_set set; /* first */
    unsigned refs;
    uint64_t hash; /* of what was declared */
    struct hz_arena arena;
};

/* ---- sections of one name --------------------------------------------------------------- */

/* Whether it has only what changes another section. */
static bool is_change(const struct hz_draft_section *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->keys[i].key != HZ_KEY_USE && s->keys[i].key != HZ_KEY_PREFER)
            return false;
    }
    return s->n > 0;
}

static void change(struct hz_sensor_drafts *d, struct hz_draft_section *s,
                   const struct hz_draft_section *by)
{
    struct hz_draft_key *keys = realloc(s->keys, (s->n + by->n) * sizeof *keys);
    if (!keys) {
        d->no_memory = true;
        return;
    }
    memcpy(keys + s->n, by->keys, by->n * sizeof *keys); /* the last one counts */
    s->keys = keys;
    s->n = s->room = s->n + by->n;
}

/* The last section of that name before `end` that was not replaced; NULL: there is none. */
static struct hz_draft_section *before(struct hz_sensor_drafts *d, size_t end, const char *name)
{
    for (size_t i = end; i-- > 0;) {
        if (!d->sections[i].replaced && strcmp(d->sections[i].name, name) == 0)
            return &d->sections[i];
    }
    return NULL;
}

/* A later section of a name takes the place of an earlier one, or changes it. */
static void merge(struct hz_sensor_drafts *d)
{
    for (size_t i = 0; i < d->n; i++) {
        struct hz_draft_section *s = &d->sections[i], *other = before(d, i, s->name);
        if (!other)
            continue;
        if (strcmp(other->file, s->file) == 0)
            hz_draft_error(d, s->file, s->line, "a second [sensor %s]: the first is at line %d",
                           s->name, other->line);
        if (is_change(s))
            change(d, other, s);
        (is_change(s) ? s : other)->replaced = true;
    }
}

/* ---- twins ------------------------------------------------------------------------------ */

enum { NONE = 0xffff };

static uint16_t index_of(const struct hz_sensor_set *set, const char *name, size_t n)
{
    for (size_t i = 0; i < set->n; i++) {
        if (strlen(set->list[i].name) == n && memcmp(set->list[i].name, name, n) == 0)
            return (uint16_t)i;
    }
    return NONE;
}

/* Adds the pair, in both lists; what a list says already stays. */
static void pair(struct hz_sensor_twin **list, size_t *n, uint16_t a, uint16_t b, bool wins)
{
    for (size_t i = 0; i < n[a]; i++) {
        if (list[a][i].other == b)
            return;
    }
    struct hz_sensor_twin *more = realloc(list[a], (n[a] + 1) * sizeof *more);
    if (!more)
        return;
    list[a] = more;
    more[n[a]++] = (struct hz_sensor_twin){b, wins};
}

static void no_such_twin(struct hz_sensor_drafts *d, const struct hz_sensor_set *set,
                         const struct hz_draft_key *k, const char *name, size_t n)
{
    char word[HZ_SENSOR_NAME_MAX + 1];
    const char **names = calloc(set->n + 1, sizeof *names);
    for (size_t i = 0; names && i < set->n; i++)
        names[i] = set->list[i].name;
    snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word), name);
    const char *near = names ? hz_nearest(word, names) : NULL;
    hz_draft_error(d, k->file, k->line, "twins: there is no [sensor %s]%s%s%s", word,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    free(names);
}

static void read_twins(struct hz_sensor_drafts *d, const struct hz_sensor_set *set, uint16_t self,
                       const struct hz_draft_key *k, struct hz_sensor_twin **list, size_t *n)
{
    for (const char *s = k->value; *s;) {
        s += strspn(s, " \t,");
        const size_t length = strcspn(s, " \t,");
        if (length == 0)
            return;
        const uint16_t other = index_of(set, s, length);
        if (other == NONE) {
            no_such_twin(d, set, k, s, length);
        } else if (other == self) {
            hz_draft_error(d, k->file, k->line, "twins: %.*s is this sensor: expected others",
                           (int)length, s);
        } else {
            pair(list, n, self, other, true);
            pair(list, n, other, self, false);
        }
        s += length;
    }
}

static bool prefers(const struct hz_draft_section *s)
{
    const struct hz_draft_key *k = hz_draft_find(s->keys, s->n, HZ_KEY_PREFER);
    return k && strcmp(k->value, "yes") == 0;
}

static void make_twins(struct hz_sensor_drafts *d, struct made_set *made, struct hz_sensor *sensors,
                       const uint16_t *live)
{
    const size_t count = made->set.n;
    struct hz_sensor_twin **list = calloc(count + 1, sizeof *list);
    size_t *n = calloc(count + 1, sizeof *n);
    for (size_t i = 0; list && n && i < count; i++) {
        const struct hz_draft_section *s = &d->sections[live[i]];
        const struct hz_draft_key *k = hz_draft_find(s->keys, s->n, HZ_KEY_TWINS);
        if (k)
            read_twins(d, &made->set, (uint16_t)i, k, list, n);
    }
    for (size_t i = 0; list && n && i < count; i++) {
        for (size_t t = 0; t < n[i]; t++) {
            const bool mine = prefers(&d->sections[live[i]]),
                       others = prefers(&d->sections[live[list[i][t].other]]);
            if (mine != others)
                list[i][t].wins = mine;
        }
        sensors[i].twins = hz_arena_copy(&made->arena, list[i], n[i] * sizeof *list[i]);
        sensors[i].n_twins = sensors[i].twins ? n[i] : 0;
        free(list[i]);
    }
    d->no_memory = d->no_memory || !list || !n;
    free(list);
    free(n);
}

static uint64_t hash_text(uint64_t h, const char *text)
{
    do
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3); /* FNV-1a */
    while (*text++);
    return h;
}

static uint64_t hash(const struct hz_sensor_drafts *d)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < d->n; i++) {
        h = hash_text(h, d->sections[i].name);
        for (size_t k = 0; k < d->sections[i].n; k++) {
            h = hash_text(h, d->sections[i].keys[k].name);
            h = hash_text(h, d->sections[i].keys[k].value);
        }
    }
    return h;
}

/* ---- a set ------------------------------------------------------------------------------ */

static void run_examples(struct hz_sensor_drafts *d, const struct hz_sensor *s)
{
    char err[300];
    for (size_t i = 0; i < s->n_examples; i++) {
        if (!hz_sensor_example_passes(s, i, err, sizeof err))
            hz_draft_error(d, s->file, s->examples[i].line, "example of %s: %s", s->name, err);
    }
}

static bool declare(struct hz_sensor_drafts *d, struct hz_draft_section *s, struct hz_arena *arena,
                    struct hz_sensor *out)
{
    struct hz_arena scratch = {NULL};
    struct hz_draft_key *keys;
    size_t n;
    if (is_change(s)) {
        hz_draft_error(d, s->file, s->line,
                       "[sensor %s] has only use or prefer, and there is no other of that name to "
                       "change",
                       s->name);
        return false;
    }
    const bool ok =
        hz_draft_keys(d, s, &scratch, &keys, &n) && hz_declare(d, s, keys, n, arena, out);
    hz_arena_free(&scratch);
    if (ok)
        run_examples(d, out);
    return ok;
}

/* Into room for all of them. `live`: the section of each. */
static void make(struct hz_sensor_drafts *d, struct made_set *made, struct hz_sensor *sensors,
                 uint16_t *live)
{
    size_t n = 0;
    made->refs = 1;
    for (size_t i = 0; i < d->n; i++) {
        if (d->sections[i].replaced || !declare(d, &d->sections[i], &made->arena, &sensors[n]))
            continue;
        live[n++] = (uint16_t)i;
    }
    if (d->errors > 0)
        return;
    made->set = (struct hz_sensor_set){.list = sensors, .n = n};
    made->hash = hash(d);
    make_twins(d, made, sensors, live);
    made->set.classes = hz_classes_new(&made->set);
    d->no_memory |= !made->set.classes;
}

int hz_sensor_drafts_compile(struct hz_sensor_drafts *d, struct hz_sensor_set **set)
{
    merge(d);
    struct made_set *made = calloc(1, sizeof *made);
    struct hz_sensor *sensors = calloc(d->n + 1, sizeof *sensors);
    uint16_t *live = calloc(d->n + 1, sizeof *live);
    if (made && sensors && live)
        make(d, made, sensors, live);
    else
        d->no_memory = true;
    free(live);
    if (!d->no_memory && d->errors == 0) {
        *set = &made->set;
        return 0;
    }
    if (made) {
        hz_classes_free(made->set.classes);
        hz_arena_free(&made->arena);
    }
    free(made);
    free(sensors);
    return d->errors > 0 ? -EINVAL : -ENOMEM;
}

struct hz_sensor_set *hz_sensor_set_ref(struct hz_sensor_set *set)
{
    if (set)
        ((struct made_set *)set)->refs++;
    return set;
}

void hz_sensor_set_unref(struct hz_sensor_set *set)
{
    struct made_set *made = (struct made_set *)set;
    if (!made || --made->refs > 0)
        return;
    hz_classes_free(made->set.classes);
    hz_arena_free(&made->arena);
    free((struct hz_sensor *)made->set.list);
    free(made);
}

bool hz_sensor_set_same(const struct hz_sensor_set *a, const struct hz_sensor_set *b)
{
    if (!a || !b)
        return a == b;
    return a == b || ((const struct made_set *)a)->hash == ((const struct made_set *)b)->hash;
}

const struct hz_sensor *hz_sensor_find(const struct hz_sensor_set *set, const char *name)
{
    const uint16_t i = index_of(set, name, strlen(name));
    return i == NONE ? NULL : &set->list[i];
}
