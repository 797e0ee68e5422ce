// A radio for tests: a SoapySDR module with one device, "driver=hertzd-test", that plays a recording in
// real time and has faults on request (README.md). One device a process, so its state is global.
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

const char *environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

std::vector<uint8_t> recording()
{
    std::ifstream file(environment("HZ_SOAPY_PLAY", "/dev/null"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Radio {
    std::mutex lock;
    // on request
    bool plugged = true, silent = false, error = false, corrupt = false;
    std::string time = environment("HZ_SOAPY_TIME", "on"); // off: none; double: they run at twice the rate
    uint64_t lose = 0;       // samples, to be lost with an overflow
    uint64_t drop = 0;       // samples, to be lost without a word
    size_t read_max = 0;     // longest read; 0: the driver's own
    // what is asked about
    uint64_t opens = 0, reads = 0, overflows = 0, lost = 0;
    double rate = 0, frequency = 0, ppm = 0, bandwidth = 0, gain = NAN;
    bool automatic = false, dc = false;
    std::string antenna = "RX", format, stream_args;
    std::map<std::string, double> stages;
    std::map<std::string, std::string> settings;
    // the stream
    const std::vector<uint8_t> samples = recording(); // cu8
    Clock::time_point start;
    uint64_t at = 0;         // samples since the start, those that were lost included
    bool active = false;
};

Radio radio;

void lose(uint64_t samples)
{
    radio.at += samples;
    radio.lost += samples;
}

// ---- the control socket: a line there, a line of JSON back -------------------------------------

std::string quoted(const std::string &s)
{
    return '"' + s + '"';
}

template <class Map> std::string object(const Map &map)
{
    std::ostringstream out;
    const char *comma = "";
    for (const auto &[key, value] : map) {
        out << comma << quoted(key) << ':';
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
            out << quoted(value);
        else
            out << value;
        comma = ",";
    }
    return '{' + out.str() + '}';
}

std::string state()
{
    std::ostringstream out;
    out.precision(12);
    out << std::boolalpha << "{\"opens\":" << radio.opens << ",\"reads\":" << radio.reads
        << ",\"overflows\":" << radio.overflows << ",\"lost\":" << radio.lost << ",\"rate\":" << radio.rate
        << ",\"frequency\":" << radio.frequency << ",\"ppm\":" << radio.ppm << ",\"bandwidth\":" << radio.bandwidth
        << ",\"gain\":" << (std::isnan(radio.gain) ? "null" : std::to_string(radio.gain)) << ",\"automatic\":"
        << radio.automatic << ",\"dc\":" << radio.dc << ",\"antenna\":" << quoted(radio.antenna) << ",\"format\":"
        << quoted(radio.format) << ",\"stream\":" << quoted(radio.stream_args) << ",\"stages\":"
        << object(radio.stages) << ",\"settings\":" << object(radio.settings) << "}";
    return out.str();
}

std::string obey(const std::string &line)
{
    std::lock_guard<std::mutex> hold(radio.lock);
    std::istringstream words(line);
    std::string word, value;
    words >> word >> value;
    if (word == "state")
        return state();
    if (word == "unplug" || word == "plug")
        radio.plugged = word == "plug";
    else if (word == "silence")
        radio.silent = value == "on";
    else if (word == "error")
        radio.error = true;
    else if (word == "corrupt")
        radio.corrupt = true, radio.lose += std::stoull(value);
    else if (word == "lose")
        radio.lose += std::stoull(value);
    else if (word == "drop")
        radio.drop += std::stoull(value);
    else if (word == "time")
        radio.time = value;
    else if (word == "read")
        radio.read_max = std::stoul(value);
    else
        return "{\"ok\":false,\"error\":" + quoted("no such command: " + word) + "}";
    return "{\"ok\":true}";
}

void converse(int client)
{
    std::string held;
    char room[512];
    for (ssize_t n; (n = read(client, room, sizeof room)) > 0;) {
        held.append(room, (size_t)n);
        for (size_t end; (end = held.find('\n')) != std::string::npos; held.erase(0, end + 1)) {
            std::string answer = obey(held.substr(0, end)) + '\n';
            if (write(client, answer.data(), answer.size()) < 0)
                break;
        }
    }
    close(client);
}

// Listens before the module is in use, so that a test may connect as soon as the program has it.
void listen_for_orders()
{
    sockaddr_un address = {AF_UNIX, {}};
    const char *path = environment("HZ_SOAPY_CONTROL", "");
    if (!*path)
        return;
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    unlink(path);
    int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(door, (sockaddr *)&address, sizeof address) != 0 || listen(door, 8) != 0)
        throw std::runtime_error(std::string("control socket: ") + strerror(errno));
    std::thread([door] {
        for (int client; (client = accept(door, nullptr, nullptr)) >= 0;)
            std::thread(converse, client).detach();
    }).detach();
}

// ---- the device --------------------------------------------------------------------------------

class Device : public SoapySDR::Device
{
    static constexpr size_t MTU = 16384;

public:
    Device()
    {
        std::lock_guard<std::mutex> hold(radio.lock);
        if (environment("HZ_SOAPY_BUSY", nullptr))
            throw std::runtime_error("in use");
        if (!radio.plugged)
            throw std::runtime_error("not there");
        radio.opens++;
    }

    std::string getDriverKey() const override { return "hertzd-test"; }
    std::string getHardwareKey() const override { return "Test Radio"; }
    size_t getNumChannels(int direction) const override { return direction == SOAPY_SDR_RX ? 1 : 0; }

    std::vector<std::string> listAntennas(int, size_t) const override { return {"RX", "HF"}; }
    void setAntenna(int, size_t, const std::string &name) override { radio.antenna = name; }

    bool hasDCOffsetMode(int, size_t) const override { return true; }
    void setDCOffsetMode(int, size_t, bool automatic) override { radio.dc = automatic; }
    bool hasFrequencyCorrection(int, size_t) const override { return true; }
    void setFrequencyCorrection(int, size_t, double value) override { radio.ppm = value; }

    std::vector<std::string> listGains(int, size_t) const override { return {"LNA", "VGA"}; }
    SoapySDR::Range getGainRange(int, size_t, const std::string &name) const override
    {
        return name == "LNA" ? SoapySDR::Range(0, 40, 8) : SoapySDR::Range(0, 62, 2);
    }
    SoapySDR::Range getGainRange(int, size_t) const override { return {0, 102}; }
    bool hasGainMode(int, size_t) const override { return !environment("HZ_SOAPY_NO_AGC", nullptr); }
    void setGainMode(int, size_t, bool automatic) override { radio.automatic = automatic; }
    void setGain(int, size_t, double value) override { radio.gain = value; }
    void setGain(int, size_t, const std::string &name, double value) override { radio.stages[name] = value; }

    SoapySDR::RangeList getFrequencyRange(int, size_t) const override { return {{1e6, 6e9}}; }
    void setFrequency(int, size_t, double hz, const SoapySDR::Kwargs &) override { radio.frequency = hz; }
    double getFrequency(int, size_t) const override { return radio.frequency; }

    SoapySDR::RangeList getSampleRateRange(int, size_t) const override { return {{2e6, 20e6}}; }
    // as drivers do, in silence the nearest
    void setSampleRate(int, size_t, double rate) override { radio.rate = std::fmin(20e6, std::fmax(2e6, rate)); }
    double getSampleRate(int, size_t) const override { return radio.rate; }
    void setBandwidth(int, size_t, double hz) override { radio.bandwidth = hz; }
    void writeSetting(const std::string &key, const std::string &value) override
    {
        if (key != "biastee")
            throw std::runtime_error("no such setting");
        radio.settings[key] = value;
    }

    std::vector<std::string> getStreamFormats(int, size_t) const override
    {
        return {SOAPY_SDR_CS8, SOAPY_SDR_CS16, SOAPY_SDR_CF32};
    }
    std::string getNativeStreamFormat(int, size_t, double &full) const override
    {
        full = atof(environment("HZ_SOAPY_FULL", "32768"));
        return environment("HZ_SOAPY_NATIVE", SOAPY_SDR_CS16);
    }

    SoapySDR::Stream *setupStream(int, const std::string &format, const std::vector<size_t> &,
                                  const SoapySDR::Kwargs &args) override
    {
        radio.format = format;
        radio.stream_args = SoapySDR::KwargsToString(args);
        return (SoapySDR::Stream *)this;
    }
    void closeStream(SoapySDR::Stream *) override {}
    size_t getStreamMTU(SoapySDR::Stream *) const override { return MTU; }

    int activateStream(SoapySDR::Stream *, int, long long, size_t) override
    {
        std::lock_guard<std::mutex> hold(radio.lock);
        radio.start = Clock::now();
        radio.at = 0;
        radio.error = false;
        radio.active = true;
        return 0;
    }
    int deactivateStream(SoapySDR::Stream *, int, long long) override
    {
        radio.active = false;
        return 0;
    }

    int readStream(SoapySDR::Stream *, void *const *buffers, size_t n, int &flags, long long &ns,
                   long limit_us) override
    {
        auto deadline = Clock::now() + std::chrono::microseconds(limit_us);
        for (;;) {
            {
                std::lock_guard<std::mutex> hold(radio.lock);
                int done = try_read(buffers[0], n, flags, ns);
                if (done != 0)
                    return done;
            }
            if (Clock::now() > deadline)
                return SOAPY_SDR_TIMEOUT;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

private:
    // Samples, an error, or 0: there is nothing yet.
    static int try_read(void *out, size_t n, int &flags, long long &ns)
    {
        if (!radio.plugged || radio.error)
            return SOAPY_SDR_STREAM_ERROR;
        if (radio.silent)
            return 0;
        double passed = std::chrono::duration<double>(Clock::now() - radio.start).count();
        uint64_t heard = (uint64_t)(passed * radio.rate);
        // buffers for half a second: a program that is late loses all that they hold, as with real drivers
        bool late = heard > radio.at + (uint64_t)(radio.rate / 2);
        if (radio.lose > 0 || late) {
            bool corrupt = radio.corrupt;
            lose(radio.lose > 0 ? radio.lose : heard - radio.at);
            radio.lose = 0;
            radio.corrupt = false;
            radio.overflows++;
            return corrupt ? SOAPY_SDR_CORRUPTION : SOAPY_SDR_OVERFLOW;
        }
        if (radio.drop > 0) {
            lose(radio.drop);
            radio.drop = 0;
        }
        n = std::min(n, radio.read_max ? radio.read_max : MTU);
        if (heard < radio.at + n)
            return 0;
        flags = radio.time == "off" ? 0 : SOAPY_SDR_HAS_TIME;
        ns = std::llround((double)radio.at / radio.rate * (radio.time == "double" ? 2e9 : 1e9));
        convert(out, n);
        radio.at += n;
        radio.reads++;
        return (int)n;
    }

    static void convert(void *out, size_t n)
    {
        size_t length = radio.samples.size() / 2;
        for (size_t i = 0; i < 2 * n; i++) {
            uint8_t v = length ? radio.samples[2 * ((radio.at + i / 2) % length) + i % 2] : 128;
            if (radio.format == SOAPY_SDR_CS8)
                ((int8_t *)out)[i] = (int8_t)(v - 128);
            else if (radio.format == SOAPY_SDR_CS16)
                ((int16_t *)out)[i] = (int16_t)(v * 256 - 32640);
            else
                ((float *)out)[i] = ((float)v - 127.5f) / 127.5f;
        }
    }
};

SoapySDR::KwargsList find(const SoapySDR::Kwargs &args)
{
    std::lock_guard<std::mutex> hold(radio.lock);
    auto serial = args.find("serial");
    if (!radio.plugged || (serial != args.end() && serial->second != "1"))
        return {};
    return {{{"serial", "1"}, {"label", "Test Radio 1"}}};
}

// Also called where `find` found nothing.
SoapySDR::Device *make(const SoapySDR::Kwargs &args)
{
    auto serial = args.find("serial");
    if (serial != args.end() && serial->second != "1")
        throw std::runtime_error("no such serial");
    return new Device;
}

SoapySDR::Registry registered("hertzd-test", find, make, SOAPY_SDR_ABI_VERSION);
const bool listens = (listen_for_orders(), true);

} // namespace
