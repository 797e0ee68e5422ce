#include "config/fail.h"
#include "ctl/save.h"
#include "daemon/cmd/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* ---- the text --------------------------------------------------------------------------- */

/* What listens for bursts has no frequency: it hears the whole band. */
static bool takes_bursts(const struct hz_heard *h)
{
    return strcmp(h->decoder, "sensors") == 0;
}

/* The centre for a dongle of which all channels take bursts; others get theirs by their channels.
 * 0: none is needed. */
static double centre_of(const struct hz_setup_draft *s, const struct hz_setup_dongle *d)
{
    double centre_hz = 0;
    for (size_t i = 0; i < s->n_wishes; i++) {
        const struct hz_setup_wish *w = &s->wishes[i];
        const struct hz_heard *h = NULL;
        if (w->dongle != (int)(d - s->dongles))
            continue;
        while ((h = hz_heard_next(h, w->interest->name, s->region))) {
            if (!takes_bursts(h))
                return 0;
            centre_hz = h->first_hz;
        }
    }
    return centre_hz;
}

/* Of a dongle that nothing is left for it is a comment. found: the daemon finds out gain and ppm
 * where that is wished. */
static void put_receiver(FILE *f, const struct hz_setup_draft *s, const struct hz_setup_dongle *d,
                         bool found)
{
    const char *mark = hz_setup_used(s, (size_t)(d - s->dongles)) ? "" : "#";
    fprintf(f, "# A dongle%s%s. While it is away it is waited for.\n",
            *d->serial ? " with the serial number " : "", d->serial);
    fprintf(f, "%s[receiver %s]\n%ssource = rtlsdr\n", mark, d->name, mark);
    if (*d->device)
        fprintf(f, "%sdevice = %s\n", mark, d->device);
    if (centre_of(s, d) > 0)
        fprintf(f, "%scentre = %.10gM\n", mark, centre_of(s, d) / 1e6);
    if (*d->why_gain)
        fprintf(f, "# %s\n", d->why_gain);
    if (found && d->gain_best)
        fprintf(f, "%sgain = best\n", mark);
    else if (isnan(d->gain_db))
        fprintf(f, "%sgain = auto\n", mark);
    else
        fprintf(f, "%sgain = %.1f\n", mark, d->gain_db);
    if (*d->why_ppm)
        fprintf(f, "# %s\n", d->why_ppm);
    if (found && d->ppm_auto)
        fprintf(f, "%sppm = auto\n", mark);
    else
        fprintf(f, "%sppm = %.0f\n", mark, d->ppm);
    if (!isnan(s->latitude))
        fprintf(f,
                "# Where the antenna is, in degrees north and east.\n%slatitude = %.6g\n"
                "%slongitude = %.6g\n",
                mark, s->latitude, mark, s->longitude);
    fputc('\n', f);
}

/* A section of one frequency. Of a wish without a dongle it is a comment, as `mark` says. */
static void put_channel(FILE *f, const struct hz_setup_draft *s, const struct hz_setup_wish *w,
                        const struct hz_heard *h, unsigned k, const char *mark)
{
    double hz = h->first_hz + h->step_hz * k;
    fprintf(f, "%s[channel %s-%.10g]\n%sdecoder = %s\n", mark, h->decoder, hz / 1e6, mark,
            h->decoder);
    if (w->dongle >= 0)
        fprintf(f, "receiver = %s\n", s->dongles[w->dongle].name);
    if (!takes_bursts(h))
        fprintf(f, "%sfrequency = %.10gM\n", mark, hz / 1e6);
    fprintf(f, "%s\n", mark);
}

static void put_wish(FILE *f, const struct hz_setup_draft *s, const struct hz_setup_wish *w)
{
    const char *mark = w->dongle < 0 ? "#" : "";
    const struct hz_heard *h = NULL;
    fprintf(f, "# %s", w->interest->what);
    if (w->dongle < 0)
        fputs(": needs another dongle, since the band is too far from the others", f);
    fputs(".\n", f);
    if (strcmp(w->interest->name, "radiosondes") == 0)
        fputs("# Every launching site has frequencies of its own: `hertzctl scan` finds them.\n",
              f);
    while ((h = hz_heard_next(h, w->interest->name, s->region))) {
        for (unsigned k = 0; k < h->count; k++)
            put_channel(f, s, w, h, k, mark);
    }
}

static void put_listeners(FILE *f, const char *control)
{
    if (!control)
        fputs("# Where clients find hertzd: only programs of this machine. docs/security.md tells "
              "how to\n# let others in.\n"
              "[listen json]\ntype = tcp\naddress = 127.0.0.1:7373\n\n"
              "# The page: http://127.0.0.1:7380/\n"
              "[listen web]\ntype = http\naddress = 127.0.0.1:7380\n\n"
              "# For hertzctl.\n",
              f);
    fprintf(f, "[listen control]\ntype = unix\npath = %s\n",
            control ? control : "/run/hertzd/hertzd.sock");
}

char *hz_setup_text(const struct hz_setup_draft *s, const char *control)
{
    char *text = NULL, day[32] = "";
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return NULL;
    time_t now = time(NULL);
    struct tm tm;
    if (gmtime_r(&now, &tm))
        strftime(day, sizeof day, "%Y-%m-%d", &tm);
    fprintf(f,
            "# Made by `hertzd setup` on %s. `hertzd check` tells what it would run; every key is\n"
            "# explained in hertzd.conf(5) and by `hertzd keys`.\n\n",
            day);
    for (size_t i = 0; i < s->n_dongles; i++)
        put_receiver(f, s, &s->dongles[i], !control);
    for (size_t i = 0; i < s->n_wishes; i++)
        put_wish(f, s, &s->wishes[i]);
    put_listeners(f, control);
    if (fclose(f) == 0)
        return text;
    free(text);
    return NULL;
}

/* ---- the file --------------------------------------------------------------------------- */

/* The file that is there stays, under a name with the time. */
static int keep_old(const char *path, FILE *out)
{
    char kept[PATH_SIZE], when[32];
    time_t now = time(NULL);
    struct tm tm;
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    snprintf(kept, sizeof kept, "%s.%s", path, when);
    if (link(path, kept) < 0)
        return -errno;
    fprintf(out, "The configuration that was there is kept as %s\n", kept);
    return 0;
}

int hz_setup_write(const char *path, const char *text, FILE *out, char *err, size_t err_len)
{
    char draft[PATH_SIZE];
    struct stat old = {.st_uid = geteuid(), .st_gid = getegid(), .st_mode = 0644};
    bool there = stat(path, &old) == 0;
    if ((size_t)snprintf(draft, sizeof draft, "%s.XXXXXX", path) >= sizeof draft)
        return hz_fail_as(-ENAMETOOLONG, err, err_len, "%.80s…: the path is too long", path);
    int fd = mkstemp(draft);
    if (fd < 0)
        return hz_fail_as(-errno, err, err_len, "%s cannot be written: %s%s", path, strerror(errno),
                          errno == EACCES ? "; use sudo, or --config FILE" : "");
    int rc = hz_ctl_write_whole(fd, text, &old);
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && there)
        rc = keep_old(path, out);
    if (rc == 0 && rename(draft, path) < 0)
        rc = -errno;
    if (rc == 0)
        return 0;
    unlink(draft);
    return hz_fail_as(rc, err, err_len, "%s cannot be written: %s", path, strerror(-rc));
}
