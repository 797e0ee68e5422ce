#include "daemon/source/soapy_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name has SoapySDR's ABI version: another one has other functions. */
static const char name[] = "libSoapySDR.so.0.8";

/* A function's address; ISO C has no conversion of what dlsym returns. */
static int find(void *library, const char *symbol, void *function, char *err, size_t err_len)
{
    void *address = dlsym(library, symbol);
    if (!address) {
        snprintf(err, err_len, "SoapySDR lacks a function: %s", dlerror());
        return -ENOENT;
    }
    memcpy(function, &address, sizeof address);
    return 0;
}

int hz_soapy_load(struct hz_soapy_api *api, char *err, size_t err_len)
{
    int rc = 0;
    api->library = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!api->library) {
        snprintf(err, err_len,
                 "SoapySDR cannot be loaded (%s): install libsoapysdr0.8 and the driver of the "
                 "radio, as soapysdr-module-hackrf",
                 dlerror());
        return -ENOENT;
    }
#define FIND(ours, theirs)                                                                         \
    if (rc == 0)                                                                                   \
        rc = find(api->library, #theirs, &api->ours, err, err_len);
    HZ_SOAPY_FUNCTIONS(FIND)
#undef FIND
    if (rc != 0)
        hz_soapy_unload(api);
    else if (!getenv("SOAPY_SDR_LOG_LEVEL")) /* SoapySDR's own variable wins */
        api->set_log_level(SOAPY_SDR_WARNING);
    return rc;
}

void hz_soapy_unload(struct hz_soapy_api *api)
{
    dlclose(api->library);
    api->library = NULL;
}
