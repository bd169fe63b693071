"""The tools that look: in the order in which a model is told of them, by what it is likely to need."""

from collections.abc import Sequence

from victor_server.agent.tools.diagnostics import diagnostics_tool
from victor_server.agent.tools.fetch_url import FetchPage, fetch_url_tool
from victor_server.agent.tools.git import git_blame_tool, git_diff_tool, git_log_tool, git_status_tool
from victor_server.agent.tools.glob import glob_tool
from victor_server.agent.tools.grep import grep_tool
from victor_server.agent.tools.list_dir import list_dir_tool
from victor_server.agent.tools.read_file import read_file_tool
from victor_server.agent.tools.search_code import search_code_tool
from victor_server.agent.tools.symbols import outline_tool, symbols_tool
from victor_server.agent.tools.tool import Tool


def builtin_tools(exclude: Sequence[str] = (), fetch: FetchPage | None = None) -> tuple[Tool, ...]:
    """Every tool that reads or searches. `exclude` is the setting `index.exclude`; `fetch` None: no page is fetched."""
    found: tuple[Tool, ...] = (
        read_file_tool(),
        list_dir_tool(),
        glob_tool(exclude),
        grep_tool(exclude),
        search_code_tool(),
        symbols_tool(),
        outline_tool(),
        diagnostics_tool(),
        git_status_tool(),
        git_diff_tool(),
        git_log_tool(),
        git_blame_tool(),
    )
    return found if fetch is None else (*found, fetch_url_tool(fetch))
