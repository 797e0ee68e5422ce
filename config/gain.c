#include "config/gain.h"
#include "config/config.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

static bool is_db(const char *s, double *db)
{
    return hz_parse_number(s, db) == 0 && *db >= HZ_GAIN_MIN_DB && *db <= HZ_GAIN_MAX_DB;
}

static const char *past_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

/* "LNA 20" or "LNA=20" at *s, up to a comma or the end. */
static bool read_stage(const char **s, char name[HZ_GAIN_NAME], double *db)
{
    char number[24];
    const char *p = past_blanks(*s);
    size_t n = strspn(p, name_chars);
    if (n == 0 || n >= HZ_GAIN_NAME || !isalpha((unsigned char)*p))
        return false;
    memcpy(name, p, n);
    name[n] = 0;
    p = past_blanks(p + n);
    p = past_blanks(p + (*p == '='));
    n = strcspn(p, ", \t");
    if (n == 0 || n >= sizeof number)
        return false;
    memcpy(number, p, n);
    number[n] = 0;
    p = past_blanks(p + n);
    if (!is_db(number, db) || (*p && *p != ','))
        return false;
    *s = p;
    return true;
}

static bool has_stage(const struct hz_gain *g, const char *name)
{
    char other[HZ_GAIN_NAME];
    double db;
    for (const char *at = g->stages; hz_gain_next(&at, other, &db);) {
        if (strcmp(other, name) == 0)
            return true;
    }
    return false;
}

static int parse_stages(const char *s, struct hz_gain *g)
{
    for (size_t i = 0;; i++, s++) {
        char name[HZ_GAIN_NAME];
        double db;
        if (i == HZ_GAIN_STAGES_MAX || !read_stage(&s, name, &db) || has_stage(g, name))
            return -EINVAL;
        db = round(db * 100) / 100;
        size_t used = strlen(g->stages);
        size_t room = sizeof g->stages - used;
        if ((size_t)snprintf(g->stages + used, room, "%s%s %g", i ? ", " : "", name, db) >= room)
            return -EINVAL;
        g->db += db;
        if (*s == 0)
            return 0;
    }
}

int hz_parse_gain(const char *s, void *gain)
{
    struct hz_gain g = {0};
    if (strcmp(s, "auto") == 0) {
        g.db = NAN;
    } else if (*s == '-' || *s == '.' || isdigit((unsigned char)*s)) {
        if (!is_db(s, &g.db))
            return -EINVAL;
    } else if (parse_stages(s, &g) != 0) {
        return -EINVAL;
    }
    memcpy(gain, &g, sizeof g);
    return 0;
}

bool hz_gain_next(const char **at, char name[HZ_GAIN_NAME], double *db)
{
    if (!**at || !read_stage(at, name, db))
        return false;
    *at += **at == ',';
    return true;
}
