// Something to clean up and to catch between the frames of C and of Rust.
#include <string>

extern "C" int written_in_c(int size, const char *folder, int (*next)(const char *));

static int cleaned;

struct Cleaner {
    ~Cleaner() { cleaned++; }
};

extern "C" __attribute__((noinline)) int written_in_cpp(const char *folder,
                                                        int (*next)(const char *)) {
    Cleaner cleaner;
    try {
        std::string longer = std::string(folder) + "/";
        longer.pop_back();
        return written_in_c(64, longer.c_str(), next) + cleaned;
    } catch (...) {
        return -1;
    }
}
