#include "proto/packet/ax25/frame.h"

#include "proto/out/record.h"
#include "proto/packet/aprs/aprs.h"

#include <string.h>

/* Positions of the parts of a frame. */
struct layout {
    struct hz_ax25_header h;
    size_t control;   /* 0: the addresses cannot be read; len: there is no control byte */
    size_t info;      /* behind control and protocol; at most len */
    bool has_pid;     /* I and UI frames have a protocol byte */
    bool extended;    /* two bytes of control, sequence numbers modulo 128 */
    bool information; /* this kind of frame may carry some */
};

static bool is_ui(uint8_t control)
{
    return (control & 0xef) == 0x03;
}

/* Protocols of AX.25 2.2, figure 3.2, that may be met. */
static bool is_pid(uint8_t b)
{
    static const uint8_t known[] = {0x01, 0x06, 0x07, 0x08, 0xc3, 0xc4, 0xca,
                                    0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xf0, 0xff};
    return memchr(known, b, sizeof known) != NULL;
}

/* Two bytes of control are negotiated by SABME, which may not have been received. They show in an S
 * frame that is one byte longer than it should be, and in an I frame whose protocol byte is one
 * byte late. */
static bool is_extended(const uint8_t *c, size_t n)
{
    if ((c[0] & 3) == 1)
        return n == 2;
    return !(c[0] & 1) && n >= 3 && (c[2] == 0xf0 || c[2] == 0x08) && !is_pid(c[1]);
}

static struct layout layout_of(const uint8_t *frame, size_t len)
{
    struct layout l = {.control = 0, .info = len};
    l.control = hz_ax25_header(frame, len, &l.h);
    if (l.control == 0 || l.control == len)
        return l;
    const uint8_t *c = frame + l.control;
    bool numbered = !(c[0] & 1), ui = is_ui(c[0]);
    l.has_pid = numbered || ui;
    l.extended = is_extended(c, len - l.control);
    /* FRMR, XID and TEST carry some, and SREJ in AX.25 2.2 (sections 4.3.2.4 and 4.3.3). */
    uint8_t u = c[0] & 0xef;
    l.information = l.has_pid || u == 0x87 || u == 0xaf || u == 0xe3 || (c[0] & 0x0f) == 0x0d;
    l.info = l.control + 1 + l.extended + l.has_pid;
    l.info = l.info < len ? l.info : len;
    return l;
}

static bool lacks_pid(const struct layout *l, size_t len)
{
    return l->has_pid && l->control + 1 + l->extended >= len;
}

bool hz_ax25_plausible(const uint8_t *frame, size_t len, bool strict)
{
    struct layout l = layout_of(frame, len);
    if (l.control == 0 || l.control == len || lacks_pid(&l, len) ||
        l.h.odd & (HZ_AX25_UNPRINTABLE | HZ_AX25_NO_END_BIT))
        return false;
    return !strict || (l.h.odd == 0 && is_ui(frame[l.control]) && frame[l.control + 1] == 0xf0);
}

/* The bytes after the protocol byte, or after the place where it would be. */
static struct hz_text information(const uint8_t *frame, size_t len)
{
    struct layout l = layout_of(frame, len);
    return (struct hz_text){(const char *)frame + l.info, len - l.info};
}

bool hz_ax25_is_text(const uint8_t *frame, size_t len)
{
    struct hz_text t = information(frame, len);
    for (size_t i = 0; i < t.n; i++) {
        uint8_t c = (uint8_t)t.s[i];
        if (c < 0x1c && c != '\r' && c != '\n' && c != '\t')
            return false;
    }
    return hz_json_is_utf8(t.s, t.n);
}

bool hz_ax25_is_mostly_text(const uint8_t *frame, size_t len)
{
    struct hz_text t = information(frame, len);
    size_t printable = 0;
    for (size_t i = 0; i < t.n; i++)
        printable += t.s[i] >= 0x20 && t.s[i] < 0x7f;
    return t.n > 0 && 4 * printable >= 3 * t.n;
}

/* Unnumbered frames by their control byte without the P/F bit (AX.25 2.2, figure 4.4). */
static const struct {
    uint8_t control;
    const char *name;
} unnumbered[] = {
    {0x03, "UI"},    {0x0f, "DM"},   {0x2f, "SABM"}, {0x43, "DISC"}, {0x63, "UA"},
    {0x6f, "SABME"}, {0x87, "FRMR"}, {0xaf, "XID"},  {0xe3, "TEST"},
};

/* The name of an unnumbered frame; NULL: none is known. */
static const char *unnumbered_name(uint8_t c)
{
    for (size_t i = 0; i < sizeof unnumbered / sizeof *unnumbered; i++) {
        if (unnumbered[i].control == (c & 0xef))
            return unnumbered[i].name;
    }
    return NULL;
}

/* The control field: kind of frame, sequence numbers, poll or final (AX.25 2.2, section 4.2). */
static void control(const uint8_t *c, bool extended, struct hz_json *j)
{
    static const char *const supervisory[] = {"RR", "RNR", "REJ", "SREJ"};
    hz_json_str(j, "frame_type", !(c[0] & 1) ? "I" : (c[0] & 3) == 1 ? "S" : "U");
    if ((c[0] & 3) == 3) {
        const char *name = unnumbered_name(c[0]);
        if (name)
            hz_json_str(j, "cmd", name);
    } else {
        if (c[0] & 1)
            hz_json_str(j, "cmd", supervisory[c[0] >> 2 & 3]);
        else
            hz_json_int(j, "sseq", extended ? c[0] >> 1 : c[0] >> 1 & 7);
        hz_json_int(j, "rseq", extended ? c[1] >> 1 : c[0] >> 5);
    }
    if (extended)
        hz_json_int(j, "modulo", 128);
    hz_json_int(j, "pf", extended ? c[1] & 1 : c[0] >> 4 & 1);
}

/* Deviations from the specification, by name. */
static void oddities(const struct layout *l, const uint8_t *frame, size_t len, struct hz_json *j)
{
    bool none = l->control == 0, ends = l->control == len;
    uint8_t c = none || ends ? 0x03 : frame[l->control];
    const struct {
        bool is;
        const char *name;
    } all[] = {
        {none, "addresses"},
        {!none && l->h.odd & HZ_AX25_BLANK, "blank_address"},
        {!none && l->h.odd & HZ_AX25_NUL_PADDED, "nul_padded"},
        {!none && l->h.odd & (HZ_AX25_CHARACTERS | HZ_AX25_UNPRINTABLE), "address_characters"},
        {!none && l->h.odd & HZ_AX25_LONG_PATH, "long_path"},
        {!none && l->h.odd & HZ_AX25_NO_END_BIT, "no_end_bit"},
        {ends, "no_control"},
        {(c & 3) == 3 && !unnumbered_name(c), "control"},
        {!none && !ends && lacks_pid(l, len), "no_pid"},
        {!none && !ends && !l->information && l->info < len, "information"},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].is && !any)
            hz_json_open_array(j, "oddities");
        any = any || all[i].is;
        if (all[i].is)
            hz_json_str(j, NULL, all[i].name);
    }
    if (any)
        hz_json_close_array(j);
}

/* Prints the frame as a TNC does, without line ends at the end of the text. */
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
    struct layout l = layout_of(frame, len);
    if (l.control > 0) {
        hz_ax25_header_describe(&l.h, j);
        hz_about_id(j, l.h.from.call);
        if (l.h.to.flag != l.h.from.flag) /* both alike: AX.25 before 2.0 */
            hz_json_str(j, "cr", l.h.to.flag ? "command" : "response");
    }
    if (l.control > 0 && l.control < len)
        control(frame + l.control, l.extended, j);
    oddities(&l, frame, len, j);
    if (!l.has_pid || lacks_pid(&l, len))
        return;
    const uint8_t *pid = frame + l.control + 1 + l.extended;
    struct hz_text info = {(const char *)frame + l.info, len - l.info};
    hz_json_hex(j, "pid", pid, 1);
    tnc2(&l.h, info, j);
    if (is_ui(frame[l.control]) && *pid == 0xf0)
        hz_aprs_describe(&l.h, info, false, j);
}
