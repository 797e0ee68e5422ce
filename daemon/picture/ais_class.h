/* What kind of AIS station a target is, by its MMSI (ITU-R M.585) and the types of its messages.
 * Loop thread. */
#ifndef HZ_DAEMON_PICTURE_AIS_CLASS_H
#define HZ_DAEMON_PICTURE_AIS_CLASS_H

#include "daemon/picture/target.h"

/* The numbers are AIS-catcher's `mmsi_type`, which tar1090 reads too. */
enum hz_ais_class {
    HZ_AIS_OTHER,
    HZ_AIS_A,
    HZ_AIS_B,
    HZ_AIS_BASE,
    HZ_AIS_SAR,      /* aircraft of search and rescue */
    HZ_AIS_DISTRESS, /* SART, man overboard, EPIRB */
    HZ_AIS_ATON,     /* aid to navigation */
};

enum hz_ais_class hz_ais_class_of(const struct hz_target *t);
/* "A", "B", "base", "sar", "distress", "aton", "other" */
const char *hz_ais_class_name(enum hz_ais_class c);
/* AIS-catcher's `shipclass`, which chooses a picture on tar1090's map: 0 to 13. shiptype: 0 where
 * it is not known. */
int hz_ais_shipclass(enum hz_ais_class c, int shiptype);

#endif
