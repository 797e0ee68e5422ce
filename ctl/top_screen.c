#include "ctl/top_screen.h"

#include "ctl/answer.h"
#include "ctl/table.h"

#include <string.h>
#include <time.h>

#define WINDOW_S 60.0

static const struct hz_column receiver_columns[] = {
    {"RECEIVER", "name", HZ_CELL_TEXT, 0},
    {"STATE", "state", HZ_CELL_TEXT, 0},
    {"FOR", "state_age_s", HZ_CELL_SPAN, 2},
    {"CENTRE", "centre_hz", HZ_CELL_MHZ, 3},
    {"RATE", "rate_hz", HZ_CELL_RATE, 6},
    {"GAIN", "gain_db", HZ_CELL_DB, 5},
    {"LEVEL", "level_dbfs", HZ_CELL_DBFS, 0},
    {"NOISE", "noise_dbfs", HZ_CELL_DBFS, 0},
    {"CLIPPED", "clip_percent", HZ_CELL_PERCENT, 7},
    {"CRYSTAL", "ppm_error", HZ_CELL_PPM, 4},
    {"HEARD", "ppm_heard", HZ_CELL_PPM, 8},
    {"GAPS", "gaps", HZ_CELL_COUNT, 9},
    {"LOST", "lost_samples", HZ_CELL_COUNT, 1},
    {0},
};

static const struct hz_column channel_columns[] = {
    {"CHANNEL", "name", HZ_CELL_TEXT, 0},           {"DECODER", "decoder", HZ_CELL_TEXT, 3},
    {"FREQUENCY", "freq_hz", HZ_CELL_MHZ, 1},       {"STATE", "state", HZ_CELL_TEXT, 0},
    {"PER MIN", "per_minute", HZ_CELL_COUNT, 0},    {"MESSAGES", "messages", HZ_CELL_COUNT, 4},
    {"LAST", "last_message_age_s", HZ_CELL_AGO, 2}, {"LEVEL", "level_dbfs", HZ_CELL_DBFS, 5},
    {"NOISE", "noise_dbfs", HZ_CELL_DBFS, 7},       {"LOST", "lost_samples", HZ_CELL_COUNT, 6},
    {"CPU", "cpu_ns_per_sample", HZ_CELL_NS, 8},    {0},
};

static const struct hz_column listener_columns[] = {
    {"LISTENER", "name", HZ_CELL_TEXT, 0},    {"TYPE", "type", HZ_CELL_TEXT, 2},
    {"ADDRESS", "address", HZ_CELL_TEXT, 1},  {"STATE", "state", HZ_CELL_TEXT, 0},
    {"CLIENTS", "clients", HZ_CELL_COUNT, 0}, {"SENT", "sent_bytes", HZ_CELL_BYTES, 3},
    {"MISSED", "missed", HZ_CELL_COUNT, 4},   {0},
};

/* ---- messages per minute ---------------------------------------------------------------- */

void hz_top_past_done(struct hz_top_past *p)
{
    for (unsigned i = 0; i < HZ_TOP_PAST; i++)
        cJSON_Delete(p->ring[i].channels);
    *p = (struct hz_top_past){0};
}

/* The number of messages of that channel; -1: it is not among them. */
static double messages_of(const cJSON *channels, const cJSON *channel)
{
    const cJSON *c;
    cJSON_ArrayForEach(c, channels)
    {
        const cJSON *n = cJSON_GetObjectItemCaseSensitive(c, "messages");
        if (cJSON_IsNumber(n) &&
            strcmp(hz_ctl_text(c, "name"), hz_ctl_text(channel, "name")) == 0 &&
            strcmp(hz_ctl_text(c, "receiver"), hz_ctl_text(channel, "receiver")) == 0)
            return n->valuedouble;
    }
    return -1;
}

static void add_rate(const struct hz_top_past *p, cJSON *channel, double s)
{
    const cJSON *now = cJSON_GetObjectItemCaseSensitive(channel, "messages");
    unsigned first = p->n > HZ_TOP_PAST ? p->n - HZ_TOP_PAST : 0;
    for (unsigned i = first; i < p->n && cJSON_IsNumber(now); i++) {
        double then_s = p->ring[i % HZ_TOP_PAST].s;
        double then = messages_of(p->ring[i % HZ_TOP_PAST].channels, channel);
        if (s - then_s > WINDOW_S || then < 0 || then > now->valuedouble || s <= then_s)
            continue; /* too old, or from before a restart */
        cJSON_AddNumberToObject(channel, "per_minute",
                                (now->valuedouble - then) * 60 / (s - then_s));
        return;
    }
}

void hz_top_past_note(struct hz_top_past *p, cJSON *status, double s)
{
    cJSON *channels = cJSON_GetObjectItemCaseSensitive(status, "channels"), *c;
    cJSON_ArrayForEach(c, channels) add_rate(p, c, s);
    unsigned at = p->n++ % HZ_TOP_PAST;
    cJSON_Delete(p->ring[at].channels);
    p->ring[at].channels = cJSON_Duplicate(channels, 1);
    p->ring[at].s = s;
}

/* ---- the screen ------------------------------------------------------------------------- */

static void put_cell(FILE *out, const char *before, const cJSON *o, const char *name,
                     enum hz_cell cell)
{
    char buf[HZ_CELL_MAX];
    hz_cell_write(cJSON_GetObjectItemCaseSensitive(o, name), cell, 0, buf);
    fprintf(out, "%s%s", before, buf);
}

/* A text in lines of at most `width` characters (0: any number), broken at blanks; those below the
 * first are indented. */
static void put_text(FILE *out, const char *first, const char *text, int width)
{
    static const char indent[] = "    ";
    int column = fprintf(out, "%s", first);
    while (*text) {
        int n = (int)strcspn(text, " ");
        if (width > 0 && column + 1 + n > width && column > (int)strlen(indent))
            column = fprintf(out, "\n%s", indent) - 1;
        else if (column > (int)strlen(first))
            column += fprintf(out, " ");
        column += fprintf(out, "%.*s", n, text);
        text += n + (text[n] == ' ');
    }
    fputc('\n', out);
}

static void put_head(FILE *out, const cJSON *status, int64_t now_ns, int width)
{
    const cJSON *loop = cJSON_GetObjectItemCaseSensitive(status, "loop");
    const cJSON *jobs = cJSON_GetObjectItemCaseSensitive(status, "jobs");
    time_t t = (time_t)(now_ns / 1000000000);
    struct tm utc;
    char clock[32] = "", title[64], headline[HZ_CELL_MAX];
    if (gmtime_r(&t, &utc))
        strftime(clock, sizeof clock, "%H:%M:%S UTC", &utc);
    snprintf(title, sizeof title, "hertzd %s  %s", hz_ctl_text(status, "version"), clock);
    fprintf(out, "%s\n", title);
    hz_cell_write(cJSON_GetObjectItemCaseSensitive(status, "headline"), HZ_CELL_TEXT, 0, headline);
    put_text(out, "", headline, width);
    put_cell(out, "running for ", status, "uptime_s", HZ_CELL_SPAN);
    put_cell(out, ", memory ", status, "memory_bytes", HZ_CELL_BYTES);
    put_cell(out, ", loop ", loop, "busy_percent", HZ_CELL_PERCENT);
    put_cell(out, ", ", jobs, "workers", HZ_CELL_COUNT);
    put_cell(out, " workers ", jobs, "busy_percent", HZ_CELL_PERCENT);
    fputc('\n', out);
}

static void put_troubles(FILE *out, const cJSON *troubles, int width, bool colour)
{
    const cJSON *t;
    char title[128 + HZ_CELL_MAX], name[HZ_CELL_MAX], what[HZ_CELL_MAX];
    cJSON_ArrayForEach(t, troubles)
    {
        hz_cell_write(cJSON_GetObjectItemCaseSensitive(t, "name"), HZ_CELL_TEXT, 0, name);
        hz_cell_write(cJSON_GetObjectItemCaseSensitive(t, "what"), HZ_CELL_TEXT, 0, what);
        const char *severity = hz_ctl_text(t, "severity");
        fputs(!colour                            ? ""
              : strcmp(severity, "error") == 0   ? "\033[1;31m"
              : strcmp(severity, "warning") == 0 ? "\033[1;33m"
                                                 : "\033[1m",
              out);
        snprintf(title, sizeof title, "%s: %s%s%s: ", severity, hz_ctl_text(t, "about"),
                 *hz_ctl_text(t, "name") ? " " : "", *hz_ctl_text(t, "name") ? name : "");
        put_text(out, title, what, width);
        fputs(colour ? "\033[0m" : "", out);
        put_text(out, "    ", hz_ctl_text(t, "remedy"), width);
    }
    if (cJSON_GetArraySize(troubles) > 0)
        fputc('\n', out);
}

void hz_top_screen_print(FILE *out, const cJSON *status, int64_t now_ns, int width, bool colour)
{
    put_head(out, status, now_ns, width);
    fputc('\n', out);
    put_troubles(out, cJSON_GetObjectItemCaseSensitive(status, "troubles"), width, colour);
    hz_table_print(out, receiver_columns, cJSON_GetObjectItemCaseSensitive(status, "receivers"),
                   now_ns, width, "no receivers");
    fputc('\n', out);
    hz_table_print(out, channel_columns, cJSON_GetObjectItemCaseSensitive(status, "channels"),
                   now_ns, width, "no channels");
    fputc('\n', out);
    hz_table_print(out, listener_columns, cJSON_GetObjectItemCaseSensitive(status, "listeners"),
                   now_ns, width, "no listeners");
}
