/* hertzd, hertzd check: both begin with a configuration file. */
#include "ctl/option.h"
#include "daemon/cmd/check_places.h"
#include "daemon/cmd/commands.h"
#include "daemon/control/control.h"
#include "daemon/run/daemon.h"
#include "daemon/serve/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                      {"help", no_argument, NULL, 'h'},
                                      {"version", no_argument, NULL, 'V'},
                                      {0}};

/* The file named by -c, or the default. NULL: over with *code. */
static const char *config_path(int argc, char **argv, const struct hz_cmd_syntax *syntax, int *code)
{
    const char *path = HZ_DEFAULT_CONFIG;
    int opt;
    while ((opt = hz_cmd_option(syntax, argc, argv, code)) == 'c')
        path = optarg;
    if (opt == 'V') {
        puts("hertzd " HZ_VERSION);
        *code = HZ_EXIT_OK;
    }
    if (opt != -1)
        return NULL;
    if (optind == argc)
        return path;
    *code = hz_cmd_wrong(syntax->name, argv[optind], "not expected; a file is named with -c FILE");
    return NULL;
}

/* places: what the machine tells of it is an error as well. */
static int load(struct hz_config *conf, const struct hz_conf_kinds *kinds, const char *path,
                bool places)
{
    struct hz_conf_errors errors = {0};
    int rc = hz_config_load(conf, kinds, path, &errors);
    if (rc == 0) {
        if (places || !getenv("LISTEN_FDS")) /* systemd may bring listeners of its own */
            hz_config_check_whole(conf, path, &errors);
        if (places) {
            hz_config_check_twins(conf, &errors);
            hz_check_places(conf, &errors);
        }
        rc = errors.count > 0 ? -EINVAL : 0;
        if (rc < 0)
            hz_config_free(conf);
    }
    if (rc != 0)
        fputs(errors.text ? errors.text : strerror(-rc), stderr);
    hz_conf_errors_done(&errors);
    return rc;
}

int hz_cmd_check(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    static const struct hz_cmd_syntax syntax = {
        "hertzd check",
        "usage: hertzd check [-c FILE]\n\n"
        "Prints what the configuration would run, or every mistake in it as FILE:LINE (exit 2).\n\n"
        "  -c, --config FILE   default: " HZ_DEFAULT_CONFIG "\n",
        "c:", longs};
    int code = HZ_EXIT_USAGE;
    const char *path = config_path(argc, argv, &syntax, &code);
    struct hz_config conf;
    if (!path)
        return code;
    if (load(&conf, kinds, path, true) != 0)
        return HZ_EXIT_USAGE;
    hz_sockets_passed(&conf); /* those that this command itself was passed */
    hz_config_print(&conf, stdout);
    hz_config_print_passed(&conf, stdout);
    hz_config_free(&conf);
    return HZ_EXIT_OK;
}

int hz_cmd_run(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    static const struct hz_cmd_syntax syntax = {
        "hertzd",
        "usage: hertzd [-c FILE]\n\n"
        "Runs what the configuration says, until SIGTERM; SIGHUP reads it again.\n\n"
        "  -c, --config FILE   default: " HZ_DEFAULT_CONFIG "\n",
        "c:", longs};
    int code = HZ_EXIT_USAGE;
    const char *path = config_path(argc, argv, &syntax, &code);
    struct hz_config conf;
    if (!path)
        return code;
    if (load(&conf, kinds, path, false) != 0)
        return HZ_EXIT_USAGE;
    struct hz_daemon_options options = {
        .conf = &conf, .kinds = kinds, .conf_path = path, .calls = &hz_control_calls};
    return hz_daemon_run(&options);
}
