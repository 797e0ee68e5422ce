#include "proto/ax25/frame.h"

#include "proto/ax25/aprs.h"

#include <string.h>

bool hz_ax25_plausible(const uint8_t *frame, size_t len, bool strict)
{
    struct hz_ax25_header h;
    size_t n = len <= HZ_AX25_FRAME_MAX ? hz_ax25_header(frame, len, strict, &h) : 0;
    if (n == 0 || n == len)
        return false;
    uint8_t control = frame[n];
    bool information = !(control & 1), ui = (control & 0xef) == 0x03;
    if ((information || ui) && n + 2 > len)
        return false; /* these have a protocol byte */
    return !strict || (ui && frame[n + 1] == 0xf0);
}

bool hz_ax25_is_text(const uint8_t *frame, size_t len)
{
    struct hz_ax25_header h;
    size_t n = hz_ax25_header(frame, len, false, &h) + 2;
    for (size_t i = n; i < len; i++) {
        uint8_t c = frame[i];
        if (c < 0x1c && c != '\r' && c != '\n' && c != '\t')
            return false;
    }
    return n > len || hz_json_is_utf8((const char *)frame + n, len - n);
}

bool hz_ax25_is_mostly_text(const uint8_t *frame, size_t len)
{
    struct hz_ax25_header h;
    size_t n = hz_ax25_header(frame, len, false, &h) + 2, printable = 0;
    for (size_t i = n; i < len; i++)
        printable += frame[i] >= 0x20 && frame[i] < 0x7f;
    return len > n && 4 * printable >= 3 * (len - n);
}

/* Unnumbered frames by their control byte without the P/F bit (AX.25 2.2, figure 4.4). */
static const struct {
    uint8_t control;
    const char *name;
} unnumbered[] = {
    {0x03, "UI"},    {0x0f, "DM"},   {0x2f, "SABM"}, {0x43, "DISC"}, {0x63, "UA"},
    {0x6f, "SABME"}, {0x87, "FRMR"}, {0xaf, "XID"},  {0xe3, "TEST"},
};

/* The control byte: kind of frame, sequence numbers, poll or final. */
static void control(uint8_t c, struct hz_json *j)
{
    static const char *const supervisory[] = {"RR", "RNR", "REJ", "SREJ"};
    hz_json_str(j, "frame_type", !(c & 1) ? "I" : (c & 3) == 1 ? "S" : "U");
    if ((c & 3) == 3) {
        for (size_t i = 0; i < sizeof unnumbered / sizeof *unnumbered; i++) {
            if (unnumbered[i].control == (c & 0xef))
                hz_json_str(j, "cmd", unnumbered[i].name);
        }
    } else {
        if (c & 1)
            hz_json_str(j, "cmd", supervisory[c >> 2 & 3]);
        else
            hz_json_int(j, "sseq", c >> 1 & 7);
        hz_json_int(j, "rseq", c >> 5);
    }
    hz_json_int(j, "pf", c >> 4 & 1);
}

/* The frame as a TNC prints it. Line ends behind the text are left out. */
static void tnc2(const struct hz_ax25_header *h, struct hz_text info, struct hz_json *j)
{
    char text[HZ_AX25_TNC2_MAX + HZ_AX25_FRAME_MAX];
    size_t n = hz_ax25_tnc2(h, text);
    while (info.n > 0 && (info.s[info.n - 1] == '\r' || info.s[info.n - 1] == '\n'))
        info.n--;
    if (info.n > 0)
        memcpy(text + n, info.s, info.n);
    hz_text_json(j, "tnc2", (struct hz_text){text, n + info.n});
}

void hz_ax25_describe(const uint8_t *frame, size_t len, struct hz_json *j)
{
    struct hz_ax25_header h;
    if (!hz_ax25_plausible(frame, len, false))
        return;
    size_t n = hz_ax25_header(frame, len, false, &h);
    uint8_t c = frame[n++];
    bool ui = (c & 0xef) == 0x03;
    hz_ax25_header_describe(&h, j);
    if (h.to.flag != h.from.flag) /* both alike: AX.25 before 2.0 */
        hz_json_str(j, "cr", h.to.flag ? "command" : "response");
    control(c, j);
    if (!ui && (c & 1))
        return;
    uint8_t pid = frame[n++];
    struct hz_text info = {(const char *)frame + n, len - n};
    hz_json_hex(j, "pid", &pid, 1);
    tnc2(&h, info, j);
    if (ui && pid == 0xf0)
        hz_aprs_describe(&h, info, false, j);
}
