/* The JSON Schema of a decoder's object, as docs/schema has it, from the table of its fields. */
#include "daemon/cmd/commands.h"
#include "proto/decoder.h"

#include <stdio.h>

/* Text within a JSON string. */
static void put_string(const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            putchar('\\');
        putchar(*s);
    }
}

/* Keywords of a table: ' stands for ". */
static void put_keywords(const char *s)
{
    for (; *s; s++)
        putchar(*s == '\'' ? '"' : *s);
}

static void put_field(const struct hz_field *f)
{
    printf("    \"%s\": {\"description\": \"", f->name);
    put_string(f->what);
    if (*f->unit)
        printf(" (%s)", f->unit);
    printf("\"");
    if (f->schema) {
        printf(", ");
        put_keywords(f->schema);
    }
    printf("}%s\n", f[1].name ? "," : "");
}

int hz_cmd_decoder_schema(const struct hz_decoder *d)
{
    const struct hz_field *typed = d->fields;
    while (typed && typed->name && !typed->schema)
        typed++;
    if (!typed || !typed->name) {
        fprintf(stderr, "hertzd decoders: the table of %s does not say what its fields hold\n",
                d->name);
        return HZ_EXIT_FAILED;
    }
    printf("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
           "  \"$id\": \"%s.schema.json\",\n  \"title\": \"%s\",\n"
           "  \"description\": \"The %s object of a message. ",
           d->name, d->name, d->name);
    put_string(d->title);
    printf(".\",\n  \"type\": \"object\",\n");
    if (d->schema) {
        printf("  ");
        put_keywords(d->schema);
        printf(",\n");
    }
    printf("  \"properties\": {\n");
    for (const struct hz_field *f = d->fields; f->name; f++)
        put_field(f);
    printf("  }\n}\n");
    return HZ_EXIT_OK;
}
