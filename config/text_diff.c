/* Differences of two texts of a configuration: found, made in a third, and printed. */
#include "config/text.h"

#include <errno.h>
#include <string.h>

enum { LONG = 1000 };

/* Told of each difference: the key of a section that has another value now, or none (NULL). Key
 * NULL: the section is gone, or it is one of a sensor, which is compared as a whole. -errno ends
 * it.
 */
typedef int tell_difference(void *ctx, const char *heading, const char *key, const char *value);

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* As a line that the reader takes (config/reader.h): a value that begins like a comment stands at
 * the
 * '=', and so does a long one. */
static void print_line(const char *key, const char *value, FILE *out)
{
    const bool close = strchr(";#", *value) || strlen(value) > LONG;
    fprintf(out, close ? "%s=%s\n" : "%s = %s\n", key, value);
}

static void print_section(const struct hz_text_section *s, FILE *out)
{
    fprintf(out, "[%s]\n", s->heading);
    for (size_t i = 0; i < s->n; i++) {
        if (s->lines[i].key)
            print_line(s->lines[i].key, s->lines[i].value, out);
    }
}

void hz_text_print(const struct hz_text *t, FILE *out)
{
    const char *between = "";
    for (size_t i = 0; i < t->n; i++) {
        if (!t->sections[i].heading)
            continue;
        fputs(between, out);
        print_section(&t->sections[i], out);
        between = "\n";
    }
}

/* Keys of one section that exists in `to`. */
static int diff_section(const struct hz_text_section *from, const struct hz_text_section *to,
                        tell_difference *tell, void *ctx)
{
    int rc = 0;
    for (size_t i = 0; i < to->n && rc == 0; i++) {
        const struct hz_text_line *l = &to->lines[i];
        if (l->key && !same(hz_text_value(from, l->key), l->value))
            rc = tell(ctx, to->heading, l->key, l->value);
    }
    for (size_t i = 0; from && i < from->n && rc == 0; i++) {
        const char *key = from->lines[i].key;
        if (key && !hz_text_value(to, key))
            rc = tell(ctx, to->heading, key, NULL);
    }
    return rc;
}

static bool same_line(const struct hz_text_line *a, const struct hz_text_line *b)
{
    return same(a->key, b->key) && same(a->value, b->value);
}

/* Whether two sections of a sensor say the same; NULL: there is none. */
static bool same_sensor(const struct hz_text_section *a, const struct hz_text_section *b)
{
    if (!a || !b || a->n != b->n)
        return a == b;
    size_t i = 0;
    while (i < a->n && same_line(&a->lines[i], &b->lines[i]))
        i++;
    return i == a->n;
}

/* What makes `to` of `from`; 0, or what `tell` returned. */
static int diff(const struct hz_text *from, const struct hz_text *to, tell_difference *tell,
                void *ctx)
{
    int rc = 0;
    for (size_t i = 0; i < from->n && rc == 0; i++) {
        const struct hz_text_section *s = &from->sections[i];
        if (s->heading && !hz_text_find(to, s->heading))
            rc = tell(ctx, s->heading, NULL, NULL);
    }
    for (size_t i = 0; i < to->n && rc == 0; i++) {
        const struct hz_text_section *s = &to->sections[i];
        const struct hz_text_section *was = s->heading ? hz_text_find(from, s->heading) : NULL;
        if (hz_text_is_sensor(s))
            rc = same_sensor(was, s) ? 0 : tell(ctx, s->heading, NULL, NULL);
        else if (s->heading)
            rc = diff_section(was, s, tell, ctx);
    }
    return rc;
}

static int tell_one(void *ctx, const char *heading, const char *key, const char *value)
{
    (void)ctx, (void)heading, (void)key, (void)value;
    return -EEXIST;
}

bool hz_text_same(const struct hz_text *a, const struct hz_text *b)
{
    return diff(a, b, tell_one, NULL) == 0;
}

/* ---- made in a third text --------------------------------------------------------------- */

struct carry {
    struct hz_text *onto;
    const struct hz_text *from, *to;
};

static bool same_section(const struct hz_text_section *a, const struct hz_text_section *b)
{
    return a && b && diff_section(a, b, tell_one, NULL) == 0;
}

/* A sensor's section that is another one in `to`, or gone. */
static int carry_sensor(const struct carry *c, struct hz_text_section *s,
                        const struct hz_text_section *was, const struct hz_text_section *now)
{
    if (!same_sensor(s, was))
        return 0;
    if (s)
        hz_text_remove(c->onto, s);
    return now ? hz_text_append(c->onto, now) : 0;
}

static int carry_one(void *ctx, const char *heading, const char *key, const char *value)
{
    const struct carry *c = ctx;
    const struct hz_text_section *was = hz_text_find(c->from, heading);
    struct hz_text_section *s = hz_text_find(c->onto, heading);
    const struct hz_text_section *now = hz_text_find(c->to, heading);
    if (hz_text_is_sensor(now ? now : was))
        return carry_sensor(c, s, was, now);
    if (!key) {
        if (same_section(was, s))
            hz_text_remove(c->onto, s);
        return 0;
    }
    const bool of_file = !was && s && s->line > 0; /* it has one of that name now */
    if (of_file || (was && !s) || !same(hz_text_value(was, key), hz_text_value(s, key)))
        return 0;
    s = hz_text_want(c->onto, heading);
    return s ? hz_text_set(c->onto, s, key, value) : -ENOMEM;
}

int hz_text_carry(struct hz_text *onto, const struct hz_text *from, const struct hz_text *to)
{
    struct carry c = {onto, from, to};
    return diff(from, to, carry_one, &c);
}

/* ---- printed ---------------------------------------------------------------------------- */

struct printing {
    FILE *out;
    const struct hz_text *to;
    char heading[96]; /* of the section that is open; "": none */
};

static int print_one(void *ctx, const char *heading, const char *key, const char *value)
{
    struct printing *p = ctx;
    const struct hz_text_section *now = hz_text_find(p->to, heading);
    if (!key && now) { /* of a sensor */
        fputs(*p->heading ? "\n" : "", p->out);
        print_section(now, p->out);
        snprintf(p->heading, sizeof p->heading, "%s", heading);
        return 0;
    }
    if (strcmp(p->heading, heading) != 0)
        fprintf(p->out, "%s[%s]\n", *p->heading ? "\n" : "", heading);
    snprintf(p->heading, sizeof p->heading, "%s", heading);
    if (!key)
        fputs("off = yes\n", p->out);
    else
        print_line(key, value ? value : "", p->out);
    return 0;
}

int hz_text_print_diff(const struct hz_text *from, const struct hz_text *to, FILE *out)
{
    struct printing p = {.out = out, .to = to};
    return diff(from, to, print_one, &p);
}
