/* Days of the calendar. Pure; any thread. */
#ifndef HZ_PROTO_LINK_CALENDAR_H
#define HZ_PROTO_LINK_CALENDAR_H

#include <stdint.h>

/* Days from 1 January 1970 to a date of the Gregorian calendar: years are counted from March, so
 * that the leap day is the last. */
static inline int64_t hz_days(int64_t year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
}

#endif
