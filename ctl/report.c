#include "ctl/report.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096 };

static void heading(FILE *out, const char *text)
{
    fprintf(out, "\n== %s\n", text);
}

/* ---- the machine ------------------------------------------------------------------------ */

/* The lines of a file that begin with one of the words; with no words, all of them. */
static void put_lines(FILE *out, const char *path, const char *const *words)
{
    char line[LINE];
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        bool wanted = !*words;
        for (const char *const *w = words; *w; w++)
            wanted |= strncmp(line, *w, strlen(*w)) == 0;
        if (wanted)
            fprintf(out, "%s%s", line, strchr(line, '\n') ? "" : "\n");
    }
    if (f)
        fclose(f);
    else
        fprintf(out, "%s: %s\n", path, strerror(errno));
}

static void machine(FILE *out)
{
    static const char *const system[] = {"PRETTY_NAME", NULL};
    static const char *const memory[] = {"MemTotal", "MemAvailable", NULL};
    static const char *const drivers[] = {"dvb_usb_rtl28xxu", "rtl2832", "rtl2830", "rtl2838",
                                          NULL}; /* these take a dongle for themselves */
    struct utsname u;
    heading(out, "machine");
    if (uname(&u) == 0)
        fprintf(out, "%s %s %s, %ld cores\n", u.sysname, u.release, u.machine,
                sysconf(_SC_NPROCESSORS_ONLN));
    put_lines(out, "/etc/os-release", system);
    put_lines(out, "/proc/meminfo", memory);
    put_lines(out, "/proc/modules", drivers);
}

/* One attribute of a device below /sys, without its newline; "" if it has none. */
static void attribute(const char *device, const char *name, char *text, size_t size)
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/%s", device, name);
    FILE *f = fopen(path, "re");
    if (!f || !fgets(text, (int)size, f))
        *text = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (f)
        fclose(f);
}

static void usb(FILE *out)
{
    glob_t found;
    heading(out, "USB devices");
    if (glob("/sys/bus/usb/devices/*", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            char vendor[16], product[16], maker[128], name[128], speed[16];
            attribute(found.gl_pathv[i], "idVendor", vendor, sizeof vendor);
            attribute(found.gl_pathv[i], "idProduct", product, sizeof product);
            attribute(found.gl_pathv[i], "manufacturer", maker, sizeof maker);
            attribute(found.gl_pathv[i], "product", name, sizeof name);
            attribute(found.gl_pathv[i], "speed", speed, sizeof speed);
            if (*vendor)
                fprintf(out, "%s %s:%s %s Mbit/s %s %s\n", strrchr(found.gl_pathv[i], '/') + 1,
                        vendor, product, speed, maker, name);
        }
    }
    globfree(&found);
}

/* ---- the configuration ------------------------------------------------------------------ */

/* Whether the value of a key may be secret. By name, so that a key of another version is covered as
 * well. */
static bool secret(const char *key)
{
    static const char *const parts[] = {"pass",  "key",    "token", "secret",
                                        "login", "header", "nkey",  "credential"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcasestr(key, parts[i]))
            return true;
    }
    return false;
}

/* A value with what may be secret of a URL left out: user, password, query. */
static void put_value(FILE *out, const char *value)
{
    const char *host = strstr(value, "://"), *at = NULL;
    if (host) {
        host += 3;
        size_t authority = strcspn(host, "/?#");
        for (const char *p = host; p < host + authority; p++)
            at = *p == '@' ? p : at;
        fprintf(out, "%.*s", (int)(host - value), value);
        if (at)
            fputs("(not shown)", out);
        value = at ? at : host;
    }
    size_t n = host ? strcspn(value, "?\n") : strcspn(value, "\n");
    fprintf(out, "%.*s%s\n", (int)n, value, value[n] == '?' ? "?(not shown)" : "");
}

/* A line of the configuration without comments and secrets. */
static void put_setting(FILE *out, char *line)
{
    char *p = line + strspn(line, " \t");
    char *equals = strchr(p, '=');
    if (*p == '#' || *p == ';' || *p == '\n' || *p == '\0')
        return;
    if (*p == '[' || !equals) {
        fprintf(out, "%.*s\n", (int)strcspn(p, "\n"), p);
        return;
    }
    *equals = '\0';
    char *end = equals;
    while (end > p && isspace((unsigned char)end[-1]))
        *--end = '\0';
    char *value = equals + 1 + strspn(equals + 1, " \t");
    fprintf(out, "%s = ", p);
    if (secret(p))
        fputs("(not shown)\n", out);
    else
        put_value(out, value);
}

static void configuration_file(FILE *out, const char *path)
{
    char *line = NULL;
    size_t size = 0;
    FILE *f = fopen(path, "re");
    fprintf(out, "-- %s%s%s\n", path, f ? "" : ": ", f ? "" : strerror(errno));
    while (f && getline(&line, &size, f) > 0)
        put_setting(out, line);
    free(line);
    if (f)
        fclose(f);
}

static void configuration(FILE *out, const char *conf)
{
    char more[LINE];
    glob_t found;
    heading(out, "configuration, without comments and secrets");
    configuration_file(out, conf);
    snprintf(more, sizeof more, "%s.d/*.conf", conf);
    if (glob(more, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            configuration_file(out, found.gl_pathv[i]);
    }
    globfree(&found);
}

/* ---- the daemon ------------------------------------------------------------------------- */

static void status(FILE *out, struct hz_ctl_client *c, const char *why)
{
    cJSON *result = NULL;
    heading(out, "status");
    if (!c || hz_ctl_call(c, "status", NULL, &result) < 0) {
        fprintf(out, "none: %s\n", c ? c->err : why);
        return;
    }
    char *text = cJSON_Print(result);
    fprintf(out, "%s\n", text ? text : "no memory");
    free(text);
    cJSON_Delete(result);
}

static void journal(FILE *out)
{
    char line[LINE];
    heading(out, "last warnings of the journal");
    fflush(out);
    FILE *f =
        popen("journalctl -u hertzd.service -p warning -n 100 -o short-iso --no-pager 2>&1", "r");
    while (f && fgets(line, sizeof line, f))
        fputs(line, out);
    if (f)
        pclose(f);
}

void hz_ctl_report(FILE *out, struct hz_ctl_client *c, const char *why, const char *conf)
{
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(out, "hertzd report, %s\nhertzctl " HZ_VERSION "\n", when);
    machine(out);
    usb(out);
    configuration(out, conf);
    status(out, c, why);
    journal(out);
}
