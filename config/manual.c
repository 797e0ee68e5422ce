#include "config/manual.h"
#include "config/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* How a table of keys is printed. */
struct style {
    void (*heading)(FILE *out, const struct hz_section_info *s, const char *kind);
    void (*key)(FILE *out, const struct hz_option *o, const char *values);
};

/* Adds to text, as far as there is room. */
__attribute__((format(printf, 3, 4))) static void add(char *text, size_t size, const char *format,
                                                      ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

/* What a key may be, and what it is by itself. */
static void values(const struct hz_option *o, char *text, size_t size)
{
    *text = '\0';
    if (o->expected)
        add(text, size, "%s", o->expected);
    else if (o->choices)
        for (const char *const *word = o->choices; *word; word++)
            add(text, size, "%s%s", word == o->choices ? "" : word[1] ? ", " : " or ", *word);
    else if (o->type == HZ_OPTION_YES)
        add(text, size, "yes or no");
    else if (o->type == HZ_OPTION_HZ || o->type == HZ_OPTION_COUNT || o->type == HZ_OPTION_NUMBER ||
             o->type == HZ_OPTION_FREQUENCY)
        add(text, size, "%s%s%.10g to %.10g", o->word ? o->word : "", o->word ? " or " : "", o->min,
            o->max);
    if (o->unit && !o->expected)
        add(text, size, "%s%s", *text ? " " : "in ", o->unit);
    if (o->fallback && *o->fallback)
        add(text, size, "%sdefault %s", *text ? "; " : "", o->fallback);
    else if (o->example && !(o->expected && strstr(o->expected, "as in")))
        add(text, size, "%sas in %s", *text ? ", " : "", o->example);
}

static void table(FILE *out, const struct style *style, const struct hz_option *options,
                  const char *names)
{
    char text[512];
    for (const struct hz_option *o = options; o && o->name; o++) {
        if (o->type == HZ_OPTION_KIND)
            snprintf(text, sizeof text, "%s", names);
        else
            values(o, text, sizeof text);
        style->key(out, o, text);
    }
}

/* The kinds of a section, in words. */
static void kind_names(const struct hz_conf_kinds *kinds, enum hz_section s, char *text,
                       size_t size)
{
    *text = '\0';
    for (size_t i = 0; hz_sections[s].selector && hz_choice_at(kinds, s, i).kind; i++)
        add(text, size, "%s%s", i == 0 ? "" : ", ", hz_choice_at(kinds, s, i).name);
}

/* The section's own keys, and those of its kinds. kind: only of this one; NULL: of all. */
static void section(const struct hz_conf_kinds *kinds, enum hz_section s, const char *kind,
                    FILE *out, const struct style *style)
{
    const struct hz_section_info *info = &hz_sections[s];
    char names[512];
    kind_names(kinds, s, names, sizeof names);
    style->heading(out, info, NULL);
    table(out, style, info->options, names);
    for (size_t i = 0; info->selector && hz_choice_at(kinds, s, i).kind; i++) {
        struct hz_choice c = hz_choice_at(kinds, s, i);
        if (!c.options || !c.options->name || (kind && strcmp(kind, c.name) != 0))
            continue;
        style->heading(out, info, c.name);
        table(out, style, c.options, "");
    }
}

/* ---- for the terminal ------------------------------------------------------------------- */

static void heading_text(FILE *out, const struct hz_section_info *s, const char *kind)
{
    const char *name = strcmp(s->name, "hertzd") == 0 ? "" : " NAME";
    if (kind)
        fprintf(out, "\n[%s%s] with %s = %s\n", s->name, name, s->selector, kind);
    else
        fprintf(out, "\n[%s%s]\n", s->name, name);
}

static void key_text(FILE *out, const struct hz_option *o, const char *values)
{
    fprintf(out, "  %-15s %s\n", o->name, o->help ? o->help : "");
    if (*values)
        fprintf(out, "  %-15s   (%s)\n", "", values);
}

/* ---- for man ---------------------------------------------------------------------------- */

/* Text without what man(7) would take for a request or an escape. */
static void put_man(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (const char *p = text; *p; p++) {
        if (*p == '\\')
            fputs("\\e", out);
        else if (*p == '-')
            fputs("\\-", out);
        else if (*p != '`')
            fputc(*p, out);
    }
}

static void heading_man(FILE *out, const struct hz_section_info *s, const char *kind)
{
    const char *name = strcmp(s->name, "hertzd") == 0 ? "" : " NAME";
    if (kind)
        fprintf(out, ".SS [%s%s] with %s = %s\n", s->name, name, s->selector, kind);
    else
        fprintf(out, ".SS [%s%s]\n", s->name, name);
}

static void key_man(FILE *out, const struct hz_option *o, const char *values)
{
    fprintf(out, ".TP\n.B %s\n", o->name);
    put_man(out, o->help ? o->help : "");
    if (*values) {
        fputs(".\n(", out);
        put_man(out, values);
        fputc(')', out);
    }
    fputs(".\n", out);
}

/* ----------------------------------------------------------------------------------------- */

static int find_section(const char *name, char *expected, size_t size)
{
    const char *names[HZ_SECTIONS + 1] = {NULL};
    for (int s = 0; s < HZ_SECTIONS; s++) {
        names[s] = hz_sections[s].name;
        if (strcmp(names[s], name) == 0)
            return s;
    }
    hz_words_join(names, expected, size);
    return -EINVAL;
}

int hz_manual_keys(const struct hz_conf_kinds *kinds, const char *name, const char *kind, FILE *out,
                   char *expected, size_t size)
{
    static const struct style text = {heading_text, key_text};
    struct hz_choice found;
    int s = name ? find_section(name, expected, size) : 0;
    if (s < 0)
        return s;
    if (kind && !hz_sections[s].selector) {
        snprintf(expected, size, "no word: a section [%s] has no kinds", name);
        return -EINVAL;
    }
    if (kind && hz_choice_find(kinds, (enum hz_section)s, kind, &found, expected, size) < 0)
        return -EINVAL;
    for (int i = name ? s : 0; i < (name ? s + 1 : HZ_SECTIONS); i++)
        section(kinds, (enum hz_section)i, kind, out, &text);
    return 0;
}

void hz_manual_page(const struct hz_conf_kinds *kinds, FILE *out)
{
    static const struct style man = {heading_man, key_man};
    for (int s = 0; s < HZ_SECTIONS; s++)
        section(kinds, (enum hz_section)s, NULL, out, &man);
}
