/* Configurations made of the input, one after another, brought into force in a daemon that runs:
 * each is in force or refused with a reason, and it goes on answering. The sections and keys are
 * ours, so that no file or address outside of the fuzzer's folder is touched. */
#include "tests/fuzz/daemon.h"

#include <stdarg.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 8192, SECTIONS_MAX = 24, RELOADS_MAX = 4 };

struct text {
    char s[TEXT_MAX];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(t->s + t->n, sizeof t->s - t->n, format, ap);
    va_end(ap);
    if (n > 0 && t->n + (size_t)n < sizeof t->s)
        t->n += (size_t)n;
    t->s[t->n] = '\0';
}

static void put_section(struct text *t, const struct daemon *d, uint8_t op, uint8_t v)
{
    static const char *const decoders[] = {"adsb", "ais", "nfm", "pocsag", "nonsense"};
    unsigned who = v & 3;
    switch (op % 8) {
    case 0:
        put(t, "[receiver r%u]\nsource = rtl_tcp\naddress = 127.0.0.1:1\n", who);
        break;
    case 1:
        put(t, "[receiver r%u]\nsource = file\npath = /dev/null\nformat = cu8\n", who);
        break;
    case 2:
    case 3:
        put(t, "[channel c%u]\ndecoder = %s\nreceiver = r%u\n", v >> 4, decoders[(v >> 2) % 5],
            who);
        break;
    case 4:
        put(t, "[listen l%u]\ntype = tcp\naddress = 127.0.0.1:0\n", who);
        break;
    case 5:
        put(t, "[listen l%u]\ntype = unix\npath = %s/l%u\n", who, d->folder, v >> 2 & 3);
        break;
    case 6:
        put(t, "[listen l%u]\ntype = rtl_tcp\naddress = 127.0.0.1:0\nreceiver = r%u\n", who,
            v >> 2 & 3);
        break;
    default:
        put(t, "[listen l%u]\ntype = http\naddress = 127.0.0.1:0\n", who);
        break;
    }
}

/* A key in the section before, in its place or not. */
static void put_key(struct text *t, uint8_t op, uint8_t v)
{
    static const char *const keys[] = {"frequency", "rate",      "centre",   "gain",
                                       "ppm",       "squelch",   "priority", "max_clients",
                                       "latitude",  "longitude", "bandwidth"};
    static const char *const units[] = {"", "M", "k", ".5"};
    put(t, "%s = %u%s\n", keys[op % 11], v, units[op / 11 % 4]);
}

/* Two bytes a section or key, up to one that ends it; the bytes taken. */
static size_t make(struct text *t, const struct daemon *d, const uint8_t *data, size_t size)
{
    size_t at = 0;
    t->n = 0;
    t->s[0] = '\0';
    for (int n = 0; at + 1 < size && n < SECTIONS_MAX; n++, at += 2) {
        if (data[at] == 0xff)
            return at + 2;
        if (data[at] & 128)
            put_key(t, data[at] & 127, data[at + 1]);
        else
            put_section(t, d, data[at], data[at + 1]);
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct daemon *d;
    static struct text text;
    static const char ask[] = "{\"id\":1,\"method\":\"reload\"}\n{\"id\":2,\"method\":\"status\"}";
    if (!d)
        d = daemon_new("");
    for (int i = 0; size > 1 && i < RELOADS_MAX; i++) {
        size_t used = make(&text, d, data, size);
        data += used;
        size -= used;
        daemon_configure(d, text.s);
        daemon_ask(d, ask, sizeof ask - 1);
        if (!strstr(d->answer, "\"id\":2") || !strstr(d->answer, "\"last\""))
            abort(); /* the control listener is in every one of them */
    }
    return 0;
}
