/* Any bytes as a frame for APRS-IS: a line that is gated is whole, holds no line end but its own,
 * and the rules hold for what a server would read in it. Input: how much comes in front (1), then
 * the frame, or the information behind a header of its own. */
#include "proto/format/igate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t head[] = {'A' << 1, 'P' << 1, 'R' << 1, 'S' << 1, ' ' << 1, ' ' << 1,
                                   0xe0,     'N' << 1, '0' << 1, 'X' << 1, ' ' << 1, ' ' << 1,
                                   ' ' << 1, 0x61,     0x03,     0xf0};
    if (size < 1)
        return 0;
    size_t front = data[0] & 1 ? sizeof head : 0, n = front + size - 1;
    uint8_t *frame = malloc(n + 1);
    struct hz_igate_line *line = malloc(sizeof *line);
    static struct hz_igate_recent recent;
    memcpy(frame, head, front);
    memcpy(frame + front, data + 1, size - 1);
    frame = realloc(frame, n ? n : 1); /* no more than it, so that a byte beyond is seen */
    if (hz_igate_gate(frame, n, "DL0TST", line) == HZ_IGATE_GATED) {
        char *q = memmem(line->text, line->n, ",qAO,DL0TST:", 12);
        size_t visible = line->n - 2;
        if (line->n > HZ_IGATE_LINE || memcmp(line->text + visible, "\r\n", 2) != 0 || !q ||
            q + 12 == line->text + visible || memchr(line->text, '\r', visible) ||
            memchr(line->text, '\n', visible) || memchr(line->text, '\0', visible) ||
            memmem(line->text, (size_t)(q - line->text), ",TCPIP,", 7) ||
            memmem(line->text, (size_t)(q - line->text), ",NOGATE,", 8) || q[12] == '?' ||
            q[12] == '}' || memchr(line->text, ':', (size_t)(q - line->text)))
            abort();
        hz_igate_is_repeat(&recent, line, data[0]);
        if (!hz_igate_is_repeat(&recent, line, data[0]))
            abort();
    }
    free(frame);
    free(line);
    return 0;
}
