#include "daemon/event/learning.h"

#include <string.h>

/* Shorter breaks lose nobody: the picture keeps an aircraft for so long. */
#define BREAK_MS (5 * 60000)

static struct hz_learner *find(struct hz_learning *l, const char *receiver, uint64_t now_ms)
{
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->list[i].receiver, receiver) == 0)
            return &l->list[i];
    }
    if (l->n == HZ_LEARNING_MAX)
        return NULL;
    struct hz_learner *r = &l->list[l->n++];
    *r = (struct hz_learner){.since_ms = now_ms};
    memcpy(r->receiver, receiver, strlen(receiver) + 1);
    return r;
}

void hz_learning_state(struct hz_learning *l, const struct hz_frame *state, uint64_t now_ms)
{
    static const char streaming[] = "\"state\":\"streaming\"";
    bool streams = memmem(state->rec.json, state->rec.json_len, streaming, sizeof streaming - 1);
    struct hz_learner *r = find(l, state->topic->receiver, now_ms);
    if (!r)
        return;
    if (!streams && r->away_ms == 0)
        r->away_ms = now_ms;
    if (streams && r->away_ms > 0) {
        if (now_ms - r->away_ms >= BREAK_MS)
            r->since_ms = now_ms;
        r->away_ms = 0;
    }
}

uint64_t hz_learning_since(struct hz_learning *l, const char *receiver, uint64_t now_ms)
{
    const struct hz_learner *r = find(l, receiver, now_ms);
    return r ? r->since_ms : 0;
}
