/* Differences of two texts of a configuration: found, made in a third, and printed. */
#include "config/text.h"

#include <errno.h>
#include <string.h>

enum { LONG = 1000 };

static bool counts(const struct hz_text_section *s)
{
    return s->heading && strncmp(s->heading, "sensor ", 7) != 0;
}

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
                        hz_text_differs *tell, void *ctx)
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

int hz_text_diff(const struct hz_text *from, const struct hz_text *to, hz_text_differs *tell,
                 void *ctx)
{
    int rc = 0;
    for (size_t i = 0; i < from->n && rc == 0; i++) {
        const struct hz_text_section *s = &from->sections[i];
        if (counts(s) && !hz_text_find(to, s->heading))
            rc = tell(ctx, s->heading, NULL, NULL);
    }
    for (size_t i = 0; i < to->n && rc == 0; i++) {
        const struct hz_text_section *s = &to->sections[i];
        if (counts(s))
            rc = diff_section(hz_text_find(from, s->heading), s, tell, ctx);
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
    return hz_text_diff(a, b, tell_one, NULL) == 0;
}

/* ---- made in a third text --------------------------------------------------------------- */

struct carry {
    struct hz_text *onto;
    const struct hz_text *from;
};

static bool same_section(const struct hz_text_section *a, const struct hz_text_section *b)
{
    return a && b && diff_section(a, b, tell_one, NULL) == 0;
}

static int carry_one(void *ctx, const char *heading, const char *key, const char *value)
{
    const struct carry *c = ctx;
    const struct hz_text_section *was = hz_text_find(c->from, heading);
    struct hz_text_section *s = hz_text_find(c->onto, heading);
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
    struct carry c = {onto, from};
    return hz_text_diff(from, to, carry_one, &c);
}

/* ---- printed ---------------------------------------------------------------------------- */

struct printing {
    FILE *out;
    char heading[96]; /* of the section that is open; "": none */
};

static int print_one(void *ctx, const char *heading, const char *key, const char *value)
{
    struct printing *p = ctx;
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
    struct printing p = {.out = out};
    return hz_text_diff(from, to, print_one, &p);
}
