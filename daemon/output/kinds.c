#include "daemon/output/kinds.h"

/* One line each. */
const struct hz_conf_kind *const hz_output_kinds[] = {NULL};
