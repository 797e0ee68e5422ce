/* Data records of a meter (EN 13757-3): each a value behind its data information block (DIF: how it
 * is coded, from when) and value information block (VIF: what it is, in which unit). Pure: any
 * thread. */
#ifndef HZ_PROTO_WMBUS_RECORD_H
#define HZ_PROTO_WMBUS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the bytes of a value are to be read, and told. */
enum hz_vif_kind {
    HZ_VIF_NUMBER,  /* times 10^exponent */
    HZ_VIF_DIGITS,  /* a name or number of something: text, with its leading zeros */
    HZ_VIF_DATE,    /* type G */
    HZ_VIF_TIME,    /* type F or I */
    HZ_VIF_UNKNOWN, /* the raw bytes */
};

/* What a VIF stands for. */
struct hz_vif {
    const char *quantity; /* "volume" */
    const char *unit;     /* "m3"; "": none */
    enum hz_vif_kind kind;
    int exponent; /* of ten */
};

enum hz_function { HZ_FUNCTION_NOW, HZ_FUNCTION_MAX, HZ_FUNCTION_MIN, HZ_FUNCTION_ERROR };

enum { HZ_RECORD_TEXT = 192 };

struct hz_meter_record {
    /* The blocks before the value, as sent, and the value. */
    const uint8_t *head, *bytes;
    size_t head_n, n;
    const uint8_t *vif; /* the VIF and what extends it, in head */
    size_t vif_n;
    unsigned coding; /* low four bits of the DIF; 15: the rest, which is the maker's own */
    uint64_t storage;
    unsigned tariff, subunit;
    enum hz_function function;
    struct hz_vif what;
    const char *qualifier; /* "backward"; NULL: none */
    bool odd;              /* an extension of the VIF whose meaning is not known here */
    bool has_value;
    double value;              /* NUMBER */
    char text[HZ_RECORD_TEXT]; /* of the others; of a unit that is sent as text, that unit */
};

/* The next record of data[n] from *at on, which moves behind it; filler is passed over. False: none
 * is left, or what is left is no record: *at is then where it begins. */
bool hz_meter_record_next(const uint8_t *data, size_t n, size_t *at, struct hz_meter_record *r);

/* The heads alone, for compact frames: the length of the head that begins at data[at], or 0, and of
 * the value behind it in *value, or -1 where the value itself tells. */
size_t hz_meter_record_head(const uint8_t *data, size_t n, size_t at, int *value);

/* What the VIF that begins at vif[0 .. n-1] stands for; `text`: a unit sent as text. */
void hz_vif_find(const uint8_t *vif, size_t n, struct hz_vif *what, const char **qualifier,
                 bool *odd);

#endif
