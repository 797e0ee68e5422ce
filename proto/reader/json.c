/* Lines in JSON of another hertzd: only where each begins and ends. */
#include "proto/reader/reader.h"

enum { LONGEST = 65536 };

struct json {
    struct hz_line_of line;
    char text[LONGEST];
};

static void end(struct json *j, struct hz_unit *u)
{
    while (j->line.n > 0 && j->text[j->line.n - 1] == '\r')
        j->line.n--;
    if (j->line.too_long) {
        u->kind = HZ_UNIT_BAD;
        u->why = "a line of more than 65536 bytes";
    } else if (j->line.n > 0) {
        u->kind = HZ_UNIT_MESSAGE;
        u->data = (const uint8_t *)j->text;
        u->bits = 8 * j->line.n;
    }
    j->line = (struct hz_line_of){0};
}

static size_t take(void *state, const uint8_t *p, size_t n, uint64_t now_ms, struct hz_unit *unit)
{
    struct json *j = state;
    bool complete = false;
    (void)now_ms;
    *unit = (struct hz_unit){0};
    size_t read = hz_line_of_take(&j->line, j->text, sizeof j->text, p, n, false, &complete);
    if (complete)
        end(j, unit);
    return read;
}

static void cut(void *state, uint64_t now_ms, struct hz_unit *unit)
{
    (void)now_ms;
    *unit = (struct hz_unit){0};
    end(state, unit);
}

const struct hz_reader hz_reader_json = {
    .name = "json",
    .title = "lines of another hertzd",
    .state_size = sizeof(struct json),
    .take = take,
    .cut = cut,
};
