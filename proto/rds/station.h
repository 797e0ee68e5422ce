/* What the groups of a station tell, as far as it was received (EN 50067, 3; IEC 62106). Pure. */
#ifndef HZ_PROTO_RDS_STATION_H
#define HZ_PROTO_RDS_STATION_H

#include "proto/rds/frequency.h"
#include "proto/rds/group.h"
#include "proto/rds/repeats.h"

enum {
    HZ_RDS_APPS = 12,    /* open data applications, at most */
    HZ_RDS_NETWORKS = 8, /* other networks (EON), at most */
    HZ_RDS_TAGS = 2      /* of RadioText Plus */
};

/* Open data applications that are read. */
enum {
    HZ_RDS_AID_RTPLUS = 0x4bd7,
    HZ_RDS_AID_TMC = 0xcd46,
    HZ_RDS_AID_TMC_TOO = 0xcd47,
    HZ_RDS_AID_DAB = 0x0093
};

struct hz_rds_tag {
    unsigned type, start, length; /* class, and characters of the RadioText */
};

struct hz_rds_network {
    uint16_t pi;
    uint8_t ps[8];
    unsigned ps_got; /* pairs of letters */
    bool has_tp, tp, has_ta, ta, has_pty, has_linkage;
    unsigned pty, linkage; /* linkage set number */
    struct hz_rds_af af;
    unsigned tuned_khz, other_khz; /* mapped frequencies; 0: not told */
};

/* A message of a traffic message channel, as codes. */
struct hz_rds_tmc {
    bool single;        /* one group has all of it */
    unsigned index;     /* of a message of several groups: continuity index */
    bool first;         /* and its first group */
    unsigned remaining; /* groups that follow, as its second group says */
    unsigned duration, extent, event, location;
    bool diversion, negative;
    uint16_t c, d; /* of a later group: its 28 bits */
};

/* What a group told, or what is known: a set of these. */
enum hz_rds_about {
    HZ_RDS_TA = 1 << 0,
    HZ_RDS_PS = 1 << 1, /* a whole name */
    HZ_RDS_PARTIAL_PS = 1 << 2,
    HZ_RDS_DI = 1 << 3,
    HZ_RDS_AF = 1 << 4,
    HZ_RDS_RT = 1 << 5, /* a whole text */
    HZ_RDS_PARTIAL_RT = 1 << 6,
    HZ_RDS_CLOCK = 1 << 7,
    HZ_RDS_COUNTRY = 1 << 8,
    HZ_RDS_LANGUAGE = 1 << 9,
    HZ_RDS_PIN = 1 << 10,
    HZ_RDS_LINKAGE = 1 << 11,
    HZ_RDS_PTYN = 1 << 12,
    HZ_RDS_APP = 1 << 13,
    HZ_RDS_PLUS = 1 << 14,
    HZ_RDS_EON = 1 << 15,
    HZ_RDS_TMC = 1 << 16,
    HZ_RDS_TMC_SYSTEM = 1 << 17,
    HZ_RDS_DAB = 1 << 18,
    HZ_RDS_IN_HOUSE = 1 << 19,
    HZ_RDS_TRANSPARENT = 1 << 20,
    HZ_RDS_LONG_PS = 1 << 21,
    HZ_RDS_UNKNOWN_APP = 1 << 22,
    HZ_RDS_EWS = 1 << 23,
};

struct hz_rds_station {
    unsigned known; /* set of enum hz_rds_about */
    uint16_t pi;
    bool tp, ta, music;
    unsigned pty, group; /* of the latest group; type * 2 + version */
    unsigned di, di_got; /* bits: stereo, artificial head, compressed, dynamic PTY */
    struct hz_rds_repeats ps, rt, ptyn;
    bool rt_b; /* the text of flag B */
    struct hz_rds_af af;
    unsigned ecc, language, pin, linkage, ews;
    bool linked;
    struct {
        unsigned mjd, hour, minute;
        int offset; /* half hours */
    } clock;
    struct {
        unsigned group; /* type * 2 + version */
        uint16_t aid, message;
    } app[HZ_RDS_APPS];
    unsigned apps, latest_app;
    bool item_running, item_toggle;
    struct hz_rds_tag tag[HZ_RDS_TAGS];
    struct hz_rds_network network[HZ_RDS_NETWORKS];
    unsigned networks, latest_network;
    struct hz_rds_tmc tmc;
    uint16_t tmc_system[2]; /* variants 0 and 1; 0: not told */
    unsigned dab_mode, dab_khz, dab_id;
    uint16_t
        data[3]; /* in-house and transparent data, and unknown applications: B's five bits, C, D */
    unsigned data_blocks;
    uint8_t long_ps[32];
    unsigned long_ps_got, long_ps_len; /* segments; bytes of the whole name */
};

/* Takes a group. Returns what it told, of enum hz_rds_about; HZ_RDS_PS, HZ_RDS_RT and HZ_RDS_PTYN
 * only when they are whole. Blocks that are not sure are not used, but for the sums over repeats.
 */
unsigned hz_rds_station_take(struct hz_rds_station *s, struct hz_rds_trellis *t,
                             const struct hz_rds_group *group);

/* The application of that group type and version, or NULL. */
const char *hz_rds_app_name(uint16_t aid);

#endif
