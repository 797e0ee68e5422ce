/* hertzd decoders: what is built in, as a table for people or as docs/decoders.md. */
#include "ctl/option.h"
#include "daemon/cmd/commands.h"
#include "proto/registry.h"

#include <stdio.h>

enum { CELL = 64 };

/* "2-3.2 Msps", "48 ksps". */
static void put_rate(char out[CELL], double min_hz, double max_hz)
{
    double scale = min_hz < 1e6 ? 1e3 : 1e6;
    const char *unit = min_hz < 1e6 ? "ksps" : "Msps";
    if (min_hz < max_hz)
        snprintf(out, CELL, "%.6g-%.6g %s", min_hz / scale, max_hz / scale, unit);
    else
        snprintf(out, CELL, "%.6g %s", min_hz / scale, unit);
}

static void table(const struct hz_registry *decoders)
{
    printf("%-10s %-14s %-14s %-10s %s\n", "DECODER", "FREQUENCY", "RATE", "BANDWIDTH", "WHAT");
    for (const struct hz_decoder *const *p = decoders->list; *p; p++) {
        const struct hz_decoder *d = *p;
        char rate[CELL], freq[CELL] = "-", width[CELL];
        if (d->freqs_hz && d->freqs_hz[0] > 0)
            snprintf(freq, sizeof freq, "%.10g MHz", d->freqs_hz[0] / 1e6);
        put_rate(rate, d->rate_min_hz, d->rate_max_hz);
        snprintf(width, sizeof width, "%.6g kHz", d->bandwidth_hz / 1e3);
        printf("%-10s %-14s %-14s %-10s %s\n", d->name, freq, rate, width, d->title);
    }
}

/* ---- docs/decoders.md --------------------------------------------------------------------- */

/* Text in a cell of a table. */
static void put_text(const char *s)
{
    for (; *s; s++) {
        if (*s == '|')
            putchar('\\');
        putchar(*s);
    }
}

static void put_frequencies(const double *freqs_hz)
{
    printf("- `frequency`: ");
    if (!freqs_hz || freqs_hz[0] <= 0)
        printf("must be given");
    for (const double *f = freqs_hz; f && *f > 0; f++)
        printf("%s%.10g", f == freqs_hz ? "" : ", ", *f / 1e6);
    puts(freqs_hz && freqs_hz[0] > 0 ? " MHz" : "");
}

static void put_needs(const struct hz_decoder *d)
{
    char rate[CELL];
    put_rate(rate, d->rate_min_hz, d->rate_max_hz);
    if (d->input == HZ_INPUT_BAND)
        printf("- takes the whole band of a receiver with %s, best %.10g Msps; hears %.6g kHz\n",
               rate, d->rate_hz / 1e6, d->bandwidth_hz / 1e3);
    else if (d->input == HZ_INPUT_BASEBAND)
        printf("- takes a channel %.10g kHz wide (`bandwidth`), at %.10g samples per second\n",
               d->bandwidth_hz / 1e3, d->rate_hz);
    else if (d->input == HZ_INPUT_BURST)
        printf(
            "- takes bursts anywhere in the band of a receiver, at %.10g samples per second; "
            "`frequency` and `bandwidth` narrow where they are looked for, and `bursts` says how "
            "many are decoded at a time\n",
            d->rate_hz);
    else
        printf("- takes audio at %.10g samples per second\n", d->rate_hz);
    if (d->input == HZ_INPUT_BASEBAND && d->squelch_db > 0)
        printf("- `squelch`: %.6g dB, held for %.6g s\n", (double)d->squelch_db, (double)d->hang_s);
    else if (d->input == HZ_INPUT_BASEBAND)
        puts("- `squelch`: 0, always open: it hears what no squelch would open for");
    if (d->takes_audio)
        puts("- takes the audio of an FM discriminator too");
    if (d->rate_wide_hz > 0)
        printf("- takes wider %s at %.10g samples per second\n",
               d->input == HZ_INPUT_BURST ? "ones" : "channels", d->rate_wide_hz);
}

/* The default of an option, or what it may be. */
static void put_default(const struct hz_option *o)
{
    if (o->fallback)
        printf("`%s`", o->fallback);
    for (const char *const *word = o->choices; word && *word; word++)
        printf("%s`%s`", word == o->choices ? "; of " : ", ", *word);
    if (o->type == HZ_OPTION_HZ || o->type == HZ_OPTION_COUNT)
        printf("%s%.10g to %.10g", o->fallback ? "; " : "", o->min, o->max);
    else if (!o->fallback && o->example)
        printf("as in `%s`", o->example);
}

static void put_options(const struct hz_decoder *d)
{
    if (!d->options)
        return;
    printf("\n| option of `%s` | unit | values, default first | what |\n|---|---|---|---|\n",
           d->name);
    for (const struct hz_option *o = d->options; o->name; o++) {
        printf("| `%s` | %s | ", o->name, o->unit ? o->unit : "");
        put_default(o);
        printf(" | ");
        put_text(o->help);
        puts(" |");
    }
}

static void put_fields(const struct hz_decoder *d)
{
    if (!d->fields || !d->fields->name)
        return;
    printf("\n| field of `%s` | unit | what |\n|---|---|---|\n", d->name);
    for (const struct hz_field *f = d->fields; f->name; f++) {
        printf("| `%s` | ", f->name);
        put_text(f->unit);
        printf(" | ");
        put_text(f->what);
        puts(" |");
    }
}

static void markdown(const struct hz_registry *decoders)
{
    puts("# Decoders\n\n"
         "Written by `hertzd decoders --markdown >docs/decoders.md`; change the decoder, not this "
         "file.\n\n"
         "A channel needs only `decoder = NAME`; the other keys shown override what the decoder "
         "declares. The fields\nthat all messages have are in `messages.md`; a decoder's own "
         "stand in an object under its name.\n\n"
         "| decoder | what | MHz |\n|---|---|---|");
    for (const struct hz_decoder *const *p = decoders->list; *p; p++) {
        printf("| [`%s`](#%s) | ", (*p)->name, (*p)->name);
        put_text((*p)->title);
        printf(" | ");
        for (const double *f = (*p)->freqs_hz; f && *f > 0; f++)
            printf("%s%.10g", f == (*p)->freqs_hz ? "" : ", ", *f / 1e6);
        puts(" |");
    }
    for (const struct hz_decoder *const *p = decoders->list; *p; p++) {
        printf("\n## %s\n\n%s.\n\n", (*p)->name, (*p)->title);
        put_frequencies((*p)->freqs_hz);
        put_needs(*p);
        put_options(*p);
        put_fields(*p);
    }
}

/* What may be set of a channel with that decoder, beside what all have; or its schema. Exit code.
 */
static int options_of(const struct hz_cmd_syntax *syntax, const struct hz_registry *decoders,
                      const char *name, bool schema)
{
    const struct hz_decoder *d = hz_registry_find(decoders, name);
    if (!d)
        return hz_cmd_wrong(syntax->name, name, "no such decoder; 'hertzd decoders' lists them");
    if (schema)
        return hz_cmd_decoder_schema(d);
    printf("%s: %s\n", d->name, d->title);
    for (const struct hz_option *o = d->options; o && o->name; o++) {
        printf("  %-12s %-10s %s\n", o->name, o->fallback ? o->fallback : "-", o->help);
        for (const char *const *word = o->choices; word && *word; word++)
            printf("%s%s", word == o->choices ? "               one of " : ", ", *word);
        if (o->choices)
            putchar('\n');
    }
    if (!d->options)
        puts("  no options of its own");
    return d->wants_sensors ? hz_cmd_decoder_sensors() : HZ_EXIT_OK;
}

int hz_cmd_decoders(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    static const struct option longs[] = {{"markdown", no_argument, NULL, 'm'},
                                          {"schema", no_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    static const struct hz_cmd_syntax syntax = {
        "hertzd decoders",
        "usage: hertzd decoders [NAME [--schema]] [--markdown]\n\n"
        "Lists the decoders that are built in, or what a channel with NAME may set.\n\n"
        "  --markdown          with all their fields, as docs/decoders.md has it\n"
        "  --schema            the JSON Schema of NAME's object, as docs/schema has it\n",
        "", longs};
    int opt, code = HZ_EXIT_OK;
    bool all = false, schema = false;
    while ((opt = hz_cmd_option(&syntax, argc, argv, &code)) == 'm' || opt == 's')
        *(opt == 'm' ? &all : &schema) = true;
    if (opt == HZ_CMD_END)
        return code;
    if (optind + 1 < argc || (all && optind < argc))
        return hz_cmd_wrong(syntax.name, argv[argc - 1], "not expected");
    if (optind < argc)
        return options_of(&syntax, kinds->decoders, argv[optind], schema);
    if (schema)
        return hz_cmd_wrong(syntax.name, "--schema", "expected the name of a decoder before it");
    if (all)
        markdown(kinds->decoders);
    else
        table(kinds->decoders);
    return HZ_EXIT_OK;
}
