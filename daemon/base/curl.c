#include "daemon/base/curl.h"

#include "daemon/base/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int hz_curl_load(struct hz_curl *c)
{
    static const char *const names[] = {
#define F(name) "curl_" #name,
        HZ_CURL_FUNCTIONS(F)
#undef F
    };
    void *lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL), *found;
    char *to = (char *)c;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!lib || !(found = dlsym(lib, names[i]))) {
            hz_log(LOG_ERR, "no requests over HTTP: %s", dlerror());
            return -ENOENT;
        }
        /* POSIX: a pointer to a function fits into one to void */
        memcpy(to + i * sizeof found, &found, sizeof found);
    }
    return 0;
}
