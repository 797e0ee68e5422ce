/* The frames that a client is sent next, encoded for its transport. A thousand clients with equal
 * filters stand at the same place of the log: what was encoded for one is sent to the others as it
 * is. */
#include "daemon/bus/coded.h"
#include "daemon/serve/client.h"

#include <stdlib.h>
#include <string.h>

enum {
    WRITE_BYTES = 64 * 1024, /* of frames in one write */
    SCAN_FRAMES = 4096,      /* frames examined for one write: most may not pass the filter */
    BATCHES = 8,             /* kept at a time: filters times transports that are busiest */
};

/* Frames that follow `from` under a filter, and the cursor's position behind them. */
struct batch {
    const struct hz_transport *transport; /* NULL: none */
    const struct hz_form *form;           /* as its clients have it */
    uint64_t filter;                      /* its number */
    uint64_t from, newest;                /* order of the frame before, and of the newest then */
    uint64_t order, at[HZ_BUS_PARTS];
    size_t n_parts;
    uint32_t wanted;
    struct hz_client_piece piece;
    char *data;
    size_t cap;
};

struct hz_batches {
    struct batch each[BATCHES];
    unsigned next; /* the one that is replaced next */
};

void hz_batches_free(struct hz_batches *all)
{
    for (int i = 0; all && i < BATCHES; i++)
        free(all->each[i].data);
    free(all);
}

/* Room for that many bytes more. */
static bool make_room(struct batch *b, size_t n)
{
    size_t need = b->piece.len + n;
    if (need <= b->cap)
        return true;
    char *more = realloc(b->data, need + WRITE_BYTES);
    if (!more)
        return false;
    b->data = more;
    b->cap = need + WRITE_BYTES;
    return true;
}

/* A frame that the format cannot tell is left out. */
static bool add_coded(struct batch *b, const struct hz_frame *f)
{
    if (!make_room(b, HZ_CODED_MAX))
        return false;
    struct hz_bytes out = {.p = b->data + b->piece.len, .cap = HZ_CODED_MAX};
    hz_frame_code(f, b->form, &out);
    b->piece.len += out.n;
    b->piece.frames += out.n > 0;
    return true;
}

static bool add_frame(struct batch *b, const struct hz_bus *bus, struct hz_frame *f)
{
    if (b->form)
        return add_coded(b, f);
    if (!hz_frame_print(f))
        return true; /* no memory for speech as text: left out */
    if (!make_room(b, f->len + HZ_WRAP_ROOM))
        return false;
    b->piece.len += b->transport->wrap(bus, f, b->data + b->piece.len);
    b->piece.frames++;
    return true;
}

static void encode(struct batch *b, struct hz_client *c)
{
    struct hz_cursor *cursor = &c->cursor;
    int looks = SCAN_FRAMES;
    struct hz_frame *f;
    b->transport = c->transport;
    b->form = c->form;
    b->filter = hz_cursor_filter_number(cursor);
    b->from = cursor->order;
    b->newest = hz_bus_order(cursor->bus);
    b->piece = (struct hz_client_piece){0};
    while (b->piece.len < WRITE_BYTES && (f = hz_cursor_next(cursor, &looks))) {
        if (!add_frame(b, cursor->bus, f))
            break;
    }
    b->piece.data = b->data;
    b->order = cursor->order;
    b->n_parts = cursor->n_parts;
    b->wanted = cursor->wanted;
    memcpy(b->at, cursor->at, sizeof b->at);
}

static bool fits(const struct batch *b, const struct hz_client *c)
{
    const struct hz_cursor *cursor = &c->cursor;
    return b->transport == c->transport && b->form == c->form && b->from == cursor->order &&
           b->filter == hz_cursor_filter_number(cursor) && b->newest == hz_bus_order(cursor->bus);
}

static void move(struct hz_cursor *cursor, const struct batch *b)
{
    cursor->order = b->order;
    cursor->n_parts = b->n_parts;
    cursor->wanted = b->wanted;
    memcpy(cursor->at, b->at, b->n_parts * sizeof b->at[0]);
}

struct hz_client_piece hz_client_frames(struct hz_client *c)
{
    struct hz_doors *doors = c->door->all;
    if (c->cursor.order == hz_bus_order(c->cursor.bus)) /* it has read all */
        return (struct hz_client_piece){0};
    if (!doors->batches)
        doors->batches = calloc(1, sizeof *doors->batches);
    struct hz_batches *all = doors->batches;
    if (!all)
        return (struct hz_client_piece){0};
    for (int i = 0; i < BATCHES; i++) {
        if (fits(&all->each[i], c)) {
            move(&c->cursor, &all->each[i]);
            return all->each[i].piece;
        }
    }
    struct batch *b = &all->each[all->next++ % BATCHES];
    encode(b, c);
    return b->piece;
}
