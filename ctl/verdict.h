/* Why a channel is silent or poor, from evidence: one table of rules. Pure; any thread. */
#ifndef HZ_CTL_VERDICT_H
#define HZ_CTL_VERDICT_H

#include "ctl/evidence.h"

enum hz_severity {
    HZ_VERDICT_WELL,  /* it receives, or nothing speaks against it */
    HZ_VERDICT_NOTE,  /* perhaps nothing is wrong */
    HZ_VERDICT_WRONG, /* something is */
};

/* "well", "note", "wrong". */
const char *hz_severity_name(enum hz_severity severity);

struct hz_verdict {
    const char *code; /* "clipping"; docs/why.md has all */
    enum hz_severity severity;
    bool likely;      /* it is the likeliest reading of the figures, and not certain */
    bool of_receiver; /* it is about the receiver, and so about all of its channels */
    char what[256];
    const char *remedy; /* "": nothing is to be done */
};

enum { HZ_VERDICTS_MAX = 8 };

/* The verdicts that the evidence gives, the most fundamental first; at least one. Returns their
 * number. */
size_t hz_verdicts(const struct hz_evidence *e, struct hz_verdict out[HZ_VERDICTS_MAX]);

#endif
