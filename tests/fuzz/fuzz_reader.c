/* Any bytes to a reader, and what it finds to the teller. The first byte selects the format; the
 * others come in pieces, whose size must not matter. */
#include "proto/reader/teller.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { READERS = 5, ARENA = 65536 };

struct seen {
    size_t n[4];
    uint64_t hash;
};

static void look(struct seen *s, const struct hz_unit *u)
{
    s->n[u->kind]++;
    if ((u->kind == HZ_UNIT_BAD) != (u->why != NULL))
        abort();
    for (size_t i = 0; u->kind == HZ_UNIT_MESSAGE && i < (u->bits + 7) / 8; i++)
        s->hash = (s->hash ^ u->data[i]) * 0x100000001b3u;
}

/* Tells what is told, and looks at its text. */
static void tell(const struct hz_teller *t, void *teller, const struct hz_unit *u,
                 struct hz_sink *sink)
{
    struct hz_burst burst = {.sample = u->counted ? u->ticks : 0};
    struct hz_record rec;
    size_t at = 0;
    hz_sink_rewind(sink, (struct hz_stamp){.utc_ns = 1795422371000000000, .ns_per_sample = 1});
    if (u->kind != HZ_UNIT_MESSAGE || !t)
        return;
    if ((t->tell(teller, u, &burst, 1795422371000000000, sink) == HZ_MESSAGE) !=
        hz_sink_next(sink, &at, &rec))
        abort();
}

static struct seen run(const struct hz_reader *r, const uint8_t *data, size_t size, size_t piece)
{
    static char arena[ARENA];
    struct seen seen = {0};
    struct hz_unit u;
    struct hz_sink sink;
    const char *protocol = r->protocols ? r->protocols[0] : "";
    const struct hz_sink_head head = {"r", "c", protocol, 0, "\"input\":\"x\""};
    const struct hz_teller *t = hz_teller_find(protocol);
    void *state = calloc(1, r->state_size), *teller = t ? calloc(1, t->state_size()) : NULL;
    if (!state || (t && !teller))
        abort();
    hz_sink_init(&sink, &head, arena, sizeof arena);
    if (t)
        t->init(teller, 52, 4);
    for (size_t at = 0; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        for (size_t i = 0; i < len;) {
            size_t read = r->take(state, data + at + i, len - i, 0, &u);
            if (read == 0 || read > len - i)
                abort();
            i += read;
            look(&seen, &u);
            tell(t, teller, &u, &sink);
        }
    }
    r->cut(state, 0, &u);
    look(&seen, &u);
    tell(t, teller, &u, &sink);
    free(state);
    free(teller);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct hz_reader *r = hz_readers[data[0] % READERS];
    struct seen whole = run(r, data + 1, size - 1, size),
                cut = run(r, data + 1, size - 1, 1 + data[0] / READERS);
    for (int kind = HZ_UNIT_MESSAGE; kind <= HZ_UNIT_BAD; kind++) {
        if (whole.n[kind] != cut.n[kind])
            abort();
    }
    if (whole.hash != cut.hash)
        abort();
    return 0;
}
