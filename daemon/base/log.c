#include "daemon/base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

enum {
    FORMATS = 64, /* different lines that are counted at a time */
    BURST = 5,
};
static const uint64_t window_ns = 10ull * 1000000000;

/* How often a line was written lately. A line is known by the address of its format. */
struct line_count {
    const char *format;
    uint64_t since_ns;
    unsigned int written, held_back;
};

/* The one mutable state of this file: a log is the process's, as stderr is. */
static struct {
    int level;
    struct line_count lines[FORMATS];
} state = {.level = LOG_INFO};

void hz_log_level(int level)
{
    state.level = level;
}

/* The entry of this format: its own, a free one, or the one that is unused for longest. */
static struct line_count *find_line(const char *format)
{
    struct line_count *best = &state.lines[0];
    for (size_t i = 0; i < FORMATS; i++) {
        struct line_count *line = &state.lines[i];
        if (line->format == format)
            return line;
        if (line->since_ns < best->since_ns)
            best = line;
    }
    *best = (struct line_count){.format = format};
    return best;
}

/* True when the line may be written; *held_back is how many were not since the last one. */
static int allowed(const char *format, unsigned int *held_back)
{
    uint64_t now = uv_hrtime();
    struct line_count *line = find_line(format);
    if (line->since_ns == 0 || now - line->since_ns > window_ns) {
        line->since_ns = now;
        line->written = 0;
    }
    if (line->written == BURST) {
        line->held_back++;
        return 0;
    }
    line->written++;
    *held_back = line->held_back;
    line->held_back = 0;
    return 1;
}

/* Whether stderr is read by systemd, which understands priorities: JOURNAL_STREAM names the device
 * and inode of the journal's stream, SYSTEMD_EXEC_PID the process that systemd itself started
 * (systemd.exec(5)). Both are inherited by children whose stderr is something else. */
static bool systemd_reads(void)
{
    const char *journal = getenv("JOURNAL_STREAM"), *pid = getenv("SYSTEMD_EXEC_PID");
    unsigned long long device, inode;
    struct stat st;
    if (isatty(STDERR_FILENO))
        return false;
    if (pid && atol(pid) == (long)getpid())
        return true;
    return journal && sscanf(journal, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void hz_log(int priority, const char *format, ...)
{
    unsigned int held_back = 0;
    if (priority > state.level || !allowed(format, &held_back))
        return;
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p; p++) { /* a line from outside stays one line */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    char prefix[8] = "", more[64] = "";
    if (systemd_reads())
        snprintf(prefix, sizeof prefix, "<%d>", priority);
    if (held_back > 0)
        snprintf(more, sizeof more, " (%u more like this held back)", held_back);
    fprintf(stderr, "%s%s%s\n", prefix, text, more);
}
