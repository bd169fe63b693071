"""What each language's files define, and that no file can make the reading of it fail or hang."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_indexer.languages import LANGUAGES, language_named
from victor_indexer.model import Symbol
from victor_indexer.outline import Outline, outline
from victor_indexer.syntax import Tree, parse
from victor_indexer.syntax.tags import symbols


def tree_of(language: str, source: str) -> Tree:
    known = language_named(language)
    assert known
    tree = parse(source, known, budget_s=20)
    assert tree
    return tree


def symbols_of(language: str, source: str) -> tuple[Symbol, ...]:
    return symbols(tree_of(language, source))


def shown(symbol: Symbol) -> str:
    dotted = f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
    return f"{symbol.kind} {dotted} {symbol.start_line}-{symbol.end_line}"


def check(language: str, source: str, expected: str) -> None:
    """Compare the symbols of `source` with one line each: kind, dotted name, first and last line."""
    source = dedent(source).lstrip("\n")
    found = symbols_of(language, source)
    assert "\n".join(map(shown, found)) == dedent(expected).strip()
    lines = source.split("\n")
    for symbol in found:
        spelled = lines[symbol.name_line][symbol.name_column : symbol.name_end_column]
        assert spelled.replace("::", ".").replace("\\", ".") == symbol.name


def test_python() -> None:
    """Classes with their members, decorated ones too; constants by their spelling; no locals."""
    check(
        "python",
        '''
        @decorated
        class Kettle(Base):
            """Doc."""
            volume: int = 3
            MAX = 4
            def __init__(self):
                local = 1
            @property
            def heat(self): ...
            async def boil(self):
                def later(): pass
            class Lid:
                class Knob:
                    def turn(self): pass
        LIMIT, other = 1, 2
        other = 3
        type Alias = int
        try:
            def guarded(): pass
        except ImportError: pass
        ''',
        """
        class Kettle 1-13
        field Kettle.volume 3-3
        constant Kettle.MAX 4-4
        constructor Kettle.__init__ 5-6
        property Kettle.heat 8-8
        method Kettle.boil 9-10
        class Kettle.Lid 11-13
        class Kettle.Lid.Knob 12-13
        method Kettle.Lid.Knob.turn 13-13
        constant LIMIT 14-14
        variable other 14-14
        type Alias 16-16
        function guarded 18-18
        """,
    )


def test_javascript() -> None:
    """Functions in all their spellings, class members, objects with methods, wrapped modules."""
    check(
        "javascript",
        """
        export class Kettle extends Base {
          #heat = 3;
          static of = () => new Kettle();
          constructor() { const local = 1; }
          get heat() { return 1; }
          'quoted'() {}
        }
        export default function main() { function inner() {} }
        const arrow = (a) => a, LIMIT = 3;
        export const api = { get() {}, put: () => 1 };
        let plain;
        function* gen() {}
        Kettle.prototype.boil = function () {};
        module.exports = { a: function () {} };
        exports.zed = () => 1;
        (function () { function wrapped() {} })();
        """,
        """
        class Kettle 0-6
        field Kettle.#heat 1-1
        method Kettle.of 2-2
        constructor Kettle.constructor 3-3
        method Kettle.heat 4-4
        method Kettle.quoted 5-5
        function main 7-7
        function main.inner 7-7
        function arrow 8-8
        constant LIMIT 8-8
        variable api 9-9
        method api.get 9-9
        method api.put 9-9
        variable plain 10-10
        function gen 11-11
        method Kettle.boil 12-12
        method a 13-13
        function zed 14-14
        function wrapped 15-15
        """,
    )


def test_typescript() -> None:
    """Types, interfaces, enums, namespaces and ambient declarations beside what JavaScript has."""
    check(
        "typescript",
        """
        export interface Kettle<T> extends Base { heat: string; boil(x: number): void }
        export abstract class Pot {
          private x: number = 1;
          constructor(private y: string) {}
          abstract stir(): void;
        }
        export enum Size { Small, Large = 2 }
        type Name = string | number;
        declare module "pots" { function x(): void; }
        namespace Kitchen.Sink { export const depth = 1; }
        declare function boil(x: number): string;
        export const fn = async (x: number): Promise<void> => {};
        """,
        """
        interface Kettle 0-0
        property Kettle.heat 0-0
        method Kettle.boil 0-0
        class Pot 1-5
        field Pot.x 2-2
        constructor Pot.constructor 3-3
        method Pot.stir 4-4
        enum Size 6-6
        constant Size.Small 6-6
        constant Size.Large 6-6
        type Name 7-7
        module pots 8-8
        function pots.x 8-8
        namespace Kitchen.Sink 9-9
        variable Kitchen.Sink.depth 9-9
        function boil 10-10
        function fn 11-11
        """,
    )


def test_tsx() -> None:
    """Components are functions, whichever way they are written."""
    check(
        "tsx",
        """
        export function App(props: Props) { return <div className="x">{props.a}</div>; }
        const Button: React.FC = () => <button/>;
        """,
        """
        function App 0-0
        function Button 1-1
        """,
    )


def test_go() -> None:
    """Methods belong to their receiver's type, however the receiver is written."""
    check(
        "go",
        """
        package main
        const ( A = iota; B )
        const C, D = 1, 2
        var v, w int = 1, 2
        type Kettle struct { X, Y int; Base }
        type Boiler interface { Boil(x int) error }
        type Handler func(int)
        type Alias = Kettle
        func (k *Kettle[T]) Boil() {}
        func (k Kettle) Heat() {}
        func New[T any]() { x := 1; const y = 1; var z int }
        """,
        """
        constant A 1-1
        constant B 1-1
        constant C 2-2
        constant D 2-2
        variable v 3-3
        variable w 3-3
        struct Kettle 4-4
        field Kettle.X 4-4
        field Kettle.Y 4-4
        interface Boiler 5-5
        method Boiler.Boil 5-5
        type Handler 6-6
        type Alias 7-7
        method Kettle.Boil 8-8
        method Kettle.Heat 9-9
        function New 10-10
        """,
    )


def test_rust() -> None:
    """An impl block contains under its type's name and is no symbol itself."""
    check(
        "rust",
        """
        pub struct Kettle { pub heat: i32 }
        enum Size { Small, Large(i32) }
        trait Boil { fn boil(&self); const MAX: u8; type Out; }
        impl<T> Boil for Vec<T> { fn boil(&self) {} }
        impl pots::Kettle { pub fn new() -> Self {} }
        impl<'a> Iterator for &'a Kettle { type Item = u8; }
        mod tests { mod deep { impl X { fn inner() {} } } }
        const LIMIT: u8 = 1; static S: u8 = 2;
        macro_rules! pour { () => {} }
        union U { a: u8 }
        fn main() { const LOCAL: u8 = 1; fn nested() {} }
        extern "C" { fn ext(); }
        """,
        """
        struct Kettle 0-0
        field Kettle.heat 0-0
        enum Size 1-1
        constant Size.Small 1-1
        constant Size.Large 1-1
        trait Boil 2-2
        method Boil.boil 2-2
        constant Boil.MAX 2-2
        type Boil.Out 2-2
        method Vec.boil 3-3
        method pots.Kettle.new 4-4
        type Kettle.Item 5-5
        module tests 6-6
        module tests.deep 6-6
        method tests.deep.X.inner 6-6
        constant LIMIT 7-7
        variable S 7-7
        macro pour 8-8
        struct U 9-9
        field U.a 9-9
        function main 10-10
        function main.nested 10-10
        function ext 11-11
        """,
    )


def test_java() -> None:
    """Types nest to any depth; constants by their spelling, locals not at all."""
    check(
        "java",
        """
        package a.b;
        @Ann public class Kettle<T> extends Base {
          private static final int MAX = 1, heat = 2;
          Kettle() {}
          void boil() { int local = 1; }
          enum Size { SMALL, LARGE(1) { void grow() {} } }
          interface Lid { int open(); int K = 3; }
          record Pair(int a) { Pair { } }
          @interface An { int value() default 1; }
        }
        """,
        """
        class Kettle 1-9
        constant Kettle.MAX 2-2
        field Kettle.heat 2-2
        constructor Kettle.Kettle 3-3
        method Kettle.boil 4-4
        enum Kettle.Size 5-5
        constant Kettle.Size.SMALL 5-5
        constant Kettle.Size.LARGE 5-5
        method Kettle.Size.LARGE.grow 5-5
        interface Kettle.Lid 6-6
        method Kettle.Lid.open 6-6
        constant Kettle.Lid.K 6-6
        class Kettle.Pair 7-7
        constructor Kettle.Pair.Pair 7-7
        interface Kettle.An 8-8
        method Kettle.An.value 8-8
        """,
    )


def test_c() -> None:
    """Names are found under any number of pointers; prototypes count, locals do not."""
    check(
        "c",
        """
        #ifndef KETTLE_H
        #define MAX 3
        #define AREA(x) (x)
        typedef struct kettle { int a; char *b; int (*boil)(int); } kettle_t;
        typedef struct { int z; } lid_t;
        enum size { SMALL, LARGE = 2 };
        static int g = 3, *h, arr[3];
        extern int heat(int x);
        char **names(void);
        int *fill(int a) { int local = 0; return 0; }
        int (*handler)(int);
        typedef int (*callback)(int);
        #endif
        """,
        """
        macro MAX 1-1
        macro AREA 2-2
        type kettle_t 3-3
        struct kettle 3-3
        field kettle.a 3-3
        field kettle.b 3-3
        field kettle.boil 3-3
        struct lid_t 4-4
        field lid_t.z 4-4
        enum size 5-5
        constant size.SMALL 5-5
        constant size.LARGE 5-5
        variable g 6-6
        variable h 6-6
        variable arr 6-6
        function heat 7-7
        function names 8-8
        function fill 9-9
        variable handler 10-10
        type callback 11-11
        """,
    )


def test_cpp() -> None:
    """A qualified definition belongs to the class it names; templates and operators are seen through."""
    check(
        "cpp",
        """
        namespace kitchen { class Pot { public: void stir(); int depth_; }; }
        template <typename T> class Kettle : public Base {
         public:
          Kettle(); ~Kettle();
          int heat() const;
          void boil() { int local; }
          static const int MAX = 3;
          enum class Size { Small };
          Kettle& operator=(const Kettle&);
        };
        void kitchen::Kettle<T>::pour() {}
        Kettle::Kettle() : x(1) {}
        std::vector<int>& Pot::items() { }
        using Alias = int;
        template <class T> T add(T a, T b) { return a; }
        """,
        """
        namespace kitchen 0-0
        class kitchen.Pot 0-0
        method kitchen.Pot.stir 0-0
        field kitchen.Pot.depth_ 0-0
        class Kettle 1-9
        constructor Kettle.Kettle 3-3
        method Kettle.~Kettle 3-3
        method Kettle.heat 4-4
        method Kettle.boil 5-5
        field Kettle.MAX 6-6
        enum Kettle.Size 7-7
        constant Kettle.Size.Small 7-7
        method Kettle.operator= 8-8
        method kitchen.Kettle.pour 10-10
        constructor Kettle.Kettle 11-11
        method Pot.items 12-12
        type Alias 13-13
        function add 14-14
        """,
    )


def test_nested_cpp_namespace() -> None:
    """`a::b` opens both at once and is named by both."""
    check("cpp", "namespace a::b { int f() {} }", "namespace a.b 0-0\nfunction a.b.f 0-0")


def test_csharp() -> None:
    """A namespace without braces holds the rest of the file."""
    check(
        "csharp",
        """
        namespace Kitchen.Sink;
        public class Kettle<T> : Base {
          const int MAX = 1; private int heat;
          public int Volume { get; set; }
          public Kettle() {}
          public void Boil() { void Local() {} }
          public event E Boiled;
          delegate void Handler(int x);
        }
        interface IPot { void Stir(); }
        record Pair(int a);
        enum Size { Small }
        """,
        """
        namespace Kitchen.Sink 0-0
        class Kitchen.Sink.Kettle 1-8
        constant Kitchen.Sink.Kettle.MAX 2-2
        field Kitchen.Sink.Kettle.heat 2-2
        property Kitchen.Sink.Kettle.Volume 3-3
        constructor Kitchen.Sink.Kettle.Kettle 4-4
        method Kitchen.Sink.Kettle.Boil 5-5
        function Kitchen.Sink.Kettle.Boil.Local 5-5
        field Kitchen.Sink.Kettle.Boiled 6-6
        type Kitchen.Sink.Kettle.Handler 7-7
        interface Kitchen.Sink.IPot 9-9
        method Kitchen.Sink.IPot.Stir 9-9
        class Kitchen.Sink.Pair 10-10
        enum Kitchen.Sink.Size 11-11
        constant Kitchen.Sink.Size.Small 11-11
        """,
    )


def test_ruby() -> None:
    """Accessors are properties, and a singleton class adds no level."""
    check(
        "ruby",
        """
        module Kitchen::Sink
          class Kettle < Base
            MAX = 1
            attr_accessor :heat, :volume
            def initialize; end
            def self.of; end
            class << self
              def build; end
            end
            alias cook boil
            define_method(:pour) { }
            validates :heat
          end
        end
        Point = Struct.new(:x) do
          def sum; end
        end
        def top?; end
        """,
        """
        module Kitchen.Sink 0-13
        class Kitchen.Sink.Kettle 1-12
        constant Kitchen.Sink.Kettle.MAX 2-2
        property Kitchen.Sink.Kettle.heat 3-3
        property Kitchen.Sink.Kettle.volume 3-3
        constructor Kitchen.Sink.Kettle.initialize 4-4
        method Kitchen.Sink.Kettle.of 5-5
        method Kitchen.Sink.Kettle.build 7-7
        method Kitchen.Sink.Kettle.cook 9-9
        method Kitchen.Sink.Kettle.pour 10-10
        constant Point 14-16
        method Point.sum 15-15
        method top? 17-17
        """,
    )


def test_php() -> None:
    """Promoted constructor parameters are fields of the class; `define` makes a constant."""
    check(
        "php",
        r"""
        <?php
        namespace App\Models;
        const K = 1;
        define('LIMIT', 2);
        strlen('LIMIT');
        abstract class Kettle extends Base {
          const MAX = 1; public int $heat = 1, $lid;
          public function __construct(private int $volume) {}
          public static function of() {}
        }
        interface Boils { function boil(); }
        trait Pours { function pour() {} }
        enum Size: string { case Small = 's'; }
        function brew() {}
        """,
        """
        namespace App.Models 1-1
        constant App.Models.K 2-2
        constant App.Models.LIMIT 3-3
        class App.Models.Kettle 5-9
        constant App.Models.Kettle.MAX 6-6
        field App.Models.Kettle.heat 6-6
        field App.Models.Kettle.lid 6-6
        constructor App.Models.Kettle.__construct 7-7
        field App.Models.Kettle.volume 7-7
        method App.Models.Kettle.of 8-8
        interface App.Models.Boils 10-10
        method App.Models.Boils.boil 10-10
        trait App.Models.Pours 11-11
        method App.Models.Pours.pour 11-11
        enum App.Models.Size 12-12
        constant App.Models.Size.Small 12-12
        function App.Models.brew 13-13
        """,
    )


def test_bash() -> None:
    """Both spellings of a function, and variables outside of them."""
    check(
        "bash",
        """
        #!/bin/bash
        boil() { heat=1; }
        function pour { local x=1; }
        LIMIT=3
        export volume=5
        if true; then nested() { :; }; fi
        """,
        """
        function boil 1-1
        function pour 2-2
        constant LIMIT 3-3
        variable volume 4-4
        function nested 5-5
        """,
    )


def test_columns_count_code_points() -> None:
    """Characters outside ASCII before a name count once each, on short lines and on very long ones."""
    check("python", 'ключ = "é"; naïve = 2', "variable ключ 0-0\nvariable naïve 0-0")
    check("javascript", "/* 🫖é */ " + "f('é🫖'); " * 3_000 + "function ß() {}", "function ß 0-0")


def test_broken_code_still_gives_its_sound_parts() -> None:
    """A file in the middle of being typed keeps the symbols around the gap."""
    check(
        "python",
        "def before(): pass\nclass (:\n\ndef after(): pass\n",
        "function before 0-0\nfunction after 3-3",
    )


def test_the_outline_nests_by_range() -> None:
    """What stands inside a definition is its child; two names of one line are neighbours."""

    def nested(nodes: tuple[Outline, ...]) -> list[object]:
        return [(node.symbol.name, nested(node.children)) for node in nodes]

    found = symbols_of("python", "class A:\n    x = 1\n    def f(self): pass\na, b = 1, 2\n")
    assert nested(outline(found)) == [("A", [("x", []), ("f", [])]), ("a", []), ("b", [])]


DEEP = 100_000


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
@pytest.mark.parametrize(
    "source", ["(" * DEEP, "[" * DEEP + "]" * DEEP, "{" * DEEP, "a.b(" * 20_000, "\0" * 1_000]
)
def test_pathological_nesting_ends(language: str, source: str) -> None:
    """Neither the parser, the query nor our own sweep overflows or runs on: the budget holds."""
    known = language_named(language)
    assert known
    tree = parse(source, known, budget_s=0.3)
    if tree is not None:
        symbols(tree)


def test_a_stopped_parse_leaves_no_trace() -> None:
    """After one file ran out of its budget the next one is parsed as ever."""
    known = language_named("python")
    assert known
    assert parse("[" * 4 * DEEP, known, budget_s=0.0) is None
    assert [symbol.name for symbol in symbols_of("python", "def f(): pass")] == ["f"]


def test_an_earlier_tree_outlives_later_parses() -> None:
    """The bytes that a parse reads are lent; a tree keeps its own."""
    first = tree_of("python", "def first(): pass\n@property\ndef second(): pass\n")
    tree_of("python", "x = 1\n" * 20_000)
    assert [(symbol.name, symbol.kind) for symbol in symbols(first)] == [
        ("first", "function"),
        ("second", "property"),
    ]


def test_classes_within_classes_without_end() -> None:
    """Container names stop growing, so that nesting costs no more than its length."""
    source = "".join(f"{'    ' * depth}class C{depth}:\n" for depth in range(90)) + "    " * 90 + "pass\n"
    found = symbols_of("python", source)
    assert len(found) == 90
    assert max(len(symbol.container) for symbol in found) < 600


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([language.name for language in LANGUAGES]), st.text(max_size=300))
def test_any_text_is_parsed(language: str, source: str) -> None:
    """Whatever stands in a file, every symbol lies inside it."""
    found = symbols_of(language, source.replace("\r", "\n"))
    lines = source.replace("\r", "\n").split("\n")
    for symbol in found:
        assert 0 <= symbol.name_column < symbol.name_end_column <= len(lines[symbol.name_line])
        assert symbol.start_line <= symbol.name_line <= symbol.end_line < len(lines)
