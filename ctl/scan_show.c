#include "ctl/scan.h"

#include "ctl/answer.h"
#include "ctl/change.h"
#include "ctl/table.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void hz_ctl_scan_print(FILE *out, const cJSON *found, int width)
{
    static const struct hz_column columns[] = {
        {"FREQUENCY", "freq_hz", HZ_CELL_MHZ, 0},
        {"DECODER", "decoder", HZ_CELL_TEXT, 0},
        {"OVER NOISE", "over_db", HZ_CELL_DB, 0},
        {"ON THE AIR", "duty_percent", HZ_CELL_PERCENT, 0},
        {"MESSAGES", "messages", HZ_CELL_COUNT, 0},
        {"USUALLY", "what", HZ_CELL_TEXT, 1},
        {0},
    };
    hz_table_print(out, columns, found, 0, width, "nothing was heard");
}

/* ---- sections --------------------------------------------------------------------------- */

static void put_section(FILE *f, const char *receiver, const cJSON *row, double low_hz,
                        double high_hz)
{
    double hz = hz_ctl_count(row, "freq_hz");
    const char *mark = hz >= low_hz && hz <= high_hz ? "" : "#";
    fprintf(f, "\n# %.1f dB over the noise, on the air for %.1f %% of the time, %.0f messages.\n",
            hz_ctl_count(row, "over_db"), hz_ctl_count(row, "duty_percent"),
            hz_ctl_count(row, "messages"));
    if (*mark)
        fprintf(f,
                "# Outside of the present band of %s: needs another centre, or another dongle.\n",
                receiver);
    fprintf(f, "%s[channel %s-%.10g]\n%sdecoder = %s\n%sreceiver = %s\n%sfrequency = %.10gM\n",
            mark, hz_ctl_text(row, "decoder"), hz / 1e6, mark, hz_ctl_text(row, "decoder"), mark,
            receiver, mark, hz / 1e6);
}

static void put_sections(FILE *f, const char *receiver, const cJSON *r, const cJSON *found)
{
    const cJSON *row;
    double half = hz_ctl_count(r, "rate_hz") / 2, centre = hz_ctl_count(r, "centre_hz");
    size_t n = 0;
    fprintf(f, "# What `hertzctl scan %s` heard and decoded.\n", receiver);
    cJSON_ArrayForEach(row, found)
    {
        if (hz_ctl_count(row, "messages") <= 0)
            continue;
        put_section(f, receiver, row, centre - half, centre + half);
        n++;
    }
    if (n == 0)
        fputs("# No decoder found a message.\n", f);
}

static FILE *open_new(struct hz_ctl_client *c, const char *path, bool force)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0644);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        snprintf(c->err, sizeof c->err, "%.1000s: %s%s", path, strerror(errno),
                 errno == EEXIST ? "; --force replaces it" : "");
    return f;
}

int hz_ctl_scan_write(struct hz_ctl_client *c, const struct hz_ctl_args *a, const cJSON *found,
                      FILE *out)
{
    cJSON *r = NULL;
    int rc = hz_ctl_receiver(c, a->words[0], &r);
    if (rc < 0)
        return rc;
    bool is_out = strcmp(a->write, "-") == 0;
    FILE *f = is_out ? out : open_new(c, a->write, a->force);
    if (f)
        put_sections(f, a->words[0], r, found);
    cJSON_Delete(r);
    if (!f)
        return -EIO;
    if (is_out || fclose(f) == 0)
        return 0;
    snprintf(c->err, sizeof c->err, "%.1000s: %s", a->write, strerror(errno));
    return -EIO;
}
