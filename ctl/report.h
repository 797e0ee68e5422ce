/* hertzctl report: everything that a maintainer asks for, as one text. */
#ifndef HZ_CTL_REPORT_H
#define HZ_CTL_REPORT_H

#include "ctl/client.h"

#include <stdio.h>

/* Prints it: versions, the machine, USB devices, the configuration without secrets, the status, the
 * last warnings of the journal. c: the daemon; NULL: none answers, for the reason `why`. conf: the
 * configuration's path. */
void hz_ctl_report(FILE *out, struct hz_ctl_client *c, const char *why, const char *conf);

#endif
