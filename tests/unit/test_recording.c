#include "daemon/source/recording.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char err[512];
static char dir[] = "/tmp/hertzd-test-XXXXXX";

static void enter(void)
{
    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
    char command[80];
    snprintf(command, sizeof command, "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(name, "w");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

static struct hz_conf_file asked(const char *path)
{
    return (struct hz_conf_file){.path = (char *)(uintptr_t)path, .start_utc_ns = INT64_MIN};
}

static int open_it(const char *path, struct hz_recording *r)
{
    struct hz_conf_file a = asked(path);
    *err = 0;
    return hz_recording_open(&a, r, err, sizeof err);
}

static void refused(const char *path, int rc, const char *expected)
{
    struct hz_recording r;
    cr_expect_eq(open_it(path, &r), rc, "%s", path);
    cr_expect_str_eq(err, expected);
}

Test(recording, raw_file, .init = enter, .fini = leave)
{
    struct hz_recording r;
    write_file("x_1090M_2400k.cu8", "0123456789", 10);
    cr_assert_eq(open_it("x_1090M_2400k.cu8", &r), 0, "%s", err);
    cr_expect_str_eq(r.data_path, "x_1090M_2400k.cu8");
    cr_expect_eq(r.format, HZ_CU8);
    cr_expect_eq(r.rate_hz, 2400e3);
    cr_expect_eq(r.centre_hz, 1090e6);
    cr_expect_eq(r.runs[0].offset, 0);
    cr_expect_eq(r.bytes, 10);
    cr_expect_eq(r.start_utc_ns, 0);
    cr_expect_not(r.pipe);
    cr_expect_str_eq(r.warning, "");
    hz_recording_done(&r);

    write_file("y_48k.cs16", "0123456789", 10);
    struct hz_conf_file a = asked("y_48k.cs16");
    a.receiver.centre_hz = 5e6;
    a.receiver.rate_hz = 96e3;
    a.start_utc_ns = 77;
    cr_assert_eq(hz_recording_open(&a, &r, err, sizeof err), 0);
    cr_expect_eq(r.rate_hz, 96e3);
    cr_expect_eq(r.centre_hz, 5e6);
    cr_expect_eq(r.start_utc_ns, 77);
    cr_expect_eq(r.bytes, 8);
    cr_expect_str_eq(r.warning, "the last 2 bytes are no whole sample of cs16 and not used");
    hz_recording_done(&r);
}

Test(recording, what_cannot_be_used, .init = enter, .fini = leave)
{
    write_text("empty_1090M_2400k.cu8", "");
    write_text("a.cu8", "0123");
    write_text("a_0k.cu8", "0123");
    write_text("a_2000Gsps.cu8", "0123");
    write_text("a_48k.iq", "0123");
    write_text("a_48k.cf32", "0123");
    mkdir("folder_48k.cu8", 0700);
    refused("none_48k.cu8", -ENOENT, "none_48k.cu8: cannot be opened: No such file or directory");
    refused("a.cu8/b.cu8", -ENOTDIR, "a.cu8/b.cu8: cannot be opened: Not a directory");
    refused("folder_48k.cu8", -EISDIR, "folder_48k.cu8: is a directory: expected a recording");
    refused("empty_1090M_2400k.cu8", -EBADMSG, "empty_1090M_2400k.cu8: is empty: expected samples");
    refused("a.cu8", -EINVAL,
            "a.cu8: rate not known: give it with -r RATE or 'rate =', or name the file as in "
            "x_1090M_2400k.cu8");
    refused("a_0k.cu8", -EBADMSG, "a_0k.cu8: rate of 0 samples per second: expected 1 to 1e+09");
    refused("a_2000Gsps.cu8", -EBADMSG,
            "a_2000Gsps.cu8: rate of 2e+12 samples per second: expected 1 to 1e+09");
    refused("a_48k.iq", -EINVAL,
            "a_48k.iq: format not known: give it with -t FORMAT or 'format =' (cu8, cs8, cs16, "
            "cf32, wav), or name the file as in x_1090M_2400k.cu8");
    refused("a_48k.cf32", -EBADMSG,
            "a_48k.cf32: holds no whole sample: expected at least 8 bytes of cf32");
    refused("-", -EINVAL,
            "standard input: format not known: give it with -t FORMAT or 'format =' (cu8, cs8, "
            "cs16, cf32, wav), or name the file as in x_1090M_2400k.cu8");
}

Test(recording, pipes_are_not_touched, .init = enter, .fini = leave)
{
    struct hz_recording r;
    cr_assert_eq(mkfifo("f_1090M_2400k.cs8", 0600), 0);
    cr_assert_eq(open_it("f_1090M_2400k.cs8", &r), 0, "%s", err);
    cr_expect(r.pipe);
    cr_expect_eq(r.format, HZ_CS8);
    cr_expect_eq(r.bytes, UINT64_MAX);
    hz_recording_done(&r);

    struct hz_conf_file a = asked("-");
    a.receiver.format.given = true;
    a.receiver.format.format = HZ_CS16;
    cr_expect_eq(hz_recording_open(&a, &r, err, sizeof err), -EINVAL);
    cr_expect(strstr(err, "standard input: rate not known"));
    a.receiver.rate_hz = 2e6;
    cr_assert_eq(hz_recording_open(&a, &r, err, sizeof err), 0);
    cr_expect(r.pipe && r.format == HZ_CS16 && r.rate_hz == 2e6);
    cr_expect_str_eq(r.data_path, "-");
    hz_recording_done(&r);
    a.receiver.format.wav = true;
    cr_expect_eq(hz_recording_open(&a, &r, err, sizeof err), -EINVAL);
    cr_expect(strstr(err, "a WAV cannot be read from a pipe"));
}

/* A WAV as it is written: chunks in front of the data, then `data` bytes of samples. */
struct wav {
    uint8_t bytes[512];
    size_t n;
};

static void put(struct wav *w, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        w->bytes[w->n++] = (uint8_t)(v >> 8 * i);
}

static void put_name(struct wav *w, const char *name)
{
    memcpy(w->bytes + w->n, name, 4);
    w->n += 4;
}

static void put_fmt(struct wav *w, unsigned tag, unsigned channels, uint32_t rate, unsigned bits)
{
    put_name(w, "fmt ");
    put(w, 16, 4);
    put(w, tag, 2);
    put(w, channels, 2);
    put(w, rate, 4);
    put(w, rate * channels * bits / 8, 4);
    put(w, channels * bits / 8, 2);
    put(w, bits, 2);
}

static void put_data(struct wav *w, uint32_t says, size_t n)
{
    put_name(w, "data");
    put(w, says, 4);
    w->n += n;
}

static struct wav riff(const char *magic)
{
    struct wav w = {{0}, 0};
    put_name(&w, magic);
    put(&w, 1000, 4);
    put_name(&w, "WAVE");
    return w;
}

static struct wav simple(unsigned tag, unsigned channels, unsigned bits, uint32_t says, size_t n)
{
    struct wav w = riff("RIFF");
    put_fmt(&w, tag, channels, 48000, bits);
    put_data(&w, says, n);
    return w;
}

static int open_wav(const struct wav *w, struct hz_recording *r)
{
    write_file("x_145M.wav", w->bytes, w->n);
    return open_it("x_145M.wav", r);
}

Test(recording, wav_formats, .init = enter, .fini = leave)
{
    static const struct {
        unsigned tag, bits;
        enum hz_format iq;
    } kinds[] = {{1, 8, HZ_CU8},   {1, 16, HZ_CS16}, {1, 24, HZ_CS24},
                 {1, 32, HZ_CS32}, {3, 32, HZ_CF32}, {3, 64, HZ_CF64}};
    const size_t n = sizeof kinds / sizeof kinds[0];
    for (size_t i = 0; i < 2 * n; i++) {
        bool audio = i >= n;
        struct hz_recording r;
        struct wav w = simple(kinds[i % n].tag, audio ? 1 : 2, kinds[i % n].bits, 48, 48);
        struct hz_conf_file a = asked("x_145M.wav");
        a.receiver.format.audio = audio;
        write_file("x_145M.wav", w.bytes, w.n);
        cr_assert_eq(hz_recording_open(&a, &r, err, sizeof err), 0, "%s", err);
        cr_expect_eq(r.format, audio ? hz_format_audio(kinds[i % n].iq, 1) : kinds[i % n].iq);
        cr_expect_eq(r.rate_hz, 48e3);
        cr_expect_eq(r.centre_hz, 145e6);
        cr_expect_eq(r.runs[0].offset, 44);
        cr_expect_eq(r.bytes, 48);
        cr_expect_str_eq(r.warning, "");
        hz_recording_done(&r);
    }
}

Test(recording, wav_with_more_chunks, .init = enter, .fini = leave)
{
    struct hz_recording r;
    struct wav w = riff("RF64");
    put_name(&w, "ds64");
    put(&w, 28, 4);
    put(&w, 1000, 4);
    put(&w, 0, 4);
    put(&w, 24, 4); /* bytes of data */
    put(&w, 0, 4);
    w.n += 12;
    put_name(&w, "fmt ");
    put(&w, 40, 4); /* WAVE_FORMAT_EXTENSIBLE: the sub-format is what counts */
    put(&w, 0xfffe, 2);
    put(&w, 2, 2);
    put(&w, 96000, 4);
    put(&w, 96000 * 8, 4);
    put(&w, 8, 2);
    put(&w, 32, 2);
    put(&w, 22, 2);
    put(&w, 32, 2);
    put(&w, 3, 4);
    put(&w, 3, 2);
    w.n += 14;
    put_name(&w, "LIST");
    put(&w, 3, 4);
    w.n += 4; /* padded to an even number */
    put_name(&w, "auxi");
    put(&w, 36, 4);
    put(&w, 2026, 2);
    put(&w, 11, 2);
    put(&w, 1, 2);
    put(&w, 23, 2);
    w.n += 24;
    put(&w, 7100000, 4);
    put_data(&w, UINT32_MAX, 40);
    cr_assert_eq(open_wav(&w, &r), 0, "%s", err);
    cr_expect_eq(r.format, HZ_CF32);
    cr_expect_eq(r.rate_hz, 96e3);
    cr_expect_eq(r.centre_hz, 7.1e6);
    cr_expect_eq(r.bytes, 24);
    cr_expect_eq(r.runs[0].offset, w.n - 40);
    hz_recording_done(&r);
}

Test(recording, wav_cut_short_or_unfinished, .init = enter, .fini = leave)
{
    struct hz_recording r;
    struct wav w = simple(1, 2, 16, 400, 21);
    cr_assert_eq(open_wav(&w, &r), 0, "%s", err);
    cr_expect_eq(r.bytes, 20);
    cr_expect_str_eq(r.warning, "cut short: 20 of 400 bytes of samples are there and used");
    hz_recording_done(&r);
    w = simple(1, 2, 16, 0, 21);
    cr_assert_eq(open_wav(&w, &r), 0, "%s", err);
    cr_expect_eq(r.bytes, 20);
    cr_expect_str_eq(r.warning, "its head says 0 bytes of samples: all 20 that are there are used");
    hz_recording_done(&r);
    w = simple(1, 2, 16, UINT32_MAX, 20);
    cr_assert_eq(open_wav(&w, &r), 0, "%s", err);
    cr_expect_eq(r.bytes, 20);
    cr_expect_str_eq(r.warning, "");
    hz_recording_done(&r);
    /* Cut within the head, at every byte of it: always a line, never a crash. */
    w = simple(1, 2, 16, 4, 4);
    for (w.n = 44; w.n > 0; w.n--) {
        cr_expect_eq(open_wav(&w, &r), -EBADMSG, "%zu", w.n);
        cr_expect_eq(strncmp(err, "x_145M.wav: ", 12), 0, "%s", err);
    }
}

Test(recording, wav_that_is_no_iq, .init = enter, .fini = leave)
{
    static const struct {
        unsigned tag, channels, bits;
        const char *text;
    } bad[] = {
        {1, 1, 16,
         "x_145M.wav: the WAV has 1 channel: expected 2, I and Q (is it audio? then say so: "
         "-t audio)"},
        {1, 6, 16, "x_145M.wav: the WAV has 6 channels: expected 2, I and Q"},
        {1, 2, 64,
         "x_145M.wav: the WAV has samples of 64 bits, format 1: expected 8 to 32 bits PCM (1), or "
         "32 or 64 bits float (3)"},
        {85, 2, 16,
         "x_145M.wav: the WAV has samples of 16 bits, format 85: expected 8 to 32 bits PCM (1), or "
         "32 or 64 bits float (3)"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct hz_recording r;
        struct wav w = simple(bad[i].tag, bad[i].channels, bad[i].bits, 4, 4);
        cr_expect_eq(open_wav(&w, &r), -EBADMSG);
        cr_expect_str_eq(err, bad[i].text);
    }
    write_text("x_145M.wav", "this is text, not a WAV");
    refused("x_145M.wav", -EBADMSG,
            "x_145M.wav: not a WAV: expected RIFF, RF64 or BW64, a size, and WAVE at its start");
}

#define SIGMF(type, more, captures)                                                                \
    "{\"global\":{\"core:datatype\":\"" type "\"" more "},\"captures\":[" captures "]}"

Test(recording, sigmf, .init = enter, .fini = leave)
{
    struct hz_recording r;
    write_text("a.sigmf-data", "0123456789");
    write_text("a.sigmf-meta",
               SIGMF("ci16_le", ",\"core:sample_rate\":48000.5",
                     "{\"core:sample_start\":0,\"core:frequency\":162e6,\"core:datetime\":"
                     "\"2026-08-11T14:52:02.213432Z\"},{\"core:frequency\":162000000}"));
    static const char *const names[] = {"a.sigmf-meta", "a.sigmf-data"};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(open_it(names[i], &r), 0, "%s", err);
        cr_expect_str_eq(r.data_path, "a.sigmf-data");
        cr_expect_eq(r.format, HZ_CS16);
        cr_expect_eq(r.rate_hz, 48000.5);
        cr_expect_eq(r.centre_hz, 162e6);
        cr_expect_eq(r.start_utc_ns, 1786459922213432000);
        cr_expect_eq(r.bytes, 8);
        cr_expect_neq(*r.warning, 0);
        hz_recording_done(&r);
    }
    write_text("a.sigmf-meta", SIGMF("cu8", ",\"core:sample_rate\":1e6,\"core:dataset\":\"d.raw\"",
                                     "{\"core:header_bytes\":6}"));
    refused("a.sigmf-meta", -ENOENT,
            "a.sigmf-meta: its samples are missing: expected them in d.raw");
    write_text("d.raw", "0123456789");
    cr_assert_eq(open_it("a.sigmf-meta", &r), 0, "%s", err);
    cr_expect_str_eq(r.data_path, "d.raw");
    cr_expect_eq(r.runs[0].offset, 6);
    cr_expect_eq(r.bytes, 4);
    cr_expect_eq(r.centre_hz, 0);
    hz_recording_done(&r);
}

Test(recording, sigmf_that_is_wrong, .init = enter, .fini = leave)
{
    static const struct {
        const char *json, *text;
    } bad[] = {
        {"{\"global\":\n {\"core:datatype\" \"cu8\"}}",
         "bad JSON in the SigMF metadata at line 2, column 19"},
        {"{\"global\":{}} x", "bad JSON in the SigMF metadata at line 1, column 15"},
        {" ", "bad JSON in the SigMF metadata at line 1, column 1"},
        {"[]", "the SigMF metadata has no object 'global'"},
        {SIGMF("ri16_le", "", ""),
         "core:datatype 'ri16_le' in the SigMF metadata: expected a complex "
         "one, as ci16_le (is it audio? then say so: -t audio)"},
        {SIGMF("ci12", "", ""),
         "core:datatype 'ci12' in the SigMF metadata: expected cu8, ci8, or one "
         "as ci16_le, cu16_be, ci32_le, cf32_le, cf64_le"},
        {SIGMF("cu8", ",\"core:sample_rate\":\"fast\"", ""),
         "core:sample_rate in the SigMF metadata: expected a number of at least 0"},
        {SIGMF("cu8", ",\"core:sample_rate\":0", ""),
         "rate of 0 samples per second: expected 1 to 1e+09"},
        {SIGMF("cu8", "", ""), "rate not known: give it with -r RATE or 'rate =', or name the file "
                               "as in x_1090M_2400k.cu8"},
        {SIGMF("cu8", ",\"core:num_channels\":2", ""),
         "core:num_channels in the SigMF metadata: expected 1"},
        {SIGMF("cu8", ",\"core:dataset\":\"../b\"", ""),
         "core:dataset in the SigMF metadata: expected the name of a file in the same folder"},
        {SIGMF("cu8", "", "{\"core:frequency\":-1}"),
         "core:frequency in the SigMF metadata: expected a number of at least 0"},
    };
    write_text("a.sigmf-data", "0123456789");
    refused("a.sigmf-data", -ENOENT, "a.sigmf-meta: cannot be opened: No such file or directory");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct hz_recording r;
        write_text("a.sigmf-meta", bad[i].json);
        bool option = strstr(bad[i].text, "give it with") != NULL;
        cr_expect_eq(open_it("a.sigmf-meta", &r), option ? -EINVAL : -EBADMSG, "%s", bad[i].json);
        cr_expect_eq(strncmp(err, "a.sigmf-", 8), 0, "%s", err);
        cr_expect_str_eq(err + strlen("a.sigmf-meta: "), bad[i].text);
    }
}

Test(recording, air)
{
    const char *shared = getenv("HZ_SHARED");
    char path[512];
    struct hz_recording r;
    shared = shared ? shared : "../shared";
    if (access(shared, R_OK) < 0)
        cr_skip_test("needs ../shared: %s", shared);
    snprintf(path, sizeof path, "%s/air/dv/dmr_call_48k.sigmf-meta", shared);
    cr_assert_eq(open_it(path, &r), 0, "%s", err);
    cr_expect_eq(r.format, HZ_CF32);
    cr_expect_eq(r.rate_hz, 48e3);
    cr_expect_eq(r.centre_hz, 446006250.0);
    cr_expect_eq(r.start_utc_ns, 1786459922213432000);
    cr_expect_str_eq(r.data_path + strlen(r.data_path) - 5, ".cf32");
    hz_recording_done(&r);
    snprintf(path, sizeof path, "%s/air/adsb/modes1_1090M_2000k.cu8", shared);
    cr_assert_eq(open_it(path, &r), 0, "%s", err);
    cr_expect(r.format == HZ_CU8 && r.rate_hz == 2e6 && r.centre_hz == 1090e6);
    hz_recording_done(&r);
    snprintf(path, sizeof path, "%s/air/ft8/191111_110200.wav", shared);
    cr_expect_eq(open_it(path, &r), -EBADMSG);
    cr_expect(strstr(err, "the WAV has 1 channel: expected 2, I and Q"));
}
