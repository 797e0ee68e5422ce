/* Texts with fields in them: `text = {who}: {reason}`, `post = https://…/?title={who}`.
 *
 * {NAME} stands for a value; {NAME:json}, {NAME:url} and {NAME:raw} say how it is escaped, which
 * otherwise goes by the place where the text is used. NAME is letters, digits and underscores.
 * Every other brace stands for itself, so that a text may be JSON; {{ is a brace too. Pure; any
 * thread. */
#ifndef HZ_DAEMON_EVENT_TEMPLATE_H
#define HZ_DAEMON_EVENT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

enum hz_escape {
    HZ_ESCAPE_RAW,    /* as it is */
    HZ_ESCAPE_JSON,   /* within the quotes of a JSON string */
    HZ_ESCAPE_URL,    /* percent-encoded (RFC 3986, unreserved characters stay) */
    HZ_ESCAPE_HEADER, /* of HTTP: without control characters */
};

enum { HZ_TEMPLATE_MAX = 4096, HZ_TEMPLATE_NAME_MAX = 40 };

/* 0; -EINVAL with one line in err: it is too long, or an escape is unknown. */
int hz_template_check(const char *text, char *err, size_t err_len);

/* Gives the value of a name, terminated; "": there is none. */
typedef void hz_template_value(void *ctx, const char *name, char *value, size_t size);

/* The text with all values in place, terminated; cut between two characters where `size` bytes do
 * not hold it. Returns its length. */
size_t hz_template_fill(const char *text, enum hz_escape escape, hz_template_value *value,
                        void *ctx, char *out, size_t size);

#endif
