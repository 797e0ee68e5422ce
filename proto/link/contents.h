/* Contents of the pages of a network: digits or text. A page does not state which. Pure: any
 * thread. */
#ifndef HZ_PROTO_LINK_CONTENTS_H
#define HZ_PROTO_LINK_CONTENTS_H

enum hz_contents {
    HZ_CONTENTS_AUTO,     /* as each page looks like; both where it could be either */
    HZ_CONTENTS_FUNCTION, /* by custom: function 0 digits, the others text */
    HZ_CONTENTS_ALPHA,    /* always text */
    HZ_CONTENTS_NUMERIC,  /* always digits */
    HZ_CONTENTS
};

/* "auto", "function", ... in that order, then NULL. */
extern const char *const hz_contents_names[HZ_CONTENTS + 1];

#endif
