/* The words of a query string. */
#include "daemon/serve/http.h"

#include <ctype.h>
#include <string.h>

static int hex_digit(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* Decodes a whole text; a NUL in it, or one that does not fit, is refused. */
static bool decode(struct hz_http_text s, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            if (s.n - i < 3 || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0)
                return false;
            c = (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
            i += 2;
        }
        if (c == '\0' || n + 1 >= size)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

bool hz_http_query_next(struct hz_http_text *query, char *name, size_t name_size, char *value,
                        size_t value_size, bool *wrong)
{
    struct hz_http_text word = {query->p, 0};
    *wrong = false;
    while (word.n == 0 && query->n > 0) { /* an empty piece is skipped, as URLSearchParams does */
        word = hz_http_cut(query, '&');
    }
    if (word.n == 0)
        return false;
    const char *equals = memchr(word.p, '=', word.n);
    struct hz_http_text left = hz_http_cut(&word, '=');
    *wrong = !equals || !decode(left, name, name_size) || !decode(word, value, value_size);
    return !*wrong;
}
