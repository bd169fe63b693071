"""Measure how well search finds the right file: NDCG@10 over the standard library, for questions and for names.

Run it by hand: `python tests/bench/search_quality.py [-v]`. The questions were written by people who know where the
answer stands, without looking at how search ranks; each is followed by the files that answer it.
"""

import argparse
import math
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from victor_indexer.ingest import parse_file
from victor_indexer.manifest import Manifest, Versions, open_manifest
from victor_indexer.model import FoundFile
from victor_indexer.search import search
from victor_indexer.store import Store, open_store

VERSIONS = Versions("bench", "bench", "none")

QUESTIONS = """
parse command line arguments and print usage | argparse.py optparse.py
why does an optional argument with a dash look like a negative number | argparse.py
read and write comma separated values with different dialects | csv.py
sniff the delimiter of a csv file | csv.py
retry when an http response redirects to another url | urllib/request.py
split a url into scheme, host and path | urllib/parse.py
percent-encode a query string | urllib/parse.py
send a file upload over ftp | ftplib.py
chunked transfer encoding of a response body | http/client.py
serve files of a folder over http | http/server.py
parse cookies set by a server | http/cookies.py http/cookiejar.py
which cookies may be sent to this domain | http/cookiejar.py
log in to an smtp server with starttls | smtplib.py
guess the mime type of a file from its extension | mimetypes.py
decode an email header with non-ascii characters | email/header.py email/_header_value_parser.py email/quoprimime.py
fold long email header lines | email/_policybase.py email/policy.py email/_header_value_parser.py email/header.py
multipart boundary of a message | email/generator.py email/feedparser.py email/mime/multipart.py
create a temporary directory that is removed afterwards | tempfile.py
copy a whole directory tree | shutil.py
find the free space on a disk | shutil.py
make a zip or tar archive of a folder | shutil.py zipfile.py tarfile.py
extract a tar file without escaping the destination folder | tarfile.py
read the central directory of a zip archive | zipfile.py
match file names with shell wildcards | fnmatch.py glob.py
recursive glob over directories | glob.py pathlib.py
relative path between two directories | posixpath.py ntpath.py pathlib.py
rotate log files when they get too big | logging/handlers.py
configure logging from a dictionary | logging/config.py
format a log record with the traceback | logging/__init__.py
pretty print a traceback with the source lines | traceback.py
start worker processes and hand them tasks | concurrent/futures/process.py multiprocessing/pool.py
limit the number of threads executing callables | concurrent/futures/thread.py
wait for the first of several futures to complete | concurrent/futures/_base.py asyncio/tasks.py
share memory between processes | multiprocessing/shared_memory.py multiprocessing/sharedctypes.py multiprocessing/heap.py
run a coroutine until it is done and close the event loop | asyncio/runners.py asyncio/base_events.py
cancel all tasks of a group when one fails | asyncio/taskgroups.py
time out an awaitable | asyncio/timeouts.py asyncio/tasks.py
stream reader limit exceeded while reading a line | asyncio/streams.py
capture the output of a child process | subprocess.py
escape a string so that the shell takes it as one word | shlex.py
least recently used cache for function results | functools.py
choose an implementation by the type of the first argument | functools.py
generate the __init__ method of a class from its annotations | dataclasses.py
members of an enumeration that can be combined with or | enum.py
exact decimal arithmetic with rounding modes | _pydecimal.py decimal.py
greatest common divisor and fractions in lowest terms | fractions.py
median and standard deviation of data | statistics.py
random choice with weights | random.py
generate a secure token for password reset | secrets.py
derive a universally unique id from the host and time | uuid.py
compare two sequences of lines and show a unified diff | difflib.py
close matches for a misspelled word | difflib.py
wrap a paragraph of text to a width | textwrap.py
substitute $placeholders in a string | string.py
compile a regular expression into byte code | sre_compile.py re/_compiler.py
parse the syntax of a regular expression | sre_parse.py re/_parser.py
parse json text into python objects | json/decoder.py json/scanner.py json/__init__.py
serialise objects that json does not know | json/encoder.py
read an ini file with interpolation | configparser.py
read toml | tomllib/_parser.py
escape html entities | html/__init__.py
xml element tree find by xpath | xml/etree/ElementPath.py xml/etree/ElementTree.py
pickle protocol opcodes disassembler | pickletools.py
persistent dictionary on disk | shelve.py dbm/dumb.py
time zone offsets from the system database | zoneinfo/_zoneinfo.py zoneinfo/_common.py zoneinfo/_tzpath.py
iso calendar week of a date | datetime.py _pydatetime.py
days of a month as a table | calendar.py
parse a date string with format directives | _strptime.py
translate messages with plural forms | gettext.py
find the preferred encoding of the locale | locale.py
set a breakpoint and step through code | pdb.py bdb.py
profile how long functions take and sort the report | pstats.py cProfile.py profile.py
trace which lines were executed | trace.py
find memory leaks by comparing snapshots | tracemalloc.py
discover and load unit tests from a folder | unittest/loader.py
replace an attribute with a mock for the duration of a test | unittest/mock.py
run examples in docstrings | doctest.py
resolve and import a module by its dotted name | importlib/__init__.py importlib/_bootstrap.py
cache of compiled bytecode files | importlib/_bootstrap_external.py py_compile.py compileall.py
read data files inside a package | importlib/resources/_common.py importlib/resources/__init__.py importlib/resources/_legacy.py
versions and entry points of installed distributions | importlib/metadata/__init__.py
create a virtual environment | venv/__init__.py
install pip into a fresh python | ensurepip/__init__.py
get the source code of a function | inspect.py
signature of a callable | inspect.py
turn syntax trees back into source code | ast.py
visit every node of a syntax tree | ast.py
split source code into tokens | tokenize.py
check a certificate's host name | ssl.py
keyed hashing for message authentication | hmac.py
compress data with gzip headers | gzip.py
schedule events to run later in order | sched.py
thread-safe queue with priorities | queue.py
binary search in a sorted list | bisect.py
merge sorted inputs with a heap | heapq.py
close several context managers together | contextlib.py
ordered dictionary and counting elements | collections/__init__.py
weak references to bound methods | weakref.py
deep copy of recursive objects | copy.py
named colours and drawing with a turtle | turtle.py
syntax highlighting in the editor window | idlelib/colorizer.py
open a url in the user's browser | webbrowser.py
ip networks and subnets | ipaddress.py
wait for readable sockets with the best mechanism | selectors.py
accept connections each in a new thread | socketserver.py
xml remote procedure calls | xmlrpc/client.py xmlrpc/server.py
tests for reading broken zip files | test/test_zipfile.py test/test_zipfile/test_core.py
"""

NAMES = """
ArgumentParser | argparse.py
add_subparsers | argparse.py
RotatingFileHandler | logging/handlers.py
dictConfig | logging/config.py
urlsplit | urllib/parse.py
OpenerDirector | urllib/request.py
ThreadPoolExecutor | concurrent/futures/thread.py
as_completed | concurrent/futures/_base.py
StreamReader.readuntil | asyncio/streams.py
TaskGroup | asyncio/taskgroups.py
run_until_complete | asyncio/base_events.py asyncio/events.py
copytree | shutil.py
TemporaryDirectory | tempfile.py
lru_cache | functools.py
singledispatch | functools.py
_process_class | dataclasses.py
SequenceMatcher | difflib.py
get_close_matches | difflib.py
JSONDecodeError | json/decoder.py
raw_decode | json/decoder.py
ConfigParser | configparser.py
DictWriter.writerows | csv.py
HTTPConnection | http/client.py
BaseHTTPRequestHandler | http/server.py
getaddrinfo | socket.py asyncio/base_events.py
DefaultSelector | selectors.py
ExitStack | contextlib.py
namedtuple | collections/__init__.py
Counter.most_common | collections/__init__.py
OrderedDict | collections/__init__.py
NodeVisitor | ast.py
ast.literal_eval | ast.py
getsource | inspect.py
MagicMock | unittest/mock.py
assertRaises | unittest/case.py
TestLoader | unittest/loader.py
DocTestFinder | doctest.py
formataddr | email/utils.py
IPv4Network | ipaddress.py
ZipFile.extractall | zipfile.py
TarInfo | tarfile.py
SimpleCookie | http/cookies.py
find_spec | importlib/util.py importlib/_bootstrap.py importlib/_bootstrap_external.py
SourceFileLoader | importlib/_bootstrap_external.py
safe_substitute | string.py
format_exception | traceback.py
Pdb.do_list | pdb.py
uuid4 | uuid.py
_strptime | _strptime.py
ElementTree.iterparse | xml/etree/ElementTree.py
PurePath.relative_to | pathlib.py
SharedMemory | multiprocessing/shared_memory.py
QueueListener | logging/handlers.py
ChainMap | collections/__init__.py
heappushpop | heapq.py
insort_right | bisect.py
PrettyPrinter | pprint.py
token_urlsafe | secrets.py
hmac.compare_digest | hmac.py
SMTP_SSL | smtplib.py
"""


def main() -> None:
    """Index the standard library into a scratch folder and print the two figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show what the weak queries found instead"
    )
    parser.add_argument("--root", type=Path, default=Path(sysconfig.get_path("stdlib")))
    parser.add_argument("--questions", type=Path, help="a file of other queries for another root")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        store, manifest = build(arguments.root, Path(scratch))
        sets = {"questions": QUESTIONS, "names": NAMES}
        if arguments.questions:
            sets = {arguments.questions.stem: arguments.questions.read_text("utf-8")}
        for title, lines in sets.items():
            figure, n = measure(arguments.root, store, manifest, lines, verbose=arguments.verbose)
            print(f"{title:<10} NDCG@10 {figure:.3f} over {n}")
        manifest.close()
        store.close()


def build(root: Path, folder: Path) -> tuple[Store, Manifest]:
    """Index every source file below `root`."""
    store, manifest = open_store(folder / "table"), open_manifest(folder / "manifest.db")
    batch = []
    for found in source_files(root):
        batch.append(parse_file(root, found, lambda text, path: text))
        if len(batch) == 200:
            store.replace(batch, [])
            manifest.record(batch, [], VERSIONS)
            batch.clear()
    store.replace(batch, [])
    manifest.record(batch, [], VERSIONS)
    store.optimize()
    return store, manifest


def source_files(root: Path) -> Iterator[FoundFile]:
    """Yield the text files below `root`, what was installed into it apart."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.suffix in _SUFFIXES and not {"site-packages", "__pycache__", "node_modules"} & set(parts):
            info = path.stat()
            yield FoundFile("/".join(parts), info.st_size, info.st_mtime_ns, info.st_ctime_ns)


_SUFFIXES = {
    ".py",
    ".txt",
    ".rst",
    ".md",
    ".cfg",
    ".toml",
    ".js",
    ".ts",
    ".html",
    ".json",
    ".c",
    ".h",
    ".xml",
}


def measure(root: Path, store: Store, manifest: Manifest, lines: str, *, verbose: bool) -> tuple[float, int]:
    """Return the mean NDCG@10 of the queries whose files exist below `root`, and how many these are."""
    scores = []
    for line in filter(None, lines.splitlines()):
        query, _, names = line.partition(" | ")
        relevant = {name for name in names.split() if (root / name).is_file()}
        if not relevant:
            continue
        started = time.perf_counter()
        hits = search(query, k=30, root=root, store=store, manifest=manifest).hits
        took_ms = (time.perf_counter() - started) * 1000
        paths = list(dict.fromkeys(hit.path for hit in hits))[:10]
        scores.append(ndcg(paths, relevant))
        if verbose and scores[-1] < 0.7:
            print(
                f"{scores[-1]:.2f} {took_ms:4.0f} ms  {query}\n     wanted {sorted(relevant)}\n     found  {paths[:5]}"
            )
    return sum(scores) / max(len(scores), 1), len(scores)


def ndcg(paths: Sequence[str], relevant: set[str]) -> float:
    """Return the normalised discounted gain of the first ten paths, each relevant file counting the same."""
    gain = sum(1 / math.log2(place + 2) for place, path in enumerate(paths[:10]) if path in relevant)
    best = sum(1 / math.log2(place + 2) for place in range(min(len(relevant), 10)))
    return gain / best


if __name__ == "__main__":
    main()
