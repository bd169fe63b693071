"""A token in an address is refused wherever it stands in it."""

from pathlib import Path

from team_backend import running_backend

_ADDRESSES = (
    "/v1/rpc/{token}",
    "/{token}",
    "/v1/rpc/team/whoami;token={token}",
    "/%76k_{rest}",
    "/health?a=1;token={token}",
    "/health?a=1;token=abc",
    "/health?a=x,{token}",
    "/health?a=%76k_{rest}",
    "/health?{token}",
)


async def test_a_token_anywhere_in_an_address(tmp_path: Path) -> None:
    """In the path, behind a semicolon, within a value, percent-encoded: 400, and it is not repeated."""
    async with running_backend(tmp_path) as it:
        rest = it.operator.removeprefix("vk_")
        for address in _ADDRESSES:
            response = await it.http.post(address.format(token=it.operator, rest=rest))
            assert response.status_code == 400, (address, response.text)
            assert "must not stand in an address" in response.text
            assert rest[-20:] not in response.text
