#include "daemon/source/source.h"
#include "daemon/source/recording.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Only a regular file can be read at any place and at once; a FIFO or a device is a pipe. */
static bool is_pipe(const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
    return stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

bool hz_source_comes_again(const struct hz_conf_receiver *conf)
{
    struct stat st;
    return strcmp(conf->source, "file") == 0 && strcmp(conf->path, "-") != 0 &&
           stat(conf->path, &st) == 0 && S_ISFIFO(st.st_mode);
}

const struct hz_source_ops *hz_source_find(const struct hz_conf_receiver *conf)
{
    if (strcmp(conf->source, "sim") == 0)
        return &hz_source_sim;
    if (strcmp(conf->source, "rtlsdr") == 0)
        return &hz_source_rtlsdr;
    if (strcmp(conf->source, "rtl_tcp") == 0)
        return &hz_source_rtl_tcp;
    if (strcmp(conf->source, "file") == 0)
        return is_pipe(conf->path) ? &hz_source_pipe : &hz_source_file;
    return NULL;
}

void hz_source_describe(struct hz_source *src, const struct hz_recording *rec)
{
    src->format = rec->format;
    src->rate_hz = rec->rate_hz;
    src->centre_hz = rec->centre_hz;
    src->start_utc_ns = rec->start_utc_ns;
}

struct hz_tuning hz_tuning_of(const struct hz_conf_receiver *conf)
{
    return (struct hz_tuning){.centre_hz = conf->centre_hz,
                              .gain_db = conf->gain_db,
                              .ppm = conf->ppm,
                              .bias_tee = conf->bias_tee};
}
