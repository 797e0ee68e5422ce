/* [receiver] with source = file: a recording. */
#include "config/filename.h"
#include "daemon/source/recording.h"
#include "daemon/source/source.h"

#include <string.h>

static const char *input(const struct hz_conf_receiver *r)
{
    return ((const struct hz_conf_file *)r)->path;
}

/* What the name tells; of a file with a head it is not looked for. */
static void band(const struct hz_conf_receiver *r, double *rate_hz, double *centre_hz)
{
    const struct hz_filename name = hz_filename_parse(input(r));
    if (name.wav || name.sigmf || name.archive || name.sdriq || r->format.wav)
        return;
    if (*rate_hz <= 0 && name.rate_hz > 0)
        *rate_hz = name.rate_hz;
    if (*centre_hz <= 0 && name.centre_hz > 0)
        *centre_hz = name.centre_hz;
}

static void check(const struct hz_check *c, void *item)
{
    struct hz_conf_file *f = item;
    if (hz_check_needs(c, "path", "path = FILE, or - for standard input"))
        f->path_at = hz_check_where(c, "path");
    if (strcmp(f->path, "-") == 0 && f->receiver.loop)
        hz_check_error(c, "loop", "loop = yes with path = -: standard input cannot be read again");
}

static int parse_format(const char *text, void *field)
{
    return hz_parse_format(text, field);
}

static const struct hz_option options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_file, path),
     .example = "/var/lib/hertzd/x_1090M_2400k.cu8",
     .help = "the recording, or `-` for standard input"},
    {.name = "format",
     .type = HZ_OPTION_PARSED,
     HZ_OF_RECEIVER(format),
     .parse = parse_format,
     .size = offsetof(struct hz_conf_format, audio) + 1,
     .expected = "cu8, cs8, cs16, cf32 and the like, wav, or audio",
     .example = "cu8",
     .help = "of its samples; default: as the head or the name of the file tells"},
    HZ_KEY_RATE,
    HZ_KEY_CENTRE,
    {.name = "start",
     .type = HZ_OPTION_TIME,
     .at = offsetof(struct hz_conf_file, start_utc_ns),
     .example = "2026-11-23T08:26:11Z",
     .help = "time of the first sample; default: as the head or the name of the file tells"},
    {.name = "loop",
     .type = HZ_OPTION_YES,
     HZ_OF_RECEIVER(loop),
     .fallback = "no",
     .help = "begin again at the end"},
    HZ_KEY_PACE,
    {0},
};

const struct hz_source_kind hz_file_kind = {
    .kind = {.name = "file",
             .title = "a recording, or what a pipe delivers",
             .options = options,
             .size = sizeof(struct hz_conf_file),
             .check = check},
    .ops = &hz_source_file,
    .band = band,
    .input = input,
};
