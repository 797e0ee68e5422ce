/* One aircraft, ship or station: all that is known of it now. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_TARGET_H
#define HZ_DAEMON_PICTURE_TARGET_H

#include "daemon/bus/frame.h"
#include "daemon/picture/family.h"
#include "daemon/picture/kept.h"

struct hz_target {
    /* the key */
    const struct hz_family *family;
    const char *mark; /* static: "simulated", "replayed"; NULL: heard on the air */
    char id[HZ_ID_MAX + 1];
    char of[HZ_NAME_MAX + 1]; /* the family's name, or the protocol of one without a family */

    struct hz_topic *topic;    /* of its last message; referenced */
    int64_t first_ns, last_ns; /* UTC of its messages */
    uint64_t heard_ms;         /* its last message, by the loop's clock */
    uint64_t messages;
    float best_snr_db, last_rssi_dbfs; /* NAN: not measured */
    uint64_t types;                    /* AIS: one bit a type of its messages */
    char source[16];         /* aircraft: the `type` of its last squitter; "": none was heard */
    uint64_t source_ms;      /* when, by the loop's clock */
    struct hz_fix fix;       /* where it is, as far as that is believed */
    struct hz_fix doubt;     /* a position that it cannot have come to, if confirmed */
    bool confirmed;          /* a second position agrees with fix */
    uint64_t doubted;        /* positions that were set aside */
    struct hz_place antenna; /* of the receiver that heard fix; NAN: not known */
    struct hz_track track;
    struct hz_kept kept;

    struct hz_target *next, *prev; /* in its list, by heard_ms */
    struct hz_target *same_hash;
    size_t bytes; /* that it takes, as counted last */
};

/* NULL: no memory. */
struct hz_target *hz_target_new(const struct hz_family *family, const char *of, const char *id,
                                const char *mark);
void hz_target_free(struct hz_target *t);

/* Takes in a message of it. Returns the number of fields that could not be kept. */
size_t hz_target_hear(struct hz_target *t, const struct hz_frame *f, uint64_t now_ms,
                      struct hz_place antenna);
/* Whether a position of the message is where the target can be, by an earlier one. */
bool hz_target_agrees(const struct hz_target *t, const struct hz_record *rec);

/* ---- for readers of the picture ---- */

/* Whether it has a position. */
bool hz_target_placed(const struct hz_target *t);
/* The field of that name, if it is not too old to be shown. False: there is none. */
bool hz_target_field(const struct hz_target *t, const char *name, uint64_t now_ms,
                     struct hz_value *value);
/* Each field that is shown: see hz_kept_next. */
bool hz_target_next_field(const struct hz_target *t, uint64_t now_ms, uint32_t *at,
                          struct hz_kept_field *f);
/* What people call it, without blanks around it; false, with "" in text: it has told no name. */
bool hz_target_name(const struct hz_target *t, uint64_t now_ms, char *text, size_t size);
/* How an aircraft is known: the `type` of its squitters of the last minute, as "adsb_icao"; "":
 * only by plain replies. */
const char *hz_target_source(const struct hz_target *t, uint64_t now_ms);
/* From the antenna that heard its position; false: one of the two is not known. */
bool hz_target_seen(const struct hz_target *t, double *distance_m, double *bearing_deg);
/* Bytes of memory. */
size_t hz_target_size(const struct hz_target *t);

#endif
