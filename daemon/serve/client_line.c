/* Common parts of the transports with lines of text: reading a line, reporting an error. */
#include "daemon/serve/client.h"
#include "proto/out/json.h"

#include <string.h>

void hz_client_say_error(struct hz_client *c, const char *reason)
{
    char text[2 * HZ_ERROR_MAX];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", "error");
    hz_json_str(&j, "error", reason);
    hz_json_close(&j);
    c->transport->say(c, text, j.full ? 0 : j.len);
}

/* The bytes of the empty lines at the front. */
static size_t empty_lines(const char *data, size_t n)
{
    size_t at = 0;
    while (at < n && (data[at] == '\n' || (data[at] == '\r' && at + 1 < n && data[at + 1] == '\n')))
        at += data[at] == '\r' ? 2 : 1;
    return at;
}

bool hz_client_line(struct hz_client *c, const char *data, size_t n, struct hz_client_line *line)
{
    size_t at = empty_lines(data, n);
    const char *end = memchr(data + at, '\n', n - at);
    *line = (struct hz_client_line){.at = at, .used = at};
    if (at == n || (!end && n - at < HZ_INPUT_MAX && !c->eof))
        return false;
    line->ended = end != NULL;
    line->len = (end ? (size_t)(end - data) : n) - at;
    line->used = at + line->len + line->ended;
    if (line->len > 0 && data[at + line->len - 1] == '\r')
        line->len--;
    if (line->len > HZ_LINE_MAX)
        hz_client_fail(c, "the line is over 64 KiB");
    return line->len <= HZ_LINE_MAX;
}
