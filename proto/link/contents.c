#include "proto/link/contents.h"

const char *const hz_contents_names[HZ_CONTENTS + 1] = {
    [HZ_CONTENTS_AUTO] = "auto",
    [HZ_CONTENTS_FUNCTION] = "function",
    [HZ_CONTENTS_ALPHA] = "alpha",
    [HZ_CONTENTS_NUMERIC] = "numeric",
};
