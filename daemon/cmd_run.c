/* hertzd, hertzd check: both begin with a configuration file. */
#include "daemon/check_places.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file named by -c, or the default. NULL: wrong usage, told. */
static const char *config_path(int argc, char **argv, const char *usage)
{
    const char *path = HZ_DEFAULT_CONFIG;
    int opt;
    while ((opt = getopt(argc, argv, "c:")) != -1) {
        if (opt != 'c') {
            fprintf(stderr, "usage: %s\n", usage);
            return NULL;
        }
        path = optarg;
    }
    if (optind < argc) {
        fprintf(stderr, "hertzd: \"%s\" was not expected\nusage: %s\n", argv[optind], usage);
        return NULL;
    }
    return path;
}

/* places: what the machine tells of it is an error as well. */
static int load(struct hz_config *conf, const char *path, bool places)
{
    struct hz_conf_errors errors = {0};
    int rc = hz_config_load(conf, path, &errors);
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

int hz_cmd_check(int argc, char **argv)
{
    const char *path = config_path(argc, argv, "hertzd check [-c FILE]");
    struct hz_config conf;
    if (!path || load(&conf, path, true) != 0)
        return HZ_EXIT_USAGE;
    hz_config_print(&conf, stdout);
    hz_config_free(&conf);
    return HZ_EXIT_OK;
}

int hz_cmd_run(int argc, char **argv)
{
    const char *path = config_path(argc, argv, "hertzd [-c FILE]");
    struct hz_config conf;
    if (!path || load(&conf, path, false) != 0)
        return HZ_EXIT_USAGE;
    struct hz_daemon_options options = {.conf = &conf, .conf_path = path};
    return hz_daemon_run(&options);
}
