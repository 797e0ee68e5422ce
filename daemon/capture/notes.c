#include "daemon/capture/notes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hz_notes_done(struct hz_notes *s)
{
    free(s->list);
    *s = (struct hz_notes){0};
}

const struct hz_note *hz_notes_at(const struct hz_notes *s, size_t i)
{
    return &s->list[(s->head + i) % HZ_NOTES_MAX];
}

/* The place for one more; NULL: no memory. */
static struct hz_note *place(struct hz_notes *s)
{
    if (!s->list && !(s->list = calloc(HZ_NOTES_MAX, sizeof *s->list))) {
        s->forgotten++;
        return NULL;
    }
    if (s->n == HZ_NOTES_MAX) {
        s->head = (s->head + 1) % HZ_NOTES_MAX;
        s->n--;
        s->forgotten++;
    }
    return &s->list[(s->head + s->n++) % HZ_NOTES_MAX];
}

void hz_notes_add(struct hz_notes *s, const struct hz_frame *f, double width_hz)
{
    const struct hz_record *r = &f->rec;
    struct hz_note *note = place(s);
    if (!note)
        return;
    double middle = r->freq_hz + (isnan(r->offset_hz) ? 0 : (double)r->offset_hz);
    *note = (struct hz_note){.sample = r->sample,
                             .utc_ns = r->utc_ns,
                             .end_ns = r->end_ns,
                             .low_hz = r->freq_hz > 0 ? middle - width_hz / 2 : NAN,
                             .high_hz = r->freq_hz > 0 ? middle + width_hz / 2 : NAN,
                             .undecoded = r->kind == HZ_KIND_BURST};
    snprintf(note->protocol, sizeof note->protocol, "%s", f->topic->protocol);
    snprintf(note->id, sizeof note->id, "%s", r->about.id);
    if (note->undecoded)
        return; /* its raw is a packed form of hertzd's own */
    note->raw_len = r->raw_len;
    if (r->raw_len <= sizeof note->raw)
        memcpy(note->raw, r->raw, r->raw_len);
}
