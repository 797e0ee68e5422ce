#include "proto/rds/station.h"

#include <string.h>

/* Probability from which a block is used. */
static const float sure = 0.9f;

/* A group that is being read. */
struct reading {
    struct hz_rds_station *s;
    struct hz_rds_trellis *t;
    const struct hz_rds_group *group;
    uint16_t b, c, d;
    bool has_c, has_d;
    unsigned type; /* 0 to 15 */
    bool is_b;     /* version B: block C tells the PI */
    unsigned told;
};

static unsigned bits(uint16_t v, unsigned from, unsigned n)
{
    return v >> from & ((1u << n) - 1);
}

/* ---- programme service name, decoder, frequencies --------------------------------------- */

static void read_0(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    unsigned segment = bits(r->b, 0, 2);
    s->ta = bits(r->b, 4, 1);
    s->music = bits(r->b, 3, 1);
    unsigned flag = 1u << (3 - segment);
    s->di = bits(r->b, 2, 1) ? s->di | flag : s->di & ~flag;
    s->di_got |= flag;
    r->told |= HZ_RDS_TA | HZ_RDS_DI;
    if (!r->is_b && r->has_c && hz_rds_af_take(&s->af, r->c))
        r->told |= HZ_RDS_AF;
    r->told |=
        hz_rds_repeats_take(&s->ps, r->t, r->group, segment, 1, 4) ? HZ_RDS_PS : HZ_RDS_PARTIAL_PS;
}

static void read_1(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    if (!r->is_b && r->has_c) {
        unsigned variant = bits(r->c, 12, 3), value = bits(r->c, 0, 12);
        s->linked = bits(r->c, 15, 1);
        r->told |= HZ_RDS_LINKAGE;
        if (variant == 0) {
            s->ecc = value & 0xff;
            r->told |= HZ_RDS_COUNTRY;
        } else if (variant == 3) {
            s->language = value & 0xff;
            r->told |= HZ_RDS_LANGUAGE;
        } else if (variant == 7) {
            s->ews = value;
            r->told |= HZ_RDS_EWS;
        }
    }
    if (r->has_d && bits(r->d, 11, 5) > 0) { /* a day of 0: there is no item number */
        s->pin = r->d;
        r->told |= HZ_RDS_PIN;
    }
}

static void read_2(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    bool flag = bits(r->b, 4, 1);
    if (flag != s->rt_b) {
        hz_rds_repeats_clear(&s->rt);
        s->rt.len = 0; /* the same text again is told again */
        s->rt_b = flag;
        s->known &= ~(unsigned)(HZ_RDS_RT | HZ_RDS_PLUS);
    }
    bool whole = hz_rds_repeats_take(&s->rt, r->t, r->group, bits(r->b, 0, 4), r->is_b ? 1 : 2, 16);
    r->told |= whole ? HZ_RDS_RT : HZ_RDS_PARTIAL_RT;
}

static void read_4(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    if (r->is_b || !r->has_c || !r->has_d)
        return;
    s->clock.mjd = bits(r->b, 0, 2) << 15 | bits(r->c, 1, 15);
    s->clock.hour = bits(r->c, 0, 1) << 4 | bits(r->d, 12, 4);
    s->clock.minute = bits(r->d, 6, 6);
    int half_hours = (int)bits(r->d, 0, 5);
    s->clock.offset = bits(r->d, 5, 1) ? -half_hours : half_hours;
    /* before 1995 there was no receiver to tell; more than 14 hours is no zone */
    if (s->clock.hour < 24 && s->clock.minute < 60 && half_hours <= 28 && s->clock.mjd >= 49718 &&
        s->clock.mjd < 88127)
        r->told |= HZ_RDS_CLOCK;
}

static void read_10(struct reading *r)
{
    if (!r->is_b && hz_rds_repeats_take(&r->s->ptyn, r->t, r->group, bits(r->b, 0, 1), 2, 2))
        r->told |= HZ_RDS_PTYN;
}

/* ---- other networks --------------------------------------------------------------------- */

static struct hz_rds_network *network_of(struct hz_rds_station *s, uint16_t pi)
{
    for (unsigned i = 0; i < s->networks; i++)
        if (s->network[i].pi == pi)
            return &s->network[s->latest_network = i];
    /* the oldest place is used again when all are */
    unsigned at =
        s->networks < HZ_RDS_NETWORKS ? s->networks++ : (s->latest_network + 1) % HZ_RDS_NETWORKS;
    s->network[at] = (struct hz_rds_network){.pi = pi};
    return &s->network[s->latest_network = at];
}

static void read_14(struct reading *r)
{
    if (!r->has_d)
        return;
    struct hz_rds_network *n = network_of(r->s, r->d);
    n->has_tp = true;
    n->tp = bits(r->b, 4, 1);
    r->told |= HZ_RDS_EON;
    if (r->is_b) {
        n->has_ta = true;
        n->ta = bits(r->b, 3, 1);
        return;
    }
    if (!r->has_c)
        return;
    unsigned variant = bits(r->b, 0, 4);
    if (variant < 4) {
        n->ps[2 * variant] = (uint8_t)(r->c >> 8);
        n->ps[2 * variant + 1] = (uint8_t)r->c;
        n->ps_got |= 1u << variant;
    } else if (variant == 4) {
        hz_rds_af_take(&n->af, r->c);
    } else if (variant <= 9) {
        n->tuned_khz = hz_rds_af_khz((uint8_t)(r->c >> 8));
        n->other_khz = hz_rds_af_khz((uint8_t)r->c);
    } else if (variant == 12) {
        n->has_linkage = bits(r->c, 15, 1);
        n->linkage = bits(r->c, 0, 12);
    } else if (variant == 13) {
        n->has_pty = n->has_ta = true;
        n->pty = bits(r->c, 11, 5);
        n->ta = bits(r->c, 0, 1);
    }
}

/* ---- open data applications ------------------------------------------------------------- */

static void read_3(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    unsigned group = bits(r->b, 0, 5), at = 0;
    if (r->is_b || !r->has_c || !r->has_d)
        return;
    while (at < s->apps && s->app[at].group != group)
        at++;
    if (at == s->apps && s->apps < HZ_RDS_APPS)
        s->apps++;
    at = at < HZ_RDS_APPS ? at : HZ_RDS_APPS - 1;
    s->app[at].group = group;
    s->app[at].aid = r->d;
    s->app[at].message = r->c;
    s->latest_app = at;
    r->told |= HZ_RDS_APP;
    if (r->d == HZ_RDS_AID_TMC || r->d == HZ_RDS_AID_TMC_TOO) {
        unsigned variant = bits(r->c, 14, 2);
        if (variant < 2)
            s->tmc_system[variant] = r->c;
        r->told |= HZ_RDS_TMC_SYSTEM;
    }
}

static void read_plus(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    if (!r->has_c || !r->has_d)
        return;
    s->item_toggle = bits(r->b, 4, 1);
    s->item_running = bits(r->b, 3, 1);
    s->tag[0] = (struct hz_rds_tag){bits(r->b, 0, 3) << 3 | bits(r->c, 13, 3), bits(r->c, 7, 6),
                                    bits(r->c, 1, 6) + 1};
    s->tag[1] = (struct hz_rds_tag){bits(r->c, 0, 1) << 5 | bits(r->d, 11, 5), bits(r->d, 5, 6),
                                    bits(r->d, 0, 5) + 1};
    r->told |= HZ_RDS_PLUS;
}

static void read_tmc(struct reading *r)
{
    if (!r->has_c || !r->has_d || bits(r->b, 4, 1)) /* T: tuning information */
        return;
    struct hz_rds_tmc *m = &r->s->tmc;
    bool single = bits(r->b, 3, 1), head = single || bits(r->c, 15, 1);
    *m = (struct hz_rds_tmc){.single = single, .first = head, .c = r->c, .d = r->d};
    if (single) {
        m->duration = bits(r->b, 0, 3);
        m->diversion = bits(r->c, 15, 1);
    } else {
        m->index = bits(r->b, 0, 3);
        if (m->index == 0) /* of encryption */
            return;
    }
    if (head) {
        m->negative = bits(r->c, 14, 1);
        m->extent = bits(r->c, 11, 3);
        m->event = bits(r->c, 0, 11);
        m->location = r->d;
    } else if (bits(r->c, 14, 1)) {
        m->remaining = bits(r->c, 12, 2);
    }
    r->told |= HZ_RDS_TMC;
}

static void read_dab(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    if (!r->has_c || !r->has_d || bits(r->b, 4, 1))
        return;
    s->dab_mode = bits(r->b, 2, 2);
    s->dab_khz = (bits(r->b, 0, 2) << 16 | r->c) * 16;
    s->dab_id = r->d;
    r->told |= HZ_RDS_DAB;
}

static void read_data(struct reading *r, unsigned what)
{
    struct hz_rds_station *s = r->s;
    s->data[0] = (uint16_t)bits(r->b, 0, 5);
    s->data[1] = r->is_b ? r->d : r->c;
    s->data[2] = r->d;
    s->data_blocks = r->is_b ? 2 : 3;
    if (r->has_d && (r->is_b || r->has_c))
        r->told |= what;
}

/* Reads the group as that of an application. False: none was announced for it. */
static bool read_app(struct reading *r)
{
    for (unsigned i = 0; i < r->s->apps; i++) {
        if (r->s->app[i].group != r->type * 2 + r->is_b)
            continue;
        switch (r->s->app[i].aid) {
        case 0: /* the group has no application: it is what the standard says */
            return false;
        case HZ_RDS_AID_RTPLUS:
            read_plus(r);
            break;
        case HZ_RDS_AID_TMC:
        case HZ_RDS_AID_TMC_TOO:
            read_tmc(r);
            break;
        case HZ_RDS_AID_DAB:
            read_dab(r);
            break;
        default:
            read_data(r, HZ_RDS_UNKNOWN_APP);
        }
        r->s->latest_app = i;
        return true;
    }
    return false;
}

const char *hz_rds_app_name(uint16_t aid)
{
    static const struct {
        uint16_t aid;
        const char *name;
    } names[] = {{HZ_RDS_AID_RTPLUS, "RadioText+ (RT+)"},
                 {0x4bd8, "RadioText Plus / RT+ for eRT"},
                 {0x6552, "Enhanced RadioText / eRT"},
                 {HZ_RDS_AID_TMC, "RDS-TMC: ALERT-C"},
                 {HZ_RDS_AID_TMC_TOO, "RDS-TMC: ALERT-C"},
                 {0x0d45, "RDS-TMC: ALERT-C"},
                 {HZ_RDS_AID_DAB, "DAB cross-referencing"},
                 {0xc3b0, "iTunes tagging"},
                 {0xc563, "ID Logic"},
                 {0xff7f, "RFT: station logo"},
                 {0xff80, "RFT+"},
                 {0xe911, "Emergency alerts"},
                 {0x6365, "9-bit AF lists"},
                 {0x7373, "Early warning"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].aid == aid)
            return names[i].name;
    return NULL;
}

/* ---- the rest --------------------------------------------------------------------------- */

static void read_long_ps(struct reading *r)
{
    struct hz_rds_station *s = r->s;
    unsigned segment = bits(r->b, 0, 3);
    if (!r->has_c || !r->has_d)
        return;
    uint8_t four[4] = {(uint8_t)(r->c >> 8), (uint8_t)r->c, (uint8_t)(r->d >> 8), (uint8_t)r->d};
    if (s->long_ps_got >> segment & 1 && memcmp(s->long_ps + 4 * segment, four, 4) != 0)
        s->long_ps_got = 0;
    memcpy(s->long_ps + 4 * segment, four, 4);
    s->long_ps_got |= 1u << segment;
    for (unsigned i = 0; i <= 32; i++) {
        if (i < 32 && !(s->long_ps_got >> i / 4 & 1))
            return;
        if (i == 32 || s->long_ps[i] == 0x0d) {
            s->long_ps_len = i;
            r->told |= HZ_RDS_LONG_PS;
            return;
        }
    }
}

static void read_type(struct reading *r)
{
    switch (r->type) {
    case 0:
        read_0(r);
        break;
    case 1:
        read_1(r);
        break;
    case 2:
        read_2(r);
        break;
    case 3:
        read_3(r);
        break;
    case 4:
        read_4(r);
        break;
    case 5:
        read_data(r, HZ_RDS_TRANSPARENT);
        break;
    case 6:
        read_data(r, HZ_RDS_IN_HOUSE);
        break;
    case 8:
        if (!r->is_b)
            read_tmc(r);
        break;
    case 10:
        read_10(r);
        break;
    case 14:
        read_14(r);
        break;
    case 15:
        if (r->is_b) {
            r->s->ta = bits(r->b, 4, 1);
            r->s->music = bits(r->b, 3, 1);
            r->told |= HZ_RDS_TA;
        } else {
            read_long_ps(r);
        }
        break;
    default:
        break;
    }
}

unsigned hz_rds_station_take(struct hz_rds_station *s, struct hz_rds_trellis *t,
                             const struct hz_rds_group *group)
{
    struct reading r = {.s = s,
                        .t = t,
                        .group = group,
                        .b = group->block[1].info,
                        .c = group->block[2].info,
                        .d = group->block[3].info,
                        .has_c = group->block[2].sure >= sure,
                        .has_d = group->block[3].sure >= sure};
    if (group->block[0].sure >= sure && group->block[0].info != s->pi) {
        memset(s, 0, sizeof *s); /* another station */
        s->pi = group->block[0].info;
        s->ps.latest = s->rt.latest = s->ptyn.latest = -1;
    }
    if (group->block[1].sure < sure)
        return 0;
    r.type = bits(r.b, 12, 4);
    r.is_b = bits(r.b, 11, 1);
    s->group = r.type * 2 + r.is_b;
    s->tp = bits(r.b, 10, 1);
    s->pty = bits(r.b, 5, 5);
    /* Groups 0 to 4, 10, 14 and 15 are never those of an application. */
    bool fixed =
        r.type <= 2 || (r.type <= 4 && !r.is_b) || (r.type == 10 && !r.is_b) || r.type >= 14;
    if (fixed || !read_app(&r))
        read_type(&r);
    s->known |= r.told;
    return r.told;
}
