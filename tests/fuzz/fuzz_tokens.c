/* Tokens: the file of them (first byte 0 of three), and any bytes sent to a listener over HTTP (1)
 * or of lines (2) that needs one. Who does not know a token learns nothing. */
#include "config/networks.h"
#include "config/tokens.h"
#include "tests/fuzz/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN "0123456789abcdef"

static void parse(const char *text, size_t n)
{
    struct hz_tokens *t = NULL;
    struct hz_ip ip = {0};
    char err[256] = "", expected[256] = "";
    char *copy = malloc(n + 1);
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (hz_tokens_parse(&t, copy, n, err, sizeof err) < 0) {
        if (!err[0])
            abort();
    } else {
        if (hz_tokens_count(t) == 0)
            abort();
        const struct hz_token *found = hz_tokens_find(t, copy, n);
        if (found && (n < HZ_TOKEN_MIN || memcmp(found->text, copy, n) != 0))
            abort();
        hz_tokens_unref(t);
    }
    if (hz_networks_check(copy, expected, sizeof expected) < 0 && !expected[0])
        abort();
    hz_networks_have(copy, &ip);
    free(copy);
}

/* Whether the token may be in it: as it is, or with some of it encoded. */
static bool knows(const uint8_t *data, size_t n)
{
    return memmem(data, n, TOKEN, sizeof TOKEN - 1) || memchr(data, '%', n) ||
           memchr(data, '\\', n);
}

static struct talk *with_tokens(const struct hz_listener_kind *kind)
{
    static const char file[] = "control me " TOKEN "\n";
    char err[256];
    struct talk *t = talk_new(kind);
    t->door.conf.control = false;
    if (hz_tokens_parse(&t->door.conf.token_list, file, sizeof file - 1, err, sizeof err) < 0)
        abort();
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct talk *http, *lines;
    if (!http) {
        http = with_tokens(&hz_kind_http);
        lines = with_tokens(&hz_kind_lines);
    }
    if (size < 2)
        return 0;
    if (data[0] % 3 == 0) {
        parse((const char *)data + 1, size - 1);
        return 0;
    }
    struct talk *t = data[0] % 3 == 1 ? http : lines;
    size_t len = talk(t, data + 1, size - 1);
    bool told = memmem(t->answer, len, "\"role\":", 7) ||
                memmem(t->answer, len, "\"result\":", 9) || memmem(t->answer, len, " 101 ", 5) ||
                memmem(t->answer, len, "\"kind\":\"subscribed\"", 19) || /* not app.js */
                memmem(t->answer, len, "\"kind\":\"message\"", 16);
    if (told && !knows(data + 1, size - 1))
        abort();
    if (t == lines)
        talk_check_lines(t, len);
    return 0;
}
