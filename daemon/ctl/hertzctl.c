/* hertzctl: asks a running hertzd, over its Unix socket. */
#include "config/config.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/views.h"
#include "daemon/msgline.h"

#include <ctype.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { WORDS = 4, COMMANDS_MAX = 16 };

static const char service_socket[] = "/run/hertzd/hertzd.sock";

/* Words of a subscription, each an option of `watch`. */
static const char *const words[WORDS] = {"protocol", "channel", "receiver", "kind"};

struct options {
    const char *command, *receiver, *value; /* the last two NULL: not given */
    const char *socket;
    bool json, force;
    const char *filter[WORDS]; /* NULL: all */
};

static void usage(FILE *out)
{
    char text[64];
    fputs("usage: hertzctl [COMMAND] [--json] [--socket PATH]\n\n", out);
    for (const struct hz_view *v = hz_views; v->method; v++) {
        snprintf(text, sizeof text, "%s%s%s", v->method, v->value ? " RECEIVER " : "",
                 v->value ? v->value : "");
        fprintf(out, "  %-24s %s\n", text, v->what);
    }
    fprintf(out, "  %-24s %s\n\n", "watch", "follow the messages as they come");
    fputs("  --json              what the socket answered, instead of a table\n"
          "  --socket PATH       of hertzd (default: /run/hertzd/hertzd.sock, else that of a "
          "running `hertzd demo`)\n"
          "  --force             tune: although channels would be deaf there\n"
          "  --protocol NAME[,NAME…]  watch: only these; likewise --channel, --receiver, --kind\n"
          "  --help, --version\n",
          out);
}

static int wrong(const char *what, const char *why)
{
    fprintf(stderr, "hertzctl: '%s': %s; see hertzctl --help\n", what, why);
    return EXIT_USAGE;
}

static int failed(const struct options *o, const char *why)
{
    fprintf(stderr, "hertzctl: %s: %s\n", o->command, why);
    return EXIT_FAILED;
}

/* Output that could not be written (a full disk) is a failure, too. */
static int finish(const struct options *o)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return failed(o, "standard output cannot be written");
    return EXIT_DONE;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static const struct hz_view *find_view(const char *command)
{
    const struct hz_view *v = hz_views;
    while (v->method && strcmp(v->method, command) != 0)
        v++;
    return v->method ? v : NULL;
}

/* {"receiver":"roof","value":1090000000}: a number, yes or no where it looks like one. Whether it
 * makes sense is for the daemon to say. */
static cJSON *change(const struct options *o)
{
    const char *s = o->value;
    const double sign = *s == '-' ? -1 : 1;
    double v;
    cJSON *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "receiver", o->receiver);
    if (strcmp(s, "yes") == 0 || strcmp(s, "true") == 0)
        cJSON_AddTrueToObject(params, "value");
    else if (strcmp(s, "no") == 0 || strcmp(s, "false") == 0)
        cJSON_AddFalseToObject(params, "value");
    else if (hz_parse_hz(sign < 0 ? s + 1 : s, &v) == 0)
        cJSON_AddNumberToObject(params, "value", sign * v);
    else
        cJSON_AddStringToObject(params, "value", s);
    if (o->force)
        cJSON_AddTrueToObject(params, "force");
    return params;
}

static int ask(struct hz_ctl_client *c, const struct options *o)
{
    cJSON *result = NULL, *params = o->value ? change(o) : NULL;
    int rc = hz_ctl_call(c, o->command, params, &result);
    cJSON_Delete(params);
    if (rc < 0)
        return failed(o, c->err);
    if (o->json) {
        char *text = cJSON_PrintUnformatted(result);
        puts(text ? text : "null");
        free(text);
    } else {
        find_view(o->command)->print(stdout, result, now_ns());
    }
    cJSON_Delete(result);
    return finish(o);
}

/* {"protocol":["adsb","ais"]} of "--protocol adsb,ais". */
static cJSON *subscription(const struct options *o)
{
    cJSON *params = cJSON_CreateObject();
    for (int i = 0; i < WORDS; i++) {
        cJSON *names = o->filter[i] ? cJSON_AddArrayToObject(params, words[i]) : NULL;
        for (const char *s = o->filter[i]; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(s, ","), s);
            cJSON_AddItemToArray(names, cJSON_CreateString(name));
        }
    }
    return params;
}

/* Follows the messages until one side ends it. */
static int watch(struct hz_ctl_client *c, const struct options *o)
{
    cJSON *params = subscription(o), *hello = NULL;
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    const char *json;
    size_t len;
    struct hz_msgline *m = hz_msgline_new(stdout, colour);
    int rc = m ? hz_ctl_call(c, "subscribe", params, &hello) : -1;
    cJSON_Delete(params);
    cJSON_Delete(hello);
    if (rc == 0 && !o->json)
        hz_msgline_header(m);
    while (rc == 0 && (rc = hz_ctl_next_frame(c, &json, &len)) == 0) {
        if (o->json)
            printf("%.*s\n", (int)len, json);
        else
            hz_msgline_print(m, json, len);
        if (fflush(stdout) != 0)
            break;
    }
    hz_msgline_free(m);
    return rc == 0 ? finish(o) : failed(o, c->err);
}

/* The service's socket; where there is none, that of a demo of this user. */
static void default_socket(char *out, size_t size)
{
    char demo[200];
    hz_demo_socket(demo, sizeof demo);
    bool service = access(service_socket, F_OK) == 0 || access(demo, F_OK) != 0;
    snprintf(out, size, "%s", service ? service_socket : demo);
}

/* The next argument that is no option; -1 when it is one too many. */
static int take_word(struct options *o, const char *word)
{
    if (!o->command)
        o->command = word;
    else if (!o->receiver)
        o->receiver = word;
    else if (!o->value)
        o->value = word;
    else
        return -1;
    return 0;
}

static bool is_negative_number(const char *s)
{
    return s && s[0] == '-' && (isdigit((unsigned char)s[1]) || s[1] == '.');
}

/* Fills in *o. -1: go on; otherwise the exit code. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"protocol", required_argument, NULL, 'a'}, {"channel", required_argument, NULL, 'b'},
        {"receiver", required_argument, NULL, 'c'}, {"kind", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},           {"force", no_argument, NULL, 'f'},
        {"socket", required_argument, NULL, 's'},   {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},        {0}};
    int opt = 0;
    while (opt != -1) {
        bool number = is_negative_number(argv[optind]);
        opt = number ? 1 : getopt_long(argc, argv, "-", longs, NULL); /* 1: a word, in order */
        const char *word = number ? argv[optind++] : optarg;
        if (opt == 1 && take_word(o, word) < 0)
            return wrong(word, "one word too many");
        if (opt >= 'a' && opt < 'a' + WORDS)
            o->filter[opt - 'a'] = optarg;
        o->json = o->json || opt == 'j';
        o->force = o->force || opt == 'f';
        o->socket = opt == 's' ? optarg : o->socket;
        if (opt == 'v')
            puts("hertzctl " HZ_VERSION);
        if (opt == 'h' || opt == '?')
            usage(opt == 'h' ? stdout : stderr);
        if (opt == 'h' || opt == 'v' || opt == '?')
            return opt == '?' ? EXIT_USAGE : EXIT_DONE;
    }
    if (!o->command)
        o->command = "status";
    return -1;
}

static int check_command(const struct options *o)
{
    const char *names[COMMANDS_MAX] = {"watch"};
    const struct hz_view *view = find_view(o->command);
    bool is_watch = strcmp(o->command, "watch") == 0;
    for (size_t i = 0; hz_views[i].method && i + 2 < COMMANDS_MAX; i++)
        names[i + 1] = hz_views[i].method;
    char why[80] = "no such command";
    if (!is_watch && !view) {
        const char *near = hz_nearest(o->command, names);
        if (near)
            snprintf(why, sizeof why, "no such command, did you mean '%s'?", near);
        return wrong(o->command, why);
    }
    if (view && view->value && !o->value) {
        snprintf(why, sizeof why, "expected %s RECEIVER %s", o->command, view->value);
        return wrong(o->command, why);
    }
    if (o->receiver && !(view && view->value))
        return wrong(o->receiver, "one word too many");
    if (o->force && strcmp(o->command, "tune") != 0)
        return wrong("force", "an option of tune only");
    for (int i = 0; i < WORDS && !is_watch; i++) {
        if (o->filter[i])
            return wrong(words[i], "an option of watch only");
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct hz_ctl_client c;
    char path[200];
    int rc = read_options(argc, argv, &o);
    if (rc < 0)
        rc = check_command(&o);
    if (rc >= 0)
        return rc;
    default_socket(path, sizeof path);
    if (hz_ctl_connect(&c, o.socket ? o.socket : path) < 0)
        rc = failed(&o, c.err);
    else
        rc = strcmp(o.command, "watch") == 0 ? watch(&c, &o) : ask(&c, &o);
    hz_ctl_done(&c);
    return rc;
}
