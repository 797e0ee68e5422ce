#include "daemon/cmd/setup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_MAX = 512 };

/* The answer without blanks around it; "" for an empty line. */
static int read_answer(const struct hz_setup_ask *a, char answer[ANSWER_MAX])
{
    if (!fgets(answer, ANSWER_MAX, a->in)) {
        fputs("\nno answer: nothing was written\n", a->out);
        return -ECANCELED;
    }
    size_t skip = strspn(answer, " \t"), n = strcspn(answer, "\r\n");
    while (n > skip && (answer[n - 1] == ' ' || answer[n - 1] == '\t'))
        n--;
    memmove(answer, answer + skip, n - skip);
    answer[n - skip] = '\0';
    return 0;
}

int hz_setup_ask_text(const struct hz_setup_ask *a, const char *question, const char *usual,
                      bool (*good)(void *ctx, const char *answer), void *ctx)
{
    char answer[ANSWER_MAX];
    for (;;) {
        snprintf(answer, sizeof answer, "%s", usual);
        if (!a->silent) {
            fprintf(a->out, "%s [%s]: ", question, usual);
            fflush(a->out);
            int rc = read_answer(a, answer);
            if (rc != 0)
                return rc;
        }
        if (good(ctx, *answer ? answer : usual))
            return 0;
        if (a->silent)
            return -EINVAL;
    }
}

struct yes {
    const struct hz_setup_ask *ask;
    int answer;
};

static bool good_yes(void *ctx, const char *answer)
{
    struct yes *y = ctx;
    if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0)
        y->answer = 1;
    else if (strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0)
        y->answer = 0;
    else
        fputs("expected yes or no\n", y->ask->out);
    return y->answer >= 0;
}

int hz_setup_ask_yes(const struct hz_setup_ask *a, const char *question, bool usual)
{
    struct yes y = {a, -1};
    int rc = hz_setup_ask_text(a, question, usual ? "yes" : "no", good_yes, &y);
    return rc < 0 ? rc : y.answer;
}
