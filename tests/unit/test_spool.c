#include "daemon/output/spool.h"
#include "daemon/output/spool_record.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX = 1 << 20 };

static char folder[64];

static void setup(void)
{
    strcpy(folder, "/tmp/hz-spool-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

/* Names and sizes of the segments, in order. */
static size_t segments(char names[][NAME_MAX + 1], size_t max)
{
    size_t n = 0;
    struct dirent **list;
    int all = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < all; i++) {
        if (strstr(list[i]->d_name, ".spool") && n < max)
            snprintf(names[n++], NAME_MAX + 1, "%s", list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return n;
}

static void path_of(const char *name, char *path)
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(spool, .init = setup, .fini = teardown);

static struct hz_spool_disk *reopened(struct hz_spool_disk *d, uint64_t max)
{
    char err[256] = "";
    hz_spool_disk_close(d);
    d = hz_spool_disk_open(folder, max, err, sizeof err);
    cr_assert_not_null(d, "%s", err);
    return d;
}

/* Record i is "i" and dots, of a length that differs. */
static size_t text_of(uint64_t i, char *text)
{
    size_t n = (size_t)sprintf(text, "%llu", (unsigned long long)i), dots = (size_t)(i * 37 % 400);
    memset(text + n, '.', dots);
    return n + dots;
}

static void append(struct hz_spool_disk *d, uint64_t from, uint64_t to)
{
    char text[512], err[256];
    for (uint64_t i = from; i <= to; i++)
        cr_assert_eq(hz_spool_disk_append(d, text, text_of(i, text), err, sizeof err), 0);
}

/* The next records are those from `from` to `to`, with the numbers that they have. */
static void reads(struct hz_spool_disk *d, uint64_t from, uint64_t to)
{
    char text[512];
    const uint8_t *data;
    size_t n;
    for (uint64_t i = from; i <= to; i++) {
        cr_assert_eq(hz_spool_disk_read(d, &data, &n), i);
        cr_assert_eq(n, text_of(i, text));
        cr_assert_arr_eq(data, text, n);
        hz_spool_disk_step(d);
    }
}

static void has_no_more(struct hz_spool_disk *d)
{
    const uint8_t *data;
    size_t n;
    cr_assert_eq(hz_spool_disk_read(d, &data, &n), 0);
}

Test(spool, gives_records_in_order_and_those_that_come_meanwhile)
{
    struct hz_spool_disk *d = reopened(NULL, MAX);
    has_no_more(d);
    append(d, 1, 3);
    reads(d, 1, 2);
    append(d, 4, 3000); /* several segments */
    reads(d, 3, 3000);
    has_no_more(d);
    append(d, 3001, 3001);
    reads(d, 3001, 3001);
    hz_spool_disk_close(d);
}

Test(spool, survives_and_goes_on_behind_what_was_released)
{
    struct hz_spool_disk *d = reopened(NULL, MAX);
    append(d, 1, 2000);
    reads(d, 1, 1500);
    hz_spool_disk_release(d, 1201);
    d = reopened(d, MAX);
    cr_assert_eq(hz_spool_disk_counts(d).first, 1201);
    cr_assert_eq(hz_spool_disk_counts(d).next, 2001);
    append(d, 2001, 2100);
    reads(d, 1201, 2100);
    hz_spool_disk_release(d, 2101);
    cr_assert_eq(hz_spool_disk_counts(d).bytes, 0);
    d = reopened(d, MAX);
    has_no_more(d);
    append(d, 2101, 2101); /* numbers go on though no segment is left */
    reads(d, 2101, 2101);
    hz_spool_disk_close(d);
}

Test(spool, drops_the_oldest_and_counts)
{
    struct hz_spool_disk *d = reopened(NULL, 200000);
    append(d, 1, 500);
    reads(d, 1, 10);
    append(d, 501, 3000);
    struct hz_spool_counts c = hz_spool_disk_counts(d);
    cr_assert_leq(c.bytes, 200000);
    cr_assert_gt(c.bytes, 150000);
    cr_assert_eq(c.dropped, c.first - 1);
    reads(d, c.first, 3000);
    d = reopened(d, 200000);
    cr_assert_eq(hz_spool_disk_counts(d).first, c.first);
    reads(d, c.first, 3000);
    hz_spool_disk_close(d);
}

Test(spool, cut_anywhere_has_whole_records_only)
{
    char names[8][NAME_MAX + 1], path[PATH_MAX];
    struct hz_spool_disk *d = reopened(NULL, MAX);
    append(d, 1, 10);
    hz_spool_disk_close(d);
    cr_assert_eq(segments(names, 8), 1);
    path_of(names[0], path);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    uint64_t before = 10;
    for (off_t size = st.st_size - 1; size > 0; size--) {
        cr_assert_eq(truncate(path, size), 0);
        d = reopened(NULL, MAX);
        struct hz_spool_counts c = hz_spool_disk_counts(d);
        cr_assert(c.next - 1 == before || c.next - 1 == before - 1);
        before = c.next - 1;
        reads(d, 1, before);
        has_no_more(d);
        hz_spool_disk_close(d);
        if (before == 0)
            break;
        cr_assert_eq(stat(path, &st), 0); /* what was torn is gone */
        size = st.st_size;
    }
    cr_assert_eq(before, 0);
}

Test(spool, damaged_records_are_counted_and_passed)
{
    char names[64][NAME_MAX + 1], path[PATH_MAX];
    struct hz_spool_disk *d = reopened(NULL, MAX);
    append(d, 1, 3000);
    uint64_t second;
    size_t n = segments(names, 64);
    cr_assert_gt(n, 3);
    sscanf(names[1], "%16llx", (unsigned long long *)&second);
    path_of(names[0], path);
    int fd = open(path, O_WRONLY);
    cr_assert_eq(pwrite(fd, "\xff\xff", 2, 60), 2);
    close(fd);
    reads(d, 1, 1); /* while it runs: the rest of that segment is gone */
    reads(d, second, 3000);
    cr_assert_eq(hz_spool_disk_counts(d).damaged, second - 2);
    hz_spool_disk_close(d);
    d = reopened(NULL, MAX); /* and when it is opened */
    cr_assert_eq(hz_spool_disk_counts(d).damaged, second - 2);
    reads(d, 1, 1);
    reads(d, second, 3000);
    hz_spool_disk_close(d);
}

Test(spool, is_of_one_at_a_time)
{
    char err[256] = "";
    struct hz_spool_disk *d = reopened(NULL, MAX);
    cr_assert_null(hz_spool_disk_open(folder, MAX, err, sizeof err));
    cr_assert(strstr(err, "in use"), "%s", err);
    hz_spool_disk_close(d);
    cr_assert_null(hz_spool_disk_open("/proc/none/spool", MAX, err, sizeof err));
    cr_assert(strstr(err, "/proc/none/spool: No such file"), "%s", err);
}

/* ---- on a loop ---------------------------------------------------------------------------- */

struct user {
    uv_loop_t loop;
    struct hz_spool *s;
    uint64_t taken, want, lost;
    bool closed;
};

static struct hz_spooled *record(uint64_t i)
{
    struct hz_spooled *r = malloc(sizeof *r + 512);
    *r = (struct hz_spooled){.n = 0};
    r->n = text_of(i, r->data); /* last: the text may begin in the padding of the struct */
    return r;
}

static void on_changed(void *ctx)
{
    struct user *u = ctx;
    struct hz_spooled *r;
    char text[512];
    while (u->taken < u->want && (r = hz_spool_take(u->s))) {
        u->taken++;
        cr_assert_eq(r->number, u->taken);
        cr_assert_eq(r->n, text_of(u->taken, text));
        cr_assert_arr_eq(r->data, text, r->n);
        hz_spool_release(u->s, r->number);
        free(r);
    }
}

static void on_closed(void *ctx, uint64_t lost)
{
    struct user *u = ctx;
    u->closed = true;
    u->lost = lost;
}

static void open_user(struct user *u)
{
    uv_loop_init(&u->loop);
    u->s = hz_spool_new(&u->loop, folder, MAX, on_changed, u);
    u->closed = false;
    while (!hz_spool_is_open(u->s))
        uv_run(&u->loop, UV_RUN_ONCE);
}

static void close_user(struct user *u)
{
    hz_spool_close(u->s, on_closed, u);
    uv_run(&u->loop, UV_RUN_DEFAULT);
    cr_assert(u->closed);
    cr_assert_eq(u->lost, 0);
    cr_assert_eq(uv_loop_close(&u->loop), 0);
}

Test(spool, queue_goes_through_the_disk_in_order)
{
    struct user u = {.want = 0};
    open_user(&u);
    for (uint64_t i = 1; i <= 1000; i++)
        hz_spool_put(u.s, record(i));
    cr_assert_eq(hz_spool_records(u.s), 1000);
    close_user(&u); /* writes what was put */
    open_user(&u);
    cr_assert_eq(hz_spool_records(u.s), 1000);
    for (uint64_t i = 1001; i <= 2000; i++)
        hz_spool_put(u.s, record(i));
    u.want = 1700;
    on_changed(&u);
    while (u.taken < u.want)
        uv_run(&u.loop, UV_RUN_ONCE);
    cr_assert_eq(hz_spool_records(u.s), 300);
    close_user(&u);
    open_user(&u);
    cr_assert_eq(hz_spool_records(u.s), 300);
    u.want = 2000;
    on_changed(&u);
    while (u.taken < u.want || hz_spool_counts(u.s).bytes > 0)
        uv_run(&u.loop, UV_RUN_ONCE);
    cr_assert_eq(hz_spool_records(u.s), 0);
    cr_assert(!uv_loop_alive(&u.loop), "no job runs without need");
    close_user(&u);
}
