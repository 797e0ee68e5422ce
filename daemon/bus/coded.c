#include "daemon/bus/coded.h"

struct hz_form_in hz_frame_told(const struct hz_frame *f)
{
    return (struct hz_form_in){.rec = &f->rec,
                               .receiver = f->topic->receiver,
                               .channel = f->topic->channel,
                               .protocol = f->topic->protocol,
                               .line = f->data,
                               .line_len = f->len - 1};
}

static void put(const struct hz_frame *f, const struct hz_form *form, const char *station,
                struct hz_bytes *out)
{
    struct hz_form_in in = hz_frame_told(f);
    in.station = station;
    form->put(&in, out);
}

void hz_frame_code(const struct hz_frame *f, const struct hz_form *form, struct hz_bytes *out)
{
    hz_frame_code_from(f, form, NULL, out);
}

void hz_frame_code_from(const struct hz_frame *f, const struct hz_form *form, const char *station,
                        struct hz_bytes *out)
{
    size_t before = out->n;
    if (form == &hz_form_json && f->data)
        hz_bytes_add(out, f->data, f->len);
    else if (f->rec.kind == HZ_KIND_MESSAGE && hz_form_takes(form, f->topic->protocol))
        put(f, form, station, out);
    if (out->full)
        out->n = before;
}
