#include "proto/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line each, in the order in which they are shown. */
/* clang-format off */
#define DECODERS(D) \
    D(hz_adsb_decoder) \
    D(hz_ais_decoder) \
    D(hz_bell202_decoder) \
    D(hz_g3ruh_decoder) \
    D(hz_pocsag_decoder) \
    D(hz_flex_decoder) \
    D(hz_acars_decoder) \
    D(hz_vdl2_decoder) \
    D(hz_rs41_decoder) \
    D(hz_dfm_decoder) \
    D(hz_m10_decoder) \
    D(hz_rds_decoder) \
    D(hz_sensors_decoder) \
    D(hz_wmbus_decoder) \
    D(hz_nfm_decoder) \
    D(hz_am_decoder)
/* clang-format on */

#define DECLARE(decoder) extern const struct hz_decoder decoder;
#define LIST(decoder)    &decoder,

DECODERS(DECLARE)

const struct hz_decoder *const hz_decoders[] = {DECODERS(LIST) NULL};

const struct hz_decoder *hz_decoder_find(const char *name)
{
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++) {
        if (strcmp((*d)->name, name) == 0)
            return *d;
    }
    return NULL;
}

static int append(struct hz_registry *r, const struct hz_decoder *d)
{
    const struct hz_decoder **list = realloc(r->list, (r->n + 2) * sizeof *list);
    if (!list)
        return -ENOMEM;
    r->list = list;
    list[r->n++] = d;
    list[r->n] = NULL;
    return 0;
}

int hz_registry_init(struct hz_registry *r)
{
    *r = (struct hz_registry){0};
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++) {
        if (append(r, *d) < 0) {
            hz_registry_done(r);
            return -ENOMEM;
        }
    }
    return 0;
}

void hz_registry_done(struct hz_registry *r)
{
    free(r->list);
    *r = (struct hz_registry){0};
}

const struct hz_decoder *hz_registry_find(const struct hz_registry *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->list[i]->name, name) == 0)
            return r->list[i];
    }
    return NULL;
}

/* Names go into lists with commas, into paths and into JSON without being escaped. */
static bool name_is_good(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = strlen(name);
    return n > 0 && n < HZ_DECODER_NAME_SIZE && strspn(name, allowed) == n;
}

int hz_registry_add(struct hz_registry *r, const struct hz_decoder *d, char *err, size_t err_len)
{
    if (!name_is_good(d->name)) {
        snprintf(
            err, err_len,
            "decoder '%.40s': expected a name of at most %d small letters, digits, '-' and '_'",
            d->name, HZ_DECODER_NAME_SIZE - 1);
        return -EINVAL;
    }
    if (d->options_size > HZ_OPTIONS_SIZE) {
        snprintf(err, err_len, "decoder %s: its options take %zu bytes: expected at most %d",
                 d->name, d->options_size, HZ_OPTIONS_SIZE);
        return -EINVAL;
    }
    if (hz_registry_find(r, d->name)) {
        snprintf(err, err_len, "decoder %s: there is one of that name already", d->name);
        return -EEXIST;
    }
    if (append(r, d) == 0)
        return 0;
    snprintf(err, err_len, "decoder %s: no memory", d->name);
    return -ENOMEM;
}
