/* `hertzd setup`: what is known so far of the configuration that it makes. Its parts fill it in,
 * one after the other. One thread, before there is a loop; everything here may block. */
#ifndef HZ_DAEMON_CMD_SETUP_H
#define HZ_DAEMON_CMD_SETUP_H

#include "config/heard.h"

#include <stdbool.h>
#include <stdio.h>

enum { HZ_SETUP_DONGLES = 8, HZ_SETUP_INTERESTS = 16, HZ_SETUP_TEXT = 320 };

struct hz_setup_dongle {
    char name[64];   /* of its receiver: "radio", "radio2" … */
    char serial[64]; /* "" if unknown */
    char device[64]; /* value of the key; "": the first dongle */
    size_t index;    /* in the list of dongles */
    bool opens;      /* it could be opened */
    bool busy;       /* it could not, since somebody else has it */
    double gain_db;  /* NAN: automatic */
    double ppm;
    bool gain_best, ppm_auto; /* the daemon finds them out; while this listens the values above */
    char why_gain[HZ_SETUP_TEXT], why_ppm[HZ_SETUP_TEXT]; /* comments in the file; "": none */
};

/* Something to be heard, and the dongle that can. */
struct hz_setup_wish {
    const struct hz_interest *interest;
    int dongle; /* -1: none is left for it */
};

struct hz_setup_draft {
    struct hz_setup_dongle dongles[HZ_SETUP_DONGLES];
    size_t n_dongles;           /* at least one when it is written: it may be plugged in later */
    double latitude, longitude; /* NAN: not told */
    enum hz_region region;
    struct hz_setup_wish wishes[HZ_SETUP_INTERESTS];
    size_t n_wishes;
};

/* ---- setup_ask.c: questions -------------------------------------------------------------- */

struct hz_setup_ask {
    FILE *in, *out;
    bool silent; /* nothing is asked: the default counts */
};

/* Asks until the answer passes `good` (NULL: any), which says what is wrong itself; an empty answer
 * is the default. 0, or -ECANCELED at the end of the input. */
int hz_setup_ask_text(const struct hz_setup_ask *a, const char *question, const char *usual,
                      bool (*good)(void *ctx, const char *answer), void *ctx);
/* 1: yes; 0: no; -ECANCELED. */
int hz_setup_ask_yes(const struct hz_setup_ask *a, const char *question, bool usual);

/* ---- setup_find.c: dongles, and who may open them ------------------------------------------ */

/* Finds the dongles that are plugged in, tries each, and tells what stands in the way, with the
 * remedy. only: a serial number or a port; NULL: all. */
void hz_setup_find(struct hz_setup_draft *s, const char *only, FILE *out);
/* Tries those again that somebody else had. */
void hz_setup_find_again(struct hz_setup_draft *s, FILE *out);

/* ---- setup_plan.c: what is heard with which dongle ----------------------------------------- */

/* Reads "aircraft,ships". 0; -EINVAL with one line in err. */
int hz_setup_wish(struct hz_setup_draft *s, const char *list, char *err, size_t err_len);
/* Gives each wish, in order, the first dongle whose band has room for it; tells of those that
 * remain. */
void hz_setup_plan(struct hz_setup_draft *s, FILE *out);
/* Whether a wish is left for that dongle. */
bool hz_setup_used(const struct hz_setup_draft *s, size_t dongle);

/* ---- setup_listen.c: gain and ppm ----------------------------------------------------------- */

/* Listens for so many seconds in all, and fills in gain and ppm of each dongle that opens and is
 * used. */
void hz_setup_listen(struct hz_setup_draft *s, double seconds, FILE *out);

/* ---- setup_choose.c: what follows from the listening ----------------------------------------- */

/* What came while it listened with one gain. */
struct hz_setup_trial {
    double gain_db; /* NAN: auto */
    double messages, clip_percent, level_dbfs;
};

/* The trial with the most messages of those that do not clip. A tenth more, or twice the spread of
 * a count, is chance: of equals the first is the best. NULL: in none was a message. */
const struct hz_setup_trial *hz_setup_best(const struct hz_setup_trial *trials, size_t n);

enum hz_setup_ppm_by { HZ_PPM_UNKNOWN, HZ_PPM_BY_CARRIERS, HZ_PPM_BY_CLOCK };
/* The value for ppm: by the carriers of transmitters, else, after a while, by the clock of this
 * machine; 0 where it is no more than the error of the measurement. Either may be NAN: not
 * measured. *error: what was measured. */
double hz_setup_ppm(double by_carriers, double by_clock, double seconds, double *error,
                    enum hz_setup_ppm_by *by);

/* ---- setup_write.c: the file ---------------------------------------------------------------- */

/* The text of the configuration, which the caller frees. control: path of the only listener, for
 * listening; NULL: the usual ones. NULL: no memory. */
char *hz_setup_text(const struct hz_setup_draft *s, const char *control);
/* Writes it whole or not at all; a file that is there is kept under another name, which is told. 0;
 * -errno with one line in err. */
int hz_setup_write(const char *path, const char *text, FILE *out, char *err, size_t err_len);

/* ---- setup_service.c: systemd --------------------------------------------------------------- */

/* Whether the service runs and can be stopped from here. */
bool hz_setup_service_runs(void);
/* Stops it and its sockets, or starts both again. */
void hz_setup_service_pause(bool pause);
/* Offers to start the service, or prints how. start: 1 yes, 0 no, -1 to be asked. Exit code. */
int hz_setup_service(const struct hz_setup_ask *a, const char *config, int start);

#endif
