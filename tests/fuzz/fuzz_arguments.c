/* Any words, one a line, as the command line of `hertzd decode`. */
#include "daemon/cmd/decode_args.h"
#include "daemon/run/kinds.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 64 };

/* What it has to say is not looked at; the sanitizers write past these streams. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    FILE *nowhere = fopen("/dev/null", "w");
    if (!nowhere)
        abort();
    stdout = nowhere;
    stderr = nowhere;
    return 0;
}

static void check(const struct hz_decode_args *a)
{
    if (!a->conf->path || a->conf->receiver.rate_hz < 0 || a->conf->receiver.centre_hz < 0 ||
        a->workers < 0 || a->n_channels > HZ_PLAN_CHANNELS_MAX)
        abort();
    for (size_t i = 0; i < a->n_channels; i++) {
        if (!a->channels[i].decoder || a->channels[i].freq_hz < 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS_MAX + 2] = {(char[]){"decode"}}, *rest = NULL;
    int n = 1;
    char *text = malloc(size + 1);
    struct hz_decode_args *a = calloc(1, sizeof *a);
    if (!text || !a)
        abort();
    memcpy(text, data, size);
    text[size] = 0;
    for (char *word = strtok_r(text, "\n", &rest); word && n <= WORDS_MAX;
         word = strtok_r(NULL, "\n", &rest))
        words[n++] = word;
    optind = 0; /* glibc: begins anew */
    struct hz_registry decoders;
    if (hz_registry_init(&decoders) < 0)
        abort();
    const struct hz_conf_kinds kinds = hz_kinds_with(&decoders);
    if (hz_decode_args_parse(a, n, words, &kinds) == 0)
        check(a);
    hz_decode_args_done(a);
    hz_registry_done(&decoders);
    free(a);
    free(text);
    return 0;
}
