/* The options of a command of hertzd: --help, and what is said of a wrong word. */
#ifndef HZ_CTL_OPTION_H
#define HZ_CTL_OPTION_H

#include <getopt.h>

struct hz_cmd_syntax {
    const char *name;           /* "hertzd check" */
    const char *help;           /* what --help prints */
    const char *shorts;         /* as getopt takes them, without h */
    const struct option *longs; /* with "help" as 'h' */
};

/* Exit codes of every command. */
enum { HZ_EXIT_OK = 0, HZ_EXIT_FAILED = 1, HZ_EXIT_USAGE = 2 };

enum { HZ_CMD_END = -2 };

/* The next option's letter, with optarg; -1: there is none. HZ_CMD_END: the command is over with
 * *code: help was printed (0), or the option was wrong, which is told (2). */
int hz_cmd_option(const struct hz_cmd_syntax *s, int argc, char **argv, int *code);

/* Tells what is wrong with a word, in one line: "NAME: 'WORD': WHY; see 'NAME --help'". Returns 2.
 */
int hz_cmd_wrong(const char *name, const char *word, const char *why);

/* "no such WHAT", with the entry of a NULL-terminated list that is near to the word, if any. */
int hz_cmd_unknown(const char *name, const char *what, const char *word, const char *const *list);

/* The long option that is nearest to a word as "--jsn" or "--jsn=x"; NULL: none is near. */
const char *hz_option_near(const char *word, const struct option *longs);

#endif
