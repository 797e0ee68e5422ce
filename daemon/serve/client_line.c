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

bool hz_client_line(struct hz_client *c, const char *data, size_t n, struct hz_client_line *line)
{
    const char *end = memchr(data, '\n', n);
    *line = (struct hz_client_line){0};
    if (!end && n < HZ_INPUT_MAX && !c->eof)
        return false;
    line->ended = end != NULL;
    line->len = end ? (size_t)(end - data) : n;
    line->used = end ? line->len + 1 : n;
    if (line->len > 0 && data[line->len - 1] == '\r')
        line->len--;
    if (line->len > HZ_LINE_MAX)
        hz_client_fail(c, "the line is over 64 KiB");
    return line->len <= HZ_LINE_MAX;
}
