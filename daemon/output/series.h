/* A series of files: records are appended to one that is called NAME.part; when its hour or day is
 * over, or it is full, it gets its final name, compressed if that is wanted, and the next one
 * begins. The oldest ones leave by quota and age. What a crash has left is found and completed.
 * Names: daemon/output/series_name.h. One thread at a time. */
#ifndef HZ_DAEMON_OUTPUT_SERIES_H
#define HZ_DAEMON_OUTPUT_SERIES_H

#include "daemon/output/pack.h"
#include "daemon/output/shelf.h"

/* What `rotate =` holds: one of these, or the bytes that a file may have. */
enum { HZ_ROTATE_NOT, HZ_ROTATE_HOURLY, HZ_ROTATE_DAILY, HZ_ROTATE_BYTES_MIN = 64 << 10 };

struct hz_series_conf {
    const char *path; /* borrowed */
    uint64_t rotate;  /* not HZ_ROTATE_NOT */
    enum hz_pack pack;
    uint64_t quota_bytes, keep_s; /* 0: no limit */
    const char *head;             /* what a file begins with; "": nothing. Borrowed */
    bool lines;                   /* every record is whole lines, so a torn one can be recognised */
};

struct hz_series;

/* The folder must exist. Nothing is written yet. NULL, with the reason in err. */
struct hz_series *hz_series_new(const struct hz_series_conf *conf, char *err, size_t err_len);
/* Appends a record: all of it or nothing. now_ns: UTC. 0, or -errno with one line in err. */
int hz_series_put(struct hz_series *s, const void *data, size_t n, int64_t now_ns, char *err,
                  size_t err_len);
/* Whether hz_series_work has something to do. */
bool hz_series_due(const struct hz_series *s, int64_t now_ns);
/* Ends a file whose time is over, compresses a MiB of one, deletes what is over the limits. 0, or
 * -errno with one line in err. */
int hz_series_work(struct hz_series *s, int64_t now_ns, char *err, size_t err_len);
/* Frees it. The file that is being written stays as it is, and the next hz_series_new goes on with
 * it if its time is not over. NULL is allowed. */
void hz_series_close(struct hz_series *s);

#endif
