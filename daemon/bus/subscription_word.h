/* One word of a subscription and its value. Private to subscription.c and subscription_word.c.
 * Pure: any thread. */
#ifndef HZ_DAEMON_BUS_SUBSCRIPTION_WORD_H
#define HZ_DAEMON_BUS_SUBSCRIPTION_WORD_H

#include "daemon/bus/subscription.h"

enum { HZ_WORD_SHOWN = 40 }; /* characters of a client's word that an error repeats */

/* How the value of a word is written. */
enum hz_word_form {
    HZ_FORM_NONE,   /* there is no such word */
    HZ_FORM_NAMES,  /* one or several, each a word of letters, digits, - _ . */
    HZ_FORM_IDS,    /* one or several, with anything in them but a comma */
    HZ_FORM_SINGLE, /* one name */
    HZ_FORM_SEQ,    /* one number that counts */
    HZ_FORM_NUMBER, /* a number, or its text */
    HZ_FORM_BOX,    /* four numbers, or their text with commas between them */
};

enum hz_word_form hz_word_form(const char *key);

/* These return 0, or -EINVAL with one line in err. The key is a word of any form. */
int hz_word_add(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                const char *key, const char *value, char *err, size_t err_len);
int hz_word_number(struct hz_subscription *s, const char *key, double v, char *err, size_t err_len);
int hz_word_box(struct hz_subscription *s, const double v[4], char *err, size_t err_len);
/* No such word: an error. */
int hz_word_unknown(const char *key, char *err, size_t err_len);

#endif
