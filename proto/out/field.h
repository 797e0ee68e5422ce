/* The fields of a message: the members of its protocol's object. The text of a message is written
 * once; while the object is written, it is noted where each member begins. So a field is found and
 * read without parsing the text. Pure; any thread. */
#ifndef HZ_PROTO_OUT_FIELD_H
#define HZ_PROTO_OUT_FIELD_H

#include "proto/out/record.h"

#include <string.h>

enum { HZ_FIELDS_MAX = 96 }; /* of one message; further fields are in its text only */

/* Where the fields begin in the text that is being written: their names, behind the quote. The last
 * one, at[n] after hz_marks_end, is where a further name would begin. */
struct hz_marks {
    uint32_t n;
    uint32_t at[HZ_FIELDS_MAX + 1];
};

/* Notes a name that begins at byte `at` of the text: of the writer and the sink alone. */
static inline void hz_marks_add(struct hz_marks *m, size_t at)
{
    if (m->n <= HZ_FIELDS_MAX)
        m->at[m->n++] = (uint32_t)at;
}
/* The object ends at byte `end`, before its brace. */
static inline void hz_marks_end(struct hz_marks *m, size_t end)
{
    hz_marks_add(m, end + 2); /* behind a comma and a quote */
    m->n--;
}
/* Bytes that the marks of n fields take in a record. */
static inline size_t hz_marks_size(size_t n)
{
    return n > 0 ? (n + 1) * sizeof(uint32_t) : 0;
}

/* A piece of a record's text, not terminated: the name of a field, or its value in JSON. A string
 * has its quotes, an object or an array is whole. Valid as long as the record's text. */
struct hz_value {
    const char *p;
    size_t n;
};

/* The value of the field of that name, which has no quote in it. False: the message has none. */
bool hz_record_field(const struct hz_record *r, const char *name, struct hz_value *value);
/* Field i, from 0 to r->n_fields - 1, in the order of the text. */
void hz_record_field_at(const struct hz_record *r, size_t i, struct hz_value *name,
                        struct hz_value *value);

/* Takes a field out: r's text and marks are then copies in `text` and `marks`, which must have room
 * for as many as r has. It must not be the only field. False, with r as it was: text has not enough
 * room, or there is no such field. */
bool hz_record_drop(struct hz_record *r, const char *name, char *text, size_t size,
                    struct hz_marks *marks);

/* The number. False: the value is none. */
bool hz_value_number(struct hz_value v, double *number);
/* The characters of a string without quotes and escapes, terminated; cut between two characters
 * where `size` bytes do not hold it. False, with "" in text: the value is no string. */
bool hz_value_string(struct hz_value v, char *text, size_t size);
/* Whether the value is exactly this JSON text: `"ground"`, `true`, `7`. */
static inline bool hz_value_is(struct hz_value v, const char *text)
{
    return v.n == strlen(text) && memcmp(v.p, text, v.n) == 0;
}

#endif
