/* What the labels of ACARS messages say (ARINC 620; acarsdec's and airframes.io's tables). Pure:
 * any thread. */
#ifndef HZ_PROTO_ACARS_LABELS_H
#define HZ_PROTO_ACARS_LABELS_H

/* In a few words; NULL: the airline's own, or not known. */
const char *hz_acars_label(const char label[3]);

#endif
