#include "daemon/picture/kept.h"

#include <stdlib.h>

/* An entry: the head, the name, the value. Not aligned. */
struct head {
    uint32_t heard_s;
    uint16_t value_len;
    uint16_t name_len;
};

static struct head head_at(const struct hz_kept *k, uint32_t at)
{
    struct head h;
    memcpy(&h, k->buf + at, sizeof h);
    return h;
}

static uint32_t entry_size(const struct head *h)
{
    return (uint32_t)(sizeof *h + h->name_len + h->value_len);
}

static bool is_named(const struct hz_kept *k, uint32_t at, const struct head *h,
                     struct hz_value name)
{
    return h->name_len == name.n && memcmp(k->buf + at + sizeof *h, name.p, name.n) == 0;
}

/* Where the entry of that name is; k->len: nowhere. Looks from `hint` on first, since messages of
 * one type have their fields in one order. */
static uint32_t find(const struct hz_kept *k, struct hz_value name, uint32_t hint)
{
    struct head h;
    for (uint32_t at = hint; at < k->len; at += entry_size(&h)) {
        h = head_at(k, at);
        if (is_named(k, at, &h, name))
            return at;
    }
    for (uint32_t at = 0; at < hint; at += entry_size(&h)) {
        h = head_at(k, at);
        if (is_named(k, at, &h, name))
            return at;
    }
    return k->len;
}

/* Makes the entry at `at`, which has `was` bytes (0: it is new), `size` bytes long. */
static bool resize(struct hz_kept *k, uint32_t at, uint32_t was, uint32_t size)
{
    uint32_t len = k->len - was + size;
    if (len > HZ_KEPT_MAX)
        return false;
    if (len > k->cap) {
        uint32_t cap = len + len / 4;
        char *buf = realloc(k->buf, cap);
        if (!buf)
            return false;
        k->buf = buf;
        k->cap = cap;
    }
    if (was != size)
        memmove(k->buf + at + size, k->buf + at + was, k->len - at - was);
    k->len = len;
    return true;
}

size_t hz_kept_take(struct hz_kept *k, const struct hz_record *rec, uint32_t heard_s, bool only_new)
{
    size_t lost = 0;
    uint32_t hint = 0;
    for (size_t i = 0; i < rec->n_fields; i++) {
        struct hz_value name, value;
        hz_record_field_at(rec, i, &name, &value);
        uint32_t at = find(k, name, hint), was = 0;
        if (at < k->len) {
            struct head old = head_at(k, at);
            was = entry_size(&old);
            hint = at + was;
            if (only_new)
                continue;
        }
        struct head h = {heard_s, (uint16_t)value.n, (uint16_t)name.n};
        if (value.n > HZ_KEPT_VALUE_MAX || !resize(k, at, was, entry_size(&h))) {
            lost++;
            continue;
        }
        memcpy(k->buf + at, &h, sizeof h);
        memcpy(k->buf + at + sizeof h, name.p, name.n);
        memcpy(k->buf + at + sizeof h + name.n, value.p, value.n);
        hint = at + entry_size(&h);
    }
    return lost;
}

bool hz_kept_next(const struct hz_kept *k, uint32_t *at, struct hz_kept_field *f)
{
    if (*at >= k->len)
        return false;
    struct head h = head_at(k, *at);
    const char *name = k->buf + *at + sizeof h;
    *f = (struct hz_kept_field){{name, h.name_len}, {name + h.name_len, h.value_len}, h.heard_s};
    *at += entry_size(&h);
    return true;
}

bool hz_kept_find(const struct hz_kept *k, const char *name, struct hz_kept_field *f)
{
    uint32_t at = find(k, (struct hz_value){name, strlen(name)}, 0);
    return hz_kept_next(k, &at, f);
}

void hz_kept_free(struct hz_kept *k)
{
    free(k->buf);
    *k = (struct hz_kept){0};
}
