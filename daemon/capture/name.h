/* What the files of a capture are called: `name = {name}_{time}_{freq}_{rate}`. Pure. */
#ifndef HZ_DAEMON_CAPTURE_NAME_H
#define HZ_DAEMON_CAPTURE_NAME_H

#include "dsp/samples.h"

enum { HZ_CAPTURE_NAME_MAX = 200, HZ_CAPTURE_NUMBER_MAX = 9999 };

struct hz_capture_words {
    const char *name, *receiver;
    int64_t utc_ns;
    double centre_hz, rate_hz;
    enum hz_format format;
};

/* 0; -EINVAL with what was expected in err. */
int hz_capture_name_check(const char *pattern, char *err, size_t err_len);

/* The names for try `number`, from 1: of the samples and of the metadata, without a folder. A
 * pattern that ends in .{format} gives the samples that name, as rtl_433's files have it
 * (g001_433.92M_250k.cu8); otherwise they end in .sigmf-data. Without {number} a second try adds
 * _2. 0; -ENAMETOOLONG. */
int hz_capture_name(const char *pattern, const struct hz_capture_words *w, int number,
                    char data[HZ_CAPTURE_NAME_MAX + 1], char meta[HZ_CAPTURE_NAME_MAX + 1]);

#endif
