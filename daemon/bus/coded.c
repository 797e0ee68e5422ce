#include "daemon/bus/coded.h"

#include <stdlib.h>
#include <string.h>

enum { CODED_MAX = 64 * 1024 }; /* bytes of a frame in any format */

static const struct hz_coded nothing;

static const struct hz_coded *write_frame(struct hz_frame *f, const struct hz_form *format)
{
    char room[CODED_MAX];
    struct hz_bytes out = {.p = room, .cap = sizeof room};
    struct hz_form_in in = {.rec = &f->rec,
                            .receiver = f->topic->receiver,
                            .channel = f->topic->channel,
                            .protocol = f->topic->protocol,
                            .freq_hz = f->rec.freq_hz,
                            .line = f->data,
                            .line_len = f->len - 1};
    format->put(&in, &out);
    if (out.full)
        out.n = 0;
    struct hz_coded *c = malloc(sizeof *c + out.n);
    if (!c)
        return NULL;
    c->format = format;
    c->n = out.n;
    memcpy(c->data, room, out.n);
    c->next = f->coded;
    f->coded = c;
    return c;
}

const struct hz_coded *hz_frame_coded(struct hz_frame *f, const struct hz_form *format)
{
    if (f->rec.kind != HZ_KIND_MESSAGE || !hz_form_takes(format, f->topic->protocol))
        return &nothing;
    for (const struct hz_coded *c = f->coded; c; c = c->next) {
        if (c->format == format)
            return c;
    }
    return hz_frame_print(f) ? write_frame(f, format) : NULL;
}

void hz_coded_free(struct hz_coded *c)
{
    while (c) {
        struct hz_coded *next = c->next;
        free(c);
        c = next;
    }
}
