/* The functions of expressions: their names, arguments and types; call.c evaluates them. */
#include "proto/nearest.h"
#include "proto/sensors/compile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Arguments: b bits, B whole bytes, x bits or a number, n a number, a anything, c a whole number
 * that is written there, t a text likewise; ? what follows may be left out, * what follows may
 * stand any number of times. */
struct function {
    const char *name, *arguments;
    const char *usage;
    enum hz_call call;
};

static const struct function functions[] = {
    {"cat", "*b", "cat(BITS, …)", HZ_CALL_CAT},
    {"inv", "b", "inv(BITS)", HZ_CALL_INV},
    {"rev", "b", "rev(BITS)", HZ_CALL_REV},
    {"revn", "bc", "revn(BITS, SIZE)", HZ_CALL_REVN},
    {"le", "B", "le(BYTES)", HZ_CALL_LE},
    {"swap", "B", "swap(BYTES)", HZ_CALL_SWAP},
    {"even", "b", "even(BITS)", HZ_CALL_EVEN},
    {"odd", "b", "odd(BITS)", HZ_CALL_ODD},
    {"uart", "b", "uart(BITS)", HZ_CALL_UART},
    {"un9", "b", "un9(BITS)", HZ_CALL_UN9},
    {"bits", "nc", "bits(NUMBER, LENGTH)", HZ_CALL_BITS},
    {"at", "nc", "at(OFFSET, LENGTH)", HZ_CALL_AT},
    {"last", "c", "last(LENGTH)", HZ_CALL_LAST},
    {"until", "cc", "until(OFFSET, BITS-LEFT-OUT)", HZ_CALL_UNTIL},
    {"tagged", "bccn", "tagged(BITS, SIZE, BITS-OF-TAG, TAG)", HZ_CALL_TAGGED},
    {"digest8", "bnn", "digest8(BITS, GEN, KEY)", HZ_CALL_DIGEST8},
    {"digest8r", "bnn", "digest8r(BITS, GEN, KEY)", HZ_CALL_DIGEST8R},
    {"digest8v", "Bnn", "digest8v(BYTES, GEN, KEY)", HZ_CALL_DIGEST8V},
    {"digest16", "bnn", "digest16(BITS, GEN, KEY)", HZ_CALL_DIGEST16},
    {"roll", "bn", "roll(BITS, KEY)", HZ_CALL_ROLL},
    {"pick", "b*n", "pick(BITS, NUMBER, …)", HZ_CALL_PICK},
    {"par", "b", "par(BITS)", HZ_CALL_PAR},
    {"ones", "b", "ones(BITS)", HZ_CALL_ONES},
    {"signed", "b", "signed(BITS)", HZ_CALL_SIGNED},
    {"bcd", "b", "bcd(BITS)", HZ_CALL_BCD},
    {"int", "n", "int(NUMBER)", HZ_CALL_WHOLE},
    {"abs", "n", "abs(NUMBER)", HZ_CALL_ABS},
    {"min", "n*n", "min(NUMBER, …)", HZ_CALL_MIN},
    {"max", "n*n", "max(NUMBER, …)", HZ_CALL_MAX},
    {"steps", "n*n", "steps(NUMBER, STEP, …)", HZ_CALL_STEPS},
    {"hex", "x?c", "hex(BITS) or hex(NUMBER, DIGITS)", HZ_CALL_HEX},
    {"HEX", "x?c", "HEX(BITS) or HEX(NUMBER, DIGITS)", HZ_CALL_HEX_UPPER},
    {"bin", "b", "bin(BITS)", HZ_CALL_BIN},
    {"ascii", "B", "ascii(BYTES)", HZ_CALL_ASCII},
    {"chr", "n", "chr(NUMBER)", HZ_CALL_CHR},
    {"tri", "bt", "tri(BITS, \"0FX1\")", HZ_CALL_TRI},
    {"b4", "b", "b4(BITS)", HZ_CALL_B4},
    {"format", "t*a", "format(\"%d …\", VALUE, …)", HZ_CALL_FORMAT},
    {"list", "bc", "list(BITS, SIZE)", HZ_CALL_LIST},
    {"known", "a", "known(VALUE)", HZ_CALL_KNOWN},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const struct function crc_plain = {"crcN", "bn?n?n", "crcN(BITS, POLY, INIT, XOR)",
                                          HZ_CALL_CRC};
static const struct function crc_reflected = {"crcNr", "Bn?n?n", "crcNr(BYTES, POLY, INIT, XOR)",
                                              HZ_CALL_CRC_R};
static const struct function sum = {"sumN", "b", "sumN(BITS)", HZ_CALL_SUM};
static const struct function xor = {"xorN", "b", "xorN(BITS)", HZ_CALL_XOR};

/* crc8, crc16r, sum4 …: *size is their number. NULL: none of them. */
static const struct function *sized(const char *name, size_t n, int *size)
{
    size_t at = 3, value = 0;
    while (at < n && at < 5 && name[at] >= '0' && name[at] <= '9')
        value = value * 10 + (size_t)(name[at++] - '0');
    const bool reflected = at + 1 == n && name[at] == 'r';
    if (at == 3 || value < 1 || value > 32 || (at < n && !reflected))
        return NULL;
    *size = (int)value;
    if (memcmp(name, "crc", 3) == 0)
        return reflected ? &crc_reflected : &crc_plain;
    if (!reflected && memcmp(name, "sum", 3) == 0)
        return &sum;
    return !reflected && memcmp(name, "xor", 3) == 0 ? &xor : NULL;
}

static const struct function *built_in(const char *name, size_t n, int *size)
{
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (strlen(functions[i].name) == n && memcmp(functions[i].name, name, n) == 0)
            return &functions[i];
    }
    return n > 3 && n < 7 ? sized(name, n, size) : NULL;
}

static void unknown(struct hz_compiler *c, const char *name, size_t n)
{
    const char *names[FUNCTIONS + 12];
    size_t k = 0;
    char word[48];
    for (; k < FUNCTIONS; k++)
        names[k] = functions[k].name;
    static const char *const more[] = {"crc4", "crc8", "crc16", "crc8r", "crc16r", "crc32r",
                                       "sum8", "sum4", "xor8",  "enum",  "table",  NULL};
    memcpy(names + k, more, sizeof more);
    snprintf(word, sizeof word, "%.*s", (int)(n < 40 ? n : 40), name);
    const char *near = hz_nearest(word, names);
    hz_compile_error(c, "unknown function '%s'%s%s%s", word, near ? "; did you mean '" : "",
                     near ? near : "", near ? "'?" : "");
}

/* ---- arguments -------------------------------------------------------------------------- */

struct arguments {
    struct hz_type type[HZ_ARGUMENTS_MAX]; /* of those on the stack */
    size_t n;
    int64_t whole[2];
    size_t n_whole;
    int32_t text;
    const char *written; /* the text as it stands there */
    size_t written_n;
};

static void wrong(struct hz_compiler *c, const struct function *f)
{
    char name[48];
    hz_compile_error(c, "expected %s, not %s", f->usage, hz_word_name(c, name));
}

static void need_bits(struct hz_compiler *c, const struct function *f, const struct hz_type *t,
                      bool bytes)
{
    if (t->kind == HZ_TYPE_NUMBER)
        hz_compile_error(c, "%s with a number: expected bits, as a range or bits(NUMBER, LENGTH)",
                         f->name);
    else if (t->kind == HZ_TYPE_TEXT || t->kind == HZ_TYPE_LIST)
        hz_compile_error(c, "%s with a %s: expected bits, as a range", f->name,
                         t->kind == HZ_TYPE_TEXT ? "text" : "list");
    else if (bytes && t->bits > 0 && t->bits % 8 != 0)
        hz_compile_error(c, "%s with %d bits: expected whole bytes", f->name, t->bits);
}

static void argument(struct hz_compiler *c, const struct function *f, char kind,
                     struct arguments *a)
{
    if (kind == 'c') {
        hz_compile_whole(c, 0, HZ_SENSOR_DATA_MAX, f->name, &a->whole[a->n_whole]);
        a->n_whole++;
        return;
    }
    if (kind == 't') {
        if (c->word.token != HZ_TOKEN_TEXT) {
            wrong(c, f);
            return;
        }
        a->written = c->word.at + 1;
        a->written_n = c->word.n - 2;
        a->text = hz_add_text(c, a->written, a->written_n);
        hz_words_next(c);
        return;
    }
    if (a->n == HZ_ARGUMENTS_MAX) {
        hz_compile_error(c, "%s: expected at most %d values", f->name, HZ_ARGUMENTS_MAX);
        return;
    }
    struct hz_type *t = &a->type[a->n++];
    *t = hz_compile_expression(c);
    if (kind == 'b' || kind == 'B')
        need_bits(c, f, t, kind == 'B');
    else if (kind == 'n')
        hz_need_number(c, t, 0, f->name);
}

/* Reads what stands between the brackets. */
static void arguments(struct hz_compiler *c, const struct function *f, struct arguments *a)
{
    const char *kind = f->arguments;
    bool optional = false;
    for (size_t i = 0; !hz_compile_failed(c); i++) {
        const bool any = *kind == '*';
        optional = optional || *kind == '?' || any;
        kind += *kind == '?' || any;
        if (hz_word_is(c, ")") && (!*kind || optional) && (i > 0 || !*f->arguments))
            break;
        if (!*kind || (i > 0 && !hz_word_is(c, ","))) {
            wrong(c, f);
            break;
        }
        if (i > 0)
            hz_words_next(c);
        argument(c, f, *kind, a);
        kind += any ? -1 : 1;
    }
    hz_words_take(c, ")");
}

/* ---- results ---------------------------------------------------------------------------- */

static struct hz_type bits(int n)
{
    return (struct hz_type){.kind = HZ_TYPE_BITS, .bits = n};
}

/* The length of bits that were changed. */
static struct hz_type changed(struct hz_compiler *c, const struct function *f,
                              const struct arguments *a)
{
    const int n = a->type[0].bits, size = (int)a->whole[0];
    switch (f->call) {
    case HZ_CALL_EVEN:
        return bits(n < 0 ? -1 : (n + 1) / 2);
    case HZ_CALL_ODD:
        return bits(n < 0 ? -1 : n / 2);
    case HZ_CALL_UN9:
        return bits(n < 0 ? -1 : n - n / 9);
    case HZ_CALL_UART:
        if (n > 0 && n % 10 != 0)
            hz_compile_error(c, "uart with %d bits: expected ten for each byte", n);
        return bits(n < 0 ? -1 : n / 10 * 8);
    case HZ_CALL_REVN:
        if (size < 1 || (n > 0 && n % size != 0))
            hz_compile_error(c, "revn with %d bits in groups of %d: expected whole groups", n,
                             size);
        return bits(n);
    default:
        return bits(n);
    }
}

/* Every directive of a format has its value. */
static void check_format(struct hz_compiler *c, const struct arguments *a)
{
    size_t used = 0;
    for (size_t i = 0; i < a->written_n && !hz_compile_failed(c); i++) {
        if (a->written[i] != '%')
            continue;
        const char *s = a->written + i + 1;
        const size_t width = strspn(s, "0123456789.");
        const char letter = s[width];
        i += width + 1;
        if (width == 0 && letter == '%')
            continue;
        if (!strchr("dxXscf", letter) || letter == 0 || width > 5) {
            hz_compile_error(c,
                             "format: '%%%.*s' is unknown: expected %%d, %%x, %%X, %%s, %%c, %%f "
                             "or %%%%, with a width of at most 5 characters",
                             (int)(width + 1 < 12 ? width + 1 : 12), s);
        } else if (used == a->n) {
            hz_compile_error(c, "format: %zu values for more directives: expected one for each",
                             a->n);
        } else {
            const struct hz_type *t = &a->type[used++];
            const bool text = t->kind == HZ_TYPE_TEXT;
            if (t->kind == HZ_TYPE_LIST || (t->kind != HZ_TYPE_ABSENT && text != (letter == 's')))
                hz_compile_error(c, "format: %%%c with a %s: expected a %s", letter,
                                 text ? "text" : "number", text ? "number, or %s" : "text");
        }
    }
    if (used < a->n)
        hz_compile_error(c, "format: %zu values for %zu directives: expected one for each", a->n,
                         used);
}

static struct hz_type text_result(struct hz_compiler *c, const struct function *f,
                                  const struct arguments *a)
{
    const struct hz_type *t = &a->type[0];
    const bool hex = f->call == HZ_CALL_HEX || f->call == HZ_CALL_HEX_UPPER;
    if (f->call == HZ_CALL_TRI && a->written_n != 4)
        hz_compile_error(c, "tri with \"%.*s\": expected four characters, for 00, 01, 10 and 11",
                         (int)a->written_n, a->written);
    if (hex && t->kind != HZ_TYPE_BITS && t->kind != HZ_TYPE_NUMBER && t->kind != HZ_TYPE_ABSENT)
        hz_compile_error(c, "%s with a text: expected bits or a number", f->name);
    else if (hex && t->kind == HZ_TYPE_NUMBER && (a->n_whole == 0 || a->whole[0] < 1))
        hz_compile_error(c, "%s of a number: expected the number of digits too, %s(…, 4)", f->name,
                         f->name);
    else if (hex && t->fraction)
        hz_compile_error(c, "%s with a fraction: expected a whole number, as of int()", f->name);
    if (f->call == HZ_CALL_FORMAT)
        check_format(c, a);
    return (struct hz_type){.kind = HZ_TYPE_TEXT};
}

static struct hz_type number_result(struct hz_compiler *c, const struct function *f, int size,
                                    const struct arguments *a)
{
    struct hz_type t = hz_type_number(64);
    const int n = a->type[0].bits;
    switch (f->call) {
    case HZ_CALL_CRC:
    case HZ_CALL_CRC_R:
    case HZ_CALL_XOR:
        t.width = size;
        t.even = true;
        break;
    case HZ_CALL_DIGEST8:
    case HZ_CALL_DIGEST8R:
    case HZ_CALL_DIGEST8V:
    case HZ_CALL_ROLL:
        t.width = 8;
        break;
    case HZ_CALL_DIGEST16:
        t.width = 16;
        break;
    case HZ_CALL_PAR:
        t.width = 1;
        t.even = true;
        break;
    case HZ_CALL_SUM:
        t.width = n > 0 ? size + ceil(log2((n + size - 1.0) / size)) : 64;
        break;
    case HZ_CALL_ONES:
        t.width = n > 0 ? log2(n + 1.0) : 10;
        break;
    case HZ_CALL_SIGNED:
    case HZ_CALL_BCD:
        if (n > 64)
            hz_compile_error(c, "%s with %d bits: expected at most 64", f->name, n);
        t.width = n > 0 ? n : 64;
        break;
    case HZ_CALL_PICK:
        if (n >= 0 && (size_t)n != a->n - 1)
            hz_compile_error(c, "pick with %zu numbers for %d bits: expected one for each",
                             a->n - 1, n);
        break;
    case HZ_CALL_ABS:
    case HZ_CALL_MIN:
    case HZ_CALL_MAX:
        for (size_t i = 0; i < a->n; i++)
            t.fraction = t.fraction || a->type[i].fraction;
        break;
    default:
        break;
    }
    return t;
}

static struct hz_type result(struct hz_compiler *c, const struct function *f, int size,
                             const struct arguments *a)
{
    int n = 0;
    switch (f->call) {
    case HZ_CALL_CAT:
        for (size_t i = 0; i < a->n; i++)
            n = n < 0 || a->type[i].bits < 0 ? -1 : n + a->type[i].bits;
        return bits(n);
    case HZ_CALL_INV ... HZ_CALL_UN9:
        return changed(c, f, a);
    case HZ_CALL_BITS:
        if (a->whole[0] > 64)
            hz_compile_error(c, "bits of a number: expected at most 64");
        return bits((int)a->whole[0]);
    case HZ_CALL_AT:
    case HZ_CALL_LAST:
        if (a->whole[0] < 1 || a->whole[0] > c->data_max)
            hz_compile_error(c, "%s: %lld bits: expected 1 to the %d that there are", f->name,
                             (long long)a->whole[0], c->data_max);
        return bits((int)a->whole[0]);
    case HZ_CALL_TAGGED:
        if (a->whole[1] < 1 || a->whole[1] >= a->whole[0] || a->whole[1] > HZ_NUMBER_BITS)
            hz_compile_error(c, "tagged: expected a tag shorter than the group of %lld bits",
                             (long long)a->whole[0]);
        return bits((int)(a->whole[0] - a->whole[1]));
    case HZ_CALL_UNTIL:
        return bits(-1);
    case HZ_CALL_LIST:
        if (a->whole[0] < 1 || a->whole[0] > HZ_NUMBER_BITS)
            hz_compile_error(c, "list of numbers of %lld bits: expected 1 to %d",
                             (long long)a->whole[0], HZ_NUMBER_BITS);
        return (struct hz_type){.kind = HZ_TYPE_LIST};
    case HZ_CALL_HEX ... HZ_CALL_FORMAT:
        return text_result(c, f, a);
    default:
        return number_result(c, f, size, a);
    }
}

/* What the call's instruction holds beside the function. */
static void emit_call(struct hz_compiler *c, const struct function *f, int size,
                      const struct arguments *a)
{
    unsigned b = (unsigned)a->n;
    int32_t value = a->n_whole ? (int32_t)a->whole[0] : size;
    if (f->call == HZ_CALL_UNTIL) {
        b = (unsigned)a->whole[0];
        value = (int32_t)a->whole[1];
    } else if (f->call == HZ_CALL_TAGGED) {
        b = (unsigned)a->whole[1];
    } else if (f->call == HZ_CALL_TRI || f->call == HZ_CALL_FORMAT) {
        value = a->text;
    }
    c->stack -= (int)a->n;
    hz_emit(c, HZ_OP_CALL, f->call, b, value);
    c->stack++;
}

struct hz_type hz_compile_call(struct hz_compiler *c, const char *name, size_t n)
{
    struct arguments a = {.n = 0};
    int size = 0;
    uint16_t index;
    if (n == 4 && memcmp(name, "enum", n) == 0)
        return hz_compile_enum(c);
    if (n == 5 && memcmp(name, "table", n) == 0)
        return hz_compile_table(c);
    const struct function *f = built_in(name, n, &size);
    if (f) {
        arguments(c, f, &a);
        if (hz_compile_failed(c))
            return hz_type_number(0);
        struct hz_type t = result(c, f, size, &a);
        emit_call(c, f, size, &a);
        return t;
    }
    struct hz_named *own = c->find(c->ctx, name, n, &index);
    if (own && own->parameters)
        return hz_compile_own(c, own);
    c->error[0] = 0; /* what find says is about fields */
    unknown(c, name, n);
    return hz_type_number(0);
}
