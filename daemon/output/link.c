#include "daemon/output/link.h"

#include "daemon/base/backoff.h"
#include "daemon/base/log.h"
#include "daemon/output/output_own.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    TURN_NS = 1000000, /* of sending in one turn of the loop */
    LOOKS = 1024,      /* frames that are looked at in one turn */
    LOOKS_LEFT = 8192, /* frames that are looked at to count the unsent ones of a link that ends */
    STEADY_MS = 10000, /* up for so long: the next failure begins with a short wait */
};

enum phase { WAITING, CONNECTING, UP, CLOSING };

struct hz_link {
    struct hz_output output;
    struct hz_subscriber turn;
    const struct hz_carrier_ops *ops;
    void *state; /* the carrier's; NULL: not open */
    enum phase phase;
    const struct hz_form *form; /* NULL: it has none */
    struct hz_cursor cursor;
    uint64_t max_age_ms; /* UINT64_MAX: no limit */
    struct hz_backoff backoff;
    uv_timer_t timer;              /* the next try; of one that ends, when it gives up */
    uint64_t next_ms, up_since_ms; /* of the loop's clock */
    uint64_t connects, sent, lost, expired, missed, bytes;
    char error[HZ_OUTPUT_ERROR_MAX];  /* why it is not up; "": it is, or nothing failed yet */
    char logged[HZ_OUTPUT_ERROR_MAX]; /* the error that the log has */
    bool told;                        /* it was logged since it was up */
};

static uint64_t now(const struct hz_link *l)
{
    return uv_now(l->output.env->loop);
}

static const char *name_of(const struct hz_link *l)
{
    return l->output.conf->name;
}

static void again(struct hz_link *l)
{
    if (l->phase != CLOSING)
        hz_bus_again(l->output.env->bus, &l->turn);
}

/* ---- what the carrier tells ------------------------------------------------------------- */

/* Logs what is new; a far side that comes and goes tells the same each time. */
static void set_error(struct hz_link *l, const char *error)
{
    snprintf(l->error, sizeof l->error, "%s", error);
    if (!*error || strcmp(l->logged, l->error) == 0)
        return;
    snprintf(l->logged, sizeof l->logged, "%s", error);
    l->told = true;
    hz_log(LOG_WARNING, "output %s: %s", name_of(l), error);
}

void hz_link_up(struct hz_link *l)
{
    if (l->phase != CONNECTING)
        return;
    char shown[HZ_TARGET_MAX];
    hz_output_show(&l->output, shown);
    l->phase = UP;
    l->connects++;
    l->up_since_ms = now(l);
    l->error[0] = '\0';
    if (l->connects == 1 || l->told)
        hz_log(LOG_INFO, "output %s: sends to %s", name_of(l), shown);
    l->told = false;
    again(l);
}

static void wait_for_next(struct hz_link *l);
static void on_time(uv_timer_t *timer);

void hz_link_down(struct hz_link *l, const char *why)
{
    if (l->phase == CLOSING)
        return;
    set_error(l, why);
    if (l->phase == UP && now(l) - l->up_since_ms >= STEADY_MS) {
        hz_backoff_reset(&l->backoff);
        l->logged[0] = '\0';
    }
    l->phase = WAITING;
    if (l->output.wanted)
        wait_for_next(l);
    else
        again(l);
}

void hz_link_wait(struct hz_link *l, unsigned seconds)
{
    uint64_t wait = (uint64_t)seconds * 1000;
    if (l->phase != WAITING || !l->output.wanted || l->next_ms >= now(l) + wait)
        return;
    l->next_ms = now(l) + wait;
    uv_timer_start(&l->timer, on_time, wait, 0);
}

bool hz_link_ends(const struct hz_link *l)
{
    return !l->output.wanted;
}

void hz_link_warn(struct hz_link *l, const char *what)
{
    set_error(l, what);
}

void hz_link_ready(struct hz_link *l)
{
    again(l);
}

void hz_link_count(struct hz_link *l, uint64_t sent, uint64_t lost)
{
    l->sent += sent;
    l->lost += lost;
    if (!l->output.wanted)
        again(l); /* it may have been the last one */
}

void hz_link_count_bytes(struct hz_link *l, uint64_t bytes)
{
    l->bytes += bytes;
}

/* ---- connecting ------------------------------------------------------------------------- */

static void connect_now(struct hz_link *l)
{
    char err[HZ_OUTPUT_ERROR_MAX] = "";
    struct hz_carrier_env env = {
        .loop = l->output.env->loop, .outputs = l->output.env, .link = l, .conf = l->output.conf};
    if (!l->state && !(l->state = l->ops->open(&env, err, sizeof err))) {
        hz_link_down(l, err);
        return;
    }
    l->phase = CONNECTING;
    l->ops->connect(l->state);
}

static void wait_for_next(struct hz_link *l)
{
    uint64_t wait = hz_backoff_next(&l->backoff, HZ_LINK_WAIT_MAX_MS);
    l->next_ms = now(l) + wait;
    uv_timer_start(&l->timer, on_time, wait, 0);
}

/* ---- sending ---------------------------------------------------------------------------- */

static bool takes(const struct hz_link *l)
{
    return l->state && (l->phase == UP || (l->ops->stores && l->phase != CLOSING)) &&
           l->ops->room(l->state);
}

static bool too_old(const struct hz_link *l, const struct hz_frame *f)
{
    return l->max_age_ms != UINT64_MAX && f->published_ms + l->max_age_ms < now(l);
}

static void take(struct hz_link *l, struct hz_frame *f)
{
    if (too_old(l, f))
        l->expired++;
    else if (!hz_frame_print(f))
        l->lost++;
    else
        l->ops->send(l->state, f);
}

static void feed(struct hz_link *l)
{
    uint64_t start = uv_hrtime();
    int looks = LOOKS;
    struct hz_frame *f;
    bool any = false;
    l->missed += hz_output_missed(&l->cursor);
    while (takes(l) && uv_hrtime() - start < TURN_NS && (f = hz_cursor_next(&l->cursor, &looks))) {
        take(l, f);
        any = true;
    }
    if (any && l->ops->flush && l->phase != CLOSING)
        l->ops->flush(l->state);
    if (takes(l) && hz_cursor_behind(&l->cursor) > 0)
        again(l);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void on_timer_closed(uv_handle_t *h)
{
    struct hz_link *l = h->data;
    hz_bus_unsubscribe(l->output.env->bus, &l->turn);
    hz_cursor_done(&l->cursor);
    hz_output_gone(&l->output);
}

static void on_closed(void *ctx)
{
    struct hz_link *l = ctx;
    l->state = NULL;
    if (l->lost > 0)
        hz_log(LOG_NOTICE, "output %s: ended; %llu messages were not sent", name_of(l),
               (unsigned long long)l->lost);
    uv_close((uv_handle_t *)&l->timer, on_timer_closed);
}

static void end(struct hz_link *l)
{
    int looks = LOOKS_LEFT;
    struct hz_frame *f;
    if (l->state && l->ops->last) {
        l->ops->last(l->state);
        while (l->ops->room(l->state) && (f = hz_cursor_next(&l->cursor, &looks)))
            take(l, f);
    }
    while (hz_cursor_next(&l->cursor, &looks))
        l->lost++;
    l->phase = CLOSING;
    if (l->state)
        l->ops->close(l->state, on_closed, l);
    else
        on_closed(l);
}

/* Whether one that is not wanted has nothing left to do. */
static bool is_drained(struct hz_link *l)
{
    if (!l->state)
        return true;
    if (l->phase != UP && !l->ops->stores)
        return true;
    return hz_cursor_behind(&l->cursor) == 0 && l->ops->idle(l->state);
}

static void on_time(uv_timer_t *timer)
{
    struct hz_link *l = timer->data;
    if (l->phase == CLOSING)
        return;
    if (!l->output.wanted)
        end(l);
    else if (hz_output_must_wait(&l->output))
        wait_for_next(l);
    else
        connect_now(l);
}

static void on_turn(struct hz_subscriber *s)
{
    struct hz_link *l = (struct hz_link *)((char *)s - offsetof(struct hz_link, turn));
    if (takes(l))
        feed(l);
    if (l->output.wanted || l->phase == CLOSING)
        return;
    if (l->phase == UP && l->ops->flush)
        l->ops->flush(l->state); /* what was gathered waits no longer */
    if (is_drained(l))
        end(l);
}

static void link_leave(struct hz_output *o)
{
    struct hz_link *l = (struct hz_link *)o;
    uv_timer_start(&l->timer, on_time, HZ_LINK_DRAIN_MS, 0);
    again(l);
}

/* ---- as one of the outputs -------------------------------------------------------------- */

static int link_start(struct hz_output *o)
{
    struct hz_link *l = (struct hz_link *)o;
    const struct hz_form *form = l->form = hz_link_form(l);
    uint64_t given = ((const struct hz_conf_link *)o->conf)->max_age_s;
    bool lines = !form || form == &hz_form_json;
    l->ops = o->kind->carrier;
    l->turn.wake = on_turn;
    l->max_age_ms = given == UINT64_MAX || (given == 0 && (!form || form->dated)) ? UINT64_MAX
                    : given == 0                                                  ? 30000
                                                                                  : given * 1000;
    unsigned messages = 1u << HZ_KIND_MESSAGE;
    int rc = hz_output_cursor(o, &l->cursor, l->ops->kinds ? l->ops->kinds : lines ? 0 : messages);
    if (rc < 0)
        return rc;
    hz_bus_subscribe(o->env->bus, &l->turn);
    uv_timer_init(o->env->loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_time, 0, 0);
    return 0;
}

static void link_tick(struct hz_output *o)
{
    struct hz_link *l = (struct hz_link *)o;
    if (l->state && l->ops->tick && l->phase != CLOSING)
        l->ops->tick(l->state);
}

static bool link_holds(const struct hz_output *o)
{
    return ((const struct hz_link *)o)->state != NULL;
}

static const char *state_name(const struct hz_link *l)
{
    static const char *const names[] = {
        [WAITING] = "waiting", [CONNECTING] = "connecting", [UP] = "up", [CLOSING] = "draining"};
    return names[l->output.wanted ? l->phase : CLOSING];
}

static void add(cJSON *item, const char *name, uint64_t n)
{
    cJSON_AddNumberToObject(item, name, (double)n);
}

static void link_describe(struct hz_output *o, cJSON *item)
{
    struct hz_link *l = (struct hz_link *)o;
    if (l->form)
        cJSON_AddStringToObject(item, "format", l->form->name);
    cJSON_AddStringToObject(item, "state", state_name(l));
    cJSON_AddStringToObject(item, "error", l->error);
    add(item, "sent", l->sent);
    add(item, "lost", l->lost);
    add(item, "expired", l->expired);
    add(item, "missed", l->missed);
    add(item, "behind", hz_cursor_behind(&l->cursor));
    add(item, "bytes", l->bytes);
    add(item, "connects", l->connects);
    if (l->phase == UP)
        cJSON_AddNumberToObject(item, "up_s", round((double)(now(l) - l->up_since_ms) / 100) / 10);
    if (l->phase == WAITING && l->output.wanted && l->next_ms > now(l))
        cJSON_AddNumberToObject(item, "next_try_s",
                                round((double)(l->next_ms - now(l)) / 100) / 10);
    if (l->state && l->ops->status)
        l->ops->status(l->state, item);
    if (!cJSON_HasObjectItem(item, "in_flight"))
        add(item, "in_flight", 0);
}

const struct hz_output_way hz_output_of_link = {
    .size = sizeof(struct hz_link),
    .start = link_start,
    .tick = link_tick,
    .holds = link_holds,
    .leave = link_leave,
    .describe = link_describe,
};
