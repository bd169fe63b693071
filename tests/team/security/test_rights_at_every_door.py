"""Every method by every role over each door: what a token may do does not depend on how it comes in."""

from pathlib import Path

import pytest
from team_backend import RunningBackend, running_backend

from victor_server.protocol import METHODS
from victor_server.team.configuration.resolved import DEFAULT_ROLES

# Asked with params that fit none of them: what is allowed is told so, and changes nothing.
_NO_PARAMS = {"no-such-field": 1}
_VENDORS = {
    "/v1/chat/completions": {"model": "small", "messages": [{"role": "user", "content": "hi"}]},
    "/v1/messages": {
        "model": "small",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
    },
}
_HOLDERS = {
    "readonly": ("readonly", ()),
    "developer": ("developer", ()),
    "admin": ("admin", ()),
    "an administrator's token for reading alone": ("admin", ("chat:read",)),
    "an administrator's token for the log alone": ("admin", ("audit:read",)),
    "a developer's token that asks for everything": ("developer", ("*",)),
}


@pytest.mark.parametrize("holder", _HOLDERS)
async def test_every_method_over_every_door(tmp_path: Path, holder: str) -> None:
    """Refused is what role and scopes do not both have, and nothing else, over HTTP as over the socket."""
    role, scopes = _HOLDERS[holder]
    async with running_backend(tmp_path) as it:
        token = await it.token(role, scopes=list(scopes))
        refused = _refused(role, scopes)
        assert await _refused_over_http(it, token) == refused - {"call/start"}
        assert await _refused_over_the_socket(it, token) == refused


@pytest.mark.parametrize("path", _VENDORS)
@pytest.mark.parametrize("holder", _HOLDERS)
async def test_models_are_asked_by_who_may_alone(tmp_path: Path, holder: str, path: str) -> None:
    """The doors for tools that are no editors open to the very same people."""
    role, scopes = _HOLDERS[holder]
    async with running_backend(tmp_path) as it:
        headers = {"authorization": f"Bearer {await it.token(role, scopes=list(scopes))}"}
        response = await it.http.post(path, json=_VENDORS[path], headers=headers)
        assert response.status_code == (403 if "call/start" in _refused(role, scopes) else 200), response.text


async def test_nobody_gets_further_than_the_door(tmp_path: Path) -> None:
    """Without a token, with another's scheme or with two headers: 401, whatever is asked."""
    async with running_backend(tmp_path) as it:
        token = await it.token("admin")
        paths = [*(f"/v1/rpc/{name}" for name, method in METHODS.items() if not method.streams), *_VENDORS]
        bearer = ("authorization", f"Bearer {token}")
        for path in paths:
            for headers in ([], [("authorization", f"Basic {token}")], [bearer, bearer]):
                response = await it.http.post(path, json=_VENDORS.get(path, {}), headers=headers)
                assert response.status_code == 401, (path, response.text)


def _refused(role: str, scopes: tuple[str, ...]) -> set[str]:
    """By hand, and not by the code that is looked at: a pattern ends with `*` or is the permission itself."""
    role_has = DEFAULT_ROLES[role]
    return {
        name
        for name, method in METHODS.items()
        if method.operator
        or (
            method.permission
            and not (_has(role_has, method.permission) and _has(scopes or ("*",), method.permission))
        )
    }


def _has(patterns: tuple[str, ...], permission: str) -> bool:
    kind = permission.partition(":")[0]
    return any(pattern in ("*", f"{kind}:*", permission) for pattern in patterns)


async def _refused_over_http(it: RunningBackend, token: str) -> set[str]:
    refused = set()
    for name in METHODS:
        response = await it.ask(name, _NO_PARAMS, token)
        if response.status_code == 403:
            refused.add(name)
        else:
            assert response.status_code == (404 if METHODS[name].streams else 400), (name, response.text)
    return refused


async def _refused_over_the_socket(it: RunningBackend, token: str) -> set[str]:
    edge = await it.attach(token)
    refused = set()
    for name in METHODS:
        kind = (await edge.request(name, **_NO_PARAMS))["error"]["data"]["kind"]
        assert kind in {"forbidden", "usage"}, (name, kind)
        if kind == "forbidden":
            refused.add(name)
    return refused
