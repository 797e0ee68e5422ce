/* Captures: the samples that are held, names, triggers, metadata, and a disk that gives no room. */
#include "daemon/capture/file.h"
#include "daemon/capture/past.h"
#include "daemon/capture/trigger.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PER_CHUNK = HZ_CHUNK_BYTES / 2 };

/* ---- samples that are held ---- */

/* Puts n samples of two bytes from `first` on, of which the i-th of the stream is i % 251. */
static void put(struct hz_past *p, uint32_t epoch, uint64_t first, size_t n)
{
    uint8_t *data = malloc(2 * n);
    for (size_t i = 0; i < n; i++)
        data[2 * i] = data[2 * i + 1] = (uint8_t)((first + i) % 251);
    struct hz_block b = {
        .epoch = epoch, .first_sample = first, .n = n, .centre_hz = 1e6, .data = data};
    struct hz_stamp stamp = {
        .sample = first, .utc_ns = (int64_t)first * 1000, .ns_per_sample = 1000};
    hz_past_put(p, &b, stamp);
    free(data);
}

/* All sealed chunks from `number` on: counts them, and checks that their samples are right. */
static size_t expect_samples(const struct hz_past *p, uint64_t number, uint64_t *samples)
{
    struct hz_chunk *c;
    size_t n = 0;
    *samples = 0;
    for (; (c = hz_past_from(p, number)); number = c->number + 1, n++) {
        *samples += c->n;
        cr_expect_eq(c->utc_ns, (int64_t)c->first * 1000);
        for (size_t i = 0; i < c->n; i++)
            cr_assert_eq(c->data[2 * i + 1], (uint8_t)((c->first + i) % 251));
    }
    return n;
}

Test(capture, the_past_keeps_the_latest_samples_within_its_memory)
{
    uint64_t samples;
    struct hz_past *p = hz_past_new(2, 1000000, 4 * HZ_CHUNK_BYTES);
    for (uint64_t at = 0; at < 20 * PER_CHUNK; at += 10000)
        put(p, 1, at, 10000);
    cr_expect_leq(hz_past_bytes(p), 4 * sizeof(struct hz_chunk));
    cr_expect_eq(p->not_kept, 0);
    cr_expect_eq(expect_samples(p, 0, &samples), 3, "the newest is not sealed");
    cr_expect_eq(samples, 3 * PER_CHUNK);
    hz_past_seal(p);
    cr_expect_eq(expect_samples(p, 0, &samples), 4);
    cr_expect_eq(expect_samples(p, hz_past_before(p, PER_CHUNK), &samples), 2);
    cr_expect_geq(samples, PER_CHUNK);
    hz_past_release(p);
}

Test(capture, a_gap_or_an_epoch_begins_a_chunk)
{
    struct hz_past *p = hz_past_new(2, 1000000, 8 * HZ_CHUNK_BYTES);
    put(p, 1, 0, 100);
    put(p, 1, 100, 100);
    put(p, 1, 300, 100);
    put(p, 2, 400, 50);
    hz_past_seal(p);
    const uint64_t firsts[] = {0, 300, 400}, lengths[] = {200, 100, 50};
    for (uint64_t i = 0; i < 3; i++) {
        const struct hz_chunk *c = hz_past_from(p, i);
        cr_assert(c);
        cr_expect_eq(c->first, firsts[i]);
        cr_expect_eq(c->n, lengths[i]);
    }
    cr_expect_null(hz_past_from(p, 3));
    hz_past_release(p);
}

Test(capture, chunks_that_are_held_are_not_overwritten)
{
    struct hz_chunk *held[4];
    uint64_t samples;
    struct hz_past *p = hz_past_new(2, 1000000, 4 * HZ_CHUNK_BYTES);
    put(p, 1, 0, 4 * PER_CHUNK);
    for (uint64_t i = 0; i < 4; i++)
        held[i] = hz_chunk_ref(hz_past_from(p, i));
    put(p, 1, 4 * PER_CHUNK, 1000);
    cr_expect_eq(p->not_kept, 1000, "all memory is held");
    cr_expect_null(hz_past_from(p, 0));
    hz_chunk_unref(held[2]);
    put(p, 1, 4 * PER_CHUNK + 1000, 1000);
    cr_expect_eq(p->not_kept, 1000);
    hz_past_seal(p);
    cr_expect_eq(expect_samples(p, 0, &samples), 1);
    cr_expect_eq(held[0]->data[0], 0);
    hz_past_release(p);
    cr_expect_eq(held[3]->data[0], (uint8_t)(3 * PER_CHUNK % 251), "it outlives the past");
    hz_chunk_unref(held[0]);
    hz_chunk_unref(held[1]);
    hz_chunk_unref(held[3]);
}

/* ---- names ---- */

static const struct hz_capture_words words = {.name = "ism",
                                              .receiver = "roof",
                                              .utc_ns = INT64_C(1795422371123456789),
                                              .centre_hz = 433.92e6,
                                              .rate_hz = 250e3,
                                              .format = HZ_CU8};

static void expect_name(const char *pattern, int number, const char *data, const char *meta)
{
    char d[HZ_CAPTURE_NAME_MAX + 1], m[HZ_CAPTURE_NAME_MAX + 1];
    cr_assert_eq(hz_capture_name(pattern, &words, number, d, m), 0);
    cr_expect_str_eq(d, data);
    cr_expect_str_eq(m, meta);
}

Test(capture, names_tell_rate_and_frequency_as_rtl_433_does)
{
    expect_name("g{number}_{freq}_{rate}.{format}", 1, "g001_433.92M_250k.cu8",
                "g001_433.92M_250k.sigmf-meta");
    expect_name("{name}_{freq}_{rate}.{format}", 3, "ism_433.92M_250k_3.cu8",
                "ism_433.92M_250k_3.sigmf-meta");
    expect_name("{name}_{time}_{freq}_{rate}", 1,
                "ism_20261123T082611.123Z_433.92M_250k.sigmf-data",
                "ism_20261123T082611.123Z_433.92M_250k.sigmf-meta");
}

Test(capture, patterns_that_cannot_be_are_refused)
{
    const char *const bad[] = {"", "a/b", ".hidden", "{date}", "a{name", NULL};
    char err[300];
    for (int i = 0; bad[i]; i++)
        cr_expect_eq(hz_capture_name_check(bad[i], err, sizeof err), -EINVAL, "%s", bad[i]);
    cr_expect_eq(hz_capture_name_check("{receiver}-{number}", err, sizeof err), 0);
}

/* ---- triggers ---- */

static const struct hz_decoder *const none[] = {NULL};
static struct hz_triggers triggers;
static char err_text[300];

static int parse(const char *text)
{
    return hz_triggers_parse(&triggers, text, none, err_text, sizeof err_text);
}

static const char *hit(enum hz_kind kind, const char *id)
{
    struct hz_topic topic = {.receiver = "roof", .channel = "1090"};
    struct hz_frame f = {.topic = &topic, .rec = {.kind = kind, .snr_db = NAN}};
    snprintf(f.rec.about.id, sizeof f.rec.about.id, "%s", id);
    const struct hz_trigger *t = hz_triggers_frame(&triggers, &f);
    return t ? t->text : "";
}

Test(capture, triggers_are_words_with_commas)
{
    cr_assert_eq(parse(" clipping , id:4840d6,undecoded,channel:1090 "), 0, "%s", err_text);
    cr_expect_eq(triggers.n, 4);
    cr_expect(hz_triggers_find(&triggers, HZ_TRIGGER_CLIPPING));
    cr_expect_null(hz_triggers_find(&triggers, HZ_TRIGGER_COMMAND));
    cr_expect_str_eq(hit(HZ_KIND_MESSAGE, "4840d6"), "id:4840d6");
    cr_expect_str_eq(hit(HZ_KIND_MESSAGE, "4840d7"), "channel:1090");
    cr_expect_str_eq(hit(HZ_KIND_BURST, ""), "undecoded");
    cr_assert_eq(parse("id:4840d6"), 0);
    cr_expect_str_eq(hit(HZ_KIND_MESSAGE, "4840d7"), "");
    cr_expect_str_eq(hit(HZ_KIND_REPEAT, "4840d6"), "", "a copy is no news");
}

Test(capture, triggers_that_cannot_be_are_refused_with_a_reason)
{
    const char *const bad[] = {
        "",          ",",           "loud",      "id",           "id:",   ":x",
        "min_snr:3", "command,bad", "protocol:", "protocol:gsm", "id:a,", NULL};
    for (int i = 0; bad[i]; i++) {
        err_text[0] = '\0';
        cr_expect_eq(parse(bad[i]), -EINVAL, "'%s'", bad[i]);
        cr_expect(err_text[0], "'%s'", bad[i]);
    }
}

/* ---- metadata ---- */

static struct hz_note note(uint64_t sample, int64_t utc_ns, const char *id)
{
    struct hz_note n = {.sample = sample,
                        .utc_ns = utc_ns,
                        .end_ns = utc_ns + 1000000,
                        .low_hz = NAN,
                        .high_hz = NAN,
                        .raw = {0xab, 0xcd},
                        .raw_len = 2};
    strcpy(n.protocol, "ais");
    snprintf(n.id, sizeof n.id, "%s", id);
    return n;
}

Test(capture, messages_are_placed_by_epoch_and_gap)
{
    /* 1000 samples a second: 500 from 1000 on, 500 more after a gap of 200, then another epoch */
    struct hz_capture_span spans[] = {
        {.at = 0, .n = 500, .epoch = 1, .first = 1000, .utc_ns = INT64_C(1000000000)},
        {.at = 500, .n = 500, .epoch = 1, .first = 1700, .utc_ns = INT64_C(1700000000)},
        {.at = 1000, .n = 500, .epoch = 2, .first = 1100, .utc_ns = INT64_C(9000000000)}};
    struct hz_note notes[] = {
        note(1900, INT64_C(1900000000), "gap"), note(1200, INT64_C(1200000000), "first"),
        note(1200, INT64_C(9100000000), "epoch"), note(1600, INT64_C(1600000000), "lost"),
        note(1200, INT64_C(90000000000), "later")};
    struct hz_sigmf s = {.name = "box",
                         .receiver = "roof",
                         .trigger = "command",
                         .format = HZ_CS16,
                         .rate_hz = 1000,
                         .spans = spans,
                         .n_spans = 3,
                         .notes = notes,
                         .n_notes = 5};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    hz_sigmf_write(out, &s, "x.cs16");
    fclose(out);
    cJSON *root = cJSON_Parse(text), *a;
    cr_assert(root, "%s", text);
    const cJSON *global = cJSON_GetObjectItem(root, "global");
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(global, "core:datatype")), "ci16_le");
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(global, "core:dataset")), "x.cs16");
    const cJSON *captures = cJSON_GetObjectItem(root, "captures");
    cr_expect(cJSON_GetObjectItem(cJSON_GetArrayItem(captures, 1), "core:global_index"));
    cr_expect_null(cJSON_GetObjectItem(cJSON_GetArrayItem(captures, 2), "core:global_index"));
    const struct {
        int at;
        const char *label;
    } expected[] = {
        {200, "ais first"}, {500, "gap"}, {700, "ais gap"}, {1000, "gap"}, {1100, "ais epoch"}};
    int i = 0;
    cJSON_ArrayForEach(a, cJSON_GetObjectItem(root, "annotations"))
    {
        cr_assert_lt(i, 5);
        cr_expect_eq(cJSON_GetObjectItem(a, "core:sample_start")->valueint, expected[i].at);
        cr_expect_str_eq(cJSON_GetObjectItem(a, "core:label")->valuestring, expected[i].label);
        i++;
    }
    cr_expect_eq(i, 5);
    cJSON_Delete(root);
    free(text);
}

Test(capture, sigmf_has_a_name_for_every_format_but_24_bits)
{
    char type[16];
    for (int f = 0; f < HZ_IQ_FORMATS; f++) {
        enum hz_format back;
        bool has = hz_sigmf_datatype((enum hz_format)f, type, sizeof type);
        cr_expect_eq(has, f != HZ_CS24 && f != HZ_CS24_BE, "%s", hz_format_name((enum hz_format)f));
        cr_expect(!has || (hz_format_parse(type, &back) == 0 && (int)back == f), "%s", type);
    }
}

/* ---- the disk ---- */

static int files_in(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    for (const struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

Test(capture, a_file_that_cannot_grow_leaves_nothing)
{
    char dir[] = "/tmp/hz-capture-XXXXXX", data[8192] = "", err[256] = "";
    struct hz_folder folder;
    struct hz_capture_file f;
    struct rlimit old, small;
    cr_assert(mkdtemp(dir));
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){.rlim_cur = 4096, .rlim_max = old.rlim_max};
    cr_assert_eq(hz_folder_init(&folder, dir, "box", 1 << 20), 0);
    cr_assert_eq(hz_folder_read(&folder, err, sizeof err), 0);
    setrlimit(RLIMIT_FSIZE, &small);
    cr_expect_eq(hz_capture_file_begin(&f, &folder, "x", &words, 8192, err, sizeof err), -EFBIG);
    cr_expect(strstr(err, dir), "%s", err);
    cr_expect_eq(files_in(dir), 0);
    cr_assert_eq(hz_capture_file_begin(&f, &folder, "x", &words, 100, err, sizeof err), 0);
    cr_expect_eq(files_in(dir), 1);
    cr_expect_eq(hz_capture_file_write(&f, data, sizeof data, err, sizeof err), -EFBIG);
    hz_capture_file_abandon(&f);
    setrlimit(RLIMIT_FSIZE, &old);
    cr_expect_eq(files_in(dir), 0);
    cr_expect_eq(hz_folder_make_room(&folder, 2 << 20, err, sizeof err), -EDQUOT);
    hz_folder_done(&folder);
    rmdir(dir);
}
