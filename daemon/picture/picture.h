/* The picture: what is known now of every aircraft, ship and station, for those who come late. It
 * reads the bus as a client does and keeps one target (target.h) for each id. All memory is
 * bounded, and a target that is silent is forgotten. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_PICTURE_H
#define HZ_DAEMON_PICTURE_PICTURE_H

#include "daemon/bus/cursor.h"
#include "daemon/picture/coverage.h"
#include "daemon/picture/minutes.h"
#include "daemon/picture/target.h"

struct hz_picture;

struct hz_picture_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    /* Where the receiver's antenna is; receiver NULL: that of the first one that has told it.
     * False: not known. */
    bool (*antenna)(void *ctx, const char *receiver, struct hz_place *place);
    void *ctx;
};

/* Limits of each list: when it is full, the target that was silent for longest is dropped. */
enum { HZ_PICTURE_TARGETS = 10000, HZ_PICTURE_BYTES = 32 << 20 };

/* Reads what is published from now on. NULL: no memory. */
struct hz_picture *hz_picture_new(const struct hz_picture_env *env);
/* Frees it; its timer is closed, so the loop must still run. All snapshots must be unreferenced.
 * NULL is allowed. */
void hz_picture_close(struct hz_picture *p);

/* The targets of a list, the one that was heard last first: then t->prev. They stay as they are as
 * long as the loop's turn lasts. NULL: there is none. */
const struct hz_target *hz_picture_last(const struct hz_picture *p, enum hz_list list);
/* The target that a message is about; it stays as long as the loop's turn lasts. NULL: there is
 * none yet, or it is not of the picture. */
const struct hz_target *hz_picture_find(const struct hz_picture *p, const struct hz_frame *f);
/* Channels and how far they reach. */
const struct hz_coverage *hz_picture_coverage(const struct hz_picture *p);
/* What was heard of aircraft in the last minutes. */
const struct hz_minutes *hz_picture_minutes(const struct hz_picture *p);
/* Of a simulated or replayed target: the one of the same id that was heard on the air. NULL: there
 * is none. */
const struct hz_target *hz_picture_real(const struct hz_picture *p, const struct hz_target *t);
/* Where the antenna of the first receiver is that has told it. False: none has. */
bool hz_picture_antenna(const struct hz_picture *p, struct hz_place *place);
/* Everything up to this seq of the stream is in the picture, and nothing later. */
uint64_t hz_picture_seq(const struct hz_picture *p);
const char *hz_picture_stream(const struct hz_picture *p);
/* The loop's clock, which ages are counted with. */
uint64_t hz_picture_now_ms(const struct hz_picture *p);

/* Forgets targets that were silent for too long at now_ms, a time of the loop's clock, but not all
 * at once if there are many; the picture calls it each second. */
void hz_picture_forget(struct hz_picture *p, uint64_t now_ms);
/* While it is held, which may be counted up, it reads nothing and forgets nothing: for an answer
 * that is written in several turns. */
void hz_picture_hold(struct hz_picture *p);
void hz_picture_release(struct hz_picture *p);

struct hz_picture_counts {
    size_t targets[HZ_LISTS], placed[HZ_LISTS], bytes[HZ_LISTS];
    uint64_t messages;  /* taken in */
    uint64_t forgotten; /* targets that were silent for too long */
    uint64_t evicted;   /* targets dropped because their list was full */
    uint64_t doubted;   /* positions set aside */
    uint64_t cut;       /* fields that were too long, or too many, to be kept */
    uint64_t missed;    /* frames that left the log unread */
    uint64_t failed;    /* targets without memory */
};
struct hz_picture_counts hz_picture_counts(const struct hz_picture *p);

#endif
