/* Frames that differ from the book of AX.25: what is read of them, and what the oddity is called.
 */
#include "proto/packet/ax25/frame.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char *describe(const uint8_t *frame, size_t n)
{
    static char text[32768];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text - 1);
    hz_json_open(&j, NULL);
    hz_ax25_describe(frame, n, &j);
    hz_json_close(&j);
    cr_assert(!j.full);
    text[j.len] = 0;
    cJSON *o = cJSON_Parse(text);
    cr_assert_not_null(o, "%s", text);
    cJSON_Delete(o);
    return text;
}

/* Hex digits, blanks among them for the eye. */
static size_t bytes_of(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        out[n++] = (uint8_t)strtoul((char[]){hex[0], hex[1], 0}, NULL, 16);
        hex++;
    }
    return n;
}

#define TO   "9c6286829898e0"  /* N1CALL, a command */
#define FROM "9c60868298 9861" /* N0CALL, the last */
#define MORE "9c608682989860"  /* N0CALL, not the last */

/* `is`: parts of the object that must be there, up to three; NULL: no more. */
static const struct {
    const char *hex, *is[3], *not ;
} cases[] = {
    /* As satellite AISAT-1 sends: two digipeaters that are blank. */
    {"86a240404040e0 8292a682a84062 40404040404060 40404040404061 03 f0 3e68",
     {"\"srccallsign\":\"AISAT-1\"", "\"oddities\":[\"blank_address\"]",
      "\"tnc2\":\"AISAT-1>CQ,,:>h\""},
     NULL},
    {"86a200000000e0 8292a682a84063 03 f0 3e68",
     {"\"dstcallsign\":\"CQ\"", "\"oddities\":[\"nul_padded\"]", "\"status\":\"h\""},
     NULL},
    {"00000000000000 00000000000001 03 f0 3e68",
     {"\"srccallsign\":\"\"", "\"oddities\":[\"blank_address\",\"nul_padded\"]",
      "\"tnc2\":\">:>h\""},
     NULL},
    {"dcc2d8d8404060 c640a282 bcfe7d 03 f0 3e68",
     {"\"dstcallsign\":\"nall\"", "\"oddities\":[\"address_characters\"]",
      "\"srccallsign\":\"c QA^\\u007f-14\""},
     NULL},
    {TO MORE MORE MORE MORE MORE MORE MORE MORE MORE FROM "03f0",
     {"\"oddities\":[\"long_path\"]", "\"digipeaters\":[{\"call\":\"N0CALL\"", "\"pid\":\"f0\""},
     NULL},
    {TO MORE "03 f0 3e68",
     {"\"oddities\":[\"no_end_bit\"]", "\"srccallsign\":\"N0CALL\"", "\"status\":\"h\""},
     NULL},
    {"82 84 86 01 0203040506070809 0a0b0c0d0e", {"{\"oddities\":[\"addresses\"]}"}, "callsign"},
    {TO FROM, {"\"oddities\":[\"no_control\"]", "\"srccallsign\":\"N0CALL\""}, "frame_type"},
    {TO FROM "03", {"\"oddities\":[\"no_pid\"]", "\"cmd\":\"UI\""}, "tnc2"},
    {TO FROM "00", {"\"oddities\":[\"no_pid\"]", "\"frame_type\":\"I\""}, "tnc2"},
    {TO FROM "1b", {"\"oddities\":[\"control\"]", "\"frame_type\":\"U\",\"pf\":1"}, "cmd"},
    {TO FROM "3f 01 02", {"\"oddities\":[\"information\"]", "\"cmd\":\"SABM\"", "\"pf\":1"}, NULL},
    {TO FROM "31 01 02", {"\"oddities\":[\"information\"]", "\"cmd\":\"RR\""}, "modulo"},
    {TO FROM "03 bb 41 00 ff", {"\"pid\":\"bb\"", "N0CALL>N1CALL:A\\u0000"}, "oddities"},
    {TO FROM "87 00 00 01", {"\"cmd\":\"FRMR\""}, "oddities"},
    {TO FROM "af 82 80 00 17 02 02 21 00", {"\"cmd\":\"XID\""}, "oddities"},
    {TO FROM "f3 68 69", {"\"cmd\":\"TEST\"", "\"pf\":1"}, "oddities"},
    {TO FROM "2d", {"\"cmd\":\"SREJ\"", "\"rseq\":1"}, "oddities"},
    /* Modulo 128: S frames of two bytes, I frames with their protocol a byte late. */
    {TO FROM "01 85", {"\"cmd\":\"RR\"", "\"rseq\":66,\"modulo\":128,\"pf\":1"}, "oddities"},
    {TO FROM "84 20 f0 68",
     {"\"sseq\":66,\"rseq\":16,\"modulo\":128,\"pf\":0", "\"pid\":\"f0\""},
     "oddities"},
    {TO FROM "54 f0 68", {"\"sseq\":2,\"rseq\":2,\"pf\":1", "\"pid\":\"f0\""}, "modulo"},
    {TO FROM "54 f0 f0", {"\"sseq\":2,\"rseq\":2,\"pf\":1", "\"pid\":\"f0\""}, "modulo"},
};

Test(ax25_odd, is_read_as_far_as_it_goes)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t frame[256];
        const char *text = describe(frame, bytes_of(cases[i].hex, frame));
        for (size_t k = 0; k < 3 && cases[i].is[k]; k++)
            cr_expect(strstr(text, cases[i].is[k]), "%s: %s lacks %s", cases[i].hex, text,
                      cases[i].is[k]);
        cr_expect(!cases[i].not || !strstr(text, cases[i].not ), "%s: %s", cases[i].hex, text);
    }
}

/* A path so long that it is none. */
Test(ax25_odd, the_longest_path)
{
    uint8_t frame[(3 + HZ_AX25_PATH_MAX) * HZ_AX25_ADDRESS + 2];
    for (size_t more = 0; more < 2; more++) {
        size_t n = (2 + HZ_AX25_PATH_MAX + more) * HZ_AX25_ADDRESS;
        for (size_t i = 0; i < n; i++)
            frame[i] = i % 7 == 6 ? 0x60 : 'A' << 1;
        frame[n - 1] |= 1;
        memcpy(frame + n, "\x03\xf0", 2);
        cr_expect_eq(strstr(describe(frame, n + 2), "[\"addresses\"]") != NULL, more != 0);
        cr_expect_eq(hz_ax25_plausible(frame, n + 2, false), more == 0);
        cr_expect_not(hz_ax25_plausible(frame, n + 2, true));
    }
}

/* All of the longest frame is there: as hex of its own, and as text. */
Test(ax25_odd, the_longest_frame_is_told_whole)
{
    uint8_t frame[HZ_AX25_FRAME_MAX];
    size_t n = bytes_of(TO FROM "03f0", frame);
    memset(frame + n, 0xe4, HZ_AX25_INFO_MAX);
    const char *text = strstr(describe(frame, n + HZ_AX25_INFO_MAX), "N1CALL:");
    cr_assert_not_null(text);
    cr_expect_eq(strcspn(text, "\""), 7 + 2 * HZ_AX25_INFO_MAX);
}
