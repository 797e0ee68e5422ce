/* The filter of an [output]: the words of a subscription, as keys. */
#ifndef HZ_DAEMON_OUTPUT_FILTER_H
#define HZ_DAEMON_OUTPUT_FILTER_H

#include "config/kind.h"
#include "daemon/bus/subscription.h"
#include "proto/format/format.h"

/* Fills *s from the keys of the section; `protocols` as for a subscription. NULL; or, with one line
 * in err, the key whose value is wrong, and *s undefined. Any thread. */
const char *hz_output_filter(const struct hz_conf_output *conf,
                             const struct hz_decoder *const *protocols, struct hz_subscription *s,
                             char *err, size_t err_len);

/* Tells of a wrong value in it; for hz_conf_kind.check. */
void hz_output_check_filter(const struct hz_check *c, const struct hz_conf_output *conf);
/* Likewise of a wrong `format`. A format that is not hertzd's own lines tells messages only, of
 * some decoders, so the filter is narrowed to those. Returns the format, or NULL. */
const struct hz_form *hz_output_check_format(const struct hz_check *c, struct hz_conf_output *conf,
                                             const char *format);

#endif
