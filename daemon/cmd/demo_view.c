#include "daemon/cmd/demo_view.h"

#include "ctl/msgline.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

enum {
    PROTOCOLS = 16,
    ROWS = 12,      /* of a protocol, at most */
    HEIGHT = 24,    /* of a terminal, where it does not tell; the screen needs as much */
    WIDTH = 80,     /* likewise */
    PER_SECOND = 2, /* lines of a protocol, where there is no screen */
};
static const uint64_t second_ns = 1000000000;
static const uint64_t draw_ns = 500000000, keep_ns = 4000000000; /* calm enough to be read */

struct row {
    struct hz_msgtext of;
    char time[9];
    uint64_t since_ns; /* when its sender came into it; 0: empty */
};

struct section {
    const struct hz_decoder *decoder;
    uint64_t messages;
    uint64_t window_ns; /* a second, and the lines written in it */
    int written;
    struct row rows[ROWS];
};

struct hz_demo_view {
    FILE *out;
    bool terminal;
    char *head;
    int head_lines, drawn; /* lines */
    uint64_t begun_ns, drawn_ns;
    struct hz_msgline *lines;
    struct section sections[PROTOCOLS];
    int n_sections;
};

static void size_of(FILE *out, int *width, int *height)
{
    struct winsize w;
    bool known = ioctl(fileno(out), TIOCGWINSZ, &w) == 0 && w.ws_col > 0 && w.ws_row > 0;
    *width = known ? w.ws_col : WIDTH;
    *height = known ? w.ws_row : HEIGHT;
}

bool hz_demo_view_fits(FILE *out)
{
    int width, height;
    size_of(out, &width, &height);
    return isatty(fileno(out)) && height >= HEIGHT && width >= WIDTH / 2;
}

static struct section *section_of(struct hz_demo_view *v, const char *protocol)
{
    for (int i = 0; i < v->n_sections; i++) {
        if (strcmp(v->sections[i].decoder->name, protocol) == 0)
            return &v->sections[i];
    }
    return NULL;
}

struct hz_demo_view *hz_demo_view_new(FILE *out, bool terminal, const char *head,
                                      const struct hz_config *conf)
{
    struct hz_demo_view *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->out = out;
    v->terminal = terminal;
    v->begun_ns = uv_hrtime();
    v->head = strdup(head);
    v->lines = hz_msgline_new(out, false, WIDTH);
    if (!v->head || !v->lines) {
        hz_demo_view_free(v);
        return NULL;
    }
    for (const char *s = head; *s; s++)
        v->head_lines += *s == '\n';
    for (size_t i = 0; i < conf->n_channels && v->n_sections < PROTOCOLS; i++) {
        if (!section_of(v, conf->channels[i].decoder->name))
            v->sections[v->n_sections++].decoder = conf->channels[i].decoder;
    }
    if (!terminal) {
        fputs(head, out);
        hz_msgline_header(v->lines);
    }
    return v;
}

void hz_demo_view_free(struct hz_demo_view *v)
{
    if (!v)
        return;
    hz_msgline_free(v->lines);
    free(v->head);
    free(v);
}

/* ---- the screen ------------------------------------------------------------------------- */

static void put_line(struct hz_demo_view *v, const char *text, int width)
{
    fprintf(v->out, "%.*s\033[K\n", hz_text_cut(text, width), text);
    v->drawn++;
}

static void put_section(struct hz_demo_view *v, const struct section *s, int rows, int width)
{
    char text[HZ_MSGTEXT_MAX + 64];
    double seconds = (double)(uv_hrtime() - v->begun_ns) / 1e9;
    int n = snprintf(text, sizeof text, "%-10s %7llu messages %7.1f a second  ", s->decoder->name,
                     (unsigned long long)s->messages,
                     seconds > 1 ? (double)s->messages / seconds : (double)s->messages);
    snprintf(text + n, sizeof text - (size_t)n, "%s", s->decoder->title);
    fputs("\033[1m", v->out);
    put_line(v, text, width);
    fputs("\033[0m", v->out);
    for (int i = 0; i < rows; i++) {
        const struct row *r = &s->rows[i];
        snprintf(text, sizeof text, "  %-8s  %s", r->time, r->of.text);
        put_line(v, text, width);
    }
}

/* Rows of each section: as many as the terminal has room for, the first ones get what is over. */
static int rows_each(const struct hz_demo_view *v, int height, int *more)
{
    int room = height - 1 - v->head_lines - v->n_sections;
    int each = v->n_sections > 0 ? room / v->n_sections : 0;
    *more = v->n_sections > 0 ? room % v->n_sections : 0;
    return each < ROWS - 1 ? each : ROWS - 1;
}

static void draw(struct hz_demo_view *v)
{
    int width, height, more;
    size_of(v->out, &width, &height);
    int each = rows_each(v, height, &more);
    if (v->drawn > 0)
        fprintf(v->out, "\033[%dA", v->drawn < height ? v->drawn : height - 1);
    v->drawn = 0;
    for (const char *s = v->head; *s; s = strchr(s, '\n') + 1) {
        char line[200];
        snprintf(line, sizeof line, "%.*s", (int)strcspn(s, "\n"), s);
        put_line(v, line, width);
    }
    for (int i = 0; i < v->n_sections; i++)
        put_section(v, &v->sections[i], each + (i < more), width);
    fputs("\033[J", v->out);
    fflush(v->out);
    v->drawn_ns = uv_hrtime();
}

/* The sender's row; else an empty one, or that of the sender who has been there for longest. NULL:
 * all have come lately, and stay for a while so that they can be read. */
static struct row *find_row(const struct hz_demo_view *v, struct section *s, const char *who)
{
    int width, height, more;
    size_of(v->out, &width, &height);
    int rows = rows_each(v, height, &more) + (s - v->sections < more);
    struct row *oldest = &s->rows[0];
    for (int i = 0; i < rows; i++) {
        struct row *r = &s->rows[i];
        if (*who && strcmp(r->of.who, who) == 0)
            return r;
        if (r->since_ns < oldest->since_ns)
            oldest = r;
    }
    uint64_t now = uv_hrtime();
    if (oldest->since_ns != 0 && now - oldest->since_ns < keep_ns)
        return NULL;
    oldest->since_ns = now;
    return oldest;
}

static void put_into_row(const struct hz_demo_view *v, struct section *s, const cJSON *message,
                         const struct hz_msgtext *text)
{
    const char *time = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "time"));
    struct row *r = find_row(v, s, text->who);
    if (!r)
        return;
    r->of = *text;
    snprintf(r->time, sizeof r->time, "%.8s", time && strlen(time) > 19 ? time + 11 : "");
}

/* ---- messages --------------------------------------------------------------------------- */

/* A few lines a second of each protocol: all of them get a say. */
static void print_some(struct hz_demo_view *v, struct section *s, const char *json, size_t len)
{
    uint64_t now = uv_hrtime();
    if (now - s->window_ns >= second_ns) {
        s->window_ns = now;
        s->written = 0;
    }
    if (s->written++ >= PER_SECOND)
        return;
    hz_msgline_print(v->lines, json, len);
    fflush(v->out);
}

void hz_demo_view_message(struct hz_demo_view *v, const char *json, size_t len)
{
    struct hz_msgtext text;
    cJSON *o = cJSON_ParseWithLength(json, len);
    const char *protocol = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "protocol"));
    struct section *s = protocol ? section_of(v, protocol) : NULL;
    if (s)
        s->messages++;
    if (s)
        hz_msgline_text(v->lines, o, &text); /* and remembers what it tells */
    if (s && v->terminal)
        put_into_row(v, s, o, &text);
    else if (s)
        print_some(v, s, json, len);
    if (v->terminal && uv_hrtime() - v->drawn_ns >= draw_ns)
        draw(v);
    cJSON_Delete(o);
}

void hz_demo_view_end(struct hz_demo_view *v)
{
    uint64_t all = 0;
    if (v->terminal)
        draw(v);
    for (int i = 0; i < v->n_sections; i++)
        all += v->sections[i].messages;
    fprintf(v->out, "\n%llu messages", (unsigned long long)all);
    for (int i = 0; i < v->n_sections; i++)
        fprintf(v->out, "%s%s %llu", i == 0 ? ": " : ", ", v->sections[i].decoder->name,
                (unsigned long long)v->sections[i].messages);
    fputc('\n', v->out);
}
