#include "ctl/option.h"
#include "daemon/cmd/commands.h"
#include "daemon/cmd/setup.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Enabled and started; one that runs already takes the new configuration. */
#define ENABLE  "systemctl enable --now hertzd.socket hertzd.service"
#define RESTART "systemctl restart hertzd.service"

static int run(const char *const *args)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        execvp(args[0], (char *const *)args);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -1;
}

static bool is_active(void)
{
    static const char *const args[] = {"systemctl", "--quiet", "is-active", "hertzd.service", NULL};
    return run(args) == 0;
}

/* Whether systemd runs here and would obey. */
static bool systemd_obeys(void)
{
    return access("/run/systemd/system", F_OK) == 0 && geteuid() == 0;
}

bool hz_setup_service_runs(void)
{
    return systemd_obeys() && is_active();
}

void hz_setup_service_pause(bool pause)
{
    const char *const args[] = {"systemctl", pause ? "stop" : "start", "hertzd.socket",
                                "hertzd.service", NULL};
    run(args);
}

/* Whether the service can be started from here: systemd has it, and it reads that file. */
static bool can_start(const char *config)
{
    static const char *const has[] = {"systemctl", "--quiet", "cat", "hertzd.service", NULL};
    return systemd_obeys() && strcmp(config, HZ_DEFAULT_CONFIG) == 0 && run(has) == 0;
}

static void print_command(const char *config, FILE *out)
{
    if (strcmp(config, HZ_DEFAULT_CONFIG) == 0)
        fputs("\nTo start it:\n  sudo " ENABLE "\nor, where it runs already:\n  sudo " RESTART "\n",
              out);
    else
        fprintf(out, "\nTo start it:\n  hertzd -c %s\n", config);
}

int hz_setup_service(const struct hz_setup_ask *a, const char *config, int start)
{
    static const char *const enable[] = {"systemctl",     "enable",         "--now",
                                         "hertzd.socket", "hertzd.service", NULL};
    static const char *const restart[] = {"systemctl", "restart", "hertzd.service", NULL};
    if (start == 0 || !can_start(config)) {
        print_command(config, a->out);
        return HZ_EXIT_OK;
    }
    bool active = is_active();
    if (start < 0) {
        int yes =
            hz_setup_ask_yes(a, active ? "Restart the service with it" : "Start the service", true);
        if (yes <= 0) {
            print_command(config, a->out);
            return HZ_EXIT_OK;
        }
    }
    if (run(enable) != 0 || (active && run(restart) != 0)) {
        fputs("the service could not be started; `systemctl status hertzd` tells why\n", a->out);
        return HZ_EXIT_FAILED;
    }
    fputs("The service runs. `hertzctl top` shows what it does, http://127.0.0.1:7380/ too.\n",
          a->out);
    return HZ_EXIT_OK;
}
