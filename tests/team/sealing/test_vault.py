"""What is sealed opens for whom it was sealed, as what it was sealed, and for nobody else."""

from pathlib import Path

import pytest
from audited_database import TENANT, master, opened
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from victor_server.errors import SettingsError, StoreFailed
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.sealing.rotation import rotate_master_key
from victor_server.team.sealing.sealed import Sealed, decrypt, encrypt, wipe
from victor_server.team.sealing.vault import Vault, open_vault
from victor_server.team.store.database import Database

KEY = b"\x01" * 31 + b"\x02"


async def sealed_in(
    database: Database, vault: Vault, plain: bytes = b"sk-secret", tenant: str = TENANT
) -> Sealed:
    async with database.transaction(tenant) as tx:
        return await vault.seal(tx, tenant, "a key", plain)


async def _broken_off(database: Database, vault: Vault) -> None:
    async with database.transaction(TENANT) as tx:
        await vault.seal(tx, TENANT, "a key", b"lost")
        raise KeyError


async def open_in(
    database: Database, vault: Vault, sealed: Sealed, name: str = "a key", tenant: str = TENANT
) -> bytes:
    async with database.transaction(tenant) as tx:
        return bytes(await vault.open(tx, tenant, name, sealed))


async def test_there_and_back(tmp_path: Path) -> None:
    """It opens, in this process and in the next, and does not stand in the file."""
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master())
        sealed = await sealed_in(database, vault)
        assert await open_in(database, vault, sealed) == b"sk-secret"
        assert await open_in(database, await open_vault(database, master()), sealed) == b"sk-secret"
    assert b"sk-secret" not in (tmp_path / "team.db").read_bytes() + sealed.data


async def test_it_opens_as_nothing_else(tmp_path: Path) -> None:
    """Another name, another tenant or another key id is refused, even where the row was copied."""
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master())
        sealed = await sealed_in(database, vault)
        other = await sealed_in(database, vault, tenant="other")
        for wrong in (
            open_in(database, vault, sealed, name="b key"),
            open_in(database, vault, sealed, tenant="other"),
            open_in(database, vault, Sealed(other.key_id, sealed.data), tenant="other"),
            open_in(database, vault, Sealed("nowhere", sealed.data)),
        ):
            with pytest.raises(StoreFailed):
                await wrong


async def test_a_wrapped_key_that_is_moved_opens_nothing(tmp_path: Path) -> None:
    """Whoever can write rows cannot give one tenant the key of another."""
    async with opened(tmp_path / "team.db") as database:
        sealed = await sealed_in(database, await open_vault(database, master()))
        async with database.transaction(None) as tx:
            await tx.execute("update data_keys set tenant = 'other'")
        with pytest.raises(StoreFailed):
            await open_in(database, await open_vault(database, master()), sealed, tenant="other")


async def test_a_transaction_taken_back_leaves_no_key(tmp_path: Path) -> None:
    """A data key whose row was rolled back seals nothing that would never open again."""
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master())
        with pytest.raises(KeyError):
            await _broken_off(database, vault)
        sealed = await sealed_in(database, vault)
        assert await open_in(database, await open_vault(database, master()), sealed) == b"sk-secret"


async def test_another_master_key_does_not_start(tmp_path: Path) -> None:
    """The message names neither key."""
    async with opened(tmp_path / "team.db") as database:
        await open_vault(database, master())
        with pytest.raises(SettingsError, match="another master key") as refused:
            await open_vault(database, master(b"second"))
    assert master().key.hex() not in refused.value.message


async def test_a_key_that_was_made_for_nothing_goes_again(tmp_path: Path) -> None:
    """Where the file was lost, the new one that does not fit is not left in its place."""
    file = tmp_path / "master.key"
    file.write_text("made")
    async with opened(tmp_path / "team.db") as database:
        await open_vault(database, master())
        with pytest.raises(SettingsError, match="is not there"):
            await open_vault(database, MasterKeyBytes(master(b"second").key, made=file))
    assert not file.exists()


async def test_the_master_key_changes(tmp_path: Path) -> None:
    """All that was sealed opens with the new key and no more with the old; signatures stay those of the same key."""
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master())
        sealed, signer = await sealed_in(database, vault), await vault.signer("audit")
        assert await rotate_master_key(database, master(), master(b"second")) == 2
        vault = await open_vault(database, master(b"second"))
        assert await open_in(database, vault, sealed) == b"sk-secret"
        assert (await vault.signer("audit")).public == signer.public
        with pytest.raises(SettingsError):
            await open_vault(database, master())
        with pytest.raises(SettingsError, match="not with"):
            await rotate_master_key(database, master(), master(b"third"))


async def test_a_change_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    """Until it is run again nothing starts, with either key."""
    async with opened(tmp_path / "team.db") as database:
        sealed = await sealed_in(database, await open_vault(database, master()))
        async with database.transaction(None) as tx:
            said = f'{{"id": "{master(b"second").key_id}", "before": "{master().key_id}"}}'
            await tx.execute("update instance set value = $1 where name = 'master_key'", said)
        for key in (master(), master(b"second")):
            with pytest.raises(SettingsError, match="broken off"):
                await open_vault(database, key)
        assert await rotate_master_key(database, master(), master(b"second")) == 1
        assert await open_in(database, await open_vault(database, master(b"second")), sealed) == b"sk-secret"


async def test_a_new_data_key(tmp_path: Path) -> None:
    """What was sealed before still opens; what is sealed now is under the new key."""
    clock = iter(range(10**9, 10**12, 10**6))
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master(), clock.__next__)
        before = await sealed_in(database, vault)
        async with database.transaction(TENANT) as tx:
            key_id = await vault.renew_data_key(tx, TENANT)
        after = await sealed_in(database, vault)
        assert before.key_id != after.key_id == key_id
        assert await open_in(database, vault, before) == await open_in(database, vault, after) == b"sk-secret"


async def test_signing_keys(tmp_path: Path) -> None:
    """One for each purpose, the same after a restart; retired ones still verify."""
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master())
        first = await vault.signer("tokens")
        assert (await (await open_vault(database, master())).signer("tokens")).public == first.public
        assert (await vault.signer("policy")).public != first.public
        second = await vault.retire_signer("tokens")
        assert await vault.signer("tokens") is second
        assert await vault.verifying_keys("tokens") == {
            first.key_id: first.public,
            second.key_id: second.public,
        }
        Ed25519PublicKey.from_public_bytes(second.public).verify(second.sign(b"said"), b"said")


async def test_two_replicas_agree_on_a_signing_key(tmp_path: Path) -> None:
    """Both made one at the same time: both sign with the same."""
    import asyncio

    async with opened(tmp_path / "team.db") as database:
        vaults = [await open_vault(database, master()) for _ in range(2)]
        await asyncio.gather(*(vault.signer("policy") for vault in vaults))
        later = [await open_vault(database, master()) for _ in range(2)]
        signers = [await vault.signer("policy") for vault in later]
        assert signers[0].public == signers[1].public
        assert signers[0].public in (await vaults[0].verifying_keys("policy")).values()


@given(st.binary(max_size=100), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_byte_that_is_changed_is_noticed(plain: bytes, at: int, change: int) -> None:
    """Nothing that was changed opens, and neither does what was cut off."""
    data = bytearray(encrypt(KEY, plain, b"mine"))
    assert bytes(decrypt(KEY, bytes(data), b"mine")) == plain
    with pytest.raises(StoreFailed):
        decrypt(KEY, bytes(data[: at % len(data)]), b"mine")
    data[at % len(data)] ^= change
    with pytest.raises(StoreFailed):
        decrypt(KEY, bytes(data), b"mine")


@given(st.binary(max_size=60))
def test_a_column_that_is_damaged_is_told(joined: bytes) -> None:
    """Whatever stands there: it is read, or refused by name."""
    try:
        assert Sealed.from_bytes(joined).to_bytes() == joined
    except StoreFailed:
        pass


async def test_nothing_is_shown(tmp_path: Path) -> None:
    """No `repr` holds a key; what was used is wiped."""
    async with opened(tmp_path / "team.db") as database:
        vault = await open_vault(database, master())
        signer = await vault.signer("tokens")
        assert repr(signer) == f"SigningKey({signer.key_id!r})"
        assert repr(vault) == f"Vault({master().key_id!r})"
        assert repr(await sealed_in(database, vault)).count("data") == 0
    plain = bytearray(b"secret")
    wipe(plain)
    assert plain == bytes(6)
