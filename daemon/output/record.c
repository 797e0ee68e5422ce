/* An output to a folder: each transmission of speech as a file, with a quota. [record NAME] is
 * another heading for it.
 *
 * The loop has the list of recordings (shelf), the worker writes and deletes files: before a job
 * the loop hands over what is to be deleted, after it the worker what it has made. */
#include "daemon/output/record.h"

#include "daemon/base/utc.h"
#include "daemon/output/output.h"
#include "daemon/output/tape_name.h"
#include "daemon/output/tapes.h"

#include <stdlib.h>
#include <string.h>

enum { OPUS, WAV };
static const char *const formats[] = {"opus", "wav", NULL};

struct conf {
    struct hz_conf_path_output path; /* must be the first member */
    int format;
    uint64_t quota_bytes, keep_s; /* 0: no limit */
};

struct record {
    struct hz_shelf shelf;  /* loop */
    bool scanned;           /* loop: the list was asked for */
    struct hz_tapes *tapes; /* worker, as what follows */
    char name[HZ_NAME_MAX + 1];
    bool scan;               /* the job finds what is there */
    struct hz_taped *doomed; /* to be deleted by the job */
    struct hz_taped *made;   /* found or completed by the job */
};

static const struct conf *conf_of(const struct hz_conf_output *section)
{
    return (const struct conf *)section;
}

/* ---- on the loop ------------------------------------------------------------------------ */

static void *record_open(const struct hz_conf_output *section, char *err, size_t err_len)
{
    const struct conf *conf = conf_of(section);
    struct record *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    r->shelf.quota_bytes = conf->quota_bytes;
    r->shelf.keep_s = conf->keep_s;
    snprintf(r->name, sizeof r->name, "%s", section->name);
    r->tapes = hz_tapes_new(conf->path.path, section->name, conf->format == OPUS, err, err_len);
    if (r->tapes)
        return r;
    free(r);
    return NULL;
}

static bool record_due(void *state)
{
    struct record *r = state;
    if (!r->doomed)
        r->doomed = hz_shelf_over(&r->shelf, hz_utc_now());
    return !r->scanned || r->doomed;
}

static void record_before(void *state)
{
    struct record *r = state;
    r->scan = !r->scanned;
    r->scanned = true;
}

static void record_after(void *state)
{
    struct record *r = state;
    hz_shelf_add(&r->shelf, r->made);
    r->made = NULL;
}

const struct hz_shelf *hz_record_shelf(const void *state, const char **root)
{
    const struct record *r = state;
    *root = hz_tapes_root(r->tapes);
    return &r->shelf;
}

/* ---- on a worker ------------------------------------------------------------------------ */

static int record_take(void *state, const struct hz_frame *f, char *err, size_t err_len)
{
    struct record *r = state;
    return hz_tapes_take(r->tapes, f, err, err_len);
}

static int record_drain(void *state, char *err, size_t err_len)
{
    struct record *r = state;
    const char *root = hz_tapes_root(r->tapes);
    struct hz_taped **end = &r->made;
    *end = r->scan ? hz_shelf_scan(root, r->name) : NULL;
    while (*end)
        end = &(*end)->next;
    *end = hz_tapes_made(r->tapes);
    struct hz_taped *doomed = r->doomed;
    r->doomed = NULL;
    return hz_shelf_delete(root, doomed, err, err_len);
}

static int record_close(void *state, char *err, size_t err_len)
{
    struct record *r = state;
    int rc = hz_tapes_close(r->tapes, err, err_len);
    for (struct hz_taped *next; r->made; r->made = next) {
        next = r->made->next;
        free(r->made);
    }
    hz_shelf_done(&r->shelf);
    free(r);
    return rc;
}

/* ---- the configuration ------------------------------------------------------------------ */

static const char *record_target(const struct hz_conf_output *section)
{
    return conf_of(section)->path.path;
}

static bool record_opus(const struct hz_conf_output *section)
{
    return conf_of(section)->format == OPUS;
}

static void record_check(const struct hz_check *c, void *item)
{
    const struct conf *conf = item;
    char pattern[HZ_TAPE_NAME_MAX + 1], err[200];
    hz_output_check_path(c, item);
    if (*conf->path.path && hz_tape_pattern(conf->path.path, pattern, err, sizeof err) < 0)
        hz_check_error(c, "path", "path = '%.200s': expected %s", conf->path.path, err);
}

static const struct hz_option options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct conf, path.path),
     .example = "/var/lib/hertzd/speech/%Y-%m-%d/",
     .help = "the folder; behind it, what the files are called: %Y %m %d %H %M %S %j (UTC), "
             "{channel}, {receiver}, {freq} and {time}"},
    {.name = "format",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct conf, format),
     .choices = formats,
     .fallback = "opus",
     .help = "of the files: opus (Ogg Opus, 1 kB a second) or wav (32 kB a second)"},
    HZ_KEY_QUOTA(
        struct conf, quota_bytes,
        "what the recordings may take together: the oldest are deleted; M, G and T count by "
        "1024; default: no limit"),
    HZ_KEY_KEEP(struct conf, keep_s, "how old they may become: m, h or d; default: no limit"),
    {0},
};

const struct hz_output_kind hz_output_record = {
    .kind = {.name = "record",
             .title = "each transmission of speech as a file, with what is known of it",
             .options = options,
             .size = sizeof(struct conf),
             .check = record_check},
    .target = record_target,
    .ops =
        {
            .kinds = 1u << HZ_KIND_AUDIO | 1u << HZ_KIND_MESSAGE,
            .wants = hz_tapes_wants,
            .opus = record_opus,
            .open = record_open,
            .due = record_due,
            .before = record_before,
            .after = record_after,
            .take = record_take,
            .drain = record_drain,
            .close = record_close,
        },
};
