// COMDAT groups, templates, inline variables, exceptions: long mangled names.
struct Base { virtual ~Base(); virtual int value() const { return 1; } };
Base::~Base() {}
template <typename T, int N> struct Box : Base {
    T items[N];
    int value() const override { return N; }
    template <typename U> T find(U wanted) const
    {
        for (auto &item : items)
            if (item == wanted)
                return item;
        throw wanted;
    }
};
inline int shared_inline = 12;
inline int inline_function(int x) { static int calls; return x + ++calls + shared_inline; }
namespace outer { namespace { struct Hidden : Base { int value() const override { return 9; } }; } }
int use(int x)
{
    Box<int, 4> small{};
    Box<long, 100> large{};
    outer::Hidden hidden;
    try {
        return small.find(x) + static_cast<int>(large.find(x)) + inline_function(x) + hidden.value();
    } catch (int found) {
        return found;
    }
}
