/* KML 2.2 of everything with a position, with its track. */
#include "daemon/picture/format.h"

#include <math.h>
#include <stdio.h>

static const double foot_m = 0.3048;

static void raw(struct hz_json *j, const char *xml)
{
    hz_json_raw(j, xml, strlen(xml));
}

/* Text of an element: valid UTF-8, as all that is told by messages. XML has no way to write control
 * characters, so they become blanks. */
static void text(struct hz_json *j, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '&')
            raw(j, "&amp;");
        else if (c == '<')
            raw(j, "&lt;");
        else if (c == '>')
            raw(j, "&gt;");
        else
            hz_json_raw(j, c < 0x20 || c == 0x7f ? " " : s, 1);
    }
}

static void element(struct hz_json *j, const char *name, const char *contents)
{
    raw(j, "<");
    raw(j, name);
    raw(j, ">");
    text(j, contents);
    raw(j, "</");
    raw(j, name);
    raw(j, ">");
}

static void data(struct hz_json *j, const char *name, const char *value)
{
    raw(j, "<Data name=\"");
    raw(j, name);
    raw(j, "\">");
    element(j, "value", value);
    raw(j, "</Data>");
}

static void extended_data(struct hz_json *j, const struct hz_target *t)
{
    char value[64], time[HZ_TIME_TEXT];
    double distance, bearing;
    hz_time_text(t->last_ns, time);
    raw(j, "<ExtendedData>");
    data(j, "id", t->id);
    data(j, "protocol", t->topic->protocol);
    data(j, "receiver", t->topic->receiver);
    data(j, "channel", t->topic->channel);
    if (t->mark)
        data(j, t->mark, "true");
    data(j, "last", time);
    snprintf(value, sizeof value, "%llu", (unsigned long long)t->messages);
    data(j, "messages", value);
    if (!isnan(t->best_snr_db)) {
        snprintf(value, sizeof value, "%.1f", (double)t->best_snr_db);
        data(j, "snr_db", value);
    }
    if (hz_target_seen(t, &distance, &bearing)) {
        snprintf(value, sizeof value, "%.0f", distance);
        data(j, "distance_m", value);
    }
    raw(j, "</ExtendedData>");
}

static void coordinates(struct hz_json *j, const struct hz_target *t, const struct hz_fix *fix)
{
    char out[96];
    double unit_m = t->family->list == HZ_LIST_AIRCRAFT ? foot_m : 1;
    int n = snprintf(out, sizeof out, "%.6f,%.6f", fix->at.lon, fix->at.lat);
    if (!isnan(fix->alt))
        n += snprintf(out + n, sizeof out - (size_t)n, ",%.0f", (double)fix->alt * unit_m);
    hz_json_raw(j, out, (size_t)n);
}

/* Whether all its altitudes are known: where one is not, the way lies on the ground. */
static bool has_altitudes(const struct hz_target *t)
{
    bool all = !isnan(t->fix.alt);
    for (size_t i = 0; i < t->track.n; i++)
        all = all && !isnan(t->track.points[i].alt);
    return all;
}

static void geometry(struct hz_json *j, const struct hz_target *t)
{
    const char *mode = has_altitudes(t) ? "<altitudeMode>absolute</altitudeMode>"
                                        : "<altitudeMode>clampToGround</altitudeMode>";
    raw(j, "<MultiGeometry><Point>");
    raw(j, mode);
    raw(j, "<coordinates>");
    coordinates(j, t, &t->fix);
    raw(j, "</coordinates></Point>");
    if (t->track.n > 0) {
        raw(j, "<LineString><tessellate>1</tessellate>");
        raw(j, mode);
        raw(j, "<coordinates>");
        for (size_t i = 0; i < t->track.n; i++) {
            coordinates(j, t, &t->track.points[i]);
            raw(j, " ");
        }
        coordinates(j, t, &t->fix);
        raw(j, "</coordinates></LineString>");
    }
    raw(j, "</MultiGeometry>");
}

static void target(struct hz_json *j, const struct hz_target *t, uint64_t now_ms)
{
    char name[128];
    raw(j, "<Placemark>");
    element(j, "name", hz_target_name(t, now_ms, name, sizeof name) ? name : t->id);
    raw(j, "<styleUrl>#");
    raw(j, hz_lists[t->family->list].name);
    raw(j, "</styleUrl>");
    extended_data(j, t);
    geometry(j, t);
    raw(j, "</Placemark>\n");
}

static void head(const struct hz_picture_format *f, struct hz_json *j, const struct hz_picture *p)
{
    static const char *const colours[HZ_LISTS] = {"ff0080ff", "ffff8000", "ff00a000"};
    (void)f, (void)p;
    raw(j, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>hertzd</name>\n");
    for (int i = 0; i < HZ_LISTS; i++) {
        raw(j, "<Style id=\"");
        raw(j, hz_lists[i].name);
        raw(j, "\"><IconStyle><color>");
        raw(j, colours[i]);
        raw(j, "</color></IconStyle><LineStyle><color>");
        raw(j, colours[i]);
        raw(j, "</color><width>2</width></LineStyle></Style>\n");
    }
}

static void tail(struct hz_json *j)
{
    raw(j, "</Document></kml>\n");
}

const struct hz_picture_format hz_format_kml = {
    .type = "application/vnd.google-earth.kml+xml",
    .lists = (1u << HZ_LISTS) - 1,
    .placed = true,
    .head = head,
    .target = target,
    .tail = tail,
};
