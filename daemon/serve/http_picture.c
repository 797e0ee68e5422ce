/* GET /aircraft, /ships, /stations, /geojson, /kml, /coverage, /data/…: what is known now of
 * everything that is heard (daemon/picture/picture.h). An answer with all targets is the text of a
 * snapshot, sent in pieces. */
#include "daemon/picture/readsb.h"
#include "daemon/picture/snapshot.h"
#include "daemon/serve/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct hz_snapshots *snapshots_of(const struct hz_client *c)
{
    return c->door->all->env.snapshots;
}

/* The snapshot is begun here, when the kernel has taken the head: it holds the picture until it is
 * complete, and must not wait for a client. */
static enum hz_http_next more(struct hz_client *c, void *own)
{
    const char *piece;
    size_t n;
    int rc = hz_snapshot_read(own, &piece, &n);
    hz_http_write(c, piece, n);
    return rc > 0         ? HZ_HTTP_MORE
           : rc == 0      ? HZ_HTTP_END
           : rc == -EBUSY ? HZ_HTTP_WAIT
                          : HZ_HTTP_CUT;
}

static void send_all(struct hz_client *c, const struct hz_http_request *r,
                     const struct hz_picture_format *format)
{
    static const struct hz_http_body body = {.more = more, .done = hz_snapshot_reader_free};
    struct hz_snapshots *all = snapshots_of(c);
    const struct hz_http_answer head = {.type = format->type};
    if (!all || hz_snapshots_full(all)) {
        const struct hz_http_answer busy = {.status = 503, .fields = "Retry-After: 1\r\n"};
        static const char text[] = "too many such answers are being sent\n";
        hz_http_respond(c, r, &busy, text, sizeof text - 1);
        return;
    }
    struct hz_snapshot_reader *reader = hz_snapshot_reader_new(all, format);
    if (reader)
        hz_http_begin(c, r, &head, HZ_HTTP_LENGTH_UNKNOWN, &body, reader);
    else
        hz_http_respond_text(c, r, 500, "no memory");
}

/* A text that is made at once; it is freed. */
static void send_text(struct hz_client *c, const struct hz_http_request *r, char *text, size_t n)
{
    static const struct hz_http_answer json = {.type = "application/json"};
    if (text)
        hz_http_respond(c, r, &json, text, n);
    else
        hz_http_respond_text(c, r, 500, "no memory");
    free(text);
}

static void serve_list(struct hz_client *c, const struct hz_http_request *r, enum hz_list list)
{
    struct hz_http_text query = r->query;
    char name[16], id[128] = "", err[HZ_ERROR_MAX];
    bool wrong, one = false;
    size_t n = 0;
    while (hz_http_query_next(&query, name, sizeof name, id, sizeof id, &wrong)) {
        if (strcmp(name, "id") != 0 || one) {
            wrong = true;
            break;
        }
        one = true;
    }
    if (wrong) {
        snprintf(err, sizeof err, "%s: expected no query, or id=ID once", r->route->path);
        hz_http_refuse(c, r, 400, NULL, err);
    } else if (!one || !snapshots_of(c)) {
        send_all(c, r, &hz_format_lists[list]);
    } else {
        char *text = hz_picture_one(snapshots_of(c)->picture, list, id, &n);
        send_text(c, r, text, n);
    }
}

void hz_http_aircraft(struct hz_client *c, const struct hz_http_request *r)
{
    serve_list(c, r, HZ_LIST_AIRCRAFT);
}

void hz_http_ships(struct hz_client *c, const struct hz_http_request *r)
{
    serve_list(c, r, HZ_LIST_SHIPS);
}

void hz_http_stations(struct hz_client *c, const struct hz_http_request *r)
{
    serve_list(c, r, HZ_LIST_STATIONS);
}

void hz_http_geojson(struct hz_client *c, const struct hz_http_request *r)
{
    send_all(c, r, &hz_format_geojson);
}

void hz_http_aircraft_geojson(struct hz_client *c, const struct hz_http_request *r)
{
    send_all(c, r, &hz_format_geojson_lists[HZ_LIST_AIRCRAFT]);
}

void hz_http_ships_geojson(struct hz_client *c, const struct hz_http_request *r)
{
    send_all(c, r, &hz_format_geojson_lists[HZ_LIST_SHIPS]);
}

void hz_http_stations_geojson(struct hz_client *c, const struct hz_http_request *r)
{
    send_all(c, r, &hz_format_geojson_lists[HZ_LIST_STATIONS]);
}

void hz_http_kml(struct hz_client *c, const struct hz_http_request *r)
{
    send_all(c, r, &hz_format_kml);
}

void hz_http_coverage(struct hz_client *c, const struct hz_http_request *r)
{
    size_t n = 0;
    char *text = snapshots_of(c) ? hz_picture_reach(snapshots_of(c)->picture, &n) : NULL;
    send_text(c, r, text, n);
}

/* ---- as readsb has them, under the names that tar1090 asks for ---------------------------- */

void hz_http_readsb_aircraft(struct hz_client *c, const struct hz_http_request *r)
{
    send_all(c, r, &hz_format_readsb);
}

void hz_http_readsb_receiver(struct hz_client *c, const struct hz_http_request *r)
{
    size_t n = 0;
    char *text = snapshots_of(c) ? hz_readsb_receiver(snapshots_of(c)->picture, 0, &n) : NULL;
    send_text(c, r, text, n);
}

void hz_http_readsb_stats(struct hz_client *c, const struct hz_http_request *r)
{
    size_t n = 0;
    char *text = snapshots_of(c) ? hz_readsb_stats(snapshots_of(c)->picture, &n) : NULL;
    send_text(c, r, text, n);
}
