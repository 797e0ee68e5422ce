/* Frames of a WebSocket client, made of the input: for each a first byte (FIN, reserved bits,
 * opcode), a length, and that many bytes, masked with zeros. What comes back is whole frames, each
 * text of them JSON, and nothing behind a close. */
#include "tests/fuzz/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char upgrade[] = "GET /stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* Appends a frame of the front of the input; returns the bytes that were used. A length over 250
 * stands for 60,000 bytes, the input's again and again. */
static size_t add_frame(uint8_t *out, size_t *n, const uint8_t *data, size_t size)
{
    size_t len = data[1], there = len < size - 2 ? len : size - 2;
    size_t whole = len > 250 && there > 0 ? 60000 : there;
    uint8_t *p = out + *n;
    *p++ = data[0];
    if (whole > 125) {
        *p++ = 0x80 | 126;
        *p++ = (uint8_t)(whole >> 8);
        *p++ = (uint8_t)whole;
    } else {
        *p++ = (uint8_t)(0x80 | whole);
    }
    memset(p, 0, 4);
    p += 4;
    for (size_t i = 0; i < whole; i++)
        *p++ = data[2 + i % there];
    *n = (size_t)(p - out);
    return 2 + there;
}

static void check_frames(const uint8_t *p, const uint8_t *end)
{
    bool closed = false;
    while (p < end) {
        if (closed || end - p < 2 || (p[0] & 0xf0) != 0x80 || p[1] & 0x80)
            abort();
        uint8_t opcode = p[0] & 0x0f;
        size_t len = p[1];
        p += 2;
        if (len > 125) {
            size_t field = len == 126 ? 2 : 8;
            if (end - p < (ptrdiff_t)field)
                abort();
            len = 0;
            for (size_t i = 0; i < field; i++)
                len = len << 8 | *p++;
        }
        if ((size_t)(end - p) < len)
            abort();
        cJSON *json = opcode == 1 ? cJSON_ParseWithLength((const char *)p, len) : NULL;
        if ((opcode == 1 && !cJSON_IsObject(json)) || (opcode != 1 && opcode < 8))
            abort();
        cJSON_Delete(json);
        closed = opcode == 8;
        p += len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct talk *t;
    static uint8_t bytes[1 << 20];
    if (!t)
        t = talk_new(&hz_kind_http);
    size_t n = sizeof upgrade - 1;
    memcpy(bytes, upgrade, n);
    while (size > 2 && n < sizeof bytes - 70000) {
        size_t used = add_frame(bytes, &n, data, size);
        data += used;
        size -= used;
    }
    size_t len = talk(t, bytes, n);
    const char *body = memmem(t->answer, len, "\r\n\r\n", 4);
    if (!body || strncmp(t->answer, "HTTP/1.1 101 ", 13) != 0)
        abort();
    check_frames((const uint8_t *)body + 4, (const uint8_t *)t->answer + len);
    return 0;
}
