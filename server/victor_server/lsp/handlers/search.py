"""`victor/search`: code by words and names."""

from victor_server.errors import UsageError
from victor_server.features.found import FoundHit
from victor_server.lsp.convert import to_lsp_lines, to_lsp_uri
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.index import SearchHit, SearchParams, SearchResult
from victor_server.lsp.text import without_surrogates

MAX_HITS = 100


async def search(session: Session, params: SearchParams) -> SearchResult:
    """The best hits in one folder or in all."""
    if not 1 <= params.k <= MAX_HITS:
        raise UsageError(f"k is {params.k}", f"Ask for 1 to {MAX_HITS} hits.")
    root = session.roots.find(params.root) if params.root else None
    index = await session.index()
    found = await index.search(without_surrogates(params.query), k=params.k, root=root)
    hits = [_to_search_hit(session, hit) for hit in found.hits]
    return SearchResult(params.query, found.partial, hits)


def _to_search_hit(session: Session, found: FoundHit) -> SearchHit:
    hit, path = found.hit, found.root / found.hit.path
    return SearchHit(
        uri=to_lsp_uri(path, session.documents.at(path)),
        path=hit.path,
        range=to_lsp_lines(hit.start_line, hit.end_line),
        symbol=hit.symbol,
        kind=hit.kind,
        score=hit.score,
        why=dict(hit.why),
    )
