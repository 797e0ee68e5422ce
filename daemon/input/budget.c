#include "daemon/input/budget.h"

#include <stdlib.h>

enum { TURN_NS = 1000000 };

struct hz_input_budget {
    uv_check_t turn;   /* behind the sockets: a new turn begins */
    uv_idle_t again;   /* before them; active while somebody waits, so that the loop does not */
    uint64_t began_ns; /* work in this turn; 0: none yet */
    struct hz_input_waiter *first, **end;
    int open; /* handles */
};

static void on_turn(uv_check_t *h)
{
    struct hz_input_budget *b = h->data;
    b->began_ns = 0;
}

/* Those who wait now, each once: who waits again is behind them. */
static void on_again(uv_idle_t *h)
{
    struct hz_input_budget *b = h->data;
    struct hz_input_waiter *last = NULL, *w;
    if (b->end != &b->first)
        last = (struct hz_input_waiter *)(void *)((char *)b->end -
                                                  offsetof(struct hz_input_waiter, next));
    while ((w = b->first) && hz_input_budget_left(b)) {
        hz_input_budget_leave(b, w);
        w->go_on(w);
        if (w == last)
            break;
    }
    if (!b->first)
        uv_idle_stop(&b->again);
}

bool hz_input_budget_left(struct hz_input_budget *b)
{
    uint64_t now = uv_hrtime();
    if (b->began_ns == 0)
        b->began_ns = now;
    return now - b->began_ns < TURN_NS;
}

void hz_input_budget_wait(struct hz_input_budget *b, struct hz_input_waiter *w)
{
    if (w->waits)
        return;
    w->waits = true;
    w->next = NULL;
    *b->end = w;
    b->end = &w->next;
    uv_idle_start(&b->again, on_again);
}

void hz_input_budget_leave(struct hz_input_budget *b, struct hz_input_waiter *w)
{
    struct hz_input_waiter **at = &b->first;
    if (!w->waits)
        return;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (b->end == &w->next)
        b->end = at;
    w->waits = false;
}

struct hz_input_budget *hz_input_budget_new(uv_loop_t *loop)
{
    struct hz_input_budget *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->end = &b->first;
    b->open = 2;
    uv_check_init(loop, &b->turn);
    uv_idle_init(loop, &b->again);
    b->turn.data = b->again.data = b;
    uv_check_start(&b->turn, on_turn);
    return b;
}

static void on_closed(uv_handle_t *h)
{
    struct hz_input_budget *b = h->data;
    if (--b->open == 0)
        free(b);
}

void hz_input_budget_close(struct hz_input_budget *b)
{
    if (!b)
        return;
    uv_close((uv_handle_t *)&b->turn, on_closed);
    uv_close((uv_handle_t *)&b->again, on_closed);
}
