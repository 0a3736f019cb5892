import { describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { definitionsIn, scannedLanguageOf, type ScannedLanguage } from './scan.ts';

const sources: Readonly<Record<ScannedLanguage, readonly [source: string, expected: readonly string[]]>> = {
  c: [`
#include <linux/fs.h>
#define MAX(a, b) \\
	((a) > (b) ? (a) : (b))
/* int hidden(void) { } */
#  define FLAG 1
typedef unsigned int u32, *u32p;
typedef int (*handler_t)(struct file *, int);
enum color { RED, GREEN = 2, BLUE, };
struct file_operations {
	struct module *owner;
	int (*open)(struct inode *, struct file *);
	unsigned flags:4, more:2;
	union { int a; char b[4]; } u;
};
static const struct file_operations ops = { .open = my_open, };
int table[3] = { 1, 2, 3 }, *other;
extern int elsewhere;
int declared(int a);
__printf(1, 2) static inline int __init
my_open(struct inode *inode, struct file *file)
{
	int local = '}';
	if (x) { return MAX(1, 2); }
	return "}{" [0];
}
struct file *get_file(int fd) { return 0; }
SYSCALL_DEFINE1(close, unsigned int, fd) { return 0; }
`, ['3 macro MAX', '6 macro FLAG', '7 type u32', '7 type u32p', '8 type handler_t', '9 enum color', '9 enumerator color.RED', '9 enumerator color.GREEN',
    '9 enumerator color.BLUE', '10 struct file_operations', '11 field file_operations.owner', '12 field file_operations.open', '13 field file_operations.flags',
    '14 field file_operations.a', '14 field file_operations.b', '14 field file_operations.u', '16 variable ops', '17 variable table',
    '21 function my_open', '27 function get_file', '28 function SYSCALL_DEFINE1']],
  cpp: [`
namespace a { namespace b {
template <typename T, int N = 3>
class Box final : public Base<T> {
public:
  Box() : n(0) {}
  ~Box() override {}
  int size() const noexcept { return n; }
private:
  int n = 0;
};
enum class Kind : int { One, Two };
}}
extern "C" { void plain(void) {} }
int a::b::Outer::run(int x) { auto f = [](int y) { return y; }; return f(x); }
using Short = std::vector<int>;
`, ['2 module a', '2 module a.b', '4 class a.b.Box', '6 method a.b.Box.Box', '7 method a.b.Box.Box', '8 method a.b.Box.size', '10 field a.b.Box.n',
  '12 enum a.b.Kind',
    '12 enumerator a.b.Kind.One', '12 enumerator a.b.Kind.Two', '14 function plain', '15 method a.b.Outer.run', '16 type Short']],
  java: [`
package x.y;
@Deprecated
public class Shop<T> extends Base implements Runnable {
  private static final int MOST = 3;
  @Override public void run() { if (a) { b(); } }
  abstract int count(String name) throws IOException;
  interface Part { int weigh(); }
  enum Size { SMALL(1) { int f() { return 1; } }, LARGE(2); }
}
record Point(int x, int y) { }
`, ['4 class Shop', '5 field Shop.MOST', '6 method Shop.run', '7 method Shop.count', '8 interface Shop.Part', '8 method Shop.Part.weigh', '9 enum Shop.Size',
    '9 enumerator Shop.Size.SMALL', '9 enumerator Shop.Size.LARGE', '11 class Point']],
  csharp: [`
using System;
namespace Shop.Parts {
  [Serializable]
  public class Wheel : Part {
    public int Spokes { get; set; }
    private readonly int size = 3;
    public Wheel(int size) { }
    public override string ToString() { return $"{size}"; }
  }
  public enum State { Open, Closed }
}
`, ['3 module Parts', '5 class Parts.Wheel', '6 field Parts.Wheel.Spokes', '7 field Parts.Wheel.size', '8 method Parts.Wheel.Wheel',
  '9 method Parts.Wheel.ToString',
    '11 enum Parts.State', '11 enumerator Parts.State.Open', '11 enumerator Parts.State.Closed']],
  javascript: [`
import { x } from './x.js';
export function* walk(a) { const inner = 1; function nested() {} }
export const twice = (n) => n * 2, limit = 3;
const expression = /[/"]{/.test(a) ? \`\${ { a: '}' } } {\` : 1;
class Tree extends Base {
  #size = 0;
  static async grow(by) { if (by) { return; } }
  get height() { return 1; }
}
let later;
`, ['3 function walk', '3 function nested', '4 function twice', '5 constant expression', '6 class Tree', '7 field Tree.size', '8 method Tree.grow',
    '9 method Tree.height', '11 variable later']],
  typescript: [`
export interface Port { readonly name: string; ask(q: string): void }
export type Pair<A> = readonly [A, A];
export const enum Level { Low, High = 2 }
namespace Inner { export const deep = 1; }
abstract class Box<T> {
  private readonly held: T;
  constructor(held: T) { this.held = held; }
  async open(): Promise<T> { return this.held; }
}
const typed: Port = { name: 'x', ask() {} };
export const make = async (): Promise<void> => {};
`, ['2 interface Port', '2 field Port.name', '2 method Port.ask', '3 type Pair', '4 enum Level', '4 enumerator Level.Low', '4 enumerator Level.High',
  '5 module Inner',
    '5 constant Inner.deep', '6 class Box', '7 field Box.held', '8 method Box.constructor', '9 method Box.open', '11 constant typed', '12 function make']],
  go: [`
package main
import "fmt"
type Server struct { Name string }
type (
	Handler interface { Serve() }
	ID int
)
const Most = 3
var (
	first, second = 1, 2
)
func (s *Server) Run(a int) error { local := \`}\`; return nil }
func (l List[T]) Len() int { return 0 }
func main() { fmt.Println('{') }
`, ['4 struct Server', '6 interface Handler', '7 type ID', '9 constant Most', '11 variable first', '13 method Server.Run', '14 method List.Len',
  '15 function main']],
  rust: [`
/* outer /* inner fn no() */ */
pub struct Shelf<'a, T: Ord> { pub books: Vec<&'a T>, count: usize }
impl<'a, T> Iterator for Shelf<'a, T> where T: Ord {
    type Item = T;
    const MOST: usize = 3;
    fn next(&mut self) -> Option<T> { let c = '{'; None }
}
pub trait Walk { fn walk(&self); }
enum Way { Up, Down(u8) }
pub const fn four() -> u8 { 4 }
static mut COUNT: u8 = 0;
macro_rules! square { ($x:expr) => { $x * $x } }
mod inner { pub(crate) async fn deep() {} }
`, ['3 struct Shelf', '3 field Shelf.books', '3 field Shelf.count', '5 type Shelf.Item', '6 constant Shelf.MOST', '7 method Shelf.next', '9 trait Walk',
    '9 method Walk.walk', '10 enum Way', '10 enumerator Way.Up', '10 enumerator Way.Down', '11 function four', '12 variable COUNT', '13 macro square',
      '14 module inner',
    '14 function inner.deep']],
  python: [`
"""def hidden(): pass"""
LIMIT = 3
class Shop(Base):
    kind: str = 'x'
    def open(self, a=(
        1, 2)):
        def inner():
            pass
        self.x = 1
    async def close(self): pass
def later(): # def not_this(): pass
    x = 1
`, ['3 variable LIMIT', '4 class Shop', '5 field Shop.kind', '6 method Shop.open', '8 function Shop.open.inner', '11 method Shop.close', '12 function later']],
  shell: [`
#!/bin/sh
NAME=value
export PATH_TO=/x
build() { echo "a() {"; }
function check_it { local deep=1; }
`, ['3 variable NAME', '4 variable PATH_TO', '5 function build', '6 function check_it']],
};

describe('definitions of', () => {
  test.each(Object.entries(sources))('%s', (language, [source, expected]) => {
    const bytes = toUtf8(source);
    const found = definitionsIn(language as ScannedLanguage, bytes);
    expect(found.map(({ line, kind, scope, name }) => `${line} ${kind} ${scope ? `${scope}.` : ''}${name}`)).toEqual(expected);
    for (const { name, from, to } of found) expect(Buffer.from(bytes.subarray(from, to)).toString('latin1')).toBe(name);
  });
  test('a name beyond ASCII stands there byte for byte', () => {
    const [found] = definitionsIn('python', toUtf8('def größe(): pass\n'));
    expect(Buffer.from(found?.name ?? '', 'latin1').toString()).toBe('größe');
  });
});

test('languages go by the name of the file', () => {
  expect(['a.h', 'a.hpp', 'A.java', 'a.cs', 'a.mjs', 'a.tsx', 'a.go', 'a.rs', 'a.pyi', 'a.sh', 'a.txt', 'Makefile'].map(scannedLanguageOf))
    .toEqual(['c', 'cpp', 'java', 'csharp', 'javascript', 'typescript', 'go', 'rust', 'python', 'shell', null, null]);
});
