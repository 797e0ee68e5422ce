#include "config/config.h"
#include "daemon/cmd/setup.h"
#include "daemon/source/dongle.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <math.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS_MAX = 64, LINK_SIZE = 256 };

static const char service_user[] = "hertzd", service_socket[] = "/run/hertzd/hertzd.sock";
static const char tv_driver[] = "dvb_usb_rtl28xxu";

/* ---- who may open it -------------------------------------------------------------------- */

/* The kernel's driver that holds the dongle, of any of its interfaces: "dvb_usb_rtl28xxu". False:
 * none does, or that is not known here. */
static bool kernel_driver(const char *port, char driver[LINK_SIZE])
{
    char path[128], target[LINK_SIZE];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/sys/bus/usb/devices/%s:1.%d/driver", port, i);
        ssize_t n = readlink(path, target, sizeof target - 1);
        if (n <= 0)
            continue;
        target[n] = '\0';
        snprintf(driver, LINK_SIZE, "%s", basename(target));
        if (strcmp(driver, "usbfs") != 0) /* a program's, which the attempt to open tells better */
            return true;
    }
    return false;
}

/* Whether a user may read and write a file, by its owner, group and mode. */
static bool may_open(const struct passwd *user, const struct stat *st)
{
    gid_t groups[GROUPS_MAX];
    int n = GROUPS_MAX;
    if (user->pw_uid == 0 || (st->st_mode & 06) == 06)
        return true;
    if (user->pw_uid == st->st_uid)
        return (st->st_mode & 0600) == 0600;
    if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++) {
        if (groups[i] == st->st_gid)
            return (st->st_mode & 060) == 060;
    }
    return false;
}

/* Tells if the service's user may not open the dongle, which whoever runs this may: root, say. */
static void check_service(const struct hz_dongle_seen *seen, FILE *out)
{
    char node[64];
    struct stat st;
    const struct passwd *user = getpwnam(service_user);
    snprintf(node, sizeof node, "/dev/bus/usb/%03d/%03d", seen->bus, seen->address);
    if (!user || stat(node, &st) < 0 || may_open(user, &st))
        return;
    const struct group *group = getgrgid(st.st_gid);
    fprintf(out,
            "  The service's user %s may not open it: %s belongs to the group %s.\n"
            "  Remedy: install the udev rules (60-hertzd.rules, of the package), then\n"
            "    sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb\n"
            "    sudo usermod -aG plugdev %s\n",
            service_user, node, group ? group->gr_name : "?", service_user);
}

/* ---- finding ---------------------------------------------------------------------------- */

/* librtlsdr tells on standard error what it finds. It must not stand in the dialogue. */
static int try_quietly(size_t index, char *err, size_t err_len)
{
    int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fflush(stderr);
    if (kept >= 0 && null >= 0)
        dup2(null, STDERR_FILENO);
    int rc = hz_dongle_try(index, err, err_len);
    if (kept >= 0)
        dup2(kept, STDERR_FILENO);
    if (kept >= 0)
        close(kept);
    if (null >= 0)
        close(null);
    return rc;
}

static void look(struct hz_setup_dongle *d, const struct hz_dongle_seen *seen, FILE *out)
{
    char driver[LINK_SIZE], err[HZ_SETUP_TEXT] = "";
    fprintf(out, "Dongle %s at USB port %s (%s)\n", *seen->serial ? seen->serial : "?", seen->port,
            *seen->name ? seen->name : "name not known");
    int rc = try_quietly(d->index, err, sizeof err);
    d->opens = rc == 0;
    d->busy = rc == -EBUSY;
    fprintf(out, "  %s\n", d->opens ? "It opens." : err);
    if (!d->opens && kernel_driver(seen->port, driver))
        fprintf(out,
                "  The kernel's driver %s holds it, for television.\n"
                "  Remedy: sudo rmmod %s; the package's modprobe.d/hertzd.conf keeps it away.\n",
                driver, driver);
    if (d->busy && access(service_socket, F_OK) == 0)
        fputs("  The service hertzd runs, and may have it.\n", out);
    check_service(seen, out);
}

/* Tells if the kernel's television driver is loaded: it will take a dongle that is plugged in. */
static void check_modules(FILE *out)
{
    char line[256];
    FILE *f = fopen("/proc/modules", "re");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, tv_driver, strlen(tv_driver)) == 0)
            fprintf(
                out,
                "The kernel's driver %s is loaded, which takes dongles for television.\n"
                "  Remedy: sudo rmmod %s; the package's modprobe.d/hertzd.conf keeps it away.\n",
                tv_driver, tv_driver);
    }
    if (f)
        fclose(f);
}

static bool chosen(const struct hz_dongle_seen *seen, const char *only)
{
    return !only || strcmp(seen->serial, only) == 0 || strcmp(seen->port, only) == 0;
}

/* How the file names it: not at all where it is the only one, so that another may take its place;
 * by its serial number; by its port where others have the same number, or it is no word. */
static void name_device(struct hz_setup_dongle *d, const struct hz_dongle_seen *seen,
                        const struct hz_dongle_seen *all, size_t n)
{
    size_t same = 0;
    for (size_t i = 0; i < n; i++)
        same += strcmp(all[i].serial, seen->serial) == 0;
    if (n > 1)
        snprintf(d->device, sizeof d->device, "%.63s",
                 same == 1 && hz_name_ok(seen->serial) ? seen->serial : seen->port);
}

static struct hz_setup_dongle *add(struct hz_setup_draft *s)
{
    struct hz_setup_dongle *d = &s->dongles[s->n_dongles++];
    *d = (struct hz_setup_dongle){.gain_db = NAN, .gain_best = true, .ppm_auto = true};
    if (s->n_dongles == 1)
        snprintf(d->name, sizeof d->name, "radio");
    else
        snprintf(d->name, sizeof d->name, "radio%zu", s->n_dongles);
    return d;
}

void hz_setup_find(struct hz_setup_draft *s, const char *only, FILE *out)
{
    struct hz_dongle_seen seen[HZ_SETUP_DONGLES];
    size_t n = hz_dongle_list(seen, HZ_SETUP_DONGLES);
    s->n_dongles = 0;
    for (size_t i = 0; i < n; i++) {
        if (!chosen(&seen[i], only))
            continue;
        struct hz_setup_dongle *d = add(s);
        memcpy(d->serial, seen[i].serial, sizeof d->serial);
        name_device(d, &seen[i], seen, n);
        d->index = i;
        look(d, &seen[i], out);
    }
    if (s->n_dongles > 0)
        return;
    struct hz_setup_dongle *d = add(s);
    check_modules(out);
    if (only)
        snprintf(d->device, sizeof d->device, "%s", only);
    fprintf(out,
            "No RTL-SDR dongle%s%s is plugged in. The configuration is made for one that comes "
            "later.\n",
            only ? " " : "", only ? only : "");
}

void hz_setup_find_again(struct hz_setup_draft *s, FILE *out)
{
    for (size_t i = 0; i < s->n_dongles; i++) {
        struct hz_setup_dongle *d = &s->dongles[i];
        char err[HZ_SETUP_TEXT] = "";
        if (!d->busy)
            continue;
        d->opens = try_quietly(d->index, err, sizeof err) == 0;
        fprintf(out, "%s: %s\n", d->name, d->opens ? "it opens now" : err);
    }
}
