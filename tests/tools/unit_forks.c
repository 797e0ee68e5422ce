/* Runs the unit tests without Criterion's library, each in a fork of this process: unit [WORD]...
 *
 * Criterion starts each test by execve() of the program, which a kernel cannot do with a program of
 * another architecture that runs in an emulator; and Debian has it for 64 bits only. Of Criterion
 * the headers are used, and what their macros call is here. WORD: only tests with it in
 * "suite/name". */
#include <criterion/criterion.h>
#include <criterion/event.h>
#include <criterion/options.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SKIPPED = 77,
    SLOWER = 30,   /* an emulator, than what a test's timeout is made for */
    PATIENCE = 600, /* seconds without a timeout of the test's own */
};

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

/* Asked by the macros: all is off. */
struct criterion_options criterion_options;

static bool failed;

/* ---- what the tests call ---------------------------------------------------------------- */

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (stats->passed)
        return;
    failed = true;
    printf("  %s:%u: %s\n", stats->file, stats->line, stats->message);
}

/* What is printed of an assertion that fails: its text, as the source has it. */
char *cr_translate_assert_msg(int index, ...)
{
    va_list more;
    (void)index;
    va_start(more, index);
    char *text = strdup(va_arg(more, const char *));
    va_end(more);
    return text;
}

int cr_asprintf(char **text, const char *format, ...)
{
    va_list more;
    va_start(more, format);
    int n = vasprintf(text, format, more);
    va_end(more);
    return n;
}

void cr_asprintf_free(char *text)
{
    free(text);
}

void cri_asserts_passed_incr(void)
{
}

void criterion_abort_test(void)
{
    fflush(stdout);
    _exit(1);
}

void criterion_continue_test(void)
{
}

void criterion_skip_test(const char *format, ...)
{
    (void)format;
    _exit(SKIPPED);
}

void criterion_internal_test_setup(void)
{
}

void criterion_internal_test_teardown(void)
{
}

void criterion_internal_test_main(void (*test)(void))
{
    test();
}

void cr_log(enum criterion_severity severity, const char *format, ...)
{
    va_list more;
    (void)severity;
    va_start(more, format);
    vprintf(format, more);
    va_end(more);
}

/* ---- the runner ------------------------------------------------------------------------- */

static const struct criterion_test_extra_data *suite_of(const struct criterion_test *t)
{
    static const struct criterion_test_extra_data none;
    for (struct criterion_suite **s = __start_cr_sts; s != __stop_cr_sts; s++) {
        if (*s && (*s)->data && strcmp((*s)->name, t->category) == 0)
            return (*s)->data;
    }
    return &none;
}

static void run(const struct criterion_test *t, const struct criterion_test_extra_data *suite)
{
    void (*init)(void) = t->data->init ? t->data->init : suite->init;
    void (*fini)(void) = t->data->fini ? t->data->fini : suite->fini;
    double seconds = t->data->timeout > 0 ? t->data->timeout * SLOWER : PATIENCE;
    alarm((unsigned)seconds);
    if (init)
        init();
    t->test();
    if (fini)
        fini();
    fflush(stdout);
    _exit(failed);
}

static bool wanted(const char *name, int n, char **words)
{
    for (int i = 0; i < n; i++) {
        if (strstr(name, words[i]))
            return true;
    }
    return n == 0;
}

int main(int argc, char **argv)
{
    int passed = 0, skipped = 0, bad = 0;
    for (struct criterion_test **at = __start_cr_tst; at != __stop_cr_tst; at++) {
        char name[300];
        int status = 0;
        if (!*at)
            continue;
        snprintf(name, sizeof name, "%s/%s", (*at)->category, (*at)->name);
        if (!wanted(name, argc - 1, argv + 1))
            continue;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            run(*at, suite_of(*at));
        waitpid(child, &status, 0);
        bool skip = WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
        bool right = (*at)->data->signal
                         ? WIFSIGNALED(status) && WTERMSIG(status) == (*at)->data->signal
                         : WIFEXITED(status) && WEXITSTATUS(status) == (*at)->data->exit_code;
        skipped += skip;
        passed += right && !skip;
        bad += !right && !skip;
        if (!right && !skip)
            printf("not ok - %s (status %#x)\n", name, (unsigned)status);
    }
    printf("%d passed, %d skipped, %d failed\n", passed, skipped, bad);
    return bad > 0;
}
