/* The checks and fields of a declaration, compiled. */
#include "proto/nearest.h"
#include "proto/sensors/compile.h"
#include "proto/sensors/draft.h"
#include "proto/sensors/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INS_MAX = 60000, PIECES_MAX = 512, RANGES_MAX = 64 };

/* One declaration. The instructions of finished pieces are in `ins`, each piece whole. */
struct coding {
    struct hz_sensor_drafts *drafts;
    const struct hz_draft_key *keys;
    size_t n;
    struct hz_compiler compiler;
    struct hz_named names[HZ_CODE_FIELDS]; /* fields, then as `fields` in the code; and functions */
    const struct hz_draft_key *first[HZ_CODE_FIELDS]; /* line that made the name */
    struct hz_code_field fields[HZ_CODE_FIELDS];
    size_t n_names;
    struct hz_piece lines[PIECES_MAX], checks[PIECES_MAX];
    size_t n_lines, n_checks;
    struct hz_code_range ranges[RANGES_MAX];
    size_t n_ranges;
    struct hz_ins *ins;
    size_t n_ins, room_ins;
    double sure;
    bool bad;
};

static void keep_error(struct coding *g, const struct hz_draft_key *k, const char *what)
{
    g->bad = true;
    hz_draft_error(g->drafts, k->file, k->line, "%s: %s", k->name, what);
}

static bool keep_piece(struct coding *g, const struct hz_ins *ins, size_t n, struct hz_piece *out)
{
    if (g->n_ins + n > INS_MAX)
        return false;
    if (g->n_ins + n > g->room_ins) {
        const size_t room = 2 * (g->n_ins + n);
        struct hz_ins *more = realloc(g->ins, room * sizeof *more);
        if (!more) {
            g->drafts->no_memory = true;
            return false;
        }
        g->ins = more;
        g->room_ins = room;
    }
    memcpy(g->ins + g->n_ins, ins, n * sizeof *ins);
    *out = (struct hz_piece){(uint16_t)g->n_ins, (uint16_t)n};
    g->n_ins += n;
    return true;
}

/* One expression to a piece of its own, whatever is being compiled around it. */
static bool compile(struct coding *g, const struct hz_draft_key *k, bool one_of_many,
                    struct hz_piece *out, struct hz_type *type, uint16_t *depth)
{
    struct hz_compiler *c = &g->compiler;
    const struct hz_compiler outer = *c;
    struct hz_ins piece[HZ_PIECE_MAX];
    char said[HZ_ERROR_MAX];
    size_t n;
    c->depth = 0;
    c->n_bound = 0;
    bool ok = hz_compile_text(c, k->value, piece, &n, type);
    if (ok && one_of_many && type->kind == HZ_TYPE_BITS) {
        hz_need_number(c, type, 0, k->name);
        n = c->n_piece;
        ok = !hz_compile_failed(c);
    }
    if (ok && c->depth > HZ_CODE_DEPTH) {
        hz_compile_error(c, "fields that need fields, %d deep: expected at most %d", c->depth,
                         HZ_CODE_DEPTH);
        ok = false;
    }
    *depth = c->depth;
    memcpy(said, c->error, sizeof said);
    /* what grows stays; what belongs to the expression is that of the outer one again */
    c->word = outer.word;
    c->text = outer.text;
    c->nesting = outer.nesting;
    c->stack = outer.stack;
    c->piece = outer.piece;
    c->n_piece = outer.n_piece;
    c->joined = outer.joined;
    c->bound = outer.bound;
    c->n_bound = outer.n_bound;
    c->depth = outer.depth;
    c->error[0] = 0;
    if (!ok)
        keep_error(g, k, said);
    return ok && keep_piece(g, piece, n, out);
}

/* ---- names ------------------------------------------------------------------------------ */

static const char *plain_name(const char *key)
{
    key += *key == '.';
    return key + (*key == '_');
}

static size_t name_length(const char *name)
{
    return strcspn(name, " \t(");
}

/* All lines of a field, once. */
static void compile_field(struct coding *g, size_t i)
{
    struct hz_named *f = &g->names[i];
    const char *name = g->first[i]->name;
    size_t lines = 0;
    struct hz_piece piece[PIECES_MAX];
    struct hz_type type;
    uint16_t depth;
    for (size_t k = 0; k < g->n; k++)
        lines += g->keys[k].key == HZ_KEY_FIELD && strcmp(g->keys[k].name, name) == 0;
    f->state = 1;
    f->type = (struct hz_type){.kind = HZ_TYPE_ABSENT};
    size_t n = 0;
    for (size_t k = 0; k < g->n && n < PIECES_MAX; k++) {
        const struct hz_draft_key *key = &g->keys[k];
        if (key->key != HZ_KEY_FIELD || strcmp(key->name, name) != 0)
            continue;
        if (!compile(g, key, lines > 1, &piece[n], &type, &depth)) {
            g->bad = true;
            continue;
        }
        n++;
        if (f->type.kind != HZ_TYPE_ABSENT && type.kind != HZ_TYPE_ABSENT &&
            f->type.kind != type.kind)
            keep_error(g, key,
                       "a value of another kind than in the line before: expected texts or "
                       "numbers in all of them");
        f->type = lines == 1 ? type : hz_common_type(&g->compiler, f->type, type);
        g->compiler.error[0] = 0;
        f->depth = depth > f->depth ? depth : f->depth;
        if (!f->hidden && type.kind == HZ_TYPE_BITS && type.bits > HZ_NUMBER_BITS)
            keep_error(g, key, "more bits than a number has: expected hex(), list() or their like");
    }
    f->state = 2;
    f->type.constant = false; /* it may be absent in another frame */
    if (g->n_lines + n > PIECES_MAX) {
        keep_error(g, g->first[i], "too many lines of fields");
        n = 0;
    }
    g->fields[i] = (struct hz_code_field){
        .hidden = f->hidden, .first = (uint16_t)g->n_lines, .n = (uint16_t)n};
    memcpy(g->lines + g->n_lines, piece, n * sizeof *piece);
    g->n_lines += n;
}

/* Looks a name up for the compiler, which is in the middle of an expression. */
static struct hz_named *find_name(void *ctx, const char *name, size_t n, uint16_t *index)
{
    struct coding *g = ctx;
    struct hz_compiler *c = &g->compiler;
    const char *names[HZ_CODE_FIELDS + 1] = {NULL};
    char word[48];
    for (size_t i = 0; i < g->n_names; i++) {
        struct hz_named *f = &g->names[i];
        names[i] = f->name;
        if (strlen(f->name) != n || memcmp(f->name, name, n) != 0)
            continue;
        *index = (uint16_t)i;
        if (f->parameters)
            return f;
        if (f->state == 1) {
            hz_compile_error(
                c, "'%s' needs itself, over others: expected values that do not go round", f->name);
            return NULL;
        }
        if (f->state == 0)
            compile_field(g, i);
        return f;
    }
    snprintf(word, sizeof word, "%.*s", (int)(n < 40 ? n : 40), name);
    const char *near = hz_nearest(word, names);
    hz_compile_error(c, "unknown name '%s': expected a field of this sensor%s%s%s", word,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return NULL;
}

/* "._minus1(b)": checks and notes a name. */
static void add_name(struct coding *g, const struct hz_draft_key *k, struct hz_arena *arena)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *name = plain_name(k->name);
    const size_t n = name_length(name);
    const bool hidden = k->name[1] == '_';
    const char *open = strchr(name, '(');
    for (size_t i = 0; i < g->n_names; i++) {
        const struct hz_named *f = &g->names[i];
        if (strlen(f->name) != n || memcmp(f->name, name, n) != 0)
            continue;
        if (f->parameters || open || f->hidden != hidden)
            keep_error(g, k, "stands twice, in two kinds: expected another name");
        return;
    }
    if (n == 0 || n >= sizeof g->names->name || strspn(name, allowed) < n ||
        (name[0] >= '0' && name[0] <= '9'))
        keep_error(g, k, "expected a name of letters, digits and '_', at most 47");
    else if (open && (!hidden || !strchr(open, ')') || strchr(open, ')')[1]))
        keep_error(g, k, "expected a function as ._NAME(a, b), which is hidden");
    else if (g->n_names == HZ_CODE_FIELDS)
        keep_error(g, k, "too many fields");
    else {
        struct hz_named *f = &g->names[g->n_names];
        *f = (struct hz_named){.hidden = hidden};
        memcpy(f->name, name, n);
        if (open) {
            char *list = hz_arena_text(arena, open + 1);
            if (list)
                *strchr(list, ')') = 0;
            f->parameters = list ? list : "";
            f->body = k->value;
            f->state = 0;
        }
        g->first[g->n_names++] = k;
    }
}

static bool is_none(const struct hz_draft_key *k)
{
    return strcmp(k->value, "none") == 0;
}

/* ---- lines ------------------------------------------------------------------------------ */

static void compile_check(struct coding *g, const struct hz_draft_key *k)
{
    struct hz_type type;
    uint16_t depth;
    if (g->n_checks == PIECES_MAX) {
        keep_error(g, k, "too many checks");
        return;
    }
    if (!compile(g, k, false, &g->checks[g->n_checks], &type, &depth))
        return;
    if (type.kind == HZ_TYPE_TEXT || type.kind == HZ_TYPE_LIST || type.kind == HZ_TYPE_ABSENT)
        keep_error(g, k, "expected a condition, as 0:4 == 9");
    else if (type.kind == HZ_TYPE_BITS && type.bits != 1)
        keep_error(g, k, "bits without a comparison: expected a condition, as 0:4 == 9");
    else if (type.constant)
        keep_error(g, k, "a number without a comparison: expected a condition, as 0:4 == 9");
    g->sure += type.kind == HZ_TYPE_BITS ? 1 : type.sure;
    g->n_checks++;
}

/* A number, "-40" of "-40..70"; *end is behind it. strtod would take a '.' of the two. */
static double read_limit(const char *s, char **end)
{
    char text[24];
    const char *dots = strstr(s, "..");
    size_t n = dots ? (size_t)(dots - s) : strlen(s);
    n = n < sizeof text - 1 ? n : sizeof text - 1;
    memcpy(text, s, n);
    text[n] = 0;
    char *at;
    const double v = strtod(text, &at);
    *end = (char *)s + (at - text);
    return v;
}

/* "temperature_C -40..70, humidity 1..100". */
static void read_plausible(struct coding *g, const struct hz_draft_key *k)
{
    const char *s = k->value;
    while (*s) {
        s += strspn(s, " \t,");
        const size_t n = strcspn(s, " \t,");
        if (n == 0)
            return;
        char *end;
        size_t i = 0;
        const char *names[HZ_CODE_FIELDS + 1] = {NULL};
        for (size_t j = 0; j < g->n_names; j++)
            names[j] = g->names[j].name;
        while (i < g->n_names &&
               (strlen(g->names[i].name) != n || memcmp(g->names[i].name, s, n) != 0))
            i++;
        const double low = read_limit(s + n, &end);
        const bool has_low = end > s + n && strncmp(end, "..", 2) == 0;
        const char *second = has_low ? end + 2 : end;
        const double high = has_low ? read_limit(second, &end) : 0;
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)(n < 50 ? n : 50), s);
        if (!has_low || end == second || (*end && !strchr(" \t,", *end)) || !(low <= high)) {
            keep_error(g, k, "expected NAME LOW..HIGH, …, as temperature_C -40..70");
            return;
        }
        s = end;
        if (i == g->n_names && !k->own)
            continue; /* of another sensor, and left out here */
        const char *near = hz_nearest(word, names);
        char what[200];
        if (i == g->n_names) {
            snprintf(what, sizeof what, "unknown name '%s': expected a field of this sensor%s%s%s",
                     word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
            keep_error(g, k, what);
        } else if (g->names[i].parameters || g->names[i].type.kind == HZ_TYPE_TEXT ||
                   g->names[i].type.kind == HZ_TYPE_LIST) {
            snprintf(what, sizeof what, "%s is no number: expected a field that is one", word);
            keep_error(g, k, what);
        } else if (g->n_ranges == RANGES_MAX) {
            keep_error(g, k, "too many ranges");
        } else {
            g->ranges[g->n_ranges++] = (struct hz_code_range){(uint16_t)i, low, high};
        }
    }
}

/* ---- all of it -------------------------------------------------------------------------- */

static void *kept(struct coding *g, struct hz_arena *arena, const void *from, size_t n)
{
    void *to = hz_arena_copy(arena, from, n);
    if (!to)
        g->bad = g->drafts->no_memory = true;
    return to;
}

static void finish(struct coding *g, struct hz_arena *arena, struct hz_sensor *out,
                   struct hz_sensor_code *code)
{
    const struct hz_compiler *c = &g->compiler;
    const char **texts = kept(g, arena, c->texts, c->n_texts * sizeof *texts);
    for (size_t i = 0; texts && i < c->n_texts; i++)
        texts[i] = kept(g, arena, c->texts[i], strlen(c->texts[i]) + 1);
    for (size_t i = 0; i < g->n_names; i++)
        g->fields[i].name = kept(g, arena, g->names[i].name, strlen(g->names[i].name) + 1);
    code->texts = texts;
    code->ins = kept(g, arena, g->ins, g->n_ins * sizeof *g->ins);
    code->consts = kept(g, arena, c->consts, c->n_consts * sizeof *c->consts);
    code->checks = kept(g, arena, g->checks, g->n_checks * sizeof *g->checks);
    code->n_checks = g->n_checks;
    code->fields = kept(g, arena, g->fields, g->n_names * sizeof *g->fields);
    code->n_fields = g->n_names;
    code->lines = kept(g, arena, g->lines, g->n_lines * sizeof *g->lines);
    code->ranges = kept(g, arena, g->ranges, g->n_ranges * sizeof *g->ranges);
    code->n_ranges = g->n_ranges;
    code->n_locals = c->most_locals;
    if (out->strength < 0)
        out->strength = (int)fmin(floor(g->sure + 1e-6), 1000);
    out->code = code;
}

static void compile_all(struct coding *g, struct hz_arena *arena, const struct hz_sensor *out,
                        struct hz_sensor_code *code)
{
    uint8_t white[HZ_SENSOR_DATA_MAX];
    struct hz_type type;
    uint16_t depth;
    char err[200];
    for (size_t i = 0; i < g->n; i++) {
        if (g->keys[i].key == HZ_KEY_FIELD && !is_none(&g->keys[i]))
            add_name(g, &g->keys[i], arena);
    }
    g->compiler.data_max = out->data_min;
    const struct hz_draft_key *k = hz_draft_find(g->keys, g->n, HZ_KEY_LENGTH);
    if (k && compile(g, k, true, &code->length, &type, &depth) && type.kind != HZ_TYPE_NUMBER)
        keep_error(g, k, "expected the number of data bits");
    g->compiler.data_max = out->data_max;
    k = hz_draft_find(g->keys, g->n, HZ_KEY_WHITEN);
    if (k && !hz_row_bytes(k->value, white, sizeof white, &code->whiten.n, err, sizeof err))
        keep_error(g, k, err);
    else if (k)
        code->whiten.bit = kept(g, arena, white, code->whiten.n);
    for (size_t i = 0; i < g->n_names; i++) {
        if (!g->names[i].parameters && g->names[i].state == 0)
            compile_field(g, i);
    }
    for (size_t i = 0; i < g->n; i++) {
        if (g->keys[i].key == HZ_KEY_CHECK && *g->keys[i].value)
            compile_check(g, &g->keys[i]);
        else if (g->keys[i].key == HZ_KEY_PLAUSIBLE)
            read_plausible(g, &g->keys[i]);
    }
}

bool hz_declare_code(struct hz_sensor_drafts *d, const struct hz_draft_key *keys, size_t n,
                     struct hz_arena *arena, struct hz_sensor *out)
{
    struct coding *g = calloc(1, sizeof *g);
    struct hz_sensor_code *code = hz_arena_alloc(arena, sizeof *code);
    if (!g || !code) {
        d->no_memory = true;
        free(g);
        return false;
    }
    g->drafts = d;
    g->keys = keys;
    g->n = n;
    g->compiler.find = find_name;
    g->compiler.ctx = g;
    compile_all(g, arena, out, code);
    finish(g, arena, out, code);
    const bool ok = !g->bad;
    hz_compiler_done(&g->compiler);
    free(g->ins);
    free(g);
    return ok;
}
