/* Writes a file of the configuration. */
#ifndef HZ_CTL_SAVE_H
#define HZ_CTL_SAVE_H

#include <stddef.h>
#include <sys/stat.h>

/* Writes the whole text to an open file, down to the disk, and gives it the owner and the rights of
 * `like`. 0 or -errno. */
int hz_ctl_write_whole(int fd, const char *text, const struct stat *like);

/* Puts the text into the file at that path, whole or not at all, also if the power fails. It gets
 * the rights and the owner of the file that is there, else of the configuration FILE beside whose
 * folder FILE.d it is; a missing folder is made. 0; -errno with what is wrong and what would help
 * in err. */
int hz_ctl_save(const char *path, const char *text, char *err, size_t err_len);

#endif
