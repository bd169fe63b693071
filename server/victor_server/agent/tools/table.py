"""The tools of Victor's own, in the order in which a model is told of them: what looks, what changes, what runs."""

from collections.abc import Sequence

from victor_server.agent.tools.diagnostics import diagnostics_tool
from victor_server.agent.tools.edit_files import editing_tools
from victor_server.agent.tools.fetch_url import FetchPage, fetch_url_tool
from victor_server.agent.tools.git import git_blame_tool, git_diff_tool, git_log_tool, git_status_tool
from victor_server.agent.tools.glob import glob_tool
from victor_server.agent.tools.grep import grep_tool
from victor_server.agent.tools.list_dir import list_dir_tool
from victor_server.agent.tools.read_file import read_file_tool
from victor_server.agent.tools.run_command import Shell, run_command_tool
from victor_server.agent.tools.search_code import search_code_tool
from victor_server.agent.tools.symbols import outline_tool, symbols_tool
from victor_server.agent.tools.tool import Tool
from victor_server.agent.tools.update_plan import update_plan_tool


def builtin_tools(
    exclude: Sequence[str] = (), shell: Shell | None = None, fetch: FetchPage | None = None
) -> tuple[Tool, ...]:
    """Every tool. `exclude` is the setting `index.exclude`; without `shell` no command is run, without `fetch` no page
    is fetched.
    """
    looking: tuple[Tool, ...] = (
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
    running: tuple[Tool, ...] = () if shell is None else (run_command_tool(shell),)
    fetching: tuple[Tool, ...] = () if fetch is None else (fetch_url_tool(fetch),)
    return (*looking, *editing_tools(), *running, update_plan_tool(), *fetching)
