/* The tokens of a listener's clients: a file with one line for each,
 *
 *     ROLE NAME TOKEN
 *
 * ROLE is `read` or `control` (which includes `read`), NAME says whose it is and may be shown,
 * TOKEN is secret and never is. Empty lines, and lines that begin with '#' or ';', are passed over.
 * Any thread, for lists that are the caller's. */
#ifndef HZ_CONFIG_TOKENS_H
#define HZ_CONFIG_TOKENS_H

#include <stddef.h>

/* What a client may do. Each includes the one before. */
enum hz_role { HZ_ROLE_NONE, HZ_ROLE_READ, HZ_ROLE_CONTROL };

enum {
    HZ_TOKEN_MIN = 16,
    HZ_TOKEN_MAX = 128,
    HZ_TOKENS_MAX = 256, /* in a file */
    HZ_TOKEN_NAME_MAX = 31,
};

struct hz_token {
    enum hz_role role;
    char name[HZ_TOKEN_NAME_MAX + 1];
    char text[HZ_TOKEN_MAX]; /* not terminated; the rest is zero */
};

struct hz_tokens; /* constant once it is read; its references are not for several threads at once */

/* Reads a file's text. 0; -ENOMEM; -EINVAL with one line in err, "line 3: expected …", which never
 * repeats what is in the file. */
int hz_tokens_parse(struct hz_tokens **tokens, const char *text, size_t n, char *err,
                    size_t err_len);
/* Reads the file, which nobody else may read: it belongs to this process's user or root, and has
 * the mode 0600 or less. 0, or -errno with one line in err. */
int hz_tokens_read(struct hz_tokens **tokens, const char *path, char *err, size_t err_len);

struct hz_tokens *hz_tokens_ref(struct hz_tokens *t);
void hz_tokens_unref(struct hz_tokens *t); /* NULL is allowed. The last one wipes the memory. */

size_t hz_tokens_count(const struct hz_tokens *t);
/* The token with that text; NULL: none. Takes the same time whichever it is, and whether it is one.
 */
const struct hz_token *hz_tokens_find(const struct hz_tokens *t, const char *text, size_t n);

#endif
