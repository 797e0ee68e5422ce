#include "daemon/source/block.h"

#include <stdlib.h>
#include <string.h>

struct hz_block_pool {
    size_t live;  /* blocks in use, plus one for the owner */
    size_t count; /* all blocks */
    size_t bytes; /* size of each */
    bool starved; /* hz_block_take has failed since the last wake */
    void (*wake)(void *ctx);
    void *ctx;
    struct hz_block *blocks;
    uint8_t *memory;
    struct hz_block **free_list;
    size_t n_free;
};

static void destroy(struct hz_block_pool *p)
{
    free(p->memory);
    free(p->blocks);
    free(p->free_list);
    free(p);
}

struct hz_block_pool *hz_block_pool_new(size_t count, size_t bytes)
{
    struct hz_block_pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->live = 1;
    p->count = count;
    p->bytes = bytes;
    p->blocks = calloc(count, sizeof *p->blocks);
    p->free_list = calloc(count, sizeof *p->free_list);
    p->memory = malloc(count * bytes);
    if (!p->blocks || !p->free_list || !p->memory) {
        destroy(p);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        p->blocks[i] = (struct hz_block){.pool = p, .data = p->memory + i * bytes, .cap = bytes};
        p->free_list[p->n_free++] = &p->blocks[i];
    }
    return p;
}

static void let_go(struct hz_block_pool *p)
{
    if (--p->live == 0)
        destroy(p);
}

void hz_block_pool_release(struct hz_block_pool *p)
{
    if (!p)
        return;
    p->wake = NULL;
    let_go(p);
}

void hz_block_pool_on_free(struct hz_block_pool *p, void (*wake)(void *ctx), void *ctx)
{
    p->wake = wake;
    p->ctx = ctx;
}

struct hz_block *hz_block_take(struct hz_block_pool *p)
{
    if (p->n_free == 0) {
        p->starved = true;
        return NULL;
    }
    struct hz_block *b = p->free_list[--p->n_free];
    *b = (struct hz_block){.refs = 1, .pool = p, .data = b->data, .cap = p->bytes};
    p->live++;
    return b;
}

size_t hz_block_pool_room(const struct hz_block_pool *p)
{
    return p->n_free;
}

struct hz_block *hz_block_ref(struct hz_block *b)
{
    b->refs++;
    return b;
}

void hz_block_unref(struct hz_block *b)
{
    if (!b || --b->refs > 0)
        return;
    struct hz_block_pool *p = b->pool;
    p->free_list[p->n_free++] = b;
    if (p->starved && p->wake) {
        p->starved = false;
        p->wake(p->ctx);
    }
    let_go(p);
}
