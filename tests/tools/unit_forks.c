/* Runs the unit tests without Criterion's library, each in a fork of this process:
 *
 *     unit [-jN] [!WORD]... [WORD]...    N at once; the tests with a WORD in "suite/name", without
 * those with a !WORD
 *
 * Criterion starts each test by execve() of the program. A kernel cannot do that with a program of
 * another architecture that runs in an emulator, and with AddressSanitizer such a start takes a
 * third of a second. Debian has Criterion for 64 bits only, too. Of Criterion the headers are used,
 * and what their macros call is here. Prints lines of TAP. */
#include <criterion/criterion.h>
#include <criterion/event.h>
#include <criterion/options.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SKIPPED = 77,
    SLOWER = 30,    /* an emulator or a sanitizer, than what a test's timeout is made for */
    PATIENCE = 600, /* seconds without a timeout of the test's own */
    AT_ONCE = 16,
    WHY = 500,
};

/* A test that runs. */
struct test_fork {
    pid_t pid; /* 0: none */
    const struct criterion_test *test;
    char *why; /* in memory that both processes see: what failed first, or why it is skipped */
};

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

/* Asked by the macros: all is off. */
struct criterion_options criterion_options;

/* Of the test that this fork runs: Criterion's functions have no place for a context. */
static bool failed;
static char *own_why;

/* ---- what the tests call ---------------------------------------------------------------- */

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (stats->passed)
        return;
    if (!failed)
        snprintf(own_why, WHY, "%s:%u: %s", stats->file, stats->line, stats->message);
    printf("# %s:%u: %s\n", stats->file, stats->line, stats->message);
    failed = true;
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

/* Without the handlers of exit(): a test that is broken off leaves what it had allocated. */
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
    va_list more;
    va_start(more, format);
    vsnprintf(own_why, WHY, format, more);
    va_end(more);
    fflush(stdout);
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
    exit(failed); /* a sanitizer looks for leaks then */
}

static void start(struct test_fork *f, const struct criterion_test *t)
{
    f->test = t;
    f->why[0] = '\0';
    fflush(stdout);
    f->pid = fork();
    if (f->pid < 0)
        abort();
    if (f->pid == 0) {
        own_why = f->why;
        run(t, suite_of(t));
    }
}

/* Waits for any of them. Returns its place, which is free then, and prints how it ended. */
static struct test_fork *finish(struct test_fork *forks, bool *bad)
{
    int status = 0;
    pid_t pid = wait(&status);
    struct test_fork *f = forks;
    while (f->pid != pid)
        f++;
    f->pid = 0;
    const struct criterion_test *t = f->test;
    bool skip = WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
    bool right = t->data->signal ? WIFSIGNALED(status) && WTERMSIG(status) == t->data->signal
                                 : WIFEXITED(status) && WEXITSTATUS(status) == t->data->exit_code;
    f->why[strcspn(f->why, "\n")] = '\0';
    if (skip)
        printf("ok - %s::%s # SKIP %s\n", t->category, t->name, f->why);
    else if (right)
        printf("ok - %s::%s\n", t->category, t->name);
    else
        printf("not ok - %s::%s - %s (status %#x)\n", t->category, t->name, f->why,
               (unsigned)status);
    *bad |= !right && !skip;
    return f;
}

enum choice { WANTED, LEFT_OUT, NOT_NAMED };

static enum choice choice_of(const struct criterion_test *t, int n, char **words)
{
    char name[300];
    bool any = false, has = false;
    snprintf(name, sizeof name, "%s/%s", t->category, t->name);
    for (int i = 0; i < n; i++) {
        bool without = words[i][0] == '!';
        if (without && strstr(name, words[i] + 1))
            return LEFT_OUT;
        any |= !without;
        has |= !without && strstr(name, words[i]);
    }
    return any && !has ? NOT_NAMED : WANTED;
}

int main(int argc, char **argv)
{
    struct test_fork forks[AT_ONCE] = {0};
    bool bad = false;
    int at_once = argc > 1 && strncmp(argv[1], "-j", 2) == 0 ? atoi(argv[1] + 2) : 0;
    int skip = 1 + (at_once > 0), running = 0;
    at_once = at_once < 1 ? 1 : at_once > AT_ONCE ? AT_ONCE : at_once;
    for (int i = 0; i < at_once; i++)
        forks[i].why = mmap(NULL, WHY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (struct criterion_test **at = __start_cr_tst; at != __stop_cr_tst; at++) {
        enum choice c = *at ? choice_of(*at, argc - skip, argv + skip) : NOT_NAMED;
        if (c == LEFT_OUT)
            printf("ok - %s::%s # SKIP left out\n", (*at)->category, (*at)->name);
        else if (c == WANTED)
            start(running < at_once ? &forks[running++] : finish(forks, &bad), *at);
    }
    while (running-- > 0)
        finish(forks, &bad);
    return bad;
}
