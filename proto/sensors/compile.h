/* From the text of an expression to stack code, in one pass: words (words.c), grammar
 * (expression.c), functions (functions.c). Inside proto/sensors/ only. */
#ifndef HZ_PROTO_SENSORS_COMPILE_H
#define HZ_PROTO_SENSORS_COMPILE_H

#include "proto/sensors/code.h"

enum {
    HZ_PIECE_MAX = 640,  /* instructions of one expression */
    HZ_NESTING_MAX = 40, /* brackets in brackets, functions in functions */
    HZ_ERROR_MAX = 240,
    HZ_ARGUMENTS_MAX = 64, /* of a function */
    HZ_PARAMETERS_MAX = 6, /* of one that a declaration makes */
};

enum hz_token {
    HZ_TOKEN_END,
    HZ_TOKEN_NUMBER,
    HZ_TOKEN_RANGE,
    HZ_TOKEN_NAME, /* and words as `if` */
    HZ_TOKEN_TEXT,
    HZ_TOKEN_SIGN, /* operators and brackets */
};

struct hz_word {
    enum hz_token token;
    const char *at; /* where it begins */
    size_t n;
    bool fraction; /* a number */
    int64_t whole;
    double real;
    unsigned flags, offset, length; /* a range */
};

enum hz_type_kind { HZ_TYPE_ABSENT, HZ_TYPE_NUMBER, HZ_TYPE_BITS, HZ_TYPE_TEXT, HZ_TYPE_LIST };

/* What is known of a value before there is a frame. */
struct hz_type {
    enum hz_type_kind kind;
    int bits;      /* how many; -1: only known with the frame */
    bool fraction; /* a number that need not be whole */
    bool constant;
    double value;
    double width; /* a number: how many bits of it are free */
    bool even;    /* all of 0 … 2^width - 1 alike */
    double sure;  /* a condition: random bits meet it one time in 2^sure */
};

/* A field or a function of the declaration that is compiled. */
struct hz_named {
    char name[48];
    const char *parameters; /* "b, c"; NULL: a field */
    const char *body;       /* of a function */
    bool hidden;
    struct hz_type type;
    uint8_t state; /* 0: not yet compiled, 1: being compiled, 2: done */
    uint16_t depth;
};

struct hz_binding {
    const char *name;
    size_t n;
    uint16_t local;
    struct hz_type type;
};

struct hz_compiler {
    struct hz_word word; /* the next one */
    const char *text;    /* the whole expression */
    int nesting;
    int stack; /* values at this point */
    struct hz_ins *piece;
    size_t n_piece;
    size_t joined; /* a jump may come here: what is before is not changed any more */

    const struct hz_binding *bound;
    size_t n_bound;
    uint16_t n_locals, most_locals;

    int data_max; /* bits that an expression may speak of */
    /* The field or function of that name, compiled; NULL: none. */
    struct hz_named *(*find)(void *ctx, const char *name, size_t n, uint16_t *index);
    void *ctx;
    uint16_t depth; /* of fields that this piece needs */

    struct hz_sensor_value *consts;
    size_t n_consts, room_consts;
    const char **texts; /* owned */
    size_t n_texts, room_texts;
    bool no_memory;

    char error[HZ_ERROR_MAX]; /* "": none yet; the first one counts */
};

/* Compiles a text into at most HZ_PIECE_MAX instructions. False: error says why. */
bool hz_compile_text(struct hz_compiler *c, const char *text, struct hz_ins *piece, size_t *n,
                     struct hz_type *type);
void hz_compiler_done(struct hz_compiler *c);

/* ---- for the parts of the compiler ------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) void hz_compile_error(struct hz_compiler *c,
                                                            const char *format, ...);
static inline bool hz_compile_failed(const struct hz_compiler *c)
{
    return c->error[0] != 0;
}
/* Reads the first word of a text, and the next. */
void hz_words_begin(struct hz_compiler *c, const char *text);
void hz_words_next(struct hz_compiler *c);
bool hz_word_is(const struct hz_compiler *c, const char *sign_or_word);
/* Passes over it. False, and an error where it is not there: "expected ')'". */
bool hz_words_take(struct hz_compiler *c, const char *sign);
/* The word for people: "'foo'", "the end". Valid until the next call with the same out. */
const char *hz_word_name(const struct hz_compiler *c, char out[48]);

void hz_emit(struct hz_compiler *c, enum hz_op op, unsigned a, unsigned b, int32_t c_value);
int32_t hz_add_const(struct hz_compiler *c, struct hz_sensor_value v);
int32_t hz_add_text(struct hz_compiler *c, const char *text, size_t n);
/* The value `below` the top of the stack becomes a number; an error where it is none. `what` says
 * for whom: "crc8". */
void hz_need_number(struct hz_compiler *c, struct hz_type *t, unsigned below, const char *what);
/* Two values that may stand for each other, the second on the top. */
struct hz_type hz_common_type(struct hz_compiler *c, struct hz_type a, struct hz_type b);

struct hz_type hz_compile_expression(struct hz_compiler *c);
/* Behind the name of a function and its '('. */
struct hz_type hz_compile_call(struct hz_compiler *c, const char *name, size_t n);
/* Behind `enum(`, `table(`, and the '(' of a function that the declaration makes. */
struct hz_type hz_compile_enum(struct hz_compiler *c);
struct hz_type hz_compile_table(struct hz_compiler *c);
struct hz_type hz_compile_own(struct hz_compiler *c, struct hz_named *f);
/* Sums, products and what binds more: what a comparison compares. */
struct hz_type hz_compile_arithmetic(struct hz_compiler *c);
/* A jump at `from` goes to where the code is now. */
void hz_join(struct hz_compiler *c, size_t from);
/* A whole number that is written there, or a number with a sign. */
bool hz_compile_whole(struct hz_compiler *c, int64_t low, int64_t high, const char *what,
                      int64_t *v);
bool hz_compile_number(struct hz_compiler *c, struct hz_sensor_value *v);
struct hz_type hz_type_number(double width);

#endif
