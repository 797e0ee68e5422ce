#include "proto/wmbus/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct hz_meter_keys *hz_meter_keys_new(size_t n)
{
    struct hz_meter_keys *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    *k = (struct hz_meter_keys){.list = calloc(n + 1, sizeof *k->list), .n = n, .refs = 1};
    if (k->list)
        return k;
    free(k);
    return NULL;
}

struct hz_meter_keys *hz_meter_keys_ref(struct hz_meter_keys *k)
{
    if (k)
        k->refs++;
    return k;
}

void hz_meter_keys_unref(struct hz_meter_keys *k)
{
    if (!k || --k->refs > 0)
        return;
    explicit_bzero(k->list, k->n * sizeof *k->list);
    free(k->list);
    free(k);
}

bool hz_meter_keys_same(const struct hz_meter_keys *a, const struct hz_meter_keys *b)
{
    if (!a || !b)
        return a == b;
    return a == b || (a->n == b->n && memcmp(a->list, b->list, a->n * sizeof *a->list) == 0);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Exactly 2 n digits. */
static int parse(const char *text, uint8_t *bytes, size_t n)
{
    if (strlen(text) != 2 * n)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return -EINVAL;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

int hz_meter_id_parse(const char *text, void *id)
{
    uint8_t b[4];
    if (parse(text, b, sizeof b) != 0)
        return -EINVAL;
    *(uint32_t *)id = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return 0;
}

int hz_meter_key_parse(const char *text, void *key)
{
    uint8_t bytes[16];
    if (parse(text, bytes, sizeof bytes) != 0)
        return -EINVAL;
    memcpy(key, bytes, sizeof bytes);
    return 0;
}
