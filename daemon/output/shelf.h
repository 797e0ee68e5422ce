/* The complete recordings of one [record] section, or the complete files of a series: what is
 * listed, and what leaves when there are too many. One thread at a time: of recordings the loop,
 * except hz_shelf_scan and hz_shelf_delete. */
#ifndef HZ_DAEMON_OUTPUT_SHELF_H
#define HZ_DAEMON_OUTPUT_SHELF_H

#include "daemon/output/taped.h"

enum { HZ_SHELF_MAX = 50000 }; /* recordings that are known; older ones are not looked at */

/* The keys of its limits, for the table of a kind of output whose struct has them as uint64_t. */
/* clang-format off */
#define HZ_KEY_QUOTA(conf, field, words) \
    {.name = "quota", .type = HZ_OPTION_PARSED, .at = offsetof(conf, field), .parse = hz_parse_quota, \
     .size = sizeof(uint64_t), .expected = "1M to 1000T with the suffix M, G or T (1024), as in 2G", \
     .example = "2G", .unit = "bytes", .help = words}
#define HZ_KEY_KEEP(conf, field, words) \
    {.name = "keep", .type = HZ_OPTION_PARSED, .at = offsetof(conf, field), .parse = hz_parse_keep, \
     .size = sizeof(uint64_t), .expected = "1m to 36500d with the unit m, h or d, as in 30d", \
     .example = "30d", .help = words}
/* clang-format on */

struct hz_shelf {
    uint64_t quota_bytes, keep_s; /* 0: no limit */
    struct hz_taped **list;       /* oldest first */
    size_t n, cap;
    uint64_t bytes;
    uint64_t deleted; /* recordings so far */
};

void hz_shelf_done(struct hz_shelf *s);
/* Takes over a list of recordings. */
void hz_shelf_add(struct hz_shelf *s, struct hz_taped *list);
/* Takes out the oldest ones that are over a limit; NULL: none. */
struct hz_taped *hz_shelf_over(struct hz_shelf *s, int64_t now_ns);
/* NULL: no recording has that file. */
const struct hz_taped *hz_shelf_find(const struct hz_shelf *s, const char *file);

/* Worker. The recordings of that section below a folder, by their .json. What a crash has left
 * there is deleted: temporary files that nobody writes, and a .json of the section without its
 * recording. Links are not followed. The caller frees the list. */
struct hz_taped *hz_shelf_scan(const char *root, const char *name);
/* Worker. Deletes the files of these, and folders below the root that are empty then; frees the
 * list. 0, or -errno with one line in err. */
int hz_shelf_delete(const char *root, struct hz_taped *list, char *err, size_t err_len);

#endif
