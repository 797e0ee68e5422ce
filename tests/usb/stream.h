/* Endpoint 0x81: bytes are produced at the programmed rate; transfers wait for them in order.
 *
 * The position of a transfer's first byte is decided when it is submitted:
 *     start = max(next byte nobody has, produced by now - FIFO)
 * so a program that resubmits too late loses what the FIFO of the chip cannot hold, as with real
 * hardware. Positions count bytes of the dongle's stream across sessions. The bus's lock is held
 * for every call except hz_flight_fill. */
#ifndef HZ_USB_STREAM_H
#define HZ_USB_STREAM_H

#include <libusb.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/usb/recording.h"

#define HZ_NEVER INT64_MAX

/* A transfer with what libusb hides in front of it. */
struct hz_flight {
    struct hz_flight *next;   /* in its stream, in order of submission */
    struct hz_stream *stream; /* NULL: not submitted */
    libusb_device_handle *handle;
    uint64_t start;                  /* its first byte */
    size_t filled;                   /* bytes already in the buffer */
    int64_t cancel_ns;               /* when a cancel takes effect; HZ_NEVER: not asked */
    int64_t timeout_ns;              /* HZ_NEVER: none */
    const struct hz_recording *from; /* what fills the rest, once finished; NULL: the counter */
    struct libusb_transfer transfer;
};

enum hz_loss {
    HZ_LOST_LATE,    /* submitted too late */
    HZ_LOST_CUT,     /* thrown away on command */
    HZ_LOST_FAULT,   /* in transfers that failed */
    HZ_LOST_SILENCE, /* while the device was silent */
    HZ_LOSSES
};

/* What the stick does to its transfers, and has done: outlives a plug-in. */
struct hz_pipe {
    bool unpaced, silent;
    int linger_ms;                           /* a cancelled transfer comes back so late */
    unsigned fail_n, short_n, refuse_n;      /* as many of the next transfers */
    enum libusb_transfer_status fail_status; /* end so */
    int short_bytes;                         /* carry no more than so many bytes */
    int64_t since_ns;   /* not 0: what it hears began then, whenever it is first read */
    double crystal_ppm; /* the crystal is so much fast */
    uint64_t transfers, bytes, lost[HZ_LOSSES]; /* finished, delivered, lost */
    uint64_t next; /* the first byte no transfer was given: the stick is never wound back */
};

struct hz_stream {
    struct hz_pipe *pipe;
    bool armed, running; /* endpoint let go; and the first transfer came */
    double bytes_per_s;  /* as programmed and as the crystal has it */
    int64_t base_ns;     /* base_byte was produced then */
    uint64_t base_byte;
    uint64_t delivered;               /* the byte after the last delivered */
    const struct hz_recording *heard; /* NULL: the counter of test mode */
    struct hz_flight *head, **tail;
    void (*on_loss)(struct hz_stream *s, enum hz_loss kind, uint64_t at, uint64_t bytes);
};

void hz_stream_init(struct hz_stream *s, struct hz_pipe *pipe, const struct hz_recording *heard);

/* The endpoint is let go: the clock starts with the first transfer. */
void hz_stream_arm(struct hz_stream *s);

/* Tuned, or test mode: bytes from now on come from there. */
void hz_stream_hear(struct hz_stream *s, const struct hz_recording *heard, int64_t now);

/* Another rate from now on. */
void hz_stream_rate(struct hz_stream *s, double bytes_per_s, int64_t now);

/* Silence begins or ends; what was produced meanwhile is lost. */
void hz_stream_silence(struct hz_stream *s, bool silent, int64_t now);

/* Paced by the rate, or as fast as transfers come. */
void hz_stream_unpaced(struct hz_stream *s, bool unpaced, int64_t now);

/* n bytes vanish now: before the first transfer in line that has not begun to fill. */
void hz_stream_cut(struct hz_stream *s, uint64_t n, int64_t now);

/* Into the line: 0 or a LIBUSB_ERROR_*. */
int hz_stream_submit(struct hz_stream *s, struct hz_flight *f, int64_t now);

/* Asks for a cancel: LIBUSB_ERROR_NOT_FOUND when it is not under way, or asked already. */
int hz_flight_cancel(struct hz_flight *f, int64_t now);

/* The first transfer that is finished by now, taken out of the line with status and length set;
 * NULL: none. gone: the device was unplugged. Fill it, then call it back. */
struct hz_flight *hz_stream_finish(struct hz_stream *s, bool gone, int64_t now);

/* When the next one will be finished; HZ_NEVER: not by time alone. */
int64_t hz_stream_due(const struct hz_stream *s, bool gone, int64_t now);

/* Out of the line, whatever its state. */
void hz_flight_drop(struct hz_flight *f);

/* The bytes of a finished transfer into its buffer. Without the lock: the flight is the caller's.
 */
void hz_flight_fill(struct hz_flight *f);

#endif
