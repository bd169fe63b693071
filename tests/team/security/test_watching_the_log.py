"""Who looks at the audit log is on record with what they asked for, whatever that was."""

from pathlib import Path

from team_backend import running_backend


async def test_a_search_by_action_is_answered_and_on_record(tmp_path: Path) -> None:
    """Each filter is one that works, and none takes the place of what the record says itself."""
    async with running_backend(tmp_path) as it:
        await it.token("developer", "dora")
        asked = {"action": "token.created", "subject": "root", "since_us": 0, "until_us": 2**60}
        await it.rpc("audit/search", asked)
        found = await it.rpc("audit/search", {"action": "token.created"})
        assert found["records"]
        assert {record["leaf"]["action"] for record in found["records"]} == {"token.created"}
        looked = await it.rpc("audit/search", {"action": "audit.searched"})
        assert len(looked["records"]) == 3
