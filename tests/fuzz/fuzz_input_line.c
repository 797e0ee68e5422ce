/* Any bytes as a line of another hertzd. What is taken is written as a line that is taken again and
 * says the same. */
#include "daemon/input/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum hz_line_kind read_line(struct hz_line_reader *r, const char *text, size_t n,
                                   const char *stream, struct hz_line *line)
{
    struct hz_line_as as = {.receiver = "club", .input = "json", .stream = stream, .from = ""};
    char err[200] = "";
    enum hz_line_kind kind = hz_line_read(r, text, n, &as, line, err, sizeof err);
    if ((kind == HZ_LINE_BAD || kind == HZ_LINE_LOOP) != (*err != 0))
        abort();
    return kind;
}

/* The fields are where the marks tell. */
static void look(const struct hz_record *rec)
{
    struct hz_value name, value;
    char text[100];
    double number;
    for (size_t i = 0; i < rec->n_fields; i++) {
        hz_record_field_at(rec, i, &name, &value);
        if (value.p < rec->json || value.p + value.n > rec->json + rec->json_len)
            abort();
        hz_value_string(value, text, sizeof text);
        hz_value_number(value, &number);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_line_reader *one = hz_line_reader_new(hz_decoders),
                          *two = hz_line_reader_new(hz_decoders);
    struct hz_line first, second;
    if (!one || !two)
        abort();
    if (read_line(one, (const char *)data, size, "a", &first) == HZ_LINE_MESSAGE) {
        size_t n = first.rec.json_len;
        char *again = malloc(n + 64);
        int head = sprintf(again, "{\"kind\":\"message\",");
        memcpy(again + head, first.rec.json, n);
        again[(size_t)head + n] = '}';
        look(&first.rec);
        enum hz_line_kind kind = read_line(two, again, (size_t)head + n + 1, "b", &second);
        bool long_or_far = (size_t)head + n + 1 > HZ_LINE_MAX || kind == HZ_LINE_LOOP;
        if (!long_or_far &&
            (kind != HZ_LINE_MESSAGE || second.rec.utc_ns != first.rec.utc_ns ||
             second.rec.raw_len != first.rec.raw_len || second.rec.n_fields != first.rec.n_fields ||
             strcmp(second.rec.about.id, first.rec.about.id) != 0))
            abort();
        free(again);
    }
    hz_line_reader_free(one);
    hz_line_reader_free(two);
    return 0;
}
