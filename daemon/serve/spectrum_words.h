/* The words of a view of a receiver's band: the query of /spectrum, and the object of
 * {"spectrum":{…}} on /stream. Pure: any thread. */
#ifndef HZ_DAEMON_SERVE_SPECTRUM_WORDS_H
#define HZ_DAEMON_SERVE_SPECTRUM_WORDS_H

#include "daemon/receive/scope.h"

#include <cjson/cJSON.h>

struct hz_spectrum_words {
    char receiver[HZ_NAME_MAX + 1]; /* "": the only one */
    struct hz_view_want want;
    bool stop; /* fps 0: only in JSON */
};

/* Each fills in *w whole, with defaults for words that are not given: 1,024 bins, 20 frames a
 * second, the whole band. 0, or -EINVAL with one line in err. */
int hz_spectrum_from_query(struct hz_spectrum_words *w, const char *query, size_t n, char *err,
                           size_t err_len);
int hz_spectrum_from_json(struct hz_spectrum_words *w, const cJSON *words, char *err,
                          size_t err_len);

#endif
