#include "daemon/bus/coded.h"

void hz_frame_code(const struct hz_frame *f, const struct hz_form *form, struct hz_bytes *out)
{
    if (f->rec.kind != HZ_KIND_MESSAGE || !hz_form_takes(form, f->topic->protocol))
        return;
    struct hz_form_in in = {.rec = &f->rec,
                            .receiver = f->topic->receiver,
                            .channel = f->topic->channel,
                            .protocol = f->topic->protocol,
                            .line = f->data,
                            .line_len = f->len - 1};
    size_t before = out->n;
    form->put(&in, out);
    if (out->full)
        out->n = before;
}
