/* An output to a folder: each transmission of speech as a WAV file. */
#include "daemon/output/output.h"
#include "daemon/output/tapes.h"

static void *wav_open(const struct hz_conf_output *section, char *err, size_t err_len)
{
    return hz_tapes_new(((const struct hz_conf_path_output *)section)->path, "", false, err,
                        err_len);
}

static int wav_take(void *state, const struct hz_frame *f, char *err, size_t err_len)
{
    return hz_tapes_take(state, f, err, err_len);
}

static int wav_close(void *state, char *err, size_t err_len)
{
    return hz_tapes_close(state, err, err_len);
}

static const char *wav_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_path_output *)section)->path;
}

static const struct hz_option options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_path_output, path),
     .example = "/var/lib/hertzd/speech",
     .help = "the folder, which is made where it is missing"},
    {0},
};

const struct hz_output_kind hz_output_wav = {
    .kind = {.name = "wav",
             .title = "each transmission of speech as a WAV file in a folder",
             .options = options,
             .size = sizeof(struct hz_conf_path_output),
             .check = hz_output_check_path},
    .target = wav_target,
    .ops =
        {
            .kinds = 1u << HZ_KIND_AUDIO | 1u << HZ_KIND_MESSAGE,
            .wants = hz_tapes_wants,
            .open = wav_open,
            .take = wav_take,
            .close = wav_close,
        },
};
