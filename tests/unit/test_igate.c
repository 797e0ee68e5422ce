/* What a receive-only gateway passes to APRS-IS: rule by rule. */
#include "proto/format/igate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* One address of AX.25. */
static void put_address(uint8_t *at, const char *call, bool flag, bool last)
{
    char name[8] = "      ";
    int ssid = 0;
    size_t n = strcspn(call, "-");
    memcpy(name, call, n);
    if (call[n] == '-')
        ssid = atoi(call + n + 1);
    for (size_t i = 0; i < 6; i++)
        at[i] = (uint8_t)(name[i] << 1);
    at[6] = (uint8_t)(0x60 | ssid << 1 | (flag ? 0x80 : 0) | (last ? 1 : 0));
}

/* A frame of "SRC>DST,DIGI*,DIGI:information". */
static size_t make_frame(const char *text, uint8_t frame[600])
{
    char head[128], *call[12];
    const char *colon = strchr(text, ':');
    size_t n = 0, length = (size_t)(colon - text);
    memcpy(head, text, length);
    head[length] = '\0';
    for (char *p = strtok(head, ">,"); p; p = strtok(NULL, ">,"))
        call[n++] = p;
    for (size_t i = 0; i < n; i++) {
        char *star = strchr(call[i], '*');
        if (star)
            *star = '\0';
        put_address(frame + 7 * (i == 0   ? 1
                                 : i == 1 ? 0
                                          : i),
                    call[i], star != NULL, i == (n == 2 ? 0 : n - 1));
    }
    frame[7 * n] = 0x03;
    frame[7 * n + 1] = 0xf0;
    memcpy(frame + 7 * n + 2, colon + 1, strlen(colon + 1));
    return 7 * n + 2 + strlen(colon + 1);
}

static enum hz_igate_verdict gate(const char *text, struct hz_igate_line *line)
{
    uint8_t frame[600];
    return hz_igate_gate(frame, make_frame(text, frame), "DL0TST", line);
}

static void expect_line(const char *text, const char *want)
{
    struct hz_igate_line l;
    cr_expect_eq(gate(text, &l), HZ_IGATE_GATED, "%s", text);
    cr_expect_eq(l.n, strlen(want) + 2);
    cr_expect(memcmp(l.text, want, strlen(want)) == 0, "%.*s", (int)l.n, l.text);
    cr_expect(memcmp(l.text + l.n - 2, "\r\n", 2) == 0);
}

static void expect_none(const char *text, enum hz_igate_verdict why)
{
    struct hz_igate_line l;
    enum hz_igate_verdict v = gate(text, &l);
    cr_expect_eq(v, why, "%s: %s", text, hz_igate_verdict_name(v));
}

Test(igate, header_and_information_are_passed_unchanged)
{
    expect_line("DL1ABC-9>APRS,WIDE1-1,WIDE2-1:!4903.50N/07201.75W-",
                "DL1ABC-9>APRS,WIDE1-1,WIDE2-1,qAO,DL0TST:!4903.50N/07201.75W-");
    expect_line("DL1ABC>APRS:>on the air", "DL1ABC>APRS,qAO,DL0TST:>on the air");
    expect_line("DL1ABC-15>APRS,DB0X*,DB0Y-2*,WIDE2-1:>x",
                "DL1ABC-15>APRS,DB0X,DB0Y-2*,WIDE2-1,qAO,DL0TST:>x");
    expect_line("DL1ABC>APRS:>bytes \x01\xff\xc3 ", "DL1ABC>APRS,qAO,DL0TST:>bytes \x01\xff\xc3 ");
}

Test(igate, the_information_ends_at_the_first_line_end)
{
    expect_line("DL1ABC>APRS:>a\rb", "DL1ABC>APRS,qAO,DL0TST:>a");
    expect_line("DL1ABC>APRS:>a\nb", "DL1ABC>APRS,qAO,DL0TST:>a");
    expect_none("DL1ABC>APRS:", HZ_IGATE_EMPTY);
    expect_none("DL1ABC>APRS:\rabc", HZ_IGATE_EMPTY);
    uint8_t frame[600];
    struct hz_igate_line l;
    size_t n = make_frame("DL1ABC>APRS:>a.b", frame);
    frame[n - 2] = 0;
    cr_expect_eq(hz_igate_gate(frame, n, "DL0TST", &l), HZ_IGATE_GATED);
    cr_expect_eq(l.n, strlen("DL1ABC>APRS,qAO,DL0TST:>a\r\n"));
}

Test(igate, what_must_not_be_gated)
{
    expect_none("DL1ABC>APRS,NOGATE:>x", HZ_IGATE_UNWANTED);
    expect_none("DL1ABC>APRS,WIDE1-1,RFONLY*:>x", HZ_IGATE_UNWANTED);
    expect_none("DL1ABC>APRS,TCPIP*:>x", HZ_IGATE_INTERNET);
    expect_none("DL1ABC>APRS,TCPXX:>x", HZ_IGATE_INTERNET);
    expect_none("DL1ABC>APRS:?APRS?", HZ_IGATE_QUERY);
    expect_none("N0CALL>APRS:>x", HZ_IGATE_NO_CALL);
    expect_none("N0CALL-7>APRS:>x", HZ_IGATE_NO_CALL);
    expect_none("NOCALL>APRS:>x", HZ_IGATE_NO_CALL);
    expect_none("DL1 BC>APRS:>x", HZ_IGATE_ADDRESS);
    expect_line("N0CALX>APRS:>x", "N0CALX>APRS,qAO,DL0TST:>x");
}

Test(igate, third_party)
{
    expect_line("DL9X>APRS,WIDE1-1:}DL1ABC>APRS,DB0X*:>inner",
                "DL1ABC>APRS,DB0X*,qAO,DL0TST:>inner");
    expect_none("DL9X>APRS:}DL1ABC>APRS,TCPIP,DL9X*:>x", HZ_IGATE_INTERNET);
    expect_none("DL9X>APRS:}DL1ABC>APRS,TCPXX*:>x", HZ_IGATE_INTERNET);
    expect_none("DL9X>APRS:}DL1ABC>APRS,qAR,DL9X:>x", HZ_IGATE_INTERNET);
    expect_none("DL9X>APRS:}DL1ABC>APRS,RFONLY:>x", HZ_IGATE_UNWANTED);
    expect_none("DL9X>APRS,NOGATE:}DL1ABC>APRS:>x", HZ_IGATE_UNWANTED);
    expect_none("DL9X>APRS:}DL1ABC>APRS:?APRS?", HZ_IGATE_QUERY);
    expect_none("DL9X>APRS:}DL1ABC>APRS:", HZ_IGATE_EMPTY);
    expect_none("DL9X>APRS:}N0CALL>APRS:>x", HZ_IGATE_NO_CALL);
    expect_none("DL9X>APRS:}nonsense", HZ_IGATE_THIRD);
    expect_none("DL9X>APRS:}DL1ABC>APRS:}DL2X>APRS:>x", HZ_IGATE_THIRD);
}

Test(igate, only_ui_frames_without_layer_3)
{
    uint8_t frame[600];
    struct hz_igate_line l;
    size_t n = make_frame("DL1ABC>APRS:>x", frame);
    frame[14] = 0x13;
    cr_expect_eq(hz_igate_gate(frame, n, "DL0TST", &l), HZ_IGATE_NOT_APRS);
    frame[14] = 0x03;
    frame[15] = 0xcf;
    cr_expect_eq(hz_igate_gate(frame, n, "DL0TST", &l), HZ_IGATE_NOT_APRS);
    for (size_t cut = 0; cut < 16; cut++)
        cr_expect_eq(hz_igate_gate(frame, cut, "DL0TST", &l), HZ_IGATE_NOT_APRS);
}

Test(igate, a_line_has_512_bytes_at_most)
{
    char text[560] = "DL1ABC>APRS:>";
    size_t head = strlen("DL1ABC>APRS,qAO,DL0TST:>") + 2;
    memset(text + 13, 'x', 512 - head);
    uint8_t frame[600];
    struct hz_igate_line l;
    cr_expect_eq(hz_igate_gate(frame, make_frame(text, frame), "DL0TST", &l), HZ_IGATE_GATED);
    cr_expect_eq(l.n, 512);
    strcat(text, "x");
    cr_expect_eq(hz_igate_gate(frame, make_frame(text, frame), "DL0TST", &l), HZ_IGATE_LONG);
}

Test(igate, repeats_within_30_s_whatever_their_path)
{
    static struct hz_igate_recent r;
    struct hz_igate_line a, b, c;
    gate("DL1ABC>APRS:>x", &a);
    gate("DL1ABC>APRS,DB0X*:>x", &b);
    gate("DL1ABC>APRS:>y", &c);
    const int64_t s = 1000000000;
    cr_expect_not(hz_igate_is_repeat(&r, &a, 0));
    cr_expect(hz_igate_is_repeat(&r, &b, 29 * s));
    cr_expect_not(hz_igate_is_repeat(&r, &c, 29 * s));
    cr_expect_not(hz_igate_is_repeat(&r, &a, 30 * s));
    cr_expect(hz_igate_is_repeat(&r, &b, 31 * s));
    for (int i = 0; i < HZ_IGATE_RECENT; i++) { /* the oldest is forgotten */
        char text[40];
        snprintf(text, sizeof text, "DL1ABC>APRS:>%d", i);
        gate(text, &c);
        cr_expect_not(hz_igate_is_repeat(&r, &c, 32 * s));
    }
    cr_expect_not(hz_igate_is_repeat(&r, &a, 32 * s));
}

Test(igate, passcodes_and_the_login)
{
    struct hz_igate_line l;
    cr_expect_eq(hz_igate_passcode("N0CALL"), 13023);
    cr_expect_eq(hz_igate_passcode("n0call-10"), 13023);
    cr_assert(hz_igate_login("N0CALL-10", 13023, "r/50/8/30", &l));
    l.text[l.n] = '\0';
    cr_expect_str_eq(l.text,
                     "user N0CALL-10 pass 13023 vers hertzd " HZ_VERSION " filter r/50/8/30\r\n");
    cr_assert(hz_igate_login("N0CALL", -1, "", &l));
    l.text[l.n] = '\0';
    cr_expect_str_eq(l.text, "user N0CALL pass -1 vers hertzd " HZ_VERSION "\r\n");
    char filter[600] = "";
    memset(filter, 'b', sizeof filter - 1);
    cr_expect_not(hz_igate_login("N0CALL", -1, filter, &l));
}

Test(igate, calls)
{
    static const char *const good[] = {"DL0TST", "DL0TST-10", "N0CALL-1", "G4X", "W1AW-AB"};
    static const char *const bad[] = {"",        "DL", "dl0tst",   "DL0TST-",   "DL0TST-100",
                                      "DL0 TST", "-1", "DL0-TS-1", "DL0TST123X"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(hz_igate_is_call(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(hz_igate_is_call(bad[i]), "%s", bad[i]);
}

Test(igate, the_own_position)
{
    struct hz_igate_line l;
    cr_assert(hz_igate_beacon("DL0TST-10", 48.1375, -11.575, "R&", "hertzd\r\nx", &l));
    l.text[l.n] = '\0';
    cr_expect_str_eq(l.text, "DL0TST-10>APZHTZ,TCPIP*:!4808.25NR01134.50W&hertzd\r\n");
    cr_assert(hz_igate_beacon("G4X", -0.00001, 179.99999, "R&", "", &l));
    l.text[l.n] = '\0';
    cr_expect_str_eq(l.text, "G4X>APZHTZ,TCPIP*:!0000.00SR18000.00E&\r\n");
}
