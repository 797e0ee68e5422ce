/* Any bytes as a recording, IQ or audio, WAV included: its head, then all its samples, as the
 * daemon reads them. */
#include "daemon/source/source.h"
#include "tests/fuzz/drain.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file has fewer blocks than it has bytes; where its head says that it has more, it is cut. */
enum { BLOCKS_MAX = 1 << 16 };

static void read_all(uv_loop_t *loop, const struct hz_conf_receiver *conf, size_t block_samples)
{
    struct drain d = {0};
    struct hz_jobs jobs;
    char err[512] = "";
    hz_jobs_init(&jobs, loop, 1);
    const struct hz_source env = {.ops = hz_file_kind.ops,
                                  .conf = conf,
                                  .loop = loop,
                                  .jobs = &jobs,
                                  .events = &drain_events,
                                  .ctx = &d,
                                  .block_samples = block_samples};
    struct hz_source *src = NULL;
    int rc = hz_file_kind.ops->open(&src, &env, err, sizeof err);
    if (rc < 0) {
        if (!*err)
            abort();
        hz_jobs_close(&jobs);
        return;
    }
    if (!(src->rate_hz > 0) || src->format >= HZ_FORMATS)
        abort();
    while (!d.ended) {
        d.answered = false;
        src->ops->pull(src);
        while (!d.answered)
            uv_run(loop, UV_RUN_ONCE);
        if (d.blocks > BLOCKS_MAX)
            abort();
    }
    src->ops->close(src, drain_closed);
    while (!d.closed)
        uv_run(loop, UV_RUN_ONCE);
    hz_jobs_close(&jobs);
}

/* Input: what the options say (1), samples of a block (1), then the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uv_loop_t loop;
    static int fd = -1;
    static struct hz_conf_receiver *conf;
    if (fd < 0) {
        char text[128];
        hz_log_level(LOG_EMERG);
        uv_loop_init(&loop);
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(text, sizeof text,
                 "[receiver r]\nsource = file\npace = max\npath = /proc/self/fd/%d\n", fd);
        conf = drain_receiver(text);
        if (!conf)
            abort();
    }
    if (size < 2 || ftruncate(fd, 0) < 0 ||
        pwrite(fd, data + 2, size - 2, 0) != (ssize_t)(size - 2))
        return 0;
    conf->format.audio = data[0] & 1;
    conf->rate_hz = data[0] & 2 ? 48000 : 0;
    conf->centre_hz = data[0] & 4 ? 100e6 : 0;
    conf->format.given = data[0] & 8;
    conf->format.format = (enum hz_format)((data[0] >> 4) % HZ_FORMATS);
    if (conf->format.given && hz_format_is_iq(conf->format.format) == conf->format.audio)
        return 0; /* the configuration's check refuses it */
    read_all(&loop, conf, 16 + 64 * (size_t)data[1]);
    return 0;
}
