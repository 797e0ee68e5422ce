/* cycle N: lose a dongle and get it back N times in one program of the daemon's shape: a libuv
 * loop with hotplug by uv_poll on libusb's descriptors, read_async on a thread a session, retuning
 * from the loop meanwhile. Built with ASan and TSan it checks the virtual dongle; run on it:
 *
 *     tests/usb/run --unpaced --control S -- build/usb/cycle 1000 S
 *
 * Prints {"cycles":…,"bytes":…,"threads":…,"fds":…} where the last two are growth; exit 1 on any
 * surprise. */
#include <dirent.h>
#include <errno.h>
#include <libusb.h>
#include <rtl-sdr.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

struct cycle {
    uv_loop_t loop;
    libusb_context *usb;
    uv_poll_t polls[4];
    int n_polls;
    uv_timer_t retune;
    uv_async_t left; /* the thread has */
    uv_thread_t thread;
    rtlsdr_dev_t *device;
    atomic_ulong bytes; /* of this session */
    atomic_int returned;
    unsigned long total;
    int control, cycles, wanted;
    unsigned freq_hz;
};

static void die(const char *what, int code)
{
    fprintf(stderr, "cycle: %s: %d\n", what, code);
    exit(1);
}

static void send_command(struct cycle *c, const char *line)
{
    char answer[256];
    if (send(c->control, line, strlen(line), MSG_NOSIGNAL) < 0)
        die("control", errno);
    ssize_t n = recv(c->control, answer, sizeof answer - 1, 0);
    if (n < 11 || memcmp(answer, "{\"ok\":true}", 11) != 0)
        die(line, (int)n);
}

static void on_block(unsigned char *data, uint32_t n, void *ctx)
{
    struct cycle *c = ctx;
    static atomic_uint sum;
    for (uint32_t i = 0; i < n; i += 4096)
        atomic_fetch_add(&sum, data[i]);
    atomic_fetch_add(&c->bytes, n);
}

static void capture(void *arg)
{
    struct cycle *c = arg;
    atomic_store(&c->returned, rtlsdr_read_async(c->device, on_block, c, 8, 16384));
    uv_async_send(&c->left);
}

static void start(struct cycle *c)
{
    int r = rtlsdr_open(&c->device, 0);
    if (r != 0)
        die("open", r);
    rtlsdr_set_sample_rate(c->device, 2400000);
    rtlsdr_set_center_freq(c->device, 100000000);
    rtlsdr_reset_buffer(c->device);
    atomic_store(&c->bytes, 0);
    if (uv_thread_create(&c->thread, capture, c))
        die("thread", 0);
}

/* Retunes while samples come; then pulls the plug. */
static void on_retune(uv_timer_t *t)
{
    struct cycle *c = t->data;
    if (atomic_load(&c->bytes) < 10 * 16384)
        return;
    c->freq_hz = 100000000 + c->freq_hz % 1000000 + 12500;
    if (rtlsdr_set_center_freq(c->device, c->freq_hz) != 0)
        die("retune", 0);
    if (atomic_load(&c->bytes) < 40 * 16384)
        return;
    uv_timer_stop(t);
    send_command(c, "unplug 0\n");
}

static void on_close(uv_handle_t *h)
{
    (void)h;
}

static void finish(struct cycle *c)
{
    for (int i = 0; i < c->n_polls; i++)
        uv_close((uv_handle_t *)&c->polls[i], on_close);
    uv_close((uv_handle_t *)&c->retune, on_close);
    uv_close((uv_handle_t *)&c->left, on_close);
}

static void on_left(uv_async_t *a)
{
    struct cycle *c = a->data;
    uv_thread_join(&c->thread);
    if (atomic_load(&c->returned) != -5)
        die("read_async returned", atomic_load(&c->returned));
    rtlsdr_close(c->device);
    c->device = NULL;
    c->total += atomic_load(&c->bytes);
    if (++c->cycles == c->wanted)
        finish(c);
    else
        send_command(c, "plug 0\n");
}

static int on_hotplug(libusb_context *usb, libusb_device *d, libusb_hotplug_event event, void *ctx)
{
    struct cycle *c = ctx;
    uint8_t ports[7];
    (void)usb;
    if (libusb_get_port_numbers(d, ports, sizeof ports) != 2 || libusb_get_bus_number(d) != 1)
        die("port path", ports[0]);
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) {
        start(c);
        uv_timer_start(&c->retune, on_retune, 1, 1);
    }
    return 0;
}

static void on_usb(uv_poll_t *p, int status, int events)
{
    struct cycle *c = p->data;
    struct timeval none = {0, 0};
    (void)status;
    (void)events;
    libusb_handle_events_timeout_completed(c->usb, &none, NULL);
}

static void watch(struct cycle *c)
{
    const struct libusb_pollfd **fds = libusb_get_pollfds(c->usb);
    for (; fds && fds[c->n_polls] && c->n_polls < 4; c->n_polls++) {
        uv_poll_t *p = &c->polls[c->n_polls];
        uv_poll_init(&c->loop, p, fds[c->n_polls]->fd);
        p->data = c;
        uv_poll_start(p, UV_READABLE, on_usb);
    }
    libusb_free_pollfds(fds);
}

static int entries(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void connect_control(struct cycle *c, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    c->control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(c->control, (struct sockaddr *)&a, sizeof a) < 0)
        die(path, errno);
    send_command(c, "hotplug on\n"); /* the answer says that the other end is open, too */
}

int main(int argc, char **argv)
{
    struct cycle c = {.wanted = argc == 3 ? atoi(argv[1]) : 0};
    if (c.wanted < 1) {
        fprintf(stderr, "usage: cycle N CONTROL-SOCKET\n");
        return 2;
    }
    uv_loop_init(&c.loop);
    if (libusb_init(&c.usb))
        die("libusb_init", 0);
    connect_control(&c, argv[2]);
    uv_timer_init(&c.loop, &c.retune);
    uv_async_init(&c.loop, &c.left, on_left);
    c.retune.data = c.left.data = &c;
    watch(&c);
    int threads = entries("/proc/self/task"), fds = entries("/proc/self/fd");
    libusb_hotplug_callback_handle handle;
    libusb_hotplug_register_callback(
        c.usb, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
        LIBUSB_HOTPLUG_ENUMERATE, 0x0bda, 0x2838, LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, &c,
        &handle);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    threads = entries("/proc/self/task") - threads;
    fds = entries("/proc/self/fd") - fds;
    libusb_hotplug_deregister_callback(c.usb, handle);
    libusb_exit(c.usb);
    close(c.control);
    int busy = uv_loop_close(&c.loop);
    printf("{\"cycles\":%d,\"bytes\":%lu,\"threads\":%d,\"fds\":%d}\n", c.cycles, c.total, threads,
           fds);
    return busy ? 1 : 0;
}
