/* The word that was meant. Pure; any thread. */
#ifndef HZ_PROTO_NEAREST_H
#define HZ_PROTO_NEAREST_H

/* The entry of a NULL-terminated list that is nearest to `word` (edit distance of at most a third
 * of its length, at least 1); NULL when none is near. */
const char *hz_nearest(const char *word, const char *const *list);

#endif
