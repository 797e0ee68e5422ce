/* The gain of a radio: automatic, one number for all of its stages, or one for each stage that is
 * named. Plain data; any thread. */
#ifndef HZ_CONFIG_GAIN_H
#define HZ_CONFIG_GAIN_H

#include <stdbool.h>

enum { HZ_GAIN_STAGES_MAX = 8, HZ_GAIN_NAME = 16, HZ_GAIN_TEXT = 120 };

struct hz_gain {
    double db; /* NAN: automatic; with stages their sum */
    /* "LNA 20, VGA 16"; "": no stages are named. Zeros behind the end. */
    char stages[HZ_GAIN_TEXT];
};

/* "auto"; a number of dB from -100 to 200; or stages as "LNA 20, VGA 16" or "LNA=20,VGA=16" (names
 * of letters, digits, '_' and '-', at most 8 of at most 15 characters) → struct hz_gain. -EINVAL:
 * nothing of the kind, or a stage twice. */
int hz_parse_gain(const char *s, void *gain);
#define HZ_GAIN_MIN_DB   (-100)
#define HZ_GAIN_MAX_DB   200
#define HZ_GAIN_EXPECTED "auto, dB from -100 to 200, or stages as in LNA 20, VGA 16"

/* The next stage of a text that hz_parse_gain has made; *at begins at gain->stages and moves on.
 * False: there is no other. */
bool hz_gain_next(const char **at, char name[HZ_GAIN_NAME], double *db);

#endif
