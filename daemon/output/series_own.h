/* Of series.c and series_disk.c alone. One thread at a time. */
#ifndef HZ_DAEMON_OUTPUT_SERIES_OWN_H
#define HZ_DAEMON_OUTPUT_SERIES_OWN_H

#include "daemon/output/series.h"
#include "daemon/output/series_name.h"

enum { HZ_SERIES_PATH = 4096, HZ_SERIES_TROUBLE = 256 };

struct hz_series {
    struct hz_series_conf conf;
    bool scanned, left; /* left: a file could not be named, so it has to be scanned again */
    int fd;             /* of the file that is being written; -1: there is none */
    struct hz_series_file file;
    uint64_t bytes;
    struct hz_taped *closed; /* wait for compression, the oldest first; their names are CLOSED */
    uint64_t closed_bytes;
    struct hz_packing *packing;      /* of the first of them; NULL: not begun */
    char trouble[HZ_SERIES_TROUBLE]; /* why it could not be compressed; "": nothing */
    int64_t look_s;                  /* when the limits are looked at again */
    struct hz_shelf shelf;           /* complete files */
};

/* When the file begins that a record of now belongs to. */
int64_t hz_series_begins(const struct hz_series *s, int64_t now_ns);
/* Whether nothing more is to be written to such a file. */
bool hz_series_is_over(const struct hz_series *s, const struct hz_series_file *f, uint64_t bytes,
                       int64_t now_ns);
/* Opens that file to write it. flags: of open(2). 0, or -errno with one line in err. */
int hz_series_hold(struct hz_series *s, const struct hz_series_file *f, int flags, char *err,
                   size_t err_len);
/* Gives the file that is being written its next name; an empty one is removed. 0, or -errno with
 * one line in err: then it stays, and the next scan finds it. */
int hz_series_finish(struct hz_series *s, char *err, size_t err_len);

/* Of series_disk.c. */

/* The path of that file. False: it is too long. */
bool hz_series_path(const struct hz_series *s, const struct hz_series_file *f,
                    enum hz_series_state state, char path[HZ_SERIES_PATH]);
bool hz_series_half(const struct hz_series *s, const struct hz_series_file *f,
                    char path[HZ_SERIES_PATH]);
/* Takes note of a file that is complete, or waits for its compression. */
void hz_series_note(struct hz_series *s, const struct hz_series_file *f,
                    enum hz_series_state state);
/* Frees what is known of complete files. */
void hz_series_forget(struct hz_series *s);
/* Finds what there is, and completes what was left. */
void hz_series_scan(struct hz_series *s, int64_t now_ns);

#endif
