/* Series of files: names, times, sizes, compression, limits, and what crashes leave. */
#include "daemon/output/append.h"
#include "daemon/output/series.h"
#include "daemon/output/series_name.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define S INT64_C(1000000000)
/* 2026-11-30 18:59:30 UTC */
static const int64_t evening = INT64_C(1796065170) * S;

static char dir[64], path[128], err[256];
static struct hz_series_conf conf;

static void begin(void)
{
    strcpy(dir, "/tmp/hz-series-XXXXXX");
    cr_assert(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/log.txt", dir);
    conf = (struct hz_series_conf){
        .path = path, .rotate = HZ_ROTATE_HOURLY, .head = "", .lines = true};
    err[0] = '\0';
}

static void end(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", dir);
    cr_expect_eq(system(command), 0);
}

TestSuite(series, .init = begin, .fini = end);

static struct hz_series *opened(void)
{
    struct hz_series *s = hz_series_new(&conf, err, sizeof err);
    cr_assert(s, "%s", err);
    return s;
}

static void put(struct hz_series *s, const char *text, int64_t now_ns)
{
    cr_expect_eq(hz_series_put(s, text, strlen(text), now_ns, err, sizeof err), 0, "%s", err);
}

/* Until nothing is left to do. */
static void work(struct hz_series *s, int64_t now_ns)
{
    for (int i = 0; i < 100 && hz_series_due(s, now_ns); i++)
        cr_expect_eq(hz_series_work(s, now_ns, err, sizeof err), 0, "%s", err);
    cr_expect_not(hz_series_due(s, now_ns));
}

static const char *at(const char *name)
{
    static char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", dir, name);
    return whole;
}

static void make(const char *name, const char *text)
{
    FILE *f = fopen(at(name), "w");
    cr_assert(f);
    fputs(text, f);
    fclose(f);
}

static int compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The names in the folder, each with a blank behind it, have to be these. */
static void expect_files(const char *want)
{
    char got[1024] = "";
    struct dirent **list;
    int n = scandir(dir, &list, NULL, compare);
    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.') {
            strcat(got, list[i]->d_name);
            strcat(got, " ");
        }
        free(list[i]);
    }
    free(list);
    cr_expect_str_eq(got, want);
}

static void expect_text(const char *name, const char *want)
{
    char got[256] = "";
    gzFile f = gzopen(at(name), "r"); /* reads what is not compressed as it is */
    cr_assert(f, "%s", name);
    int n = gzread(f, got, sizeof got - 1);
    gzclose(f);
    cr_assert_geq(n, 0);
    got[n] = '\0';
    cr_expect_str_eq(got, want);
}

static void expect_zstd(const char *name, const char *want)
{
    char packed[1024], got[1024] = "";
    FILE *f = fopen(at(name), "r");
    cr_assert(f, "%s", name);
    size_t n = fread(packed, 1, sizeof packed, f);
    fclose(f);
    size_t size = ZSTD_decompress(got, sizeof got - 1, packed, n);
    cr_assert_not(ZSTD_isError(size));
    cr_expect_str_eq(got, want);
}

Test(series_name, names)
{
    static const struct {
        const char *path, *name;
        enum hz_series_state state;
        int number;
    } good[] = {
        {"/a/log.txt", "log_20261130T185930Z.txt", HZ_SERIES_DONE, 1},
        {"/a/log.txt", "log_20261130T185930Z_2.txt.part", HZ_SERIES_WRITTEN, 2},
        {"/a/log.txt", "log_20261130T185930Z_9999.txt.packing", HZ_SERIES_CLOSED, 9999},
        {"log.txt", "log_20261130T185930Z.txt.zst", HZ_SERIES_ZSTD, 1},
        {"log", "log_20261130T185930Z.gz", HZ_SERIES_GZIP, 1},
        {"/.log", ".log_20261130T185930Z.zst.part", HZ_SERIES_HALF, 1},
        {"x/a.b.c", "a.b_20261130T185930Z.c.gz.part", HZ_SERIES_HALF, 1},
    };
    static const char *const bad[] = {
        "log.txt",
        "log_20261130T185930Z",
        "log_20261130T185930Z.text",
        "log_20261130T185930Z.tx",
        "log_20261130T185930Z_1.txt",
        "log_20261130T185930Z_02.txt",
        "log_20261130T185930Z_10000.txt",
        "log_20261130T185930.txt",
        "log_20261330T185930Z.txt",
        "log_2026113 T185930Z.txt",
        "Log_20261130T185930Z.txt",
        "log_20261130T185930Z.txt.bak",
        "log_",
        "",
        "log_20261130T185930Z.txt.part.zst",
        "log_20261131T185930Z.txt",
        "log_20261130T185930Z_2 .txt",
    };
    struct hz_series_file f;
    enum hz_series_state state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_assert(hz_series_parse(good[i].path, good[i].name, &f, &state), "%s", good[i].name);
        cr_expect_eq(state, good[i].state);
        cr_expect_eq(f.number, good[i].number);
        cr_expect_eq(f.utc_s * S, evening);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(hz_series_parse("/a/log.txt", bad[i], &f, &state), "%s", bad[i]);
}

Test(series, a_file_for_each_hour)
{
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    expect_files("log_20261130T180000Z.txt.part ");
    put(s, "two\n", evening + 29 * S);
    put(s, "three\n", evening + 30 * S);
    expect_files("log_20261130T180000Z.txt log_20261130T190000Z.txt.part ");
    work(s, evening + 3000 * S);
    work(s, evening + 4000 * S);
    expect_files("log_20261130T180000Z.txt log_20261130T190000Z.txt ");
    expect_text("log_20261130T180000Z.txt", "one\ntwo\n");
    expect_text("log_20261130T190000Z.txt", "three\n");
    put(s, "late\n", evening);
    expect_files(
        "log_20261130T180000Z.txt log_20261130T180000Z_2.txt.part log_20261130T190000Z.txt ");
    hz_series_close(s);
}

Test(series, a_file_for_each_day)
{
    conf.rotate = HZ_ROTATE_DAILY;
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    put(s, "two\n", evening + 18029 * S);
    put(s, "three\n", evening + 18030 * S);
    expect_files("log_20261130T000000Z.txt log_20261201T000000Z.txt.part ");
    hz_series_close(s);
}

Test(series, a_file_that_is_full)
{
    char line[1001];
    memset(line, 'x', 1000);
    line[999] = '\n';
    line[1000] = '\0';
    conf.rotate = HZ_ROTATE_BYTES_MIN;
    conf.head = "head\n";
    struct hz_series *s = opened();
    for (int i = 0; i < 66; i++)
        put(s, line, evening);
    expect_files("log_20261130T185930Z.txt log_20261130T185930Z_2.txt.part ");
    struct stat st;
    cr_expect(stat(at("log_20261130T185930Z.txt"), &st) == 0 && st.st_size == 65005);
    cr_expect(stat(at("log_20261130T185930Z_2.txt.part"), &st) == 0 && st.st_size == 1005);
    hz_series_close(s);
}

Test(series, goes_on_after_a_restart)
{
    conf.head = "head\n";
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    hz_series_close(s);
    s = opened();
    put(s, "two\n", evening + S);
    hz_series_close(s);
    expect_text("log_20261130T180000Z.txt.part", "head\none\ntwo\n");
    s = opened();
    work(s, evening + 60 * S);
    expect_files("log_20261130T180000Z.txt ");
    expect_text("log_20261130T180000Z.txt", "head\none\ntwo\n");
    hz_series_close(s);
}

Test(series, a_torn_line_is_cut_off)
{
    make("log_20261130T180000Z.txt.part", "one\ntwo\nthr");
    make("log_20261130T170000Z.txt.part", "one\ntw");
    make("log_20261130T160000Z.txt.part", "tor");
    make("log_20261130T150000Z.txt.part", "");
    struct hz_series *s = opened();
    put(s, "three\n", evening);
    expect_files("log_20261130T170000Z.txt log_20261130T180000Z.txt.part ");
    expect_text("log_20261130T180000Z.txt.part", "one\ntwo\nthree\n");
    expect_text("log_20261130T170000Z.txt", "one\n");
    hz_series_close(s);
}

Test(series, what_holds_no_lines_is_left_as_it_is)
{
    conf.lines = false;
    make("log_20261130T180000Z.txt.part", "abc");
    struct hz_series *s = opened();
    put(s, "def", evening);
    expect_text("log_20261130T180000Z.txt.part", "abcdef");
    hz_series_close(s);
}

Test(series, is_compressed_when_it_is_complete)
{
    conf.pack = HZ_PACK_ZSTD;
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    put(s, "two\n", evening + 30 * S);
    expect_files("log_20261130T180000Z.txt.packing log_20261130T190000Z.txt.part ");
    work(s, evening + 31 * S);
    expect_files("log_20261130T180000Z.txt.zst log_20261130T190000Z.txt.part ");
    expect_zstd("log_20261130T180000Z.txt.zst", "one\n");
    hz_series_close(s);
    conf.pack = HZ_PACK_GZIP;
    s = opened();
    work(s, evening + 4000 * S);
    expect_files("log_20261130T180000Z.txt.zst log_20261130T190000Z.txt.gz ");
    expect_text("log_20261130T190000Z.txt.gz", "two\n");
    hz_series_close(s);
}

/* More than a piece of what does not become smaller, so that all buffers are filled. */
Test(series, large_files_come_out_as_they_went_in)
{
    enum { SIZE = (5 << 20) + 17 };
    unsigned char *data = malloc(SIZE), *back = malloc(SIZE + 1), *packed = malloc(2 * SIZE);
    uint32_t x = 1;
    for (size_t i = 0; i < SIZE; i++) {
        x = x * 1664525 + 1013904223;
        data[i] = (unsigned char)(x >> 24);
    }
    conf.lines = false;
    for (int how = HZ_PACK_ZSTD; how <= HZ_PACK_GZIP; how++) {
        conf.pack = (enum hz_pack)how;
        struct hz_series *s = opened();
        cr_expect_eq(hz_series_put(s, data, SIZE, evening, err, sizeof err), 0);
        cr_expect_eq(hz_series_put(s, "x", 1, evening + 40 * S, err, sizeof err), 0);
        work(s, evening + 40 * S);
        hz_series_close(s);
        if (how == HZ_PACK_ZSTD) {
            FILE *f = fopen(at("log_20261130T180000Z.txt.zst"), "r");
            cr_assert(f);
            size_t n = fread(packed, 1, 2 * SIZE, f);
            fclose(f);
            ZSTD_DCtx *d = ZSTD_createDCtx();
            ZSTD_outBuffer out = {back, SIZE + 1, 0};
            ZSTD_inBuffer in = {packed, n, 0};
            cr_expect_eq(ZSTD_decompressStream(d, &out, &in), 0);
            cr_expect_eq(out.pos, SIZE);
            ZSTD_freeDCtx(d);
            unlink(at("log_20261130T180000Z.txt.zst"));
            unlink(at("log_20261130T190000Z.txt.part"));
        } else {
            gzFile f = gzopen(at("log_20261130T180000Z.txt.gz"), "r");
            cr_assert(f);
            cr_expect_eq(gzread(f, back, SIZE + 1), SIZE);
            gzclose(f);
        }
        cr_expect_arr_eq(back, data, SIZE);
    }
    free(data);
    free(back);
    free(packed);
}

Test(series, what_a_crash_has_left_of_a_compression)
{
    conf.pack = HZ_PACK_GZIP;
    make("log_20261130T150000Z.txt.packing", "done\n");
    make("log_20261130T150000Z.txt.zst", "?");
    make("log_20261130T160000Z.txt.packing", "again\n");
    make("log_20261130T160000Z.txt.gz.part", "half");
    make("log_20261130T160000Z.txt.zst.part", "half");
    make("other.txt.part", "not ours");
    struct hz_series *s = opened();
    work(s, evening);
    expect_files("log_20261130T150000Z.txt.zst log_20261130T160000Z.txt.gz other.txt.part ");
    expect_text("log_20261130T160000Z.txt.gz", "again\n");
    hz_series_close(s);
}

Test(series, what_waits_is_named_where_compression_was_switched_off)
{
    make("log_20261130T160000Z.txt.packing", "whole\n");
    struct hz_series *s = opened();
    work(s, evening);
    expect_files("log_20261130T160000Z.txt ");
    hz_series_close(s);
}

Test(series, a_compression_that_fails_is_told_and_tried_again)
{
    conf.pack = HZ_PACK_GZIP;
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    cr_assert_eq(mkdir(at("log_20261130T180000Z.txt.gz.part"), 0755), 0);
    cr_expect_lt(hz_series_work(s, evening + 40 * S, err, sizeof err), 0);
    cr_expect(strstr(err, "gz.part"), "%s", err);
    put(s, "two\n", evening + 41 * S);
    cr_expect_not(hz_series_due(s, evening + 42 * S), "not at once");
    err[0] = '\0';
    cr_expect_lt(hz_series_work(s, evening + 42 * S, err, sizeof err), 0);
    cr_expect(strstr(err, "gz.part"), "still told: %s", err);
    rmdir(at("log_20261130T180000Z.txt.gz.part"));
    work(s, evening + 120 * S);
    expect_files("log_20261130T180000Z.txt.gz log_20261130T190000Z.txt.part ");
    hz_series_close(s);
}

static void make_old(const char *name, off_t size)
{
    make(name, "");
    cr_assert_eq(truncate(at(name), size), 0);
}

Test(series, the_oldest_leave_by_the_quota)
{
    conf.quota_bytes = 1000000;
    make_old("log_20261130T150000Z.txt", 400000);
    make_old("log_20261130T160000Z.txt.zst", 400000);
    make_old("log_20261130T170000Z.txt.gz", 400000);
    make_old("log_19991231T170000Z.text", 400000);
    make_old("log.txt", 400000);
    struct hz_series *s = opened();
    work(s, evening);
    expect_files("log.txt log_19991231T170000Z.text log_20261130T160000Z.txt.zst "
                 "log_20261130T170000Z.txt.gz ");
    char *line = malloc(240001);
    memset(line, 'x', 240000);
    line[239999] = '\n';
    line[240000] = '\0';
    put(s, line, evening); /* the one that is written counts too */
    cr_expect_eq(hz_series_work(s, evening, err, sizeof err), 0);
    expect_files("log.txt log_19991231T170000Z.text log_20261130T170000Z.txt.gz "
                 "log_20261130T180000Z.txt.part ");
    put(s, line, evening);
    expect_files(
        "log.txt log_19991231T170000Z.text log_20261130T170000Z.txt.gz log_20261130T180000Z.txt "
        "log_20261130T180000Z_2.txt.part ");
    free(line);
    hz_series_close(s);
}

Test(series, old_ones_leave_by_their_age)
{
    conf.keep_s = 3 * 3600;
    make("log_20261130T150000Z.txt", "a\n");
    make("log_20261130T160000Z.txt", "b\n");
    struct hz_series *s = opened();
    work(s, evening);
    expect_files("log_20261130T160000Z.txt ");
    work(s, evening + 59 * S);
    expect_files("log_20261130T160000Z.txt ");
    work(s, evening + 100 * S);
    expect_files("");
    hz_series_close(s);
}

Test(series, a_file_that_was_removed_begins_anew)
{
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    unlink(at("log_20261130T180000Z.txt.part"));
    cr_expect_eq(hz_series_work(s, evening, err, sizeof err), 0);
    put(s, "two\n", evening);
    expect_text("log_20261130T180000Z.txt.part", "two\n");
    hz_series_close(s);
}

Test(series, two_do_not_write_one_file)
{
    struct hz_series *a = opened(), *b = opened();
    put(a, "a\n", evening);
    put(b, "b\n", evening);
    expect_text("log_20261130T180000Z.txt.part", "a\n");
    expect_text("log_20261130T180000Z_2.txt.part", "b\n");
    hz_series_close(a);
    hz_series_close(b);
}

/* A disk that is full, for which a limit of the size of files stands. */
Test(series, a_record_goes_in_whole_or_not_at_all)
{
    const struct rlimit limit = {10, 10};
    signal(SIGXFSZ, SIG_IGN);
    struct hz_series *s = opened();
    put(s, "one\n", evening);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_lt(hz_series_put(s, "a long line\n", 12, evening, err, sizeof err), 0);
    cr_expect(strstr(err, "log.txt: "), "%s", err);
    put(s, "two\n", evening);
    hz_series_close(s);
    expect_text("log_20261130T180000Z.txt.part", "one\ntwo\n");
}

Test(series, a_folder_that_is_missing_is_told)
{
    conf.path = "/nowhere/at/all/log.txt";
    cr_expect_null(hz_series_new(&conf, err, sizeof err));
    cr_expect(strstr(err, "/nowhere/at/all/: No such file"), "%s", err);
}

Test(series, of_one_file_a_torn_line_is_cut_off_but_never_all)
{
    make("a", "one\ntwo");
    make("b", "no lines");
    int fd = hz_append_open(at("a"), 0, HZ_TORN_CUT, err, sizeof err);
    cr_assert_geq(fd, 0);
    cr_expect_eq(hz_append(fd, "three\n", 6), 0);
    close(fd);
    expect_text("a", "one\nthree\n");
    cr_expect_lt(hz_append_open(at("b"), 0, HZ_TORN_CUT, err, sizeof err), 0);
    cr_expect(strstr(err, "expected lines"), "%s", err);
    expect_text("b", "no lines");
}
