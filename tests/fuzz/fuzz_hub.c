/* Any messages from the servers to a hub: those of stations, answers of JetStream, what other hubs
 * tell. Messages are separated by bytes 1d, their parts by 1e: token, subject, reply, id, status,
 * data. Everything that is published is a line of JSON. */
#include "daemon/input/hub_own.h"
#include "proto/registry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 6 };

static void on_frame(void *ctx, const struct hz_frame *f)
{
    (void)ctx;
    cJSON *json = cJSON_ParseWithLength(f->data, f->len - 1);
    if (!cJSON_IsObject(json))
        abort();
    cJSON_Delete(json);
}

static void one(struct hz_hub *h, char *text, size_t n)
{
    const char *parts[PARTS] = {"", "", "", "", "", ""};
    char *at = text, *end = text + n;
    for (int i = 0; i < PARTS; i++) {
        char *to = i == PARTS - 1 ? end : memchr(at, 0x1e, (size_t)(end - at));
        parts[i] = at;
        if (!to || to == end)
            break;
        *to = '\0';
        at = to + 1;
    }
    struct hz_nats_in m = {.token = parts[0],
                           .subject = parts[1],
                           .reply = parts[2],
                           .id = parts[3],
                           .status = atoi(parts[4]),
                           .text = "",
                           .data = parts[5],
                           .len = *parts[5] ? (size_t)(end - parts[5]) : 0};
    hz_hub_pull_in(h, &m);
    hz_hub_take(h, &m);
    hz_hub_told(h, &m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *bus = hz_bus_new(&loop, 100, 1 << 20, "0123456789abcdef");
    struct hz_fold *fold = hz_fold_new(&loop, bus);
    struct hz_hub *h = calloc(1, sizeof *h);
    if (!bus || !fold || !h || hz_fold_far(fold, 1, 100) != 0)
        abort();
    h->env = (struct hz_hub_env){&loop, bus, fold, hz_decoders};
    strcpy(h->name, "sky");
    strcpy(h->stream, "hertzd");
    strcpy(h->durable, "hub");
    h->apart_ns = 100000000;
    h->told_bad = true; /* says nothing */
    h->end = &h->first;
    h->stations.bus = bus;
    h->reader = hz_line_reader_new(hz_decoders);
    hz_bus_tap(bus, on_frame, NULL);
    for (size_t from = 0; from < size;) {
        const uint8_t *to = memchr(data + from, 0x1d, size - from);
        size_t n = to ? (size_t)(to - data) - from : size - from;
        char *copy = malloc(n + 1);
        memcpy(copy, data + from, n);
        copy[n] = '\0';
        one(h, copy, n);
        free(copy);
        from += n + 1;
    }
    cJSON *status = cJSON_CreateObject();
    hz_hub_status(h, status);
    cJSON_Delete(status);
    hz_fold_flush(fold, NULL);
    hz_hub_pull_ack(h, true);
    hz_hub_pull_reset(h);
    hz_stations_done(&h->stations);
    hz_line_reader_free(h->reader);
    hz_fold_close(fold);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0)
        abort();
    free(h);
    return 0;
}
