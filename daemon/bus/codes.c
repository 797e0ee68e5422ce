#include "daemon/bus/codes.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 256,   /* frames kept of each format */
    LENGTH = 1000, /* bytes of one; longer ones are not kept */
};

struct slot {
    uint64_t order; /* of the frame; 0: none */
    uint32_t len;
    char data[LENGTH];
};

struct of_form {
    const struct hz_form *form;
    struct of_form *next;
    struct slot slots[SLOTS];
};

struct hz_codes {
    struct of_form *first;
};

struct hz_codes *hz_codes_new(void)
{
    return calloc(1, sizeof(struct hz_codes));
}

void hz_codes_free(struct hz_codes *c)
{
    struct of_form *next;
    for (struct of_form *o = c ? c->first : NULL; o; o = next) {
        next = o->next;
        free(o);
    }
    free(c);
}

/* NULL: no memory. */
static struct of_form *of_form(struct hz_codes *c, const struct hz_form *form)
{
    struct of_form *o = c->first;
    while (o && o->form != form)
        o = o->next;
    if (o || !(o = calloc(1, sizeof *o)))
        return o;
    o->form = form;
    o->next = c->first;
    c->first = o;
    return o;
}

void hz_codes_put(struct hz_codes *c, const struct hz_frame *f, const struct hz_form *form,
                  struct hz_bytes *out)
{
    struct of_form *o = form == &hz_form_json ? NULL : of_form(c, form); /* that is a copy anyway */
    struct slot *s = o ? &o->slots[f->order % SLOTS] : NULL;
    if (s && s->order == f->order && f->order != 0) {
        hz_bytes_add(out, s->data, s->len);
        return;
    }
    size_t before = out->n;
    hz_frame_code(f, form, out);
    if (!s || out->full || out->n - before > LENGTH)
        return;
    s->order = f->order;
    s->len = (uint32_t)(out->n - before);
    memcpy(s->data, out->p + before, s->len);
}
