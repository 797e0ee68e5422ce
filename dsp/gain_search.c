#include "dsp/gain_search.h"

#include <math.h>
#include <stdio.h>

static const double turn_s = 10;
static const double settle_s = 1;         /* messages that were under way when the gain changed */
static const double comparison_s = 240;   /* the longest, */
static const double few_messages_s = 600; /* and with fewer messages than these: */
static const double few_messages = 100;
static const double rest_s = 3600;
static const double vain_rest_s = 600; /* when nothing was decoded with any gain */
static const double barred_s = 3600;
static const double clip_limit_percent = 1;
static const double back_off_db = 6;
enum { FIRST_STEP = 8, LATER_STEP = 2, CLIPS = 2, ENOUGH = 12 };

const char *hz_gain_phase_name(enum hz_gain_phase phase)
{
    static const char *const names[] = {"compares", "listens", "rests"};
    return names[phase];
}

double hz_gain_search_now(const struct hz_gain_search *s)
{
    return s->gains[s->now].gain_db;
}

double hz_gain_search_best(const struct hz_gain_search *s)
{
    return s->gains[s->best].gain_db;
}

/* ---- what to do next -------------------------------------------------------------------- */

static bool barred(const struct hz_gain_search *s, size_t i)
{
    return s->gains[i].barred_until_s > s->clock_s;
}

static void use(struct hz_gain_search *s, size_t i)
{
    if (i != s->now)
        s->settled_s = s->clock_s + settle_s;
    s->now = i;
    s->turn_end_s = s->clock_s + turn_s;
    s->clipped = 0;
}

static void rest(struct hz_gain_search *s, double seconds)
{
    s->phase = HZ_GAIN_RESTS;
    s->rest_end_s = s->clock_s + seconds;
    use(s, s->best);
}

/* A rival one step away in this direction; false: there is none. */
static bool rival_there(struct hz_gain_search *s)
{
    long at = (long)s->best + s->direction * (long)s->step;
    if (at < 0 || at >= (long)s->n || barred(s, (size_t)at))
        return false;
    s->rival = (size_t)at;
    s->of_best = s->of_rival = (struct hz_gain_count){0};
    s->phase = HZ_GAIN_COMPARES;
    use(s, s->rival);
    return true;
}

/* Begins the next comparison: the other direction, then smaller steps, then a rest. */
static void next_rival(struct hz_gain_search *s)
{
    for (;;) {
        if (!s->other_way) {
            s->other_way = true;
            s->direction = -s->direction;
        } else if (s->step > 1) {
            s->step /= 2;
            s->other_way = false;
        } else {
            rest(s, rest_s);
            snprintf(s->why, sizeof s->why, "no step of the tuner beside it decodes more");
            return;
        }
        if (rival_there(s))
            return;
    }
}

static void begin_comparing(struct hz_gain_search *s, size_t step)
{
    s->step = step;
    s->direction = 1;
    s->other_way = false;
    while (s->step >= s->n && s->step > 1)
        s->step /= 2;
    if (!rival_there(s))
        next_rival(s);
}

/* Nothing was decoded with both: the gains are tried in a circle, a step apart. */
static void listen_on(struct hz_gain_search *s)
{
    s->phase = HZ_GAIN_LISTENS;
    for (size_t tries = 0; tries < s->n; tries++) {
        size_t at = (s->now + LATER_STEP + tries) % s->n;
        if (barred(s, at))
            continue;
        use(s, at);
        break;
    }
    s->turn_end_s = s->clock_s + 3 * turn_s;
    snprintf(s->why, sizeof s->why, "nothing is decoded yet: other gains are tried");
    if (++s->listened * LATER_STEP <= s->n)
        return;
    s->listened = 0;
    rest(s, vain_rest_s);
    snprintf(s->why, sizeof s->why, "nothing is decoded with any gain");
}

/* ---- comparisons ------------------------------------------------------------------------ */

/* 1: the rival decodes more, -1: less, 0: not known. Numbers of messages vary by their root; three
 * times that of their difference is hardly ever chance. Twice will do at the end of the comparison.
 * Both had the same time. */
static int verdict(const struct hz_gain_search *s, bool over)
{
    double a = s->of_best.messages, b = s->of_rival.messages, all = a + b;
    double sigmas = over ? 2 : 3;
    if (all < ENOUGH || (b - a) * (b - a) < sigmas * sigmas * all)
        return 0;
    return b > a ? 1 : -1;
}

static void tell_verdict(struct hz_gain_search *s)
{
    double minutes = s->of_best.seconds / 60;
    snprintf(s->why, sizeof s->why, "%.1f messages a minute against %.1f with %.1f dB",
             s->of_best.messages / minutes, s->of_rival.messages / minutes,
             s->gains[s->rival].gain_db);
}

static void decide(struct hz_gain_search *s, int who)
{
    if (who > 0) {
        struct hz_gain_count was = s->of_best;
        size_t loser = s->best;
        s->best = s->rival;
        s->rival = loser;
        s->of_best = s->of_rival;
        s->of_rival = was;
    }
    tell_verdict(s);
    if (who <= 0) {
        next_rival(s);
        return;
    }
    s->other_way = true; /* where it comes from there is less */
    if (!rival_there(s)) {
        s->direction = -s->direction;
        next_rival(s);
    }
}

/* The turn of the gain in use is over. */
static void end_turn(struct hz_gain_search *s)
{
    if (s->phase == HZ_GAIN_RESTS) {
        s->listened = 0;
        begin_comparing(s, LATER_STEP);
        return;
    }
    if (s->phase == HZ_GAIN_LISTENS) {
        listen_on(s);
        return;
    }
    if (s->now == s->rival) {
        use(s, s->best);
        return;
    }
    double seconds = s->of_best.seconds + s->of_rival.seconds;
    double messages = s->of_best.messages + s->of_rival.messages;
    bool none = messages == 0 && seconds >= comparison_s;
    bool over = seconds >= (messages < few_messages ? few_messages_s : comparison_s) || none;
    int who = verdict(s, over);
    if (who == 0 && !over)
        use(s, s->rival);
    else if (none)
        listen_on(s);
    else
        decide(s, who);
}

/* ---- clipping --------------------------------------------------------------------------- */

static void back_off(struct hz_gain_search *s, double clip_percent)
{
    size_t high = s->now, low = high;
    while (low > 0 && s->gains[high].gain_db - s->gains[low].gain_db < back_off_db)
        low--;
    for (size_t i = high; i < s->n && high > 0; i++)
        s->gains[i].barred_until_s = s->clock_s + barred_s;
    bool rival_clipped = s->phase == HZ_GAIN_COMPARES && high == s->rival && s->best < high;
    if (!rival_clipped)
        s->best = low;
    use(s, s->best);
    if (rival_clipped)
        next_rival(s);
    else if (high > 0)
        begin_comparing(s, LATER_STEP);
    snprintf(s->why, sizeof s->why, "with %.1f dB %.1f %% of the samples were clipped",
             s->gains[high].gain_db, clip_percent);
}

/* ---- the interface ---------------------------------------------------------------------- */

void hz_gain_search_init(struct hz_gain_search *s, const short *tenths, size_t n, double start_db)
{
    *s = (struct hz_gain_search){.n = n < HZ_GAINS_MAX ? n : HZ_GAINS_MAX};
    for (size_t i = 0; i < s->n; i++) {
        s->gains[i].gain_db = tenths[i] / 10.0;
        if (fabs(s->gains[i].gain_db - start_db) < fabs(s->gains[s->best].gain_db - start_db))
            s->best = i;
    }
    s->now = s->best;
    begin_comparing(s, FIRST_STEP);
    use(s, s->best);
    snprintf(s->why, sizeof s->why, "it begins here");
}

static void count(struct hz_gain_search *s, double seconds, double messages)
{
    s->gains[s->now].seconds += seconds;
    s->gains[s->now].messages += messages;
    if (s->phase != HZ_GAIN_COMPARES)
        return;
    struct hz_gain_count *c = s->now == s->best ? &s->of_best : &s->of_rival;
    c->seconds += seconds;
    c->messages += messages;
}

bool hz_gain_search_feed(struct hz_gain_search *s, double seconds, double messages,
                         double clip_percent)
{
    size_t was = s->now;
    s->clock_s += seconds;
    if (s->n < 2)
        return false;
    if (s->clock_s > s->settled_s + 1e-9)
        count(s, seconds, messages);
    s->clipped = clip_percent >= clip_limit_percent ? s->clipped + 1 : 0;
    double end = s->phase == HZ_GAIN_RESTS ? s->rest_end_s : s->turn_end_s;
    if (s->clipped >= CLIPS && s->now > 0)
        back_off(s, clip_percent);
    else if (s->phase == HZ_GAIN_LISTENS && messages > 0) {
        s->best = s->now;
        s->listened = 0;
        begin_comparing(s, FIRST_STEP);
    } else if (s->clock_s >= end)
        end_turn(s);
    return s->now != was;
}
