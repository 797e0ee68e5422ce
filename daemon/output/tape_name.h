/* Where recordings go: `path = /var/lib/hertzd/speech/%Y-%m-%d/{channel}_{time}`. The folders
 * before the first one with a pattern are the root; what follows names each file below it. Pure. */
#ifndef HZ_DAEMON_OUTPUT_TAPE_NAME_H
#define HZ_DAEMON_OUTPUT_TAPE_NAME_H

#include <stddef.h>
#include <stdint.h>

/* What a pattern may hold: %Y %m %d %H %M %S %j of the start in UTC, and these. */
struct hz_tape_words {
    const char *channel, *receiver;
    double freq_hz;
    int64_t utc_ns;
};

enum { HZ_TAPE_NAME_MAX = 255 /* bytes of a file's name below the root */ };

/* The bytes of `path` that are the root, without the slash behind it. A path without a pattern is a
 * root. */
size_t hz_tape_root(const char *path);
/* The pattern behind it; "{channel}_{time}" where the path ends before one, or in a slash (which is
 * then put before it). 0; -EINVAL with what is wrong in err: an unknown word, a folder "..", or a
 * file's name that is the same for two transmissions. */
int hz_tape_pattern(const char *path, char pattern[HZ_TAPE_NAME_MAX + 1], char *err,
                    size_t err_len);
/* The name of one transmission's file, without its ending. The words cannot add folders, nor hide a
 * file. 0; -ENAMETOOLONG. */
int hz_tape_name(const char *pattern, const struct hz_tape_words *w,
                 char name[HZ_TAPE_NAME_MAX + 1]);

/* The word of a list (it ends with NULL), as {time}, at the front of a text, by its number; -1:
 * there is none. */
int hz_tape_word(const char *const *words, const char *p);

/* 20261123T082611.123Z */
void hz_tape_time(int64_t utc_ns, char *out, size_t size);

#endif
