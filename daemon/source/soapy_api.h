/* The functions of SoapySDR that hertzd uses, loaded when a receiver needs them: hertzd starts and
 * runs without SoapySDR. Any thread. */
#ifndef HZ_DAEMON_SOURCE_SOAPY_API_H
#define HZ_DAEMON_SOURCE_SOAPY_API_H

#include <SoapySDR/Device.h>
#include <SoapySDR/Formats.h>
#include <SoapySDR/Logger.h>
#include <SoapySDR/Modules.h>
#include <stddef.h>

/* Our name, and the name in SoapySDR. */
#define HZ_SOAPY_FUNCTIONS(F)                                                                      \
    F(make, SoapySDRDevice_makeStrArgs)                                                            \
    F(unmake, SoapySDRDevice_unmake)                                                               \
    F(last_error, SoapySDRDevice_lastError)                                                        \
    F(enumerate, SoapySDRDevice_enumerateStrArgs)                                                  \
    F(list_modules, SoapySDR_listModules)                                                          \
    F(set_log_level, SoapySDR_setLogLevel)                                                         \
    F(driver_key, SoapySDRDevice_getDriverKey)                                                     \
    F(hardware_key, SoapySDRDevice_getHardwareKey)                                                 \
    F(num_channels, SoapySDRDevice_getNumChannels)                                                 \
    F(list_antennas, SoapySDRDevice_listAntennas)                                                  \
    F(set_antenna, SoapySDRDevice_setAntenna)                                                      \
    F(set_rate, SoapySDRDevice_setSampleRate)                                                      \
    F(get_rate, SoapySDRDevice_getSampleRate)                                                      \
    F(rate_ranges, SoapySDRDevice_getSampleRateRange)                                              \
    F(set_bandwidth, SoapySDRDevice_setBandwidth)                                                  \
    F(frequency_ranges, SoapySDRDevice_getFrequencyRange)                                          \
    F(set_frequency, SoapySDRDevice_setFrequency)                                                  \
    F(has_ppm, SoapySDRDevice_hasFrequencyCorrection)                                              \
    F(set_ppm, SoapySDRDevice_setFrequencyCorrection)                                              \
    F(has_dc_mode, SoapySDRDevice_hasDCOffsetMode)                                                 \
    F(set_dc_mode, SoapySDRDevice_setDCOffsetMode)                                                 \
    F(has_gain_mode, SoapySDRDevice_hasGainMode)                                                   \
    F(set_gain_mode, SoapySDRDevice_setGainMode)                                                   \
    F(set_gain, SoapySDRDevice_setGain)                                                            \
    F(gain_range, SoapySDRDevice_getGainRange)                                                     \
    F(list_stages, SoapySDRDevice_listGains)                                                       \
    F(set_stage, SoapySDRDevice_setGainElement)                                                    \
    F(stage_range, SoapySDRDevice_getGainElementRange)                                             \
    F(write_setting, SoapySDRDevice_writeSetting)                                                  \
    F(native_format, SoapySDRDevice_getNativeStreamFormat)                                         \
    F(list_formats, SoapySDRDevice_getStreamFormats)                                               \
    F(setup_stream, SoapySDRDevice_setupStream)                                                    \
    F(close_stream, SoapySDRDevice_closeStream)                                                    \
    F(activate_stream, SoapySDRDevice_activateStream)                                              \
    F(deactivate_stream, SoapySDRDevice_deactivateStream)                                          \
    F(read_stream, SoapySDRDevice_readStream)                                                      \
    F(error_text, SoapySDR_errToStr)                                                               \
    F(kwargs_of, SoapySDRKwargs_fromString)                                                        \
    F(kwargs_get, SoapySDRKwargs_get)                                                              \
    F(kwargs_clear, SoapySDRKwargs_clear)                                                          \
    F(kwargs_list_clear, SoapySDRKwargsList_clear)                                                 \
    F(strings_clear, SoapySDRStrings_clear)                                                        \
    F(free, SoapySDR_free)

struct hz_soapy_api {
    void *library;
#define HZ_SOAPY_MEMBER(ours, theirs) __typeof__(theirs) *ours;
    HZ_SOAPY_FUNCTIONS(HZ_SOAPY_MEMBER)
#undef HZ_SOAPY_MEMBER
};

/* 0, or -ENOENT with one line in err: which package to install. */
int hz_soapy_load(struct hz_soapy_api *api, char *err, size_t err_len);
/* The library stays in memory: its drivers may have threads of their own. */
void hz_soapy_unload(struct hz_soapy_api *api);

#endif
