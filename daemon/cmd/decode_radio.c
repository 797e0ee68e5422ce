/* What `hertzd decode` takes instead of a recording: a live source, named as KIND:DEVICE. */
#include "daemon/cmd/decode_args.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct hz_source_kind *find_kind(const struct hz_conf_kinds *kinds, const char *input)
{
    for (const struct hz_source_kind *const *k = kinds->sources; *k; k++) {
        size_t n = strlen((*k)->kind.name);
        if ((*k)->live && strncmp((*k)->kind.name, input, n) == 0 && input[n] == ':')
            return *k;
    }
    return NULL;
}

static int refuse(const char *text)
{
    fprintf(stderr, "hertzd decode: %s\n", text);
    return -EINVAL;
}

int hz_decode_args_radio(struct hz_decode_args *a, const char *input)
{
    char err[700];
    const struct hz_conf_receiver *asked = &a->conf->receiver;
    const struct hz_source_kind *kind = find_kind(a->kinds, input);
    if (!kind)
        return 0;
    if (asked->rate_hz <= 0 || asked->centre_hz <= 0)
        return refuse("a device needs -r RATE and -f FREQ, as -r 2400k -f 1090M");
    if (asked->format.given || a->conf->start_utc_ns != INT64_MIN)
        return refuse("-t and --start are of recordings; of a device: --set format=cs16");
    a->radio = hz_conf_receiver_new(kind, kind->kind.name);
    if (!a->radio)
        return -ENOMEM;
    const char *device = input + strlen(kind->kind.name) + 1;
    if (*device) /* what names the device is the first key of each kind */
        a->sets[a->n_sets++] =
            (struct hz_setting){.key = kind->kind.options[0].name, .value = device};
    int rc = hz_conf_receiver_read(a->radio, a->kinds, a->sets, a->n_sets, err, sizeof err);
    a->radio->rate_hz = asked->rate_hz;
    a->radio->centre_hz = asked->centre_hz;
    if (rc == -EINVAL)
        return refuse(err);
    return rc == 0 ? 1 : rc;
}
