#include "tests/usb/stream.h"

#include <math.h>
#include <string.h>

/* Bytes the chip holds while no transfer waits: a few packets of 512. */
static const uint64_t fifo_bytes = 4096;
/* Until a rate is programmed. */
static const double default_bytes_per_s = 2 * 2.048e6;

void hz_stream_init(struct hz_stream *s, struct hz_pipe *pipe, const struct hz_recording *heard)
{
    memset(s, 0, sizeof *s);
    s->pipe = pipe;
    s->heard = heard;
    s->delivered = pipe->next;
    s->bytes_per_s = default_bytes_per_s;
    s->tail = &s->head;
}

void hz_stream_arm(struct hz_stream *s)
{
    s->armed = true;
    s->running = false;
}

static uint64_t produced(const struct hz_stream *s, int64_t now)
{
    if (!s->running)
        return s->pipe->next;
    return s->base_byte + (uint64_t)((double)(now - s->base_ns) * 1e-9 * s->bytes_per_s);
}

/* When byte `end` has been produced. */
static int64_t produced_at(const struct hz_stream *s, uint64_t end)
{
    if (end <= s->base_byte)
        return s->base_ns;
    return s->base_ns + (int64_t)ceil((double)(end - s->base_byte) * 1e9 / s->bytes_per_s);
}

static void lose(struct hz_stream *s, enum hz_loss kind, uint64_t at, uint64_t bytes)
{
    s->pipe->lost[kind] += bytes;
    if (s->on_loss)
        s->on_loss(s, kind, at, bytes);
}

static void read_heard(const struct hz_recording *heard, uint64_t from, uint8_t *out, size_t n)
{
    if (heard) {
        hz_recording_read(heard, from, out, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(from + i);
}

/* Into the buffers whatever has been produced by now, from what was heard until now. */
static void settle(struct hz_stream *s, int64_t now)
{
    uint64_t end = s->pipe->unpaced ? UINT64_MAX : produced(s, now);
    for (struct hz_flight *f = s->head; f; f = f->next) {
        size_t want = (size_t)f->transfer.length;
        uint64_t have = end > f->start ? end - f->start : 0;
        size_t upto = have < want ? (size_t)have : want;
        if (upto <= f->filled)
            continue;
        read_heard(s->heard, f->start + f->filled, f->transfer.buffer + f->filled,
                   upto - f->filled);
        f->filled = upto;
    }
}

void hz_stream_hear(struct hz_stream *s, const struct hz_recording *heard, int64_t now)
{
    if (heard == s->heard)
        return;
    settle(s, now);
    s->heard = heard;
}

void hz_stream_rate(struct hz_stream *s, double bytes_per_s, int64_t now)
{
    if (bytes_per_s <= 0)
        bytes_per_s = default_bytes_per_s;
    if (bytes_per_s == s->bytes_per_s)
        return;
    s->base_byte = produced(s, now);
    s->base_ns = now;
    s->bytes_per_s = bytes_per_s;
}

/* Everything in line starts `by` bytes later. */
static void shift(struct hz_stream *s, int64_t by)
{
    for (struct hz_flight *f = s->head; f; f = f->next) {
        f->start += (uint64_t)by;
        f->filled = 0;
    }
    s->pipe->next += (uint64_t)by;
}

void hz_stream_silence(struct hz_stream *s, bool silent, int64_t now)
{
    bool ends = s->pipe->silent && !silent;
    s->pipe->silent = silent;
    uint64_t at = s->head ? s->head->start : s->pipe->next, now_at = produced(s, now);
    if (!ends || s->pipe->unpaced || now_at <= at + fifo_bytes)
        return;
    uint64_t lost = now_at - fifo_bytes - at;
    shift(s, (int64_t)lost);
    lose(s, HZ_LOST_SILENCE, at, lost);
}

void hz_stream_unpaced(struct hz_stream *s, bool unpaced, int64_t now)
{
    if (s->pipe->unpaced && !unpaced) { /* the clock starts with what waits */
        s->base_byte = s->head ? s->head->start : s->pipe->next;
        s->base_ns = now;
    }
    s->pipe->unpaced = unpaced;
}

void hz_stream_cut(struct hz_stream *s, uint64_t n, int64_t now)
{
    uint64_t reached = s->pipe->unpaced ? UINT64_MAX : produced(s, now);
    struct hz_flight *f = s->head;
    while (f && f->start < reached)
        f = f->next;
    lose(s, HZ_LOST_CUT, f ? f->start : s->pipe->next, n);
    for (; f; f = f->next)
        f->start += n;
    s->pipe->next += n;
}

int hz_stream_submit(struct hz_stream *s, struct hz_flight *f, int64_t now)
{
    if (f->stream)
        return LIBUSB_ERROR_BUSY;
    if (s->pipe->refuse_n > 0) {
        s->pipe->refuse_n--;
        return LIBUSB_ERROR_IO;
    }
    if (s->armed && !s->running) {
        s->running = true;
        s->base_ns = now;
        s->base_byte = s->pipe->next;
        if (s->pipe->since_ns != 0) { /* nobody listened until now: nothing is lost */
            double bytes = (double)(now - s->pipe->since_ns) * 1e-9 * s->bytes_per_s;
            uint64_t air = (uint64_t)bytes & ~(uint64_t)1;
            s->base_byte = s->pipe->next = air > s->pipe->next ? air : s->pipe->next;
        }
    }
    uint64_t floor = produced(s, now);
    floor = floor > fifo_bytes ? floor - fifo_bytes : 0;
    if (!s->pipe->unpaced && !s->pipe->silent && floor > s->pipe->next) {
        lose(s, HZ_LOST_LATE, s->pipe->next, floor - s->pipe->next);
        s->pipe->next = floor;
    }
    f->start = s->pipe->next;
    f->filled = 0;
    f->cancel_ns = HZ_NEVER;
    f->timeout_ns = f->transfer.timeout ? now + f->transfer.timeout * INT64_C(1000000) : HZ_NEVER;
    s->pipe->next += (uint64_t)f->transfer.length;
    f->stream = s;
    f->next = NULL;
    *s->tail = f;
    s->tail = &f->next;
    return 0;
}

int hz_flight_cancel(struct hz_flight *f, int64_t now)
{
    if (!f->stream || f->cancel_ns != HZ_NEVER)
        return LIBUSB_ERROR_NOT_FOUND;
    f->cancel_ns = now + f->stream->pipe->linger_ms * INT64_C(1000000);
    return 0;
}

void hz_flight_drop(struct hz_flight *f)
{
    struct hz_stream *s = f->stream;
    if (!s)
        return;
    struct hz_flight **link = &s->head;
    while (*link != f)
        link = &(*link)->next;
    *link = f->next;
    if (s->tail == &f->next)
        s->tail = link;
    f->stream = NULL;
}

/* When the transfer at the head has all its bytes. */
static int64_t head_due(const struct hz_stream *s, int64_t now)
{
    if (s->pipe->fail_n > 0)
        return now;
    if (!s->running || s->pipe->silent || s->head->cancel_ns != HZ_NEVER)
        return HZ_NEVER;
    if (s->pipe->unpaced)
        return now;
    int length = s->head->transfer.length;
    if (s->pipe->short_n > 0 && s->pipe->short_bytes < length)
        length = s->pipe->short_bytes;
    return produced_at(s, s->head->start + (uint64_t)length);
}

int64_t hz_stream_due(const struct hz_stream *s, bool gone, int64_t now)
{
    if (!s->head)
        return HZ_NEVER;
    if (gone)
        return now;
    int64_t due = head_due(s, now);
    for (const struct hz_flight *f = s->head; f; f = f->next) {
        due = f->cancel_ns < due ? f->cancel_ns : due;
        due = f->timeout_ns < due ? f->timeout_ns : due;
    }
    return due;
}

static struct hz_flight *end(struct hz_flight *f, enum libusb_transfer_status status, int length)
{
    struct hz_stream *s = f->stream;
    hz_flight_drop(f);
    f->transfer.status = status;
    f->transfer.actual_length = length;
    f->from = s->heard;
    s->pipe->transfers++;
    s->pipe->bytes += (uint64_t)length;
    if (length > 0)
        s->delivered = f->start + (uint64_t)length;
    return f;
}

/* The head has its bytes, or one of the faults asked for. */
static struct hz_flight *end_head(struct hz_stream *s)
{
    struct hz_flight *f = s->head;
    struct hz_pipe *p = s->pipe;
    if (p->fail_n > 0) {
        p->fail_n--;
        if (s->running) {
            lose(s, HZ_LOST_FAULT, f->start, (uint64_t)f->transfer.length);
            s->delivered = f->start + (uint64_t)f->transfer.length;
        }
        return end(f, p->fail_status, 0);
    }
    int length = f->transfer.length;
    if (p->short_n > 0) {
        p->short_n--;
        length = p->short_bytes < length ? p->short_bytes : length;
    }
    end(f, LIBUSB_TRANSFER_COMPLETED, length);
    if (length < f->transfer.length) /* nothing is lost: those behind it take over */
        shift(s, length - f->transfer.length);
    return f;
}

struct hz_flight *hz_stream_finish(struct hz_stream *s, bool gone, int64_t now)
{
    if (!s->head)
        return NULL;
    if (gone)
        return end(s->head, LIBUSB_TRANSFER_NO_DEVICE, 0);
    if (head_due(s, now) <= now)
        return end_head(s);
    for (struct hz_flight *f = s->head; f; f = f->next) {
        if (f->cancel_ns <= now)
            return end(f, LIBUSB_TRANSFER_CANCELLED, 0);
        if (f->timeout_ns <= now)
            return end(f, LIBUSB_TRANSFER_TIMED_OUT, 0);
    }
    return NULL;
}

void hz_flight_fill(struct hz_flight *f)
{
    size_t n = (size_t)f->transfer.actual_length;
    if (n > f->filled)
        read_heard(f->from, f->start + f->filled, f->transfer.buffer + f->filled, n - f->filled);
}
