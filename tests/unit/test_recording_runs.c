/* Where the runs of a recording lie, and when they were taken. The sizes and times that are
 * expected were counted by hand from SigMF's specification. */
#include "daemon/source/recording_parse.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define T0   1767261600000000000 /* 2026-01-01T10:00:00Z */
#define S_NS 1000000000ll

static char err[256];

/* SigMF metadata of ci16_le at 1000 samples per second, whose file has `size` bytes. */
static int make(struct hz_recording *r, const char *global, const char *captures, uint64_t size,
                double asked_centre_hz, int64_t asked_utc_ns)
{
    char json[2000];
    struct hz_recording_meta t;
    snprintf(json, sizeof json,
             "{\"global\":{\"core:datatype\":\"ci16_le\",\"core:sample_rate\":1000%s},"
             "\"captures\":[%s]}",
             global, captures);
    *r = (struct hz_recording){0};
    *err = 0;
    hz_recording_meta_init(&t);
    cr_assert_eq(hz_sigmf_parse(json, strlen(json), &t, err, sizeof err), 0, "%s", err);
    t.asked_centre_hz = asked_centre_hz;
    t.asked_utc_ns = asked_utc_ns;
    r->format = t.format;
    r->rate_hz = t.rate_hz;
    int rc = hz_runs_make(r, &t, size, err, sizeof err);
    if (*t.odd)
        hz_recording_warn(r, "%s", t.odd);
    hz_recording_meta_done(&t);
    return rc;
}

static void made(struct hz_recording *r, const char *captures, uint64_t size)
{
    hz_recording_done(r);
    cr_assert_eq(make(r, "", captures, size, 0, INT64_MIN), 0, "%s", err);
}

static void expect_run(const struct hz_run *run, uint64_t offset, uint64_t bytes, uint64_t lost)
{
    cr_expect_eq(run->offset, offset, "offset %llu", (unsigned long long)run->offset);
    cr_expect_eq(run->bytes, bytes, "bytes %llu", (unsigned long long)run->bytes);
    cr_expect_eq(run->lost, lost, "lost %llu", (unsigned long long)run->lost);
}

#define CAPTURE(start, more) "{\"core:sample_start\":" #start more "}"
#define AT(time)             ",\"core:datetime\":\"2026-01-01T" time "\""
#define ON(hz)               ",\"core:frequency\":" #hz

Test(recording_runs, a_later_time_is_a_gap)
{
    struct hz_recording r = {0};
    made(&r, CAPTURE(0, ON(5e6) AT("10:00:00Z")) "," CAPTURE(500, AT("10:00:02.5Z")), 4000);
    cr_assert_eq(r.n_runs, 2);
    expect_run(&r.runs[0], 0, 2000, 0);
    expect_run(&r.runs[1], 2000, 2000, 2000);
    cr_expect_eq(r.start_utc_ns, T0);
    cr_expect_eq(r.runs[1].utc_ns, T0 + 5 * S_NS / 2);
    cr_expect_eq(r.runs[1].centre_hz, 5e6);
    cr_expect_not(r.runs[1].retuned);
    cr_expect_eq(r.bytes, 4000);
    cr_expect_str_eq(r.warning, "");
    hz_recording_done(&r);
}

Test(recording_runs, a_time_as_written_is_no_gap)
{
    struct hz_recording r = {0};
    /* Whole seconds may be off by one each. */
    made(&r, CAPTURE(0, AT("10:00:00Z")) "," CAPTURE(500, AT("10:00:02Z")), 4000);
    cr_expect_eq(r.runs[1].lost, 0);
    /* A crystal that is off by 50 ppm: 50 ms in 1000 s. */
    made(&r, CAPTURE(0, AT("10:00:00.000Z")) "," CAPTURE(1000000, AT("10:16:40.050Z")), 4001000);
    cr_assert_eq(r.n_runs, 2);
    cr_expect_eq(r.runs[1].lost, 0);
    cr_expect_eq(r.runs[1].utc_ns, T0 + 1000 * S_NS + 50 * S_NS / 1000);
    /* Half a second more is one. */
    made(&r, CAPTURE(0, AT("10:00:00.000Z")) "," CAPTURE(1000000, AT("10:16:40.500Z")), 4001000);
    cr_expect_eq(r.runs[1].lost, 500);
    hz_recording_done(&r);
}

Test(recording_runs, headers_and_trailing_bytes_are_no_samples)
{
    struct hz_recording r = {0};
    cr_assert_eq(
        make(&r, ",\"core:trailing_bytes\":7,\"core:dataset\":\"x\"",
             CAPTURE(0, ",\"core:header_bytes\":64") "," CAPTURE(10, ",\"core:header_bytes\":33"),
             64 + 40 + 33 + 80 + 7, 0, INT64_MIN),
        0);
    cr_assert_eq(r.n_runs, 2);
    expect_run(&r.runs[0], 64, 40, 0);
    expect_run(&r.runs[1], 64 + 40 + 33, 80, 0);
    cr_expect_eq(r.runs[1].utc_ns, INT64_MIN);
    cr_expect_str_eq(r.warning, "");
    hz_recording_done(&r);
}

Test(recording_runs, captures_that_go_on_are_one)
{
    struct hz_recording r = {0};
    made(&r, CAPTURE(0, ON(1e6)) "," CAPTURE(7, ON(1e6)) "," CAPTURE(9, ""), 80);
    cr_assert_eq(r.n_runs, 1);
    expect_run(&r.runs[0], 0, 80, 0);
    hz_recording_done(&r);
}

Test(recording_runs, centres)
{
    struct hz_recording r = {0};
    made(&r, CAPTURE(0, "") "," CAPTURE(5, ON(1e6)) "," CAPTURE(9, "") "," CAPTURE(15, ON(2e6)),
         80);
    cr_assert_eq(r.n_runs, 2);
    cr_expect_eq(r.centre_hz, 1e6);
    cr_expect_eq(r.runs[0].centre_hz, 1e6);
    cr_expect_eq(r.runs[1].centre_hz, 2e6);
    cr_expect(r.runs[1].retuned);
    cr_expect_eq(r.runs[1].utc_ns, 15 * S_NS / 1000); /* nothing tells the start: it is 1970 */
    hz_recording_done(&r);
    cr_assert_eq(make(&r, "", CAPTURE(0, ON(1e6)) "," CAPTURE(5, ON(3e6)), 80, 7e6, INT64_MIN), 0);
    cr_assert_eq(r.n_runs, 1);
    cr_expect_eq(r.centre_hz, 7e6);
    hz_recording_done(&r);
}

Test(recording_runs, times)
{
    struct hz_recording r = {0};
    /* What lies before the first capture was taken before it. */
    made(&r, CAPTURE(2000, AT("12:00:02+02:00")), 12000);
    cr_expect_eq(r.start_utc_ns, T0);
    hz_recording_done(&r);
    /* --start is the time of the first sample; the gap stays. */
    cr_assert_eq(make(&r, "", CAPTURE(0, AT("10:00:00.0Z")) "," CAPTURE(500, AT("10:01:00.0Z")),
                      4000, 0, 77 * S_NS),
                 0);
    cr_expect_eq(r.start_utc_ns, 77 * S_NS);
    cr_expect_eq(r.runs[1].utc_ns, 137 * S_NS);
    cr_expect_eq(r.runs[1].lost, 59500);
    hz_recording_done(&r);
    cr_assert_eq(make(&r, "", CAPTURE(0, ",\"core:datetime\":\"yesterday\""), 4000, 0, INT64_MIN),
                 0);
    cr_expect(strstr(r.warning, "core:datetime 'yesterday'"), "%s", r.warning);
    cr_expect_eq(r.start_utc_ns, 0);
    /* A time that goes back begins anew, and is told. */
    made(&r, CAPTURE(0, AT("10:00:00.0Z")) "," CAPTURE(500, AT("09:00:00.0Z")), 4000);
    cr_expect(r.runs[1].retuned);
    cr_expect_eq(r.runs[1].lost, 0);
    cr_expect(strstr(r.warning, "3600.500 s before"), "%s", r.warning);
    hz_recording_done(&r);
}

Test(recording_runs, indices)
{
    struct hz_recording r = {0};
    /* The index in the stream is exact, a time need not be. */
    made(&r,
         CAPTURE(0, ",\"core:global_index\":100") "," CAPTURE(500, ",\"core:global_index\":617"),
         4000);
    cr_assert_eq(r.n_runs, 2);
    cr_expect_eq(r.runs[1].lost, 17);
    hz_recording_done(&r);
    /* The second file of a recording. */
    cr_assert_eq(make(&r, ",\"core:offset\":5000",
                      CAPTURE(5000, ON(1e6)) "," CAPTURE(5010, ON(2e6)), 80, 0, INT64_MIN),
                 0);
    cr_assert_eq(r.n_runs, 2);
    expect_run(&r.runs[0], 0, 40, 0);
    hz_recording_done(&r);
}

Test(recording_runs, metadata_that_says_more_than_there_is)
{
    struct hz_recording r = {0};
    made(&r, CAPTURE(0, ON(1e6)) "," CAPTURE(50, ON(2e6)), 80);
    cr_expect_eq(r.n_runs, 1);
    cr_expect_str_eq(r.warning,
                     "its capture at sample 50 lies behind the end of the 20 that are there");
    made(&r, CAPTURE(30, ON(2e6)) "," CAPTURE(10, ON(1e6)), 160); /* not in order */
    cr_assert_eq(r.n_runs, 2);
    expect_run(&r.runs[0], 0, 120, 0);
    hz_recording_done(&r);
    cr_expect_eq(make(&r, "", CAPTURE(0, ",\"core:header_bytes\":100"), 80, 0, INT64_MIN),
                 -EBADMSG);
    hz_recording_done(&r);
}

/* ---- heads --------------------------------------------------------------------------------- */

Test(recording_runs, auxi_of_both_kinds)
{
    static const char xml[] =
        "<?xml version=\"1.0\"?><SDR-XML-Root Description=\"x\"><Definition "
        "CurrentTimeUTC=\"01-02-2026 03:04:05\" RadioCenterFreq=\"433920000\" "
        "SampleRate=\"96000\"%s></Definition></SDR-XML-Root>";
    char text[400], wide[802] = "\xff\xfe";
    struct hz_recording_meta t;
    int n = snprintf(text, sizeof text, xml, "");
    for (int i = 0; i < n; i++)
        wide[2 + 2 * i] = text[i];
    for (int i = 0; i < 3; i++) { /* UTF-8; UTF-16 with and without its mark */
        hz_recording_meta_init(&t);
        const char *p = i == 0 ? text : i == 1 ? wide : wide + 2;
        hz_auxi_parse((const uint8_t *)p, (size_t)(i == 0 ? n : i == 1 ? 2 * n + 2 : 2 * n), &t);
        cr_expect_eq(t.centre_hz, 433920000, "%d: %g", i, t.centre_hz);
        cr_expect_eq(t.start_utc_ns, 1769915045 * S_NS, "%d", i);
    }
    n = snprintf(text, sizeof text, xml, " UTCSeconds=\"1700000000\"");
    hz_recording_meta_init(&t);
    hz_auxi_parse((const uint8_t *)text, (size_t)n, &t);
    cr_expect_eq(t.start_utc_ns, 1700000000 * S_NS);
    /* 2026-02-01 (a Sunday) 03:04:05.678, twice, then 145 MHz */
    static const uint8_t binary[36] = {0xea, 7, 2,    0, 0,    0, 1,    0, 3,    0,    4,    0,
                                       5,    0, 0xa6, 2, 0xea, 7, 2,    0, 0,    0,    1,    0,
                                       3,    0, 4,    0, 5,    0, 0xa6, 2, 0x40, 0x86, 0xa4, 0x08};
    hz_recording_meta_init(&t);
    hz_auxi_parse(binary, sizeof binary, &t);
    cr_expect_eq(t.centre_hz, 145e6, "%g", t.centre_hz);
    cr_expect_eq(t.start_utc_ns, 1769915045 * S_NS + 678000000);
    hz_recording_meta_init(&t);
    hz_auxi_parse((const uint8_t *)"no auxi at all, but rather long text", 36, &t);
    cr_expect(isnan(t.centre_hz) && t.start_utc_ns == INT64_MIN);
}

Test(recording_runs, sdriq)
{
    /* 48000 samples per second around 144.8 MHz, 1700000000.5 s, 16 bits */
    uint8_t head[HZ_SDRIQ_HEAD] = {0x80, 0xbb, 0, 0, 0x00, 0x79, 0xa1, 0x08, 0, 0, 0, 0};
    uint64_t ms = 1700000000500;
    struct hz_recording_meta t;
    for (int i = 0; i < 8; i++)
        head[12 + i] = (uint8_t)(ms >> 8 * i);
    head[20] = 16;
    hz_recording_meta_init(&t);
    cr_assert_eq(hz_sdriq_parse(head, sizeof head, &t, err, sizeof err), 0);
    cr_expect_eq(t.rate_hz, 48e3);
    cr_expect_eq(t.centre_hz, 144.8e6, "%f", t.centre_hz);
    cr_expect_eq(t.start_utc_ns, 1700000000 * S_NS + S_NS / 2);
    cr_expect(t.format == HZ_CS16 && t.offset == 32);
    head[20] = 12;
    cr_expect_eq(hz_sdriq_parse(head, sizeof head, &t, err, sizeof err), -EINVAL);
}

Test(recording_runs, tar_heads)
{
    uint8_t block[HZ_TAR_BLOCK] = "folder/name.sigmf-data";
    struct hz_tar_entry e;
    cr_expect_eq(hz_tar_head(block, &e), -EINVAL); /* its sum is wrong */
    memcpy(block + 124, "00000001750", 12);
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    block[156] = '0';
    unsigned sum = 8 * ' ';
    for (size_t i = 0; i < sizeof block; i++)
        sum += block[i];
    snprintf((char *)block + 148, 8, "%06o", sum);
    cr_expect_eq(hz_tar_head(block, &e), 1);
    cr_expect_str_eq(e.name, "folder/name.sigmf-data");
    cr_expect_eq(e.size, 1000);
    hz_tar_more('x', "30 mtime=1700000000.123456789\n18 path=long/name\n20 size=10000000000\n", 68,
                &e);
    cr_expect_str_eq(e.name, "long/name");
    cr_expect_eq(e.size, 10000000000);
    hz_tar_more('L', "longer/name", 12, &e);
    cr_expect_str_eq(e.name, "longer/name");
    memset(block, 0, sizeof block);
    cr_expect_eq(hz_tar_head(block, &e), 0);
}
