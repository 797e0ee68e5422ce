#include "proto/ax25/address.h"

#include <string.h>

static bool is_call(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* One address, whose end bit must be `last`. */
static bool read_address(const uint8_t *b, bool last, bool strict, struct hz_ax25_address *a)
{
    size_t n = 0;
    for (size_t i = 0; i < 6; i++) {
        char c = (char)(b[i] >> 1);
        if ((b[i] & 1) || c < ' ' || c > '~' || (strict && c != ' ' && (!is_call(c) || n != i)))
            return false;
        a->call[i] = c;
        n = c != ' ' ? i + 1 : n;
    }
    if (n == 0 || a->call[0] == ' ' || (b[6] & 1) != last)
        return false;
    unsigned ssid = b[6] >> 1 & 15;
    if (ssid)
        a->call[n++] = '-';
    if (ssid >= 10)
        a->call[n++] = '1';
    if (ssid)
        a->call[n++] = (char)('0' + ssid % 10);
    a->call[n] = 0;
    a->flag = b[6] & 0x80;
    return true;
}

size_t hz_ax25_header(const uint8_t *frame, size_t len, bool strict, struct hz_ax25_header *h)
{
    size_t n = 0; /* bytes of addresses, to the end bit */
    while (n < len && !(frame[n] & 1))
        n++;
    size_t count = ++n / HZ_AX25_ADDRESS;
    if (n > len || n % HZ_AX25_ADDRESS || count < 2 || count > 2 + HZ_AX25_PATH_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct hz_ax25_address *a = i == 0 ? &h->to : i == 1 ? &h->from : &h->path[i - 2];
        if (!read_address(frame + i * HZ_AX25_ADDRESS, i + 1 == count, strict, a))
            return 0;
    }
    h->digipeaters = count - 2;
    return n;
}

/* One call of `n` characters. */
static bool read_call(const char *text, size_t n, struct hz_ax25_address *a)
{
    if (n == 0 || n > HZ_AX25_CALL_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c == '-' && i > 0)))
            return false;
        a->call[i] = c;
    }
    a->call[n] = 0;
    return true;
}

bool hz_ax25_header_text(const char *text, size_t n, struct hz_ax25_header *h)
{
    const char *from = memchr(text, '>', n), *end = text + n;
    *h = (struct hz_ax25_header){0};
    if (!from || !read_call(text, (size_t)(from - text), &h->from))
        return false;
    struct hz_ax25_address *a = &h->to;
    for (const char *at = from; at < end;) {
        const char *next = memchr(at + 1, ',', (size_t)(end - at - 1));
        size_t len = (size_t)((next ? next : end) - at - 1);
        if (a != &h->to && len > 0 && at[len] == '*') {
            a->flag = true;
            len--;
        }
        if (!read_call(at + 1, len, a))
            return false;
        if (a != &h->to)
            h->digipeaters++;
        if (next && h->digipeaters == HZ_AX25_PATH_MAX)
            return false;
        a = &h->path[h->digipeaters];
        at = next ? next : end;
    }
    return true;
}

void hz_ax25_header_describe(const struct hz_ax25_header *h, struct hz_json *j)
{
    hz_json_str(j, "srccallsign", h->from.call);
    hz_json_str(j, "dstcallsign", h->to.call);
    hz_json_open_array(j, "digipeaters");
    for (size_t i = 0; i < h->digipeaters; i++) {
        hz_json_open(j, NULL);
        hz_json_str(j, "call", h->path[i].call);
        hz_json_int(j, "wasdigied", h->path[i].flag);
        hz_json_close(j);
    }
    hz_json_close_array(j);
}

size_t hz_ax25_tnc2(const struct hz_ax25_header *h, char out[HZ_AX25_TNC2_MAX])
{
    size_t n = 0, last = h->digipeaters;
    while (last > 0 && !h->path[last - 1].flag)
        last--; /* one beyond the last that repeated */
    for (size_t i = 0; i < 2 + h->digipeaters; i++) {
        const char *call = i == 0 ? h->from.call : i == 1 ? h->to.call : h->path[i - 2].call;
        if (i > 0)
            out[n++] = i == 1 ? '>' : ',';
        size_t len = strlen(call);
        memcpy(out + n, call, len);
        n += len;
        if (last > 0 && i == last + 1)
            out[n++] = '*';
    }
    out[n++] = ':';
    return n;
}
