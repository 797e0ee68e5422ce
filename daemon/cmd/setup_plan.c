#include "config/fail.h"
#include "daemon/cmd/setup.h"

#include <errno.h>
#include <string.h>

/* What of a dongle's highest rate is used, as by the plan of a configuration (config/centre.h). */
#define BAND_HZ (2.4e6 * 0.8)

static const struct hz_interest *find(const char *word, size_t n)
{
    for (const struct hz_interest *i = hz_interests; i->name; i++) {
        if (strlen(i->name) == n && memcmp(i->name, word, n) == 0)
            return i;
    }
    return NULL;
}

static int unknown(const char *word, size_t n, char *err, size_t err_len)
{
    int used = snprintf(err, err_len, "'%.*s': expected some of", (int)n, word);
    for (const struct hz_interest *i = hz_interests; i->name && (size_t)used < err_len; i++)
        used += snprintf(err + used, err_len - (size_t)used, " %s", i->name);
    return -EINVAL;
}

int hz_setup_wish(struct hz_setup_draft *s, const char *list, char *err, size_t err_len)
{
    double low, high;
    s->n_wishes = 0;
    for (const char *at = list + strspn(list, ", "); *at; at += strspn(at, ", ")) {
        size_t n = strcspn(at, ", ");
        const struct hz_interest *i = find(at, n);
        if (!i)
            return unknown(at, n, err, err_len);
        if (!hz_heard_span(i->name, s->region, &low, &high))
            return hz_fail(err, err_len, "'%s': nothing is known of it for %s", i->name,
                           hz_region_names[s->region]);
        bool twice = false;
        for (size_t k = 0; k < s->n_wishes; k++)
            twice = twice || s->wishes[k].interest == i;
        if (!twice)
            s->wishes[s->n_wishes++] = (struct hz_setup_wish){i, -1};
        at += n;
    }
    return s->n_wishes > 0 ? 0 : hz_fail(err, err_len, "expected at least one, as aircraft");
}

/* Whether the wish fits into the band of what the dongle has already. */
static bool has_room(const struct hz_setup_draft *s, int dongle, const struct hz_setup_wish *w)
{
    double low, high, l, h;
    hz_heard_span(w->interest->name, s->region, &low, &high);
    for (size_t i = 0; i < s->n_wishes; i++) {
        const struct hz_setup_wish *other = &s->wishes[i];
        if (other->dongle != dongle)
            continue;
        hz_heard_span(other->interest->name, s->region, &l, &h);
        low = l < low ? l : low;
        high = h > high ? h : high;
    }
    return high - low <= BAND_HZ;
}

bool hz_setup_used(const struct hz_setup_draft *s, size_t dongle)
{
    for (size_t i = 0; i < s->n_wishes; i++) {
        if (s->wishes[i].dongle == (int)dongle)
            return true;
    }
    return false;
}

static void tell(const struct hz_setup_draft *s, const struct hz_setup_wish *w, FILE *out)
{
    double low, high;
    hz_heard_span(w->interest->name, s->region, &low, &high);
    fprintf(out, "  %-11s %9.4f", w->interest->name, low / 1e6);
    if (high > low)
        fprintf(out, " to %.4f", high / 1e6);
    if (w->dongle >= 0)
        fprintf(out, " MHz: %s\n", s->dongles[w->dongle].name);
    else
        fprintf(out, " MHz: not heard, no dongle is left for it\n");
}

void hz_setup_plan(struct hz_setup_draft *s, FILE *out)
{
    size_t left = 0;
    for (size_t i = 0; i < s->n_wishes; i++)
        s->wishes[i].dongle = -1;
    for (size_t i = 0; i < s->n_wishes; i++) {
        struct hz_setup_wish *w = &s->wishes[i];
        for (int d = 0; d < (int)s->n_dongles && w->dongle < 0; d++)
            w->dongle = has_room(s, d, w) ? d : -1;
        left += w->dongle < 0;
        tell(s, w, out);
    }
    for (size_t d = 0; d < s->n_dongles; d++) {
        if (!hz_setup_used(s, d))
            fprintf(out, "  nothing is left for %s: its section is a comment\n",
                    s->dongles[d].name);
    }
    if (left > 0)
        fprintf(out,
                "A dongle hears %.1f MHz at a time, so what lies further apart needs one more for "
                "each band.\nThe sections of what is not heard are in the file, as comments.\n",
                BAND_HZ / 1e6);
}
