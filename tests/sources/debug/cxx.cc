// What C++ has that shows in debugging information: namespaces, templates, members, virtual
// functions, exceptions, lambdas, references, constants, imported declarations.
#include "types.h"
namespace shapes {
inline namespace v1 {
class Shape {
public:
    explicit Shape(int id) : id_(id) {}
    virtual ~Shape() noexcept;
    virtual long area() const = 0;
    static int count;
    static constexpr int sides = 4;
    mutable int used = 0;
protected:
    int id_;
private:
    friend struct Registry;
    int hidden() const & { return id_; }
    int hidden() && { return -id_; }
};
}
template <typename T, int N, typename... Rest> struct Box : virtual Shape {
    using value_type = T;
    T items[N];
    Box(T first) : Shape(N), items{ first } {}
    long area() const override { return static_cast<long>(items[0]) * N + sizeof...(Rest); }
    template <typename U> auto find(U &&wanted) const -> const T &
    {
        for (const auto &item : items)
            if (item == wanted)
                return item;
        throw wanted;
    }
};
enum class Kind : unsigned char { round, flat = 200 };
struct Registry {
    Shape *first = nullptr;
    int Shape::*member = nullptr;
    long (Shape::*method)() const = &Shape::area;
};
}
using namespace shapes;
using shapes::v1::Shape;
namespace alias = shapes;
int Shape::count = 3;
Shape::~Shape() noexcept { count--; }
extern "C" int guard(int);
template <template <typename, int, typename...> class Holder> int held() { return Holder<char, 2>('a').items[1]; }
union Any { int i; float f; Kind kind; Any() : i(0) {} };
static thread_local Any any;
decltype(nullptr) nothing = nullptr;
int run(int x, Registry *registry)
{
    Box<int, 4> small(x);
    Box<long, 100, char, double> large(x + 1L);
    auto adder = [&small, x](auto y) { return small.items[0] + x + y; };
    struct Local { int a; int get() { return a; } } local{ x };
    try {
        if (registry && registry->first)
            return static_cast<int>((registry->first->*registry->method)());
        return small.find(x) + static_cast<int>(large.find(7L)) + adder(2) + adder(3L) + local.get();
    } catch (int found) {
        return guard(found);
    } catch (const long &found) {
        throw;
    }
}
int use() { return held<alias::Box>() + static_cast<int>(any.kind) + clamp(Shape::sides, Shape::count); }
