#include "proto/packet/ax25/address.h"

#include <string.h>

static bool is_call(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The characters of an address without what pads them; a zero among them is shown as a blank. */
static size_t read_call_bytes(const uint8_t *b, char call[6], unsigned *odd)
{
    size_t n = 6, odd_at = 0;
    while (n > 0 && (b[n - 1] >> 1 == ' ' || b[n - 1] >> 1 == 0))
        *odd |= b[--n] >> 1 == 0 ? HZ_AX25_NUL_PADDED : 0;
    for (size_t i = 0; i < n; i++) {
        char c = (char)(b[i] >> 1);
        odd_at += !is_call(c);
        *odd |= c < ' ' || c > '~' ? HZ_AX25_UNPRINTABLE : 0;
        call[i] = c == 0 ? ' ' : c;
    }
    *odd |= (odd_at ? HZ_AX25_CHARACTERS : 0) | (n == 0 ? HZ_AX25_BLANK : 0);
    return n;
}

static void read_address(const uint8_t *b, struct hz_ax25_address *a, unsigned *odd)
{
    size_t n = read_call_bytes(b, a->call, odd);
    unsigned ssid = b[6] >> 1 & 15;
    if (ssid)
        a->call[n++] = '-';
    if (ssid >= 10)
        a->call[n++] = '1';
    if (ssid)
        a->call[n++] = (char)('0' + ssid % 10);
    a->call[n] = 0;
    a->flag = b[6] & 0x80;
}

size_t hz_ax25_header(const uint8_t *frame, size_t len, struct hz_ax25_header *h)
{
    size_t n = 0; /* bytes of addresses, to the end bit */
    while (n < len && !(frame[n] & 1))
        n++;
    h->odd = 0;
    /* Where the end bit is missing, the control byte of UI is what has one. */
    if (n % HZ_AX25_ADDRESS == 0 && n + 1 < len && (frame[n] & 0xef) == 0x03 &&
        frame[n + 1] == 0xf0)
        h->odd = HZ_AX25_NO_END_BIT;
    else
        n++;
    size_t count = n / HZ_AX25_ADDRESS;
    if (n > len || n % HZ_AX25_ADDRESS || count < 2 || count > 2 + HZ_AX25_PATH_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct hz_ax25_address *a = i == 0 ? &h->to : i == 1 ? &h->from : &h->path[i - 2];
        read_address(frame + i * HZ_AX25_ADDRESS, a, &h->odd);
    }
    h->digipeaters = count - 2;
    h->odd |= h->digipeaters > HZ_AX25_PATH_BOOK ? HZ_AX25_LONG_PATH : 0;
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
