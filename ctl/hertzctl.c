/* hertzctl: controls a running hertzd over its Unix socket. */
#include "config/config.h"
#include "ctl/args.h"
#include "ctl/capture.h"
#include "ctl/change.h"
#include "ctl/configure.h"
#include "ctl/report.h"
#include "ctl/scan.h"
#include "ctl/top.h"
#include "ctl/views.h"
#include "ctl/watch.h"
#include "ctl/why.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const char service_socket[] = "/run/hertzd/hertzd.sock";
static const char service_configuration[] = "/etc/hertzd/hertzd.conf";

static int failed(const struct hz_ctl_args *a, const char *why)
{
    fprintf(stderr, "hertzctl: %s: %s\n", a->command->name, why);
    return HZ_CTL_FAILED;
}

/* Flushes standard output. Output that could not be written (a full disk) is a failure. */
static int finish(const struct hz_ctl_args *a)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return failed(a, "standard output cannot be written");
    return HZ_CTL_DONE;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void put_json(const cJSON *o)
{
    char *text = cJSON_PrintUnformatted(o);
    puts(text ? text : "null");
    free(text);
}

/* Columns of a table: those of the terminal, 80 elsewhere. */
static int table_width(const struct hz_ctl_args *a)
{
    struct winsize w;
    if (a->wide)
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

static int show(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *result = NULL;
    if (hz_ctl_call(c, a->command->name, NULL, &result) < 0)
        return failed(a, c->err);
    if (a->json)
        put_json(result);
    else
        hz_view_print(stdout, a->command->name, result, now_ns(), table_width(a));
    cJSON_Delete(result);
    return finish(a);
}

static int change(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *receiver = NULL;
    if (hz_ctl_change(c, a, &receiver) < 0)
        return failed(a, c->err);
    if (a->json)
        put_json(receiver);
    else
        hz_ctl_change_print(stdout, a, receiver);
    cJSON_Delete(receiver);
    return finish(a);
}

/* Requests a change of the channels and prints the outcome: "added ships". */
static int ask(struct hz_ctl_client *c, const struct hz_ctl_args *a, const char *method,
               cJSON *params)
{
    cJSON *result = NULL;
    int rc = hz_ctl_call(c, method, params, &result);
    cJSON_Delete(params);
    if (rc < 0)
        return failed(a, c->err);
    const char *name = cJSON_GetStringValue(result->child);
    if (a->json || !name)
        put_json(result);
    else
        printf("%s %s\n", result->child->string, name);
    cJSON_Delete(result);
    return finish(a);
}

static int add_channel(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    static const char *const names[] = {"receiver", "name", "decoder"};
    cJSON *params = cJSON_CreateObject();
    for (int i = 0; i < a->n_words; i++) {
        if (i < 3) {
            cJSON_AddStringToObject(params, names[i], a->words[i]);
        } else if (!hz_ctl_add_pair(params, a->words[i])) {
            cJSON_Delete(params);
            fprintf(stderr, "hertzctl: '%s': expected KEY=VALUE; see 'hertzctl help add'\n",
                    a->words[i]);
            return HZ_CTL_USAGE;
        }
    }
    return ask(c, a, "add_channel", params);
}

static int remove_channel(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "channel", a->words[0]);
    return ask(c, a, "remove_channel", params);
}

static int change_section(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *params = hz_ctl_change_params(a);
    return params ? ask(c, a, "change", params) : HZ_CTL_USAGE;
}

static int save(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    char path[4096];
    if (hz_ctl_config_save(c, path, sizeof path) < 0)
        return failed(a, c->err);
    printf("saved to %s\n", path);
    return finish(a);
}

static int config(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *result = NULL;
    if (a->save)
        return save(c, a);
    if (hz_ctl_call(c, "config", NULL, &result) < 0)
        return failed(a, c->err);
    const char *text = cJSON_GetStringValue(result->child);
    if (a->json || !text)
        put_json(result);
    else
        fputs(text, stdout);
    cJSON_Delete(result);
    return finish(a);
}

static int capture(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *last = NULL;
    if (hz_ctl_capture(c, a, &last) < 0)
        return failed(a, c->err);
    const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(last, "path"));
    if (a->json)
        put_json(last);
    else
        puts(path ? path : "");
    cJSON_Delete(last);
    return finish(a);
}

static int report(struct hz_ctl_client *c, const char *why, const struct hz_ctl_args *a)
{
    hz_ctl_report(stdout, c, why, a->n_words > 0 ? a->words[0] : service_configuration);
    return finish(a);
}

static int scan(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *found = NULL;
    int rc = hz_ctl_scan(c, a, &found);
    if (rc == 0 && a->json)
        put_json(found);
    else if (rc == 0)
        hz_ctl_scan_print(stdout, found, table_width(a));
    if (rc == 0 && a->write)
        rc = hz_ctl_scan_write(c, a, found, stdout);
    cJSON_Delete(found);
    return rc == 0 ? finish(a) : failed(a, c->err);
}

static int why(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    int rc = hz_ctl_why(c, a);
    if (rc < 0 || rc == HZ_CTL_USAGE)
        failed(a, c->err);
    int written = finish(a);
    return rc < 0 ? HZ_CTL_FAILED : rc != HZ_CTL_DONE ? rc : written;
}

static int run(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    switch (a->command->verb) {
    case HZ_CTL_CHANGE:
        return change(c, a);
    case HZ_CTL_ADD:
        return add_channel(c, a);
    case HZ_CTL_REMOVE:
        return remove_channel(c, a);
    case HZ_CTL_SCAN:
        return scan(c, a);
    case HZ_CTL_SECTION:
        return change_section(c, a);
    case HZ_CTL_CONFIG:
        return config(c, a);
    case HZ_CTL_CAPTURE:
        return a->n_words > 1 ? change_section(c, a) : capture(c, a);
    case HZ_CTL_WATCH:
        return hz_ctl_watch(c, a) == 0 ? finish(a) : failed(a, c->err);
    case HZ_CTL_WHY:
        return why(c, a);
    case HZ_CTL_SHOW:
    case HZ_CTL_TOP:    /* has a connection of its own */
    case HZ_CTL_REPORT: /* needs none */
    case HZ_CTL_HELP:   /* done by now */
        break;
    }
    return show(c, a);
}

/* The service's socket; where there is none, that of a demo of this user. */
static void default_socket(char *out, size_t size)
{
    char demo[200];
    hz_demo_socket(demo, sizeof demo);
    bool service = access(service_socket, F_OK) == 0 || access(demo, F_OK) != 0;
    snprintf(out, size, "%s", service ? service_socket : demo);
}

int main(int argc, char **argv)
{
    struct hz_ctl_args a = {0};
    struct hz_ctl_client c;
    char path[200];
    int rc = hz_ctl_args_read(argc, argv, &a);
    if (rc >= 0)
        return rc;
    default_socket(path, sizeof path);
    if (a.command->verb == HZ_CTL_TOP)
        return hz_ctl_top(a.socket ? a.socket : path, &a);
    int connected = hz_ctl_connect(&c, a.socket ? a.socket : path);
    if (a.command->verb == HZ_CTL_REPORT)
        rc = report(connected < 0 ? NULL : &c, c.err, &a);
    else if (connected < 0)
        rc = failed(&a, c.err);
    else
        rc = run(&c, &a);
    hz_ctl_done(&c);
    return rc;
}
