#include "daemon/picture/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Messages of one sender may pass each other by so much, on their ways through channels and queues.
 * One that is still older comes from a clock that was set back. */
static const int64_t late_ns = 30 * 1000000000ll;

static const struct hz_fix nowhere = {.at = {NAN, NAN}, .alt = NAN};

struct hz_target *hz_target_new(const struct hz_family *family, const char *of, const char *id,
                                const char *mark)
{
    struct hz_target *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->family = family;
    t->mark = mark;
    snprintf(t->id, sizeof t->id, "%s", id);
    snprintf(t->of, sizeof t->of, "%s", of);
    t->best_snr_db = t->last_rssi_dbfs = NAN;
    t->fix = t->doubt = nowhere;
    return t;
}

void hz_target_free(struct hz_target *t)
{
    hz_topic_unref(t->topic);
    hz_track_free(&t->track);
    hz_kept_free(&t->kept);
    free(t);
}

/* ---- positions ---- */

static const struct hz_list_rules *rules(const struct hz_target *t)
{
    return &hz_lists[t->family->list];
}

static bool is_place(struct hz_place p)
{
    return isfinite(p.lat) && isfinite(p.lon);
}

/* Whether it can get from one to the other. */
static bool reaches(const struct hz_target *t, const struct hz_fix *from, const struct hz_fix *to)
{
    double seconds = fabs((double)(to->utc_ns - from->utc_ns)) / 1e9;
    return is_place(from->at) && is_place(to->at) &&
           hz_earth_distance(from->at, to->at) <= rules(t)->slack_m + rules(t)->speed_ms * seconds;
}

/* Of one kind only, the best that it tells now: a track that mixes barometric and geometric ones
 * would jump. */
static float altitude(const struct hz_target *t, const struct hz_record *rec, uint64_t now_ms)
{
    for (const char *const *name = t->family->altitudes; *name; name++) {
        struct hz_value v;
        double alt;
        if (hz_record_field(rec, *name, &v))
            return hz_value_number(v, &alt) ? (float)alt : NAN;
        if (hz_target_field(t, *name, now_ms, &v))
            return NAN;
    }
    return NAN;
}

static void believe(struct hz_target *t, const struct hz_fix *fix, struct hz_place antenna)
{
    t->fix = *fix;
    t->doubt = nowhere;
    t->antenna = antenna;
    hz_track_add(&t->track, &rules(t)->thinning, fix);
}

/* A position that the target cannot have come to is set aside until the next one confirms it: then
 * it was the earlier ones that were wrong, or two senders use one id. */
static void place(struct hz_target *t, const struct hz_fix *fix, struct hz_place antenna)
{
    if (!is_place(t->fix.at)) {
        believe(t, fix, antenna);
    } else if (reaches(t, &t->fix, fix)) {
        t->confirmed = true;
        believe(t, fix, antenna);
    } else if (reaches(t, &t->doubt, fix)) {
        t->confirmed = true;
        hz_track_clear(&t->track);
        believe(t, fix, antenna);
    } else {
        t->doubt = *fix;
        t->doubted++;
    }
}

bool hz_target_agrees(const struct hz_target *t, const struct hz_record *rec)
{
    struct hz_fix fix = {.at = hz_family_place(t->family, rec), .utc_ns = rec->utc_ns};
    return reaches(t, &t->fix, &fix);
}

/* ---- messages ---- */

/* All times so far are of a clock that was wrong. */
static void set_back(struct hz_target *t, int64_t utc_ns)
{
    int64_t by = t->last_ns - utc_ns;
    t->first_ns -= by;
    t->fix.utc_ns -= by;
    t->doubt.utc_ns -= by;
    hz_track_clear(&t->track);
}

enum { SOURCE_MS = 60000 };

static void note_source(struct hz_target *t, const struct hz_record *rec, uint64_t now_ms)
{
    struct hz_value v;
    if (t->family->list != HZ_LIST_AIRCRAFT || !hz_record_field(rec, "type", &v) ||
        hz_value_is(v, "\"mode_s\"") || hz_value_is(v, "\"unknown\""))
        return;
    hz_value_string(v, t->source, sizeof t->source);
    t->source_ms = now_ms;
}

static void note_type(struct hz_target *t, const struct hz_record *rec)
{
    struct hz_value v;
    double type;
    if (t->family->list == HZ_LIST_SHIPS && hz_record_field(rec, "type", &v) &&
        hz_value_number(v, &type) && type < 64)
        t->types |= UINT64_C(1) << (unsigned)type;
}

size_t hz_target_hear(struct hz_target *t, const struct hz_frame *f, uint64_t now_ms,
                      struct hz_place antenna)
{
    const struct hz_record *rec = &f->rec;
    bool begins = t->messages == 0;
    /* a station sends late what it heard while its link was down */
    bool back = !begins && !*f->topic->station && rec->utc_ns < t->last_ns - late_ns;
    if (back)
        set_back(t, rec->utc_ns);
    bool newest = begins || back || rec->utc_ns >= t->last_ns;
    t->first_ns = begins || rec->utc_ns < t->first_ns ? rec->utc_ns : t->first_ns;
    t->last_ns = newest ? rec->utc_ns : t->last_ns;
    t->heard_ms = now_ms;
    t->messages++;
    t->best_snr_db = fmaxf(t->best_snr_db, rec->snr_db);
    t->last_rssi_dbfs = newest ? rec->rssi_dbfs : t->last_rssi_dbfs;
    if (t->topic != f->topic) {
        hz_topic_unref(t->topic);
        t->topic = hz_topic_ref(f->topic);
    }
    note_type(t, rec);
    note_source(t, rec, now_ms);
    struct hz_fix fix = {.at = hz_family_place(t->family, rec),
                         .alt = altitude(t, rec, now_ms),
                         .utc_ns = rec->utc_ns,
                         .heard_ms = now_ms};
    if (is_place(fix.at) && (!is_place(t->fix.at) || fix.utc_ns >= t->fix.utc_ns))
        place(t, &fix, antenna);
    return hz_kept_take(&t->kept, rec, (uint32_t)(now_ms / 1000), !newest);
}

/* ---- for readers ------------------------------------------------------------------------ */

bool hz_target_placed(const struct hz_target *t)
{
    return is_place(t->fix.at);
}

static bool is_shown(const struct hz_target *t, const struct hz_kept_field *f, uint64_t now_ms)
{
    return hz_family_shows(t->family, f->name, (uint32_t)(now_ms / 1000) - f->heard_s);
}

bool hz_target_field(const struct hz_target *t, const char *name, uint64_t now_ms,
                     struct hz_value *value)
{
    struct hz_kept_field f;
    if (!hz_kept_find(&t->kept, name, &f) || !is_shown(t, &f, now_ms))
        return false;
    *value = f.value;
    return true;
}

bool hz_target_next_field(const struct hz_target *t, uint64_t now_ms, uint32_t *at,
                          struct hz_kept_field *f)
{
    while (hz_kept_next(&t->kept, at, f)) {
        if (is_shown(t, f, now_ms))
            return true;
    }
    return false;
}

bool hz_target_name(const struct hz_target *t, uint64_t now_ms, char *text, size_t size)
{
    for (const char *const *name = t->family->names; *name; name++) {
        struct hz_value v;
        if (!hz_target_field(t, *name, now_ms, &v) || !hz_value_string(v, text, size))
            continue;
        size_t n = strlen(text), blanks = strspn(text, " ");
        while (n > blanks && text[n - 1] == ' ')
            n--;
        memmove(text, text + blanks, n - blanks);
        text[n - blanks] = '\0';
        if (*text)
            return true;
    }
    *text = '\0';
    return false;
}

const char *hz_target_source(const struct hz_target *t, uint64_t now_ms)
{
    return now_ms - t->source_ms < SOURCE_MS ? t->source : "";
}

bool hz_target_seen(const struct hz_target *t, double *distance_m, double *bearing_deg)
{
    if (!hz_target_placed(t) || !is_place(t->antenna))
        return false;
    *distance_m = hz_earth_distance(t->antenna, t->fix.at);
    *bearing_deg = hz_earth_bearing(t->antenna, t->fix.at);
    return true;
}

size_t hz_target_size(const struct hz_target *t)
{
    return sizeof *t + t->kept.cap + t->track.cap * sizeof *t->track.points;
}
