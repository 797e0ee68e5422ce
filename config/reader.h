/* Lines of an INI file as events, on libinih with the traps of that library closed: long lines,
 * lines without a value, unclosed headings, comments behind a value and control characters are
 * errors with their line; a heading is told even when no key follows; blanks before a line mean
 * nothing. A comment is a line that begins with '#' or ';'. */
#ifndef HZ_CONFIG_READER_H
#define HZ_CONFIG_READER_H

#include <stddef.h>

/* What is found, in order. Text is valid during the call only. */
struct hz_ini_events {
    void (*section)(void *ctx, int line, const char *heading); /* what stood between [ and ] */
    void (*key)(void *ctx, int line, const char *key, const char *value);
    void (*error)(void *ctx, int line, const char *what);
};

/* Reads all of `text` (not zero-terminated); goes on after an error. Returns 0, or -ENOMEM. */
int hz_ini_read(const char *text, size_t len, const struct hz_ini_events *events, void *ctx);

#endif
