/* The set's budget of time, of daemon/input/input.h. Loop thread. */
#ifndef HZ_DAEMON_INPUT_BUDGET_H
#define HZ_DAEMON_INPUT_BUDGET_H

#include "daemon/input/input.h"

struct hz_input_budget *hz_input_budget_new(uv_loop_t *loop); /* NULL: no memory */
/* Nobody waits any more. It is freed when the loop has let go of it. */
void hz_input_budget_close(struct hz_input_budget *b);

#endif
