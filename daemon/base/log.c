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
    FORMATS = 64, /* number of formats that are counted at a time */
    BURST = 5,
};
static const uint64_t window_ns = 10ull * 1000000000;

/* How often a format was written recently. A format is identified by its address. */
struct line_count {
    const char *format;
    uint64_t since_ns;
    unsigned int written, held_back;
};

/* The state of the log. It is global because the log is one per process, like stderr. */
static struct {
    int level;
    struct line_count lines[FORMATS];
} state = {.level = LOG_INFO};

void hz_log_level(int level)
{
    state.level = level;
}

/* The entry of a format: its own, an unused one, or the least recently used one. */
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

/* True if the line may be written; *held_back is the number of lines suppressed since the last one.
 */
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

/* Whether systemd reads stderr, and so understands priorities. JOURNAL_STREAM holds the device and
 * inode of the journal's stream, SYSTEMD_EXEC_PID the process that systemd started
 * (systemd.exec(5)). Child processes with another stderr inherit both variables, so they are
 * compared. */
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
    for (char *p = text; *p; p++) { /* text from outside must not break the line */
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
