/* The stack code that a declaration's expressions become, and its evaluator. Inside proto/sensors/
 * only. Jumps go forward only, so a piece of code ends after at most as many steps as it has
 * instructions; how deep its stack gets is known when it is compiled. */
#ifndef HZ_PROTO_SENSORS_CODE_H
#define HZ_PROTO_SENSORS_CODE_H

#include "proto/sensors/set.h"

enum {
    HZ_CODE_STACK = 64,  /* values on the stack of one expression */
    HZ_CODE_LOCALS = 16, /* parameters of functions at one time */
    HZ_CODE_FIELDS = 96, /* of a sensor, hidden ones included */
    HZ_CODE_DEPTH = 16,  /* fields that need fields that need … */
    HZ_CODE_BITS = 4096, /* calculated bits of a frame */
    HZ_CODE_TEXT = 1024, /* characters of texts, likewise */
    HZ_NUMBER_BITS = 63, /* of a range that is a number */
};

enum hz_op {
    HZ_OP_NONE,      /* push absent */
    HZ_OP_INT,       /* push c */
    HZ_OP_CONST,     /* push constant c */
    HZ_OP_TEXT,      /* push text c */
    HZ_OP_RANGE,     /* push bits b … b + c - 1, changed by the flags a */
    HZ_OP_NUMBER,    /* the same as a number */
    HZ_OP_TO_NUMBER, /* bits under a values become a number */
    HZ_OP_FIELD,     /* push field b */
    HZ_OP_LOCAL,     /* push local b */
    HZ_OP_STORE,     /* pop into local b */
    HZ_OP_NEGATE,
    HZ_OP_INVERT,
    HZ_OP_NOT,
    HZ_OP_ADD, /* two numbers become one, in this order up to >> */
    HZ_OP_SUB,
    HZ_OP_MUL,
    HZ_OP_DIV,
    HZ_OP_FLOOR,
    HZ_OP_MOD,
    HZ_OP_POWER,
    HZ_OP_AND,
    HZ_OP_OR,
    HZ_OP_XOR,
    HZ_OP_LEFT,
    HZ_OP_RIGHT,
    HZ_OP_COMPARE,      /* two numbers; a: enum hz_compare */
    HZ_OP_COMPARE_BITS, /* two rows of bits; a: HZ_EQ or HZ_NE */
    HZ_OP_COMPARE_TEXT, /* likewise */
    HZ_OP_CHAIN,        /* a < b < c: two numbers compared; holds: the second is left; else 0, and
                         * c instructions are passed over */
    HZ_OP_IN,           /* a number in b pairs of constants from c on */
    HZ_OP_IN_TEXT,      /* a text in b texts from c on */
    HZ_OP_AND_THEN,     /* does not hold: it stays, and c instructions are passed over; else pop */
    HZ_OP_OR_ELSE,      /* holds: it stays, and c instructions are passed over; else pop */
    HZ_OP_UNLESS,       /* pop; does not hold: c instructions are passed over */
    HZ_OP_JUMP,         /* c instructions are passed over */
    HZ_OP_FIND,         /* pop a number; found in b pairs of constants from c on (key, then the
                         * index of an instruction behind this one): goes on there; else at the
                         * one that the last pair names */
    HZ_OP_CALL,         /* function a: enum hz_call; b and c as it wants them */
};

enum hz_compare { HZ_EQ, HZ_NE, HZ_LT, HZ_LE, HZ_GT, HZ_GE };

/* Changes of a range. */
enum {
    HZ_RANGE_REVERSED = 1,
    HZ_RANGE_BYTES = 2,   /* bits reversed in each byte */
    HZ_RANGE_NIBBLES = 4, /* in each half byte */
    HZ_RANGE_LITTLE = 8,  /* bytes in reverse order */
    HZ_RANGE_SIGNED = 16,
    HZ_RANGE_BCD = 32,
    HZ_RANGE_ORDER = HZ_RANGE_REVERSED | HZ_RANGE_BYTES | HZ_RANGE_NIBBLES | HZ_RANGE_LITTLE,
};

/* Functions. b is the number of values on the stack where that varies; c a constant argument, or N
 * of crcN. */
enum hz_call {
    HZ_CALL_CAT,
    HZ_CALL_INV,
    HZ_CALL_REV,
    HZ_CALL_REVN, /* c: size of a group */
    HZ_CALL_LE,
    HZ_CALL_SWAP,
    HZ_CALL_EVEN,
    HZ_CALL_ODD,
    HZ_CALL_UART,
    HZ_CALL_UN9,
    HZ_CALL_BITS,   /* c: length */
    HZ_CALL_AT,     /* c: length */
    HZ_CALL_LAST,   /* c: length */
    HZ_CALL_UNTIL,  /* b: offset; c: left out at the end */
    HZ_CALL_TAGGED, /* c: size of a group; b: of the tag */
    HZ_CALL_CRC,    /* c: width; b: arguments */
    HZ_CALL_CRC_R,
    HZ_CALL_SUM, /* c: size of a group */
    HZ_CALL_XOR,
    HZ_CALL_DIGEST8,
    HZ_CALL_DIGEST8R,
    HZ_CALL_DIGEST8V,
    HZ_CALL_DIGEST16,
    HZ_CALL_ROLL,
    HZ_CALL_PICK,
    HZ_CALL_PAR,
    HZ_CALL_ONES,
    HZ_CALL_SIGNED,
    HZ_CALL_BCD,
    HZ_CALL_WHOLE, /* int */
    HZ_CALL_ABS,
    HZ_CALL_MIN,
    HZ_CALL_MAX,
    HZ_CALL_STEPS,
    HZ_CALL_TABLE, /* b: points; c: the first of its constants */
    HZ_CALL_HEX,   /* c: digits; 0: as many as the bits fill */
    HZ_CALL_HEX_UPPER,
    HZ_CALL_BIN,
    HZ_CALL_ASCII,
    HZ_CALL_CHR,
    HZ_CALL_TRI, /* c: index of the text of characters */
    HZ_CALL_B4,
    HZ_CALL_JOIN,   /* two texts */
    HZ_CALL_FORMAT, /* c: index of its text; b: values */
    HZ_CALL_LIST,   /* c: bits of a number */
    HZ_CALL_KNOWN,
};

struct hz_ins {
    uint8_t op, a;
    uint16_t b;
    int32_t c;
};

enum hz_value_kind { HZ_ABSENT, HZ_INT, HZ_REAL, HZ_BITS, HZ_TEXT, HZ_LIST };

struct hz_sensor_value {
    enum hz_value_kind kind;
    uint16_t n;    /* bits, or characters */
    uint16_t size; /* bits of a number of a list */
    union {
        int64_t i;
        double d;
        const uint8_t *bit;
        const char *text;
    };
};

/* A piece of code: instructions at … at + n - 1. */
struct hz_piece {
    uint16_t at, n;
};

struct hz_code_field {
    const char *name;
    bool hidden;
    uint16_t first, n; /* its lines, in `lines` */
};

/* A field that must lie within low … high. */
struct hz_code_range {
    uint16_t field;
    double low, high;
};

struct hz_sensor_code {
    const struct hz_ins *ins;
    const struct hz_sensor_value *consts; /* numbers */
    const char *const *texts;
    const struct hz_piece *checks;
    size_t n_checks;
    const struct hz_code_field *fields;
    size_t n_fields;
    const struct hz_piece *lines; /* of fields */
    const struct hz_code_range *ranges;
    size_t n_ranges;
    size_t n_locals;
    struct hz_piece length; /* n = 0: the frame's length is fixed or free */
    struct hz_bitrow whiten;
};

/* What it takes to evaluate expressions of one frame. Values point into it. */
struct hz_run {
    const struct hz_sensor_code *code;
    const uint8_t *bit; /* the frame's data bits, whitening undone */
    size_t n;
    size_t bits_used, text_used;
    uint8_t known[HZ_CODE_FIELDS]; /* whether the field was evaluated */
    struct hz_sensor_value field[HZ_CODE_FIELDS];
    struct hz_sensor_value local[HZ_CODE_LOCALS];
    uint8_t bits[HZ_CODE_BITS];
    char text[HZ_CODE_TEXT];
};

/* Only what must be empty is written. */
void hz_run_init(struct hz_run *r, const struct hz_sensor_code *code, const uint8_t *bit, size_t n);
struct hz_sensor_value hz_run_piece(struct hz_run *r, struct hz_piece piece);
struct hz_sensor_value hz_run_field(struct hz_run *r, size_t field);
/* A function, of the values at v (call.c). */
struct hz_sensor_value hz_run_call(struct hz_run *r, const struct hz_ins *ins,
                                   const struct hz_sensor_value *v);

/* One whose result is a text (call_text.c). */
struct hz_sensor_value hz_run_text(struct hz_run *r, const struct hz_ins *ins,
                                   const struct hz_sensor_value *v);

/* The bits of a range in the order that its flags ask for. n is at most HZ_SENSOR_DATA_MAX. */
void hz_range_order(uint8_t *out, const uint8_t *bit, size_t n, unsigned flags);
/* Bits that a frame must have for its checks to hold: 0 or 1, or HZ_BIT_FREE. Of comparisons with
 * `==` between a range and a number, joined by `and` (fixed.c). */
enum { HZ_BIT_FREE = 2 };
void hz_code_fixed(const struct hz_sensor_code *code, uint8_t bit[HZ_SENSOR_DATA_MAX]);

/* Bits as a number; other values as they are. Absent: more than HZ_NUMBER_BITS. */
struct hz_sensor_value hz_value_to_number(struct hz_sensor_value v);
/* The number as a fraction; false: it is none. */
bool hz_value_real(struct hz_sensor_value v, double *d);
/* The whole number; false: it is none, or has a fraction. */
bool hz_value_whole(struct hz_sensor_value v, int64_t *i);
/* Whether a condition holds. */
bool hz_value_holds(struct hz_sensor_value v);

#endif
