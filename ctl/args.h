/* The command line of hertzctl. */
#ifndef HZ_CTL_ARGS_H
#define HZ_CTL_ARGS_H

#include <stdbool.h>
#include <stdio.h>

enum { HZ_CTL_DONE = 0, HZ_CTL_FAILED = 1, HZ_CTL_USAGE = 2 }; /* exit codes */
enum { HZ_CTL_WORDS = 24, HZ_CTL_LISTS = 5, HZ_CTL_FILTERS = 8 };

enum hz_ctl_verb {
    HZ_CTL_SHOW,   /* sends a request and prints the answer (ctl/views.h) */
    HZ_CTL_CHANGE, /* requests a change of a receiver and waits for the outcome */
    HZ_CTL_ADD,
    HZ_CTL_REMOVE,
    HZ_CTL_SECTION, /* adds, changes or removes a section of the configuration */
    HZ_CTL_CONFIG,
    HZ_CTL_CAPTURE,
    HZ_CTL_WATCH,
    HZ_CTL_TOP,
    HZ_CTL_REPORT,
    HZ_CTL_SCAN,
    HZ_CTL_WHY,
    HZ_CTL_HELP
};

struct hz_ctl_command {
    const char *name; /* for SHOW and CHANGE also the method of the control interface */
    enum hz_ctl_verb verb;
    const char *words;   /* words after the name, as help prints them */
    int least, most;     /* number of these words */
    const char *options; /* letters of the options that it accepts in addition to the common ones */
    const char *what;    /* one line of description for help */
    const char *more;    /* further text of its help; NULL: none */
};

/* Subscription words, each an option of `watch`: "protocol", "channel", …; the first HZ_CTL_LISTS
 * of them take several names. */
extern const char *const hz_ctl_filters[HZ_CTL_FILTERS];

struct hz_ctl_args {
    const struct hz_ctl_command *command;
    const char *words[HZ_CTL_WORDS]; /* after the command */
    int n_words;
    const char *socket; /* NULL: the default */
    bool json, wide, force, save;
    const char *filter[HZ_CTL_FILTERS]; /* of several names a list with commas; NULL: all */
    long seconds;      /* scan: at each centre; why: at each receiver; capture: 0: as configured */
    const char *write; /* where scan writes sections; NULL: nowhere */
    long count; /* messages after which watch ends, screens after which top does; 0: it goes on */
};

/* Reads the command line into *a. -1: run the command in *a. Otherwise the exit code; help or the
 * error was printed. */
int hz_ctl_args_read(int argc, char **argv, struct hz_ctl_args *a);

#endif
