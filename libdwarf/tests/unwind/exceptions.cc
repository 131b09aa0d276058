// Functions that throw, catch, clean up and let only some exceptions through.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

struct Noisy {
    explicit Noisy(const char *text) : text(text) {}
    ~Noisy() { std::puts(text); }
    const char *text;
};

static int deep(int left, const std::vector<std::string> &words) {
    Noisy noisy("deep");
    if (left == 0)
        throw std::out_of_range(words.at(0));
    if (left == 1)
        throw left;
    int room[left];
    for (int i = 0; i < left; i++)
        room[i] = deep(left - 1 - i, words);
    return room[left - 1];
}

static int quiet(int left) noexcept {
    try {
        return deep(left, {"word"});
    } catch (const std::exception &error) {
        std::puts(error.what());
    } catch (int number) {
        return number;
    } catch (...) {
        std::puts("anything");
        throw;
    }
    return 0;
}

int main(int argc, char **) {
    return quiet(argc) + quiet(argc + 3) - 1;
}
