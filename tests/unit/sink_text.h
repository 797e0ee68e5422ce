/* The records of a sink as text, for the tests that include it: one line each, as a client gets it
 * but for the opening brace and the number. */
#ifndef HZ_TEST_SINK_TEXT_H
#define HZ_TEST_SINK_TEXT_H

#include "proto/out/sink.h"

#include <criterion/criterion.h>

/* Writes all lines, ended by a zero; returns their length. */
static inline size_t sink_text(const struct hz_sink *sink, char *out, size_t cap)
{
    struct hz_json j;
    struct hz_record rec;
    hz_json_init(&j, out, cap - 1);
    for (size_t at = 0; hz_sink_next(sink, &at, &rec);) {
        hz_record_print(&rec, &j);
        hz_json_raw(&j, "}\n", 2);
    }
    cr_assert_not(j.full);
    out[j.len] = '\0';
    return j.len;
}

#endif
